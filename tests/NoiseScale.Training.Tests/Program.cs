using DiffSharp;
using NoiseScale.Training.Tests;
using NoiseScale.Training.Tests.Data;
using NoiseScale.Training.Tests.Networks;

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
]));
