using Expecto.CSharp;
using NoiseScale.Tests;

return Runner.RunTestsWithCLIArgs([], args, Runner.TestList("NoiseScale", [
    ScheduleTests.All,
    TransformationTests.All,
    CurveTests.All,
    QuantityTests.All,
    PlanTests.All,
    TextTests.All,
    RefusalTests.All,
    SurfaceTests.All,
    DocumentationTests.All,
]));
