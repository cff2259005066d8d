using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>`reproduce` with the profiles that are not run on every build: their scripts plan everything on made-up files, and refuse what will not do.</summary>
internal static class ProfileTests
{
    private const int RecordLength = 1 + (3 * 32 * 32);

    public static Test All { get; } = Runner.TestList("profiles", [
        Runner.TestCase("the paper profile takes CIFAR-10's files and makes all its schedules", () =>
        {
            using var folder = new Scratch();
            var outcome = Reproduce("paper", folder, imagesPerFile: 640); // 3 200: the largest batch a schedule begins with
            Check.Equal(0, outcome.ExitCode, $"{outcome}: the exit code");
            Check.Has("hybrid: ε 0.1 /5 @120,160; B 128 *5 @60; increase: ε 0.1; B 128 *5 @60,120,160", outcome.Output, "the schedules");
            Check.Has("wrn-16-4-ghost128", File.ReadAllText(folder["dont-decay/fig1.html"]), "the network, in the caption");
        }),
        Runner.TestCase("the rehearsal takes them too, few as they may be", () =>
        {
            using var folder = new Scratch();
            var outcome = Reproduce("rehearsal", folder, imagesPerFile: 128);
            Check.Equal(0, outcome.ExitCode, $"{outcome}: the exit code");
            Check.Has("rehearsal profile", File.ReadAllText(folder["dont-decay/fig1.html"]), "the profile, in the caption");
            Check.Has("too little of it for its numbers to say anything", outcome.Output, "what its claims are worth");
            Check.Has("(rehearsal)", File.ReadAllText(folder["dont-decay/fig1.js"]), "the titles of panels");
            foreach (var page in (string[])["dont-decay/fig1.html", "dont-decay/index.html", "dont-decay/claims.md", "index.html"])
                Check.Has("too little of it for its numbers to say anything", File.ReadAllText(folder[page]), page);
        }),
        Runner.TestCase("the paper profile refuses too few images in a sentence", () =>
        {
            using var folder = new Scratch();
            var outcome = Reproduce("paper", folder, imagesPerFile: 2);
            Check.Equal(1, outcome.ExitCode, $"{outcome}: the exit code");
            Check.Has("cifar10 has 10 training images; the paper profile begins with batches of up to 3200", outcome.Output, "the reason");
            Check.HasNot("   at ", outcome.Output, "no stack trace");
        }),
    ]);

    private static Outcome Reproduce(string profile, Scratch folder, int imagesPerFile)
    {
        // blank images of class 0: Figure 1 trains nothing
        foreach (var name in (string[])["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"])
            File.WriteAllBytes(folder[name], new byte[imagesPerFile * RecordLength]);

        var path = Path.GetDirectoryName(folder["fig1.html"])!;
        return CommandLine.Start(["reproduce", "dont-decay/fig1", "--profile", profile, "--data", path, "--out", path]);
    }
}
