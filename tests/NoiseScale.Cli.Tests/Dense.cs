using MathNet.Numerics.LinearAlgebra;

namespace NoiseScale.Cli.Tests;

/// <summary>Regression with a Gaussian process by inverses and determinants, as an oracle.</summary>
internal static class Dense
{
    internal static (double LogEvidence, double RootMeanSquare, double NegativeLogDensity) Regress(double[][] train, double[][] test, double variance, double length, double noise)
    {
        double Kernel(double[] a, double[] b) => variance * Math.Exp(-(Math.Pow(a[0] - b[0], 2) + Math.Pow(a[1] - b[1], 2)) / (2 * length * length));
        var n = train.Length;
        var a = Matrix<double>.Build.Dense(n, n, (i, j) => Kernel(train[i], train[j]) + (i == j ? noise : 0));
        var inverse = a.Inverse();
        var y = Vector<double>.Build.Dense(n, i => train[i][2]);
        var weights = inverse * y;
        var evidence = -0.5 * ((y * weights) + Math.Log(a.Determinant()) + (n * Math.Log(2 * Math.PI)));
        var (squares, logs) = (0.0, 0.0);
        foreach (var row in test)
        {
            var k = Vector<double>.Build.Dense(n, i => Kernel(train[i], row));
            var spread = variance - (k * (inverse * k)) + noise;
            var off = row[2] - (k * weights);
            squares += off * off;
            logs += 0.5 * (Math.Log(2 * Math.PI * spread) + (off * off / spread));
        }

        return (evidence, Math.Sqrt(squares / test.Length), logs / test.Length);
    }
}
