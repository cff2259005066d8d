namespace NoiseScale;

/// <summary>How well predictions N(μᵢ, sᵢ²) of observations yᵢ are, on average.</summary>
/// <param name="RootMeanSquare">√((1/m)·Σ (yᵢ − μᵢ)²), in units of the target.</param>
/// <param name="NegativeLogDensity">−(1/m)·Σ ln N(yᵢ; μᵢ, sᵢ²) = (1/m)·Σ [½ ln 2πsᵢ² + (yᵢ − μᵢ)²/2sᵢ²], in nats; it knows how sure the predictions are. Infinite where one has no variance at all.</param>
/// <param name="Count">m.</param>
public readonly record struct RegressionScore(double RootMeanSquare, double NegativeLogDensity, int Count)
{
    internal static RegressionScore Of(double[] means, double[] variances, double[] targets)
    {
        var (squares, logs) = (0.0, 0.0);
        for (var i = 0; i < targets.Length; i++)
        {
            var square = (targets[i] - means[i]) * (targets[i] - means[i]);
            squares += square;

            // a number has no density, right or wrong
            logs += variances[i] > 0 ? 0.5 * (Math.Log(2 * Math.PI * variances[i]) + (square / variances[i])) : double.PositiveInfinity;
        }

        return new(Math.Sqrt(squares / targets.Length), logs / targets.Length, targets.Length);
    }
}
