using System.Text.Json;
using NoiseScale.Cli.Terminal;
using NoiseScale.Torch;
using NoiseScale.Training;
using NoiseScale.Training.Data;
using NoiseScale.Training.Posteriors;
using Spectre.Console;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace NoiseScale.Cli.Measuring;

/// <summary>The posterior of a classifier, sampled.</summary>
/// <param name="Data">The examples.</param>
/// <param name="Features">How many random projections of the inputs the model sees; null for the inputs themselves.</param>
/// <param name="Hidden">Hidden widths; empty for logistic or softmax regression.</param>
/// <param name="PriorPrecision">λ of the summed cost.</param>
/// <param name="Sampler">By which rule, given N.</param>
/// <param name="Options">How many chains, how long.</param>
/// <param name="File">The file that keeps the chains; null for none.</param>
public sealed record SampleRun(
    ChosenData Data, int? Features, IReadOnlyList<int> Hidden, double PriorPrecision, Func<int, Sampler> Sampler, ChainOptions Options, string? File)
{
    /// <summary>What came of it.</summary>
    /// <param name="Sampler">The rule's name.</param>
    /// <param name="Temperature">T at which it samples.</param>
    /// <param name="BatchSize">B; null for all examples.</param>
    /// <param name="LearningRate">ε.</param>
    /// <param name="Parameters">p.</param>
    /// <param name="Examples">N.</param>
    /// <param name="Chains">Chains.</param>
    /// <param name="Samples">Samples kept of each.</param>
    /// <param name="Updates">Updates made.</param>
    /// <param name="Train">On the training examples.</param>
    /// <param name="Test">On the test examples.</param>
    /// <param name="LargestRhat">R̂ of the parameter that mixes worst; null where too few samples were kept to tell, or chains never moved.</param>
    /// <param name="LeastBulkSize">The least effective sample size of a parameter's bulk.</param>
    /// <param name="LeastTailSize">The least effective sample size of a parameter's tails.</param>
    public sealed record Found(
        string Sampler, double Temperature, int? BatchSize, double LearningRate, int Parameters, int Examples, int Chains, int Samples, long Updates,
        EnsembleScore Train, EnsembleScore Test, double? LargestRhat, double? LeastBulkSize, double? LeastTailSize);

    /// <summary>Samples, and looks at the samples.</summary>
    public Found Run()
    {
        using var data = Data.Load();
        using var scope = torch.NewDisposeScope();
        var projection = Projection(data.Train);
        var (train, test) = (Seen(data.Train, projection), Seen(data.Test, projection));
        try
        {
            var model = Hidden.Count == 0
                ? PosteriorModel.Linear(train, data.Train.Labels, data.ClassCount, PriorPrecision)
                : PosteriorModel.Perceptron(train, data.Train.Labels, data.ClassCount, PriorPrecision, Hidden);
            var sampler = Sampler(model.Examples);
            RequireRoom(model, sampler);
            using var samples = TrainingBar.Fraction("sampling", tell =>
            {
                var progress = tell is null ? null : new Told<SamplingProgress>(at => tell(at.Fraction));
                return File is null
                    ? model.Sample(sampler, Options, progress: progress)
                    : SavedChains.Run(model, sampler, Options, File, $"{data.Hash} {Data.Seed} {Features}", progress);
            });
            return Of(model, samples, samples.Score(train, data.Train.Labels), samples.Score(test, data.Test.Labels));
        }
        catch (SamplingException e)
        {
            throw CommandFailure.Refusal($"The chains cannot go on: {e.Message}.", null, e);
        }
        catch (InvalidDataException e)
        {
            throw CommandFailure.Refusal($"{e.Message}.", null, e);
        }
        catch (Exception e) when (File is not null && e is StorageException or IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Refusal($"--save: {(Directory.Exists(File) ? $"{File} is a folder" : e.Message.TrimEnd('.'))}.", "Name a file in a folder that can be written.", e);
        }
        catch (ArgumentException e)
        {
            throw CommandFailure.Refusal($"{e.Message.Split(" (Parameter", 2)[0]}.", null, e);
        }
    }

    /// <summary>Shows what came of it.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="found">As <see cref="Run"/> gave it.</param>
    public static void Write(IAnsiConsole console, Found found)
    {
        console.Prose(
            Palette.Plain,
            $"{found.Sampler}: T = {Numbers.Real(found.Temperature, 4)}"
                + (found.BatchSize is { } batch ? $", B = {Numbers.Whole(batch)} of N = {Numbers.Whole(found.Examples)}" : $", all {Numbers.Whole(found.Examples)} examples")
                + $", ε = {Numbers.Real(found.LearningRate, 3)}. {found.Parameters} parameters, {found.Chains} chains, {found.Samples} samples of each after {Numbers.Whole(found.Updates)} updates.");
        console.Line();
        var table = new AlignedTable(("", false), ("cross-entropy", true), ("accuracy", true), ("single sample", true), ("accuracy", true));
        foreach (var (name, score) in (IReadOnlyList<(string, EnsembleScore)>)[("training", found.Train), ("test", found.Test)])
        {
            table.Add(
            [
                (name, Palette.Name),
                (Numbers.Real(score.CrossEntropy, 4), Palette.Plain),
                (Numbers.Percent(score.Accuracy), Palette.Plain),
                (Numbers.Real(score.SingleCrossEntropy, 4), Palette.Quiet),
                (Numbers.Percent(score.SingleAccuracy), Palette.Quiet),
            ]);
        }

        table.WriteTo(console);
        console.Line();
        if (found is { LargestRhat: { } rhat, LeastBulkSize: { } bulk, LeastTailSize: { } tail })
        {
            var mixed = rhat < 1.01 && Math.Min(bulk, tail) > 100.0 * found.Chains;
            console.Prose(
                mixed ? Palette.Good : Palette.Bad,
                $"{(mixed ? "The chains agree" : "The chains do not agree well enough to be believed")}: of all parameters the largest R̂ is {Numbers.Real(rhat, 4)} (1.01 is wanted), the least effective "
                    + $"sample sizes are {Numbers.Real(bulk, 3)} in the bulk and {Numbers.Real(tail, 3)} in the tails ({100 * found.Chains} are wanted).{(mixed ? "" : " More --samples, or more updates between them, may mend it.")}");
        }
        else if (found.Samples >= 8)
        {
            console.Prose(Palette.Quiet, $"A chain never moved{(found.Temperature == 0 ? ": at T = 0 there is no noise, and the samples are one point" : "")}.");
        }
        else
        {
            console.Prose(Palette.Quiet, "Too few samples to tell whether the chains agree: 8 of each are the least.");
        }
    }

    /// <summary>It in JSON.</summary>
    /// <param name="found">As <see cref="Run"/> gave it.</param>
    public static string ToJson(Found found) => JsonSerializer.Serialize(found, MeasurementJson.Options);

    private static Found Of(PosteriorModel model, PosteriorSamples samples, EnsembleScore train, EnsembleScore test)
    {
        var (name, batch) = samples.Sampler switch
        {
            LangevinSampler { BatchSize: var size } => (size is null ? "Langevin dynamics" : "Stochastic gradient Langevin dynamics", size),
            NaturalLangevinSampler { BatchSize: var size } => ("Natural Langevin dynamics", size),
            NaturalGradientSampler { Measure: SampledMeasure.Uncorrected } ngd => ("Natural gradient descent", ngd.BatchSize),
            NaturalGradientSampler sngd => ("Stochastic natural gradient descent", sngd.BatchSize),
            HamiltonianSampler { BatchSize: var size } => ("Stochastic gradient Hamiltonian Monte Carlo", size),
            var other => (other.GetType().Name, null),
        };
        // a parameter that never moves has no autocorrelation, and at T = 0 it moves by rounding at most
        var moves = samples.Temperature.Value > 0 && Enumerable.Range(0, model.Parameters).All(i => samples.Draws(i).Any(chain => chain.Any(x => x != chain[0])));
        var summaries = samples.Count < 8 || !moves ? [] : Enumerable.Range(0, model.Parameters).Select(samples.Summary).ToList();
        return new Found(
            name, samples.Temperature.Value, batch, samples.Sampler.LearningRate, model.Parameters, model.Examples, samples.State.Chains, samples.Count, samples.State.Update, train, test,
            summaries.Count == 0 ? null : summaries.Max(s => s.Rhat), summaries.Count == 0 ? null : summaries.Min(s => s.BulkSize),
            summaries.Count == 0 ? null : summaries.Min(s => s.TailSize));
    }

    // A Gaussian random projection (P3, Figs. 4 and 5), drawn from the seed and centred and scaled to mean square 1 over the training set; null for none.
    private (Tensor Matrix, Tensor Centre)? Projection(ImageSet examples)
    {
        if (Features is not { } count)
            return null;

        using var scope = torch.NewDisposeScope();
        var rows = Rows(examples);
        using var generator = new torch.Generator((ulong)Data.Seed + 1);
        var projection = torch.randn([rows.shape[1], count], torch.ScalarType.Float64, generator: generator);
        var centre = rows.mean([0L]);
        var features = rows.sub(centre).matmul(projection);
        return (projection.div(features.mul(features).mean().sqrt()).MoveToOuterDisposeScope(), centre.MoveToOuterDisposeScope());
    }

    private static Tensor Seen(ImageSet examples, (Tensor Matrix, Tensor Centre)? projection)
    {
        using var scope = torch.NewDisposeScope();
        var rows = Rows(examples);
        return (projection is { } by ? rows.sub(by.Centre).matmul(by.Matrix) : rows).MoveToOuterDisposeScope();
    }

    private static Tensor Rows(ImageSet examples) => examples.Images.flatten(1).to(torch.ScalarType.Float64);

    // a metric of p × p numbers for every chain, and as much again for its factor
    private void RequireRoom(PosteriorModel model, Sampler sampler)
    {
        var natural = sampler is NaturalGradientSampler or NaturalLangevinSampler;
        var gigabytes = 2.0 * 8 * Options.Chains * model.Parameters * model.Parameters / 1e9;
        if (natural && gigabytes > 1)
        {
            throw CommandFailure.Refusal(
                $"The Fisher information of {Numbers.Whole(model.Parameters)} parameters takes {gigabytes:F1} GB for {Options.Chains} chains.",
                "Fewer --features, --hidden or --classes make it smaller; langevin and sghmc need no metric.");
        }
    }
}
