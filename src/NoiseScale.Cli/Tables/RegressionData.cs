using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace NoiseScale.Cli.Tables;

/// <summary>Rows of numbers to regress on, and rows held out.</summary>
/// <param name="Target">The name of what is predicted.</param>
/// <param name="Inputs">The names of what it is predicted from.</param>
/// <param name="Train">Rows of inputs, then the target.</param>
/// <param name="Test">Likewise.</param>
/// <param name="Scales">What is subtracted from a column, and what it is then divided by: of every input, then of the target.</param>
public sealed record RegressionData(string Target, IReadOnlyList<string> Inputs, double[][] Train, double[][] Test, IReadOnlyList<(double Centre, double Scale)> Scales)
{
    /// <summary>s of y′ = (y − c)/s: errors of y are s times those of y′, and densities 1/s times.</summary>
    public double TargetScale => Scales[^1].Scale;

    /// <summary>How many standard deviations the target's mean is from 0, over the training rows.</summary>
    public double OffCentre
    {
        get
        {
            var mean = Train.Average(row => row[^1]);
            return Math.Abs(mean) / Math.Sqrt(Train.Average(row => (row[^1] - mean) * (row[^1] - mean)));
        }
    }

    /// <summary>Inputs [n, d] and targets [n] as they are regressed on, in the caller's dispose scope.</summary>
    /// <param name="rows">The rows.</param>
    public (Tensor Inputs, Tensor Targets) Tensors(double[][] rows)
    {
        double[] Scaled(double[] row) => [.. row.Select((value, i) => (value - Scales[i].Centre) / Scales[i].Scale)];
        double[][] scaled = [.. rows.Select(Scaled)];
        return (torch.tensor([.. scaled.SelectMany(row => row[..^1])], [rows.Length, Inputs.Count]), torch.tensor([.. scaled.Select(row => row[^1])], [rows.Length]));
    }
}
