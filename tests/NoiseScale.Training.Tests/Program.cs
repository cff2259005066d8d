using DiffSharp;
using NoiseScale.Training.Tests;
using NoiseScale.Training.Tests.Data;
using NoiseScale.Training.Tests.Networks;
using NoiseScale.Training.Tests.Optimization;

TorchRuntime.EnableProcessSwitches();
TorchRuntime.Ensure();

return RunTestsWithCLIArgs([], args, TestList("training",
[
    CounterRandomTests.All,
    IdxFileTests.All,
    MnistTests.All,
    Cifar10Tests.All,
    DataSetsTests.All,
    SyntheticDigitsTests.All,
    ImageDataSetTests.All,
    DataOrderTests.All,
    BatchReaderTests.All,
    CropAndFlipTests.All,
    GradientTests.All,
    NetworkTests.All,
    DerivativeTests.All,
    WideResNetTests.All,
    GhostBatchNormTests.All,
    UpdateRuleTests.All,
]));
