using NoiseScale.Conventions.Tests;

return RunTestsWithCLIArgs([], args, TestList("conventions",
[
    SurfaceTests.All,
    BaselineTests.All,
    DocumentationTests.All,
    PurityTests.All,
]));
