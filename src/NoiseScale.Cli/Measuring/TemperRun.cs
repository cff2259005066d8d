using System.Text.Json;
using NoiseScale.Cli.Terminal;
using NoiseScale.Torch;
using NoiseScale.Training.Data;
using Spectre.Console;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace NoiseScale.Cli.Measuring;

/// <summary>The test error of a classifier's posterior against temperature.</summary>
/// <param name="Data">The training examples.</param>
/// <param name="TestExamples">How many test examples.</param>
/// <param name="Kernel">Of every class's function.</param>
/// <param name="Likelihood">How the model believes that the training labels came about.</param>
/// <param name="LabelNoise">ρ, the part of the training labels that is flipped.</param>
/// <param name="Temperings">What is tempered, and at which T.</param>
/// <param name="Chains">Chains side by side.</param>
/// <param name="Draws">Kept of each.</param>
public sealed record TemperRun(
    ChosenData Data, int TestExamples, ProcessKernel Kernel, LabelModel Likelihood, double LabelNoise, IReadOnlyList<Tempering> Temperings, int Chains, int Draws)
{
    private const double Agreeing = 1.01;

    /// <summary>The curve, and what the prior expects of labels.</summary>
    /// <param name="Points">A point for each temperature.</param>
    /// <param name="Prior">Of the prior at the mean training input.</param>
    /// <param name="Examples">Training examples.</param>
    /// <param name="TestExamples">Test examples.</param>
    public sealed record Found(IReadOnlyList<ColdPosteriorPoint> Points, AleatoricContent Prior, int Examples, int TestExamples);

    /// <summary>Samples at every temperature.</summary>
    public Found Run()
    {
        using var data = Data.Load();
        using var scope = torch.NewDisposeScope();
        var (train, test) = (Rows(data.Train, data.Train.Count), Rows(data.Test, TestExamples));
        using var generator = new torch.Generator((ulong)Data.Seed + 7);
        var labels = Flipped(data.Train.Labels, data.ClassCount, generator);
        try
        {
            var prior = AleatoricContent.Of(data.ClassCount, LogitVariance(train.Inputs));
            var points = TrainingBar.Fraction("sampling", tell => ColdPosterior.Curve(
                Kernel, data.ClassCount, Likelihood, LabelModel.Softmax, Temperings, (train.Inputs, labels), test, Chains, Draws, Data.Seed,
                tell is null ? null : new Told<int>(done => tell((double)done / Temperings.Count))));
            return new Found(points, prior, (int)data.Train.Count, (int)test.Labels.shape[0]);
        }
        catch (GaussianProcessException e)
        {
            throw CommandFailure.Refusal($"{e.Message}.", null, e);
        }
        catch (ArgumentException e)
        {
            throw CommandFailure.Refusal($"{e.Message.Split(" (Parameter", 2)[0]}.", null, e);
        }
    }

    /// <summary>Shows the curve.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="found">As <see cref="Run"/> gave it.</param>
    public void Write(IAnsiConsole console, Found found)
    {
        var table = new AlignedTable(("T", true), ("cross-entropy", true), ("±", true), ("accuracy", true), ("±", true), ("accepted", true), ("Rhat", true), ("ESS", true));
        var best = found.Points.MinBy(point => point.CrossEntropy);
        foreach (var point in found.Points)
        {
            table.Add(
            [
                (Numbers.Real(point.Tempering.Temperature, 4), Palette.Name),
                (Numbers.Real(point.CrossEntropy, 4), point == best ? Palette.Good : Palette.Plain),
                (Numbers.Real(point.CrossEntropyError, 2), Palette.Quiet),
                (Numbers.Percent(point.Accuracy), Palette.Plain),
                (Numbers.Percent(point.AccuracyError), Palette.Quiet),
                (Numbers.Percent(point.Acceptance), Palette.Quiet),
                (point.LogLikelihood is { } mixed ? Numbers.Real(mixed.Rhat, 4) : "", Agree(point) ? Palette.Quiet : Palette.Bad),
                (point.LogLikelihood is { } worth ? Numbers.Real(worth.BulkSize, 3) : "", Palette.Quiet),
            ]);
        }

        table.WriteTo(console);
        console.Line();
        console.Prose(
            Palette.Plain,
            $"Least test cross-entropy at T = {Numbers.Real(best.Tempering.Temperature, 4)}, of {(best.Tempering.LikelihoodOnly ? "the likelihood alone" : "the whole posterior")}. "
                + $"The prior expects labels of {Numbers.Real(found.Prior.Entropy, 3)} nats of chance, of {Numbers.Real(Math.Log(found.Prior.Classes), 3)} at most, and two labels of one image to agree in "
                + $"{Numbers.Percent(found.Prior.Agreement)} of cases.");
        WriteAgreement(console, found);
        console.Prose(
            Palette.Quiet,
            $"{found.Examples} training and {found.TestExamples} test examples{(LabelNoise > 0 ? $", {Numbers.Percent(LabelNoise)} of the training labels flipped" : "")}; {Kernel}, "
                + $"likelihood {Likelihood}; {Chains} chains of Hamiltonian Monte Carlo, {Draws} draws of each. Standard errors are over chains: they know nothing of other training examples.");
    }

    // R̂ of the log-likelihood, by which chains are compared; 1.01 is what is usually wanted
    private static bool Agree(ColdPosteriorPoint point) => point.LogLikelihood is { Rhat: < Agreeing };

    private void WriteAgreement(IAnsiConsole console, Found found)
    {
        if (found.Points.All(point => point.LogLikelihood is null))
        {
            console.Prose(Palette.Quiet, "Too few draws to tell whether the chains agree: 8 of each are the least.");
            return;
        }

        string[] apart = [.. found.Points.Where(point => !Agree(point)).Select(point => Numbers.Real(point.Tempering.Temperature, 4))];
        console.Prose(
            apart.Length == 0 ? Palette.Good : Palette.Bad,
            apart.Length == 0
                ? $"The chains agree: R̂ of their log-likelihoods is below {Agreeing} at every T."
                : $"At T = {string.Join(", ", apart)} the chains do not agree well enough to be believed: R̂ of their log-likelihoods is not below {Agreeing}. More --draws than {Draws} may mend it.");
    }

    /// <summary>It in JSON.</summary>
    /// <param name="found">As <see cref="Run"/> gave it.</param>
    public static string ToJson(Found found) => JsonSerializer.Serialize(found, MeasurementJson.Options);

    // k(x, x) at a typical input: the process without data is its own prior, whose variance predictions have
    private double LogitVariance(Tensor inputs)
    {
        var (none, nothing) = (torch.zeros([1, inputs.shape[1]], torch.ScalarType.Float64), torch.zeros([1], torch.ScalarType.Float64));

        // one observation of endless noise leaves the prior as it is
        var (_, variance) = GaussianProcessRegression.Fit(Kernel, 1e12, none, nothing).Predict(inputs);
        return variance.mean().item<double>();
    }

    private static (Tensor Inputs, Tensor Labels) Rows(ImageSet examples, long most)
    {
        var count = Math.Min(most, examples.Count);
        return (examples.Images.narrow(0, 0, count).flatten(1).to(torch.ScalarType.Float64), examples.Labels.narrow(0, 0, count).clone());
    }

    private Tensor Flipped(Tensor labels, int classes, torch.Generator generator)
    {
        using var rate = LabelNoise.ToScalar();
        var flips = torch.rand(labels.shape, torch.ScalarType.Float64, generator: generator).lt(rate);
        var shifts = torch.randint(1, classes, labels.shape, torch.ScalarType.Int64, generator: generator);
        using var modulus = classes.ToScalar();
        using var one = 1.ToScalar();
        return torch.where(flips, labels.add(shifts, one).remainder(modulus), labels);
    }
}
