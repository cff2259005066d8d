using DiffSharp;
using NoiseScale.Training.Tests;
using NoiseScale.Training.Tests.Data;
using NoiseScale.Training.Tests.Measurements;
using NoiseScale.Training.Tests.Networks;
using NoiseScale.Training.Tests.Optimization;
using NoiseScale.Training.Tests.Posteriors;
using NoiseScale.Training.Tests.Running;
using NoiseScale.Training.Tests.Runs;
using NoiseScale.Training.Tests.Sweeping;
using NoiseScale.Training.Tests.Widening;

TorchRuntime.EnableProcessSwitches();
TorchRuntime.Ensure();

// tests run side by side, and some compare bits: one thread within an operation for all of them
TorchSharp.torch.set_num_threads(1);

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
    CollectionTests.All,
    ScalarOwnershipTests.All,
    TrainerTests.All,
    CheckpointTests.All,
    PenaltyTests.All,
    StepsPerMinibatchTests.All,
    ModifiedLossTests.All,
    NoiseScaleTests.All,
    GradientNoiseTests.All,
    RunStoreTests.All,
    ReplicaTests.All,
    WidthTests.All,
    SweepGridTests.All,
    SweepFileTests.All,
    SweepStoreTests.All,
    PaperProfileTests.All,
    StatisticsTests.All,
    GeneralisationTests.All,
    SavedChainsTests.All,
]));
