using Microsoft.FSharp.Collections;

namespace NoiseScale;

/// <summary>The covariance k(x, x′) of a Gaussian process of mean 0; kernels add and multiply with + and *.</summary>
public sealed class ProcessKernel
{
    internal ProcessKernel(Processes.Kernel core)
    {
        Processes.KernelModule.check(core);
        Core = core;
    }

    internal Processes.Kernel Core { get; }

    /// <summary>v: one number, the same everywhere, is uncertain.</summary>
    /// <param name="variance">v, positive.</param>
    /// <returns>The kernel.</returns>
    /// <exception cref="ArgumentException">v is not positive.</exception>
    public static ProcessKernel Constant(double variance = 1) => new(Processes.Kernel.NewConstant(variance));

    /// <summary>v x·x′: linear functions through the origin.</summary>
    /// <param name="variance">v, positive.</param>
    /// <returns>The kernel.</returns>
    /// <exception cref="ArgumentException">v is not positive.</exception>
    public static ProcessKernel Linear(double variance = 1) => new(Processes.Kernel.NewLinear(variance));

    /// <summary>v e^(−r²/2), r² = Σ (xᵢ − x′ᵢ)²/ℓᵢ².</summary>
    /// <param name="variance">v, positive.</param>
    /// <param name="lengthScales">ℓ: one for all inputs, or one for each; 1 if there is none.</param>
    /// <returns>The kernel.</returns>
    /// <exception cref="ArgumentException">A number is not positive.</exception>
    public static ProcessKernel RadialBasis(double variance = 1, params double[] lengthScales) => new(Processes.Kernel.NewRadialBasis(variance, Scales(lengthScales)));

    /// <summary>Matérn's v e^(−r), v (1 + √3r) e^(−√3r) or v (1 + √5r + 5r²/3) e^(−√5r).</summary>
    /// <param name="derivatives">How often the process is differentiable: 0, 1 or 2.</param>
    /// <param name="variance">v, positive.</param>
    /// <param name="lengthScales">ℓ: one for all inputs, or one for each; 1 if there is none.</param>
    /// <returns>The kernel.</returns>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static ProcessKernel Matern(int derivatives, double variance = 1, params double[] lengthScales) => new(Processes.Kernel.NewMatern(
        derivatives switch
        {
            0 => Processes.Smoothness.Half,
            1 => Processes.Smoothness.ThreeHalves,
            2 => Processes.Smoothness.FiveHalves,
            _ => throw new ArgumentOutOfRangeException(nameof(derivatives), derivatives, "is 0, 1 or 2"),
        },
        variance,
        Scales(lengthScales)));

    /// <summary>An infinitely wide network of rectifiers, the NNGP. (Cho and Saul 2009; Lee et al. 2018)</summary>
    /// <param name="depth">Hidden layers, 0 or more; without any it is linear.</param>
    /// <param name="weightVariance">σ_w² of weights N(0, σ_w²/fan-in), positive; 2 keeps sizes from layer to layer.</param>
    /// <param name="biasVariance">σ_b², 0 or more.</param>
    /// <returns>The kernel.</returns>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    [Source(Paper.Cho2009)]
    public static ProcessKernel WideNetwork(int depth, double weightVariance = 2, double biasVariance = 0) =>
        new(Processes.Kernel.NewArcCosine(depth, weightVariance, biasVariance));

    /// <summary>The sum of two independent processes.</summary>
    /// <param name="left">k₁.</param>
    /// <param name="right">k₂.</param>
    /// <returns>k₁ + k₂.</returns>
    public static ProcessKernel operator +(ProcessKernel left, ProcessKernel right) => new(Processes.Kernel.NewSum(left.Core, right.Core));

    /// <summary>The product of two kernels.</summary>
    /// <param name="left">k₁.</param>
    /// <param name="right">k₂.</param>
    /// <returns>k₁ k₂.</returns>
    public static ProcessKernel operator *(ProcessKernel left, ProcessKernel right) => new(Processes.Kernel.NewProduct(left.Core, right.Core));

    /// <summary>The formula, with its numbers.</summary>
    public override string ToString() => Core.ToString();

    private static FSharpList<double> Scales(double[] lengthScales) => ListModule.OfSeq(lengthScales is { Length: > 0 } ? lengthScales : [1.0]);
}
