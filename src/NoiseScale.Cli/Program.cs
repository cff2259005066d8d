using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;
using NoiseScale.Cli.Commands;
using NoiseScale.Cli.Terminal;

if (OperatingSystem.IsWindows())
    Console.OutputEncoding = Encoding.UTF8; // its consoles default to code pages without ε and →

try
{
    // a schedule may hold @60, which is no response file
    var result = RootCommandLine.Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    if (Failures.MissingValue(result) is { } missing)
        return Failures.Report(missing);

    return result.Action is ParseErrorAction
        ? Failures.Report(result)
        : result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception thrown)
{
    return Failures.Report(thrown);
}
