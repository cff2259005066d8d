using System.Text.Json;
using NoiseScale.Cli.Terminal;
using NoiseScale.Torch;
using NoiseScale.Training;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using Spectre.Console;

namespace NoiseScale.Cli.Measuring;

/// <summary>A model weighed over a grid of λ.</summary>
/// <param name="Data">The examples.</param>
/// <param name="Hidden">Hidden widths; empty for logistic or softmax regression.</param>
/// <param name="Priors">λ of the summed cost, in the order asked.</param>
/// <param name="Maximise">Whether to search for the λ of most evidence between the least and the largest of them; for regression only.</param>
/// <param name="Updates">Full-batch updates that train a network.</param>
/// <param name="LearningRate">Their learning rate.</param>
/// <param name="Options">How the evidence is computed.</param>
public sealed record EvidenceRun(
    ChosenData Data, IReadOnlyList<int> Hidden, IReadOnlyList<double> Priors, bool Maximise, int Updates, double LearningRate, EvidenceOptions Options)
{
    private const double Momentum = 0.9;

    /// <summary>Fits and weighs.</summary>
    /// <returns>A model for each λ, and last the best one where it was searched for.</returns>
    public IReadOnlyList<WeighedModel> Run()
    {
        using var data = Data.Load();
        try
        {
            return Hidden.Count == 0 ? OfRegression(data) : OfNetwork(data);
        }
        catch (EvidenceException e)
        {
            throw CommandFailure.Refusal($"There is no evidence: {e.Message}.", Hidden.Count == 0 ? null : "--drop leaves eigenvalues below λ out; --gauss-newton has no negative ones.", e);
        }
    }

    /// <summary>Shows the models in a table.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="models">As <see cref="Run"/> gave them.</param>
    public void Write(IAnsiConsole console, IReadOnlyList<WeighedModel> models)
    {
        var estimated = models.Any(model => model.Evidence.IsEstimate);
        var dropped = Options.DropBelowPrior;
        List<(string, bool)> columns = [("λ", true), ("C", true), ("½ Σ ln(λᵢ/λ)", true), ("ln P", true), ("E", true), ("", false), ("γ", true)];
        if (estimated)
            columns.Insert(4, ("±", true));

        if (dropped)
            columns.Add(("dropped", true));

        var table = new AlignedTable([.. columns, ("train", true), ("test", true), ("test loss", true)]);
        foreach (var (evidence, train, test, loss) in models)
        {
            var ratio = evidence.RatioToNull!.Value;
            List<(string, Style)> row =
            [
                (Numbers.Real(evidence.PriorPrecision, 3), Palette.Plain),
                (evidence.Cost.ToString("F2", null), Palette.Plain),
                (evidence.Occam.ToString("F2", null), Palette.Plain),
                (evidence.LogEvidence.ToString("F2", null), Palette.Plain),
                (ratio.InFavourOfNull.ToString("F2", null), ratio.ModelFavoured ? Palette.Good : Palette.Bad),
                (ratio.ModelFavoured ? "model" : "null", Palette.Quiet),
                (evidence.EffectiveParameters.ToString("F1", null), Palette.Plain),
            ];
            if (estimated)
                row.Insert(4, (evidence.StandardError.ToString("F2", null), Palette.Plain));

            if (dropped)
                row.Add((evidence.Dropped.ToString("F0", null), Palette.Plain));

            table.Add([.. row, (Numbers.Percent(train), Palette.Plain), (Numbers.Percent(test), Palette.Plain), (Numbers.Real(loss, 3), Palette.Plain)]);
        }

        table.WriteTo(console);
        console.Line();
        var best = models.MaxBy(model => model.Evidence.LogEvidence)!.Evidence;
        console.Prose(Palette.Plain, $"Most evidence at λ = {Numbers.Real(best.PriorPrecision, 3)}: {best.RatioToNull}.");
        console.Prose(
            Palette.Quiet,
            $"{best.Parameters} parameters, N = {best.Examples}. C is the summed cost with the prior's (λ/2)‖ω‖², in nats; λᵢ are the eigenvalues of its Hessian; "
                + "ln P = −[C + ½ Σ ln(λᵢ/λ)]; E = −ln P − N ln n is the logarithm of the evidence ratio in favour of the null model, to which all n classes are equally likely; γ counts the "
                + "parameters that the data determine."
                + (Hidden.Count > 0 ? $" The network stands where {Updates} full-batch updates left it: by a Newton step C would fall by {Numbers.Real(models.Max(m => m.Evidence.PredictedDecrease), 2)} nats at most." : ""));
    }

    /// <summary>The models in JSON.</summary>
    /// <param name="models">As <see cref="Run"/> gave them.</param>
    public string ToJson(IReadOnlyList<WeighedModel> models) => JsonSerializer.Serialize(models, MeasurementJson.Options);

    private List<WeighedModel> OfRegression(ImageDataSet data)
    {
        var (x, y) = (data.Train.Images, data.Train.Labels);
        List<WeighedModel> models = [];
        void Add(FittedLinearModel fitted)
        {
            using (fitted)
            {
                var (loss, accuracy) = fitted.Evaluate(data.Test.Images, data.Test.Labels);
                models.Add(new WeighedModel(fitted.Evidence, fitted.Evaluate(x, y).Accuracy, accuracy, loss));
            }
        }

        return TrainingBar.Fraction("weighing", tell =>
        {
            foreach (var lambda in Priors)
            {
                Add(LaplaceEvidence.OfLinearModel(x, y, data.ClassCount, lambda, Options));
                tell?.Invoke(models.Count / (Priors.Count + (Maximise ? 10.0 : 0)));
            }

            if (Maximise)
                Add(LaplaceEvidence.Maximise(x, y, data.ClassCount, Priors.Min(), Priors.Max(), options: Options));

            return models;
        });
    }

    private List<WeighedModel> OfNetwork(ImageDataSet data)
    {
        var network = new MultilayerPerceptron(data.Train.Shape, data.ClassCount, Hidden);
        List<WeighedModel> models = [];
        foreach (var lambda in Priors)
        {
            var n = data.Train.Count;
            var schedule = Schedule.Constant(LearningRate, n, Updates, n, Momentum, weightDecay: lambda / n);
            using var outcome = TrainingBar.Follow(progress => Trainer.Train(schedule.Plan(), network, data, new TrainingSettings { Seed = Data.Seed }, progress));
            if (outcome.Divergence is not null)
                throw CommandFailure.Refusal($"Training diverged at λ = {Numbers.Real(lambda, 3)}.", "A smaller --learning-rate may help.");

            var evidence = LaplaceEvidence.OfNetwork(
                (w, images) => network.Apply(w, images), outcome.Parameters, data.Train.Images, data.Train.Labels, data.ClassCount, lambda, Options);
            var end = outcome.Records[^1];
            models.Add(new WeighedModel(evidence, end.TrainAccuracy, end.TestAccuracy, end.TestLoss));
        }

        return models;
    }
}
