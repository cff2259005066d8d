namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Schedules

/// <summary>What a temperature does to a softmax, and why no prior does the same. (Adlam, Snoek and Smith 2020; derived)</summary>
/// <remarks>softmax_y(f)^(1/T) = softmax_y(f/T)·Z_T(f) with Z_T(f) = Σ_c softmax_c(f)^(1/T): rescaled logits, times a factor that no label enters. As part of a prior that
/// factor would sit at the training inputs, so it would be another prior for every data set: <c>marginalLogFactor</c> shows it.</remarks>
[<Source(Paper.P5, "abstract")>]
[<RequireQualifiedAccess>]
module SoftmaxTempering =

    let private requireTemperature (temperature: LikelihoodTemperature) = Tempering.check (Temper.Likelihood temperature)

    let private requireLogits (f: Tensor) =
        if f.dim < 1 || f.shape[f.dim - 1] < 2 then
            invalidArg (nameof f) $"the last dimension holds the logits of at least two classes, not {List.ofArray f.shape}"

    /// <summary>ln softmax_c(f)/T of every class: the tempered likelihood, which does not add up to 1.</summary>
    /// <param name="temperature">T, positive</param>
    /// <param name="f">logits, […, C]</param>
    /// <exception cref="T:System.ArgumentException">T is not positive and finite, or there are fewer than two classes.</exception>
    let logLikelihoods (temperature: LikelihoodTemperature) (f: Tensor) : Tensor =
        requireTemperature temperature
        requireLogits f
        (f.logsoftmax -1) / temperature.Value

    /// <summary>ln Z_T(f) = ln Σ_c softmax_c(f)^(1/T): 0 at T = 1, largest for T &lt; 1 where one class is certain.</summary>
    /// <param name="temperature">T, positive</param>
    /// <param name="f">logits, […, C]</param>
    /// <returns>[…]</returns>
    /// <exception cref="T:System.ArgumentException">T is not positive and finite, or there are fewer than two classes.</exception>
    let logZ (temperature: LikelihoodTemperature) (f: Tensor) : Tensor = (logLikelihoods temperature f).logsumexp -1

    /// Nodes and weights of ∫ g(u) φ(u) du: the trapezium rule, which is exact to rounding for analytic g with poles no nearer than its step allows.
    let internal normalNodes (step: float) : float[] * float[] =
        let reach = 9.0
        let half = int (ceil (reach / step))
        let nodes = [| for i in -half .. half -> float i * reach / float half |]
        let densities = nodes |> Array.map (fun u -> exp (-0.5 * u * u))
        let total = Array.sum densities
        nodes, densities |> Array.map (fun density -> density / total)

    /// <summary>ln E[Z_T(f(x′)) | f(x)]: what one more training input x′ multiplies the marginal of f(x) by, if Z_T is taken for a part of the prior; two classes, whose
    /// difference of logits δ = f₁ − f₂ has covariance 2k.</summary>
    /// <remarks>Under a prior, a process, this would not depend on δ(x): to leave out f(x′) would leave f(x) as it was (Kolmogorov). It does, wherever k(x, x′) ≠ 0 and
    /// T ≠ 1.</remarks>
    /// <param name="temperature">T, positive</param>
    /// <param name="kernel">k of each class's logit</param>
    /// <param name="x">a training input, [1, d]</param>
    /// <param name="further">x′, another, [1, d]</param>
    /// <param name="difference">δ(x), the difference of the logits at x</param>
    /// <exception cref="T:System.ArgumentException">T is not positive and finite, or the inputs do not fit.</exception>
    let marginalLogFactor (temperature: LikelihoodTemperature) (kernel: Kernel) (x: Tensor) (further: Tensor) (difference: float) : float =
        requireTemperature temperature

        dsharp.scope (fun () ->
            let at (k: Tensor) = float k[0, 0]
            let own, other = at (KernelMatrix.gram kernel x), at (KernelMatrix.gram kernel further)
            let shared = at (KernelMatrix.cross kernel x further)
            let mean = shared / own * difference
            let deviation = sqrt (2.0 * max 0.0 (other - shared * shared / own))
            let nodes, weights = normalNodes (0.25 / (1.0 + deviation / min 1.0 temperature.Value))
            let delta = dsharp.tensor (nodes, dtype = Dtype.Float64) * deviation + mean
            let logits = dsharp.stack ([ delta; delta.zerosLike () ], 1)
            log (float ((logZ temperature logits).exp().dot(dsharp.tensor (weights, dtype = Dtype.Float64)))))
