using System.Text.Json;
using System.Text.Json.Serialization;
using NoiseScale.Cli.Tables;
using NoiseScale.Cli.Terminal;
using NoiseScale.Torch;
using Spectre.Console;
using TorchSharp;

namespace NoiseScale.Cli.Measuring;

/// <summary>Gaussian-process regression of a table at several temperatures, each with the untempered model that it is.</summary>
/// <param name="Table">The rows and columns.</param>
/// <param name="Kernel">Of the function, given the data: the hyper-parameters that are given, and where the search for the others begins.</param>
/// <param name="NoiseVariance">σ², likewise.</param>
/// <param name="Given">Which hyper-parameters stay, by name; the others are those of most evidence.</param>
/// <param name="Temperings">What is tempered, and at which T.</param>
public sealed record RegressionRun(
    ChosenTable Table, Func<RegressionData, ProcessKernel> Kernel, Func<RegressionData, double> NoiseVariance, Func<string, bool> Given, IReadOnlyList<Tempering> Temperings)
{
    private const int Small = 500;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A hyper-parameter.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Value">Its value.</param>
    /// <param name="Fitted">Whether the evidence chose it.</param>
    public sealed record Number(string Name, double Value, bool Fitted);

    /// <summary>The model at a temperature.</summary>
    /// <param name="Tempering">What is tempered, and T.</param>
    /// <param name="Kernel">Of the untempered model whose posterior it is.</param>
    /// <param name="NoiseVariance">Likewise.</param>
    /// <param name="LogEvidence">ln p(y) of that model, in nats, of the target in its own units.</param>
    /// <param name="HeldOut">On the rows held out, in the target's own units.</param>
    public sealed record Point(Tempering Tempering, string Kernel, double NoiseVariance, double LogEvidence, RegressionScore HeldOut);

    /// <summary>What came of it.</summary>
    /// <param name="Target">What is predicted.</param>
    /// <param name="Inputs">From what.</param>
    /// <param name="Examples">Training rows.</param>
    /// <param name="Standardised">Whether columns were scaled; kernel and noise are then those of the scaled ones.</param>
    /// <param name="OffCentre">How far the target's mean is from the process's, 0, in standard deviations of the target.</param>
    /// <param name="HyperParameters">Of the model at T = 1.</param>
    /// <param name="Converged">Whether the search for those that were fitted ended at a maximum; null where none was.</param>
    /// <param name="Jitter">What was added to the covariance's diagonal.</param>
    /// <param name="Untempered">T = 1.</param>
    /// <param name="Points">At each temperature asked for.</param>
    /// <param name="Best">At T*, the temperature of most evidence: empirical Bayes.</param>
    /// <param name="BestConverged">Whether the search for T* ended at a maximum.</param>
    public sealed record Found(
        string Target, IReadOnlyList<string> Inputs, int Examples, bool Standardised, double OffCentre, IReadOnlyList<Number> HyperParameters, bool? Converged, double Jitter, Point Untempered,
        IReadOnlyList<Point> Points, Point Best, bool BestConverged)
    {
        /// <summary>What T* gains over T = 1: nats of log evidence, and of the density of what is held out, a row.</summary>
        public (double LogEvidence, double? HeldOut) Gain
        {
            get
            {
                // infinite densities have no difference
                var heldOut = Untempered.HeldOut.NegativeLogDensity - Best.HeldOut.NegativeLogDensity;
                return (Best.LogEvidence - Untempered.LogEvidence, double.IsFinite(heldOut) ? heldOut : null);
            }
        }
    }

    /// <summary>Fits and tempers.</summary>
    public Found Run()
    {
        DiffSharp.TorchRuntime.EnableProcessSwitches();
        DiffSharp.TorchRuntime.Ensure();
        var data = Table.Load();

        // threads wait for one another longer than they work on small matrices, above all beside other programs
        if (data.Train.Length <= Small)
            torch.set_num_threads(1);

        using var scope = torch.NewDisposeScope();
        try
        {
            var (x, y) = data.Tensors(data.Train);
            var (points, targets) = data.Tensors(data.Test);
            var process = GaussianProcessRegression.Fit(Kernel(data), NoiseVariance(data), x, y);
            List<string> fitted = [.. process.HyperParameters.Select(number => number.Name).Where(name => !Given(name))];
            bool? converged = null;
            if (fitted.Count > 0)
                (process, converged) = GaussianProcessRegression.MaximiseEvidence(process.Kernel, process.NoiseVariance, x, y, (int)(Table.Seed % int.MaxValue), fitted.Contains);

            Point At(Tempering tempering)
            {
                var tempered = process.Temper(tempering);
                var score = tempered.Score(points, targets);
                var (scale, log) = (data.TargetScale, Math.Log(data.TargetScale));
                return new Point(
                    tempering, $"{tempered.Kernel}", tempered.NoiseVariance, tempered.LogEvidence - (tempered.Examples * log),
                    score with { RootMeanSquare = scale * score.RootMeanSquare, NegativeLogDensity = score.NegativeLogDensity + log });
            }

            var (best, bestConverged) = Best(process);
            return new Found(
                data.Target, data.Inputs, data.Train.Length, Table.Standardise, data.OffCentre, [.. process.HyperParameters.Select(n => new Number(n.Name, n.Value, fitted.Contains(n.Name)))],
                converged, process.Jitter, At(Tempering.None), [.. Temperings.Select(At)], At(best), bestConverged);
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

    private (Tempering Best, bool Converged) Best(GaussianProcessRegression process)
    {
        if (!Temperings[0].LikelihoodOnly)
            return (Tempering.Of(process.BestTemperature), true);

        if (process.NoiseVariance == 0)
            throw CommandFailure.Refusal("--likelihood-only: without noise (σ² = 0) the likelihood is the same at every temperature.", "Give a --noise above 0, or none, to have it fitted.");

        var (best, converged) = process.BestLikelihoodTemperature();
        return (Tempering.Of(best), converged);
    }

    /// <summary>Shows what came of it.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="found">As <see cref="Run"/> gave it.</param>
    public static void Write(IAnsiConsole console, Found found)
    {
        var table = new AlignedTable(("T", true), ("ln p(y)", true), ("RMSE", true), ("−ln p", true), ("", false), ("σ²", true), ("kernel", false));
        var best = found.Points.FirstOrDefault(point => Math.Abs((point.Tempering.Temperature / found.Best.Tempering.Temperature) - 1) < 1e-5) ?? found.Best;
        List<Point> all = [.. found.Points.Union([best]).OrderBy(point => point.Tempering.Temperature)];
        var predicts = found.Points.MinBy(point => point.HeldOut.NegativeLogDensity)!;
        foreach (var point in all)
        {
            table.Add(
            [
                (Numbers.Real(point.Tempering.Temperature, 4), Palette.Name),
                (Numbers.Real(point.LogEvidence, 5), point == best ? Palette.Good : Palette.Plain),
                (Numbers.Real(point.HeldOut.RootMeanSquare, 4), Palette.Plain),
                (Numbers.Real(point.HeldOut.NegativeLogDensity, 4), point == predicts ? Palette.Good : Palette.Plain),
                (point == best ? "T*" : "", Palette.Good),
                (Numbers.Real(point.NoiseVariance, 4), Palette.Quiet),
                (point.Kernel, Palette.Quiet),
            ]);
        }

        table.WriteTo(console);
        console.Line();
        console.Prose(
            Palette.Plain,
            $"Each row is the untempered model of its kernel and σ²: {(found.Best.Tempering.LikelihoodOnly ? "tempering the likelihood alone multiplies σ² by T" : "tempering the whole posterior multiplies both by T and leaves the mean")}.");
        console.Prose(found.BestConverged ? Palette.Plain : Palette.Bad, WhatTheBestGains(found));
        console.Prose(
            Palette.Plain,
            double.IsFinite(predicts.HeldOut.NegativeLogDensity)
                ? $"Of the temperatures asked for T = {Numbers.Real(predicts.Tempering.Temperature, 4)} predicts best what is held out."
                : "What is held out has no density at any T: the process is certain where it is wrong; a --noise above 0 would do.");
        if (found.OffCentre > 1 && !found.Standardised)
        {
            console.Prose(
                Palette.Remark,
                $"The process has mean 0, and that of '{found.Target}' is {Numbers.Real(found.OffCentre, 2)} of its standard deviations away: --standardise would centre it.");
        }

        if (found.Converged == false)
            console.Prose(Palette.Bad, "The search for the hyper-parameters did not end at a maximum of the evidence: there may be none, or another --seed finds it.");

        if (found.Jitter > 0)
            console.Prose(Palette.Remark, $"{Numbers.Real(found.Jitter, 2)} was added to the covariance's diagonal for it to have a Cholesky factor.");

        console.Prose(
            Palette.Quiet,
            $"'{found.Target}' from {string.Join(", ", found.Inputs.Select(name => $"'{name}'"))}{(found.Standardised ? ", standardised (kernel and σ² are of the scaled columns, scores and evidence of the target in its units)" : "")}; "
                + $"{Numbers.Whole(found.Examples)} training rows, {Numbers.Whole(found.Best.HeldOut.Count)} held out. {Hyper(found)}");
    }

    /// <summary>It in JSON.</summary>
    /// <param name="found">As <see cref="Run"/> gave it.</param>
    public static string ToJson(Found found) => JsonSerializer.Serialize(
        new
        {
            found.Target,
            found.Inputs,
            found.Examples,
            found.Standardised,
            found.HyperParameters,
            found.Converged,
            found.Jitter,
            found.Untempered,
            found.Points,
            Best = new
            {
                found.Best.Tempering,
                found.Best.Kernel,
                found.Best.NoiseVariance,
                found.Best.LogEvidence,
                found.Best.HeldOut,
                Converged = found.BestConverged,
                Gain = new { found.Gain.LogEvidence, NegativeLogDensity = found.Gain.HeldOut },
            },
        },
        Json);

    private static string WhatTheBestGains(Found found)
    {
        var t = Numbers.Real(found.Best.Tempering.Temperature, 4);
        if (!found.BestConverged)
            return $"The search for the temperature of most evidence stopped at T = {t}, which is no maximum: the evidence may rise without end.";

        var (evidence, heldOut) = found.Gain;
        return evidence < 5e-4
            ? $"T* = {t}, the temperature of most evidence, gains nothing{(found.Converged is null ? "" : ": the evidence has chosen the hyper-parameters already, and tuning T is tuning them")}."
            : $"T* = {t}, the temperature of most evidence (empirical Bayes), gains {Numbers.Real(evidence, 3)} nats of ln p(y) over T = 1"
                + (heldOut is { } gain ? $", and {(gain >= 0 ? "gains" : "loses")} {Numbers.Real(Math.Abs(gain), 3)} nats a row on what is held out." : ".");
    }

    private static string Hyper(Found found)
    {
        string Names(bool fitted) => string.Join(", ", found.HyperParameters.Where(n => n.Fitted == fitted).Select(n => $"{n.Name} = {Numbers.Real(n.Value, 4)}"));
        var (fitted, given) = (Names(true), Names(false));
        return ((fitted.Length > 0 ? $"By most evidence at T = 1: {fitted}. " : "") + (given.Length > 0 ? $"As given: {given}." : "")).TrimEnd();
    }
}
