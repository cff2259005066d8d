using DiffSharp;
using Expecto.CSharp;
using NoiseScale.Tests;
using NoiseScale.Tests.Dynamics;
using NoiseScale.Tests.Evidence;
using NoiseScale.Tests.GaussianProcess;
using NoiseScale.Tests.GradientNoise;
using NoiseScale.Tests.Posteriors;
using NoiseScale.Tests.Torch;

TorchRuntime.EnableProcessSwitches();
TorchRuntime.Ensure();

return Runner.RunTestsWithCLIArgs([], args, Runner.TestList("NoiseScale", [
    ScheduleTests.All,
    TransformationTests.All,
    CurveTests.All,
    QuantityTests.All,
    PlanTests.All,
    TextTests.All,
    RefusalTests.All,
    PlanOptimizerTests.All,
    BatchSourceTests.All,
    GradientAccumulationTests.All,
    BigBatchTests.All,
    TensorMemoryTests.All,
    GradientPenaltyTests.All,
    DynamicsTests.All,
    EstimateTests.All,
    MonitorTests.All,
    EvidenceTests.All,
    SamplingTests.All,
    UpdateTests.All,
    ChainTests.All,
    GaussianProcessTests.All,
    ColdPosteriorTests.All,
    CitationTests.All,
]));
