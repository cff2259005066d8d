using System.CommandLine;
using NoiseScale.Cli.Doctor;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale doctor`: whether training can run here, and what to do where it cannot.</summary>
public static class DoctorCommand
{
    /// <summary>The argument with which the examination runs in a process of its own; not for people.</summary>
    public const string Examine = "--examine";

    private static readonly Option<bool> Json = new("--json") { Description = "The findings in JSON.", Arity = ArgumentArity.Zero };
    private static readonly Option<bool> ExamineHere = new(Examine) { Hidden = true, Arity = ArgumentArity.Zero };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("doctor", "Look at everything training depends on, and say what to do about each problem.") { Json, ExamineHere };

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("Environment variables",
                [
                    "LIBTORCH_DIR         the folder of another libtorch, such as that of an installed PyTorch with CUDA",
                    "NOISESCALE_DATA      the folder of real images, where --data names none",
                    "NOISESCALE_DEVICE    auto, cpu, cuda or cuda:N",
                    "NOISESCALE_MALLOPT   0: leave the process's allocator as it is",
                    "NOISESCALE_MKL_AMD   0: let MKL choose its kernels on AMD processors",
                    "NOISESCALE_DEBUG     1: show where an error came from",
                ]),
            ],
            Examples = [("What is found here", "noisescale doctor"), ("The same for a bug report or a script", "noisescale doctor --json")],
            CannotBeDone = "training cannot run on this machine as it is",
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        if (result.GetValue(ExamineHere))
        {
            Output.Write(Findings.ToJson(Examination.Here()));
            return ExitCode.Done;
        }

        var findings = Examination.InItsOwnProcess();

        if (result.GetValue(Json))
            Output.Write(Findings.ToJson(findings));
        else
            DoctorReport.Write(Screen.Out, findings);

        return findings.All(finding => finding.Ok) ? ExitCode.Done : ExitCode.CannotBeDone;
    }
}
