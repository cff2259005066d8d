using DiffSharp;
using Microsoft.FSharp.Core;

namespace NoiseScale.Torch;

/// <summary>Regression with a Gaussian process, y = f(x) + noise, f ~ GP(0, k), noise ~ N(0, σ²), conditioned on its data; and its tempering. (P5)</summary>
/// <remarks>Computed in float64. Its tensors are released by the garbage collector.</remarks>
public sealed class GaussianProcessRegression
{
    private readonly Processes.GpRegression _core;

    private GaussianProcessRegression(FSharpResult<Processes.GpRegression, Processes.GaussianProcessError> found) =>
        _core = found.IsOk ? found.ResultValue : throw new GaussianProcessException($"{found.ErrorValue}");

    /// <summary>k.</summary>
    public ProcessKernel Kernel => new(_core.Kernel);

    /// <summary>σ².</summary>
    public double NoiseVariance => _core.NoiseVariance;

    /// <summary>n.</summary>
    public int Examples => _core.Examples;

    /// <summary>What had to be added to the covariance's diagonal for it to have a Cholesky factor; 0 where nothing had.</summary>
    public double Jitter => _core.Jitter;

    /// <summary>ln p(y), in nats.</summary>
    public double LogEvidence => _core.LogEvidence;

    /// <summary>T* = yᵀ(K + σ²)⁻¹y/n, the temperature of most evidence among K → TK, σ² → Tσ²: empirical Bayes.</summary>
    public PosteriorTemperature BestTemperature => new(Processes.Tempering.bestTemperature(_core).Value);

    /// <summary>A process conditioned on data.</summary>
    /// <param name="kernel">k.</param>
    /// <param name="noiseVariance">σ², 0 or more.</param>
    /// <param name="inputs">[n, d], or [n] for d = 1.</param>
    /// <param name="targets">[n].</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">A number is out of range or not finite, or the shapes do not fit.</exception>
    /// <exception cref="GaussianProcessException">The covariance has no Cholesky factor.</exception>
    public static GaussianProcessRegression Fit(ProcessKernel kernel, double noiseVariance, Tensor inputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return new(Processes.GpRegressionModule.fit(kernel.Core, noiseVariance, Double(inputs), Double(targets)));
    }

    /// <summary>The same with the hyper-parameters of most evidence, from several starts.</summary>
    /// <param name="kernel">k, where to begin.</param>
    /// <param name="noiseVariance">σ², where to begin; 0 stays 0.</param>
    /// <param name="inputs">[n, d], or [n] for d = 1.</param>
    /// <param name="targets">[n].</param>
    /// <param name="seed">Of the other starts.</param>
    /// <returns>The process, and whether the search for it ended at a maximum.</returns>
    /// <exception cref="ArgumentException">A number is out of range or not finite, or the shapes do not fit.</exception>
    /// <exception cref="GaussianProcessException">There is no process at the given hyper-parameters.</exception>
    public static (GaussianProcessRegression Process, bool Converged) MaximiseEvidence(
        ProcessKernel kernel, double noiseVariance, Tensor inputs, Tensor targets, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var basic = Processes.EvidenceSearch.Default;
        var search = new Processes.EvidenceSearch(basic.Restarts, basic.Spread, seed, basic.GradientTolerance, basic.MostIterations, basic.Free);
        var found = Processes.HyperParameters.maximiseEvidence(search, kernel.Core, noiseVariance, Double(inputs), Double(targets));
        return found.IsOk
            ? (new(FSharpResult<Processes.GpRegression, Processes.GaussianProcessError>.NewOk(found.ResultValue.Model)), found.ResultValue.Best.Converged)
            : throw new GaussianProcessException($"{found.ErrorValue}");
    }

    /// <summary>The untempered process that is this one tempered: K → TK and σ² → Tσ² for the whole posterior, σ² → Tσ² for the likelihood alone; exact.</summary>
    /// <param name="tempering">What is tempered, and T.</param>
    /// <returns>The process.</returns>
    /// <exception cref="ArgumentException">T is not positive.</exception>
    public GaussianProcessRegression Temper(Tempering tempering) => new(Processes.Tempering.regression(tempering.ToCore(), _core));

    /// <summary>ln p(y | T) of the process with K → TK, σ² → Tσ².</summary>
    /// <param name="temperature">T, positive.</param>
    /// <returns>In nats.</returns>
    /// <exception cref="ArgumentException">T is not positive.</exception>
    public double LogEvidenceAt(PosteriorTemperature temperature) =>
        Processes.Tempering.logEvidence(Core.PosteriorTemperature.NewPosteriorTemperature(temperature.Value), _core);

    /// <summary>What the process says about the function at points; for new observations add σ².</summary>
    /// <param name="points">[m, d], or [m] for d = 1.</param>
    /// <returns>E f and var f, [m] each, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">The points have another dimension than the inputs.</exception>
    public (Tensor Mean, Tensor Variance) Predict(Tensor points)
    {
        var found = Processes.GpRegressionModule.predict(Double(points), _core);
        return (TorchTensors.Unwrap(found.Mean), TorchTensors.Unwrap(found.Variance));
    }

    private static DiffSharp.Tensor Double(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var wide = tensor.detach().to(torch.ScalarType.Float64, copy: true);
        return TorchTensors.Wrap(wide);
    }
}
