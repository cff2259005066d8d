using Expecto.CSharp;
using NoiseScale.Cli.Tests;

return Runner.RunTestsWithCLIArgs([], args, Runner.TestList("NoiseScale.Cli", [
    PaperTests.All,
    SourceTests.All,
    TransformationTests.All,
    OutputTests.All,
    PlotTests.All,
    PythonTests.All,
    RefusalTests.All,
    HelpTests.All,
    ModifiedLossTests.All,
    MeasuringTests.All,
    PosteriorTests.All,
    TableTests.All,
    WidthTests.All,
    SweepTests.All,
    StartTests.All,
    DoctorTests.All,
    ReproduceTests.All,
    CiteTests.All,
    GalleryTests.All,
    LedgerTests.All,
    GalleryBrowserTests.All,
    ProfileTests.All,
]));
