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

    /// <summary>The numbers of kernel and noise with their names, in the order in which they stand in the formula; noiseVariance is last, where it is not 0.</summary>
    public IReadOnlyList<(string Name, double Value)> HyperParameters =>
        [.. Processes.HyperParameters.named(_core.Kernel, _core.NoiseVariance).Select(named => (named.Item1, named.Item2))];

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
    /// <param name="free">Which may move, by the names of <see cref="HyperParameters"/>; all if null.</param>
    /// <returns>The process, and whether the search for it ended at a maximum.</returns>
    /// <exception cref="ArgumentException">A number is out of range or not finite, or the shapes do not fit.</exception>
    /// <exception cref="GaussianProcessException">There is no process at the given hyper-parameters.</exception>
    public static (GaussianProcessRegression Process, bool Converged) MaximiseEvidence(
        ProcessKernel kernel, double noiseVariance, Tensor inputs, Tensor targets, int seed = 0, Func<string, bool>? free = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var found = Processes.HyperParameters.maximiseEvidence(Search(seed, free), kernel.Core, noiseVariance, Double(inputs), Double(targets));
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

    /// <summary>The temperature of the likelihood alone whose process, σ² → Tσ², has the most evidence: the σ² of most evidence, in units of this one.</summary>
    /// <param name="seed">Of the starts of the search, besides the one at T = 1.</param>
    /// <returns>T, and whether the search ended at a maximum: without noise in the targets the evidence can rise as T falls to 0.</returns>
    /// <exception cref="ArgumentException">σ² is 0: there is nothing to temper.</exception>
    public (LikelihoodTemperature Temperature, bool Converged) BestLikelihoodTemperature(int seed = 0)
    {
        var found = Processes.Tempering.bestLikelihoodTemperature(Search(seed, null), _core);
        return found.IsOk
            ? (new LikelihoodTemperature(found.ResultValue.Item1.Value), found.ResultValue.Item2)
            : throw new GaussianProcessException($"{found.ErrorValue}");
    }

    /// <summary>How well the process predicts observations that it has not seen, with its noise: each is N(E f, var f + σ²).</summary>
    /// <param name="points">[m, d], or [m] for d = 1.</param>
    /// <param name="targets">[m], m at least 1.</param>
    /// <returns>The error, and the density of what was observed.</returns>
    /// <exception cref="ArgumentException">The points have another dimension than the inputs, or there is not a finite target for each.</exception>
    public RegressionScore Score(Tensor points, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        using var scope = torch.NewDisposeScope();
        var (mean, variance) = Predict(points);
        if (targets.dim() != 1 || targets.shape[0] != mean.shape[0] || targets.shape[0] == 0)
            throw new ArgumentException($"there is one target for each of {mean.shape[0]} points, a vector, not [{string.Join(", ", targets.shape)}]", nameof(targets));

        double[] Numbers(Tensor tensor) => [.. tensor.detach().to(torch.ScalarType.Float64).cpu().data<double>()];
        var (m, v, y) = (Numbers(mean), Numbers(variance), Numbers(targets));
        if (Array.FindIndex(y, target => !double.IsFinite(target)) is >= 0 and var bad)
            throw new ArgumentException($"target {bad} is not finite", nameof(targets));

        return RegressionScore.Of(m, [.. v.Select(of => of + NoiseVariance)], y);
    }

    /// <summary>What the process says about the function at points; for new observations add σ².</summary>
    /// <param name="points">[m, d], or [m] for d = 1.</param>
    /// <returns>E f and var f, [m] each, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">The points have another dimension than the inputs.</exception>
    public (Tensor Mean, Tensor Variance) Predict(Tensor points)
    {
        var found = Processes.GpRegressionModule.predict(Double(points), _core);
        return (TorchTensors.Unwrap(found.Mean), TorchTensors.Unwrap(found.Variance));
    }

    private static Processes.EvidenceSearch Search(int seed, Func<string, bool>? free)
    {
        var basic = Processes.EvidenceSearch.Default;
        return new(
            basic.Restarts, basic.Spread, seed, basic.GradientTolerance, basic.MostIterations,
            free is null ? basic.Free : FuncConvert.FromFunc<string, bool>(free));
    }

    private static DiffSharp.Tensor Double(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var wide = tensor.detach().to(torch.ScalarType.Float64, copy: true);
        return TorchTensors.Wrap(wide);
    }
}
