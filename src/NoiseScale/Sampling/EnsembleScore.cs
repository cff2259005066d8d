namespace NoiseScale;

/// <summary>How well all samples together predict, and single ones on average.</summary>
/// <param name="Accuracy">Of the mean of the samples' probabilities: the part of examples whose likeliest label is right.</param>
/// <param name="CrossEntropy">Of the mean of the samples' probabilities, in nats an example.</param>
/// <param name="SingleAccuracy">Of single samples, on average.</param>
/// <param name="SingleCrossEntropy">Of single samples, on average.</param>
/// <param name="Samples">How many there were.</param>
public readonly record struct EnsembleScore(double Accuracy, double CrossEntropy, double SingleAccuracy, double SingleCrossEntropy, int Samples)
{
    internal static EnsembleScore Of(Posterior.EnsembleScore score) =>
        new(score.Ensemble.Accuracy!.Value, score.Ensemble.CrossEntropy, score.Single.Accuracy!.Value, score.Single.CrossEntropy, score.Samples);
}
