using Expecto;
using Expecto.CSharp;

return Runner.RunTestsWithCLIArgs([], args, Runner.TestList("all", [Runner.TestCase("one", () => { })]));
