using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Commands;

/// <summary>The command line: its commands, and what it says without one.</summary>
public static class RootCommandLine
{
    private const string WhatItIs =
        "NoiseScale plans training by the temperature of stochastic gradient descent, g\u00a0=\u00a0ε/(1\u00a0−\u00a0m)·(N/B\u00a0−\u00a01): "
        + "it turns learning rate, momentum and batch size into one another so that training stays the same, and shows every update that will run.";

    /// <summary>The version, such as 0.1.0.</summary>
    public static string Version { get; } =
        typeof(RootCommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The root command with everything below it.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand(WhatItIs) { PlanCommand.Create(), ModifiedLossCommand.Create(), NoiseCommand.Create(), EvidenceCommand.Create(), SampleCommand.Create(), TemperCommand.Create(), WidthCommand.Create(), SweepCommand.Create(), ReproduceCommand.Create(), GalleryCommand.Create(), LedgerCommand.Create(), CiteCommand.Create(), DoctorCommand.Create() };

        root.SetAction(_ => Orientation());
        HelpPage.InstallIn(root);

        foreach (var option in root.Options.OfType<VersionOption>())
            option.Action = new ShowVersion();

        return root;
    }

    private static int Orientation()
    {
        var console = Screen.Out;

        console.Prose(Palette.Plain, WhatItIs);
        console.Line();
        (string Line, string Purpose)[] starts =
        [
            ("noisescale plan --list", "the schedules of the papers; plan --help: your own, and how to transform it"),
            ("noisescale noise", "how noisy a model's gradient is, and the batch size that makes critical"),
            ("noisescale modified-loss --optimizer sgd", "what an optimizer follows at a finite learning rate"),
            ("noisescale evidence --classes 0,1", "what a model of data is worth; sample and temper: its posterior"),
            ("noisescale width exponents", "what changes as a network grows"),
            ("noisescale sweep --help", "a grid of training runs, which may be stopped and go on"),
            ("noisescale reproduce dont-decay", "the figures of a paper, made again; gallery, ledger, cite: what held, and where it stands"),
            ("noisescale doctor", "whether training can run on this machine; --help: all commands"),
        ];
        var table = new AlignedTable(("", false), ("", false));

        foreach (var (line, purpose) in starts)
            table.Add((line, Palette.Name), (purpose, Palette.Plain));

        table.WriteTo(console);
        return ExitCode.Done;
    }

    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            Screen.Out.Line($"{HelpPage.CommandName} {Version}");
            return ExitCode.Done;
        }
    }
}
