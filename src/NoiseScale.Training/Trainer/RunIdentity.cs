using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>Names everything that decides a run's numbers, so that a checkpoint is never taken for one of another run.</summary>
internal static class RunIdentity
{
    public static string Of(Plan plan, Network network, ImageDataSet data, TrainingSettings settings)
    {
        var epochs = string.Join(",", settings.EvaluationEpochs.Select(epoch => epoch.ToString("R", CultureInfo.InvariantCulture)));
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            {plan.Schedule.ToJson()}
            {plan.PartialBatch} {plan.Rounding}
            {Of(network)}
            {data.Hash}
            seed {settings.Seed} {settings.Sampling} micro {settings.MicroBatchSize} augmentation {settings.Augmentation}
            train evaluation {settings.TrainEvaluationSize} at {epochs}
            """);
        return Digest(text + Additions(settings));
    }

    // said only where they are used, so that what was saved before they existed keeps its name
    private static string Additions(TrainingSettings settings)
    {
        var text = new StringBuilder();
        if (settings.GradientPenalty != 0)
            text.Append(CultureInfo.InvariantCulture, $"\ngradient penalty {settings.GradientPenalty:R}");

        if (settings.StepsPerMinibatch != 1)
            text.Append(CultureInfo.InvariantCulture, $"\nsteps per minibatch {settings.StepsPerMinibatch}");

        if (settings.ModifiedLoss is { } measured)
            text.Append(CultureInfo.InvariantCulture, $"\nmodified loss {measured}");

        return text.ToString();
    }

    /// <summary>The network's name, parameters and initial distributions.</summary>
    public static string Of(Network network) =>
        Digest($"{network.Name}\n{string.Join('\n', network.ParameterShapes.Select(Describe))}");

    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Describe(ParameterShape parameter) =>
        string.Create(CultureInfo.InvariantCulture, $"{parameter} mean {parameter.InitialMean:R} deviation {parameter.InitialDeviation:R}");
}
