namespace NoiseScale.Theory.GradientNoise

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// How the examples of a minibatch are drawn from the N of a training set.
[<RequireQualifiedAccess>]
type BatchDraw =
    /// all B-element subsets are equally likely, as in an epoch's order
    | WithoutReplacement
    /// B independent draws
    | WithReplacement

/// <summary>The first two moments of the N examples' gradients g_i at one point: their mean G and the size of their scatter.</summary>
type GradientMoments =
    {
        /// N, examples, at least 2
        Count: int
        /// ‖G‖², G = (1/N)·Σ g_i
        SquaredNorm: float
        /// Γ = (1/N)·Σ ‖g_i − G‖², the trace of their covariance with denominator N (P6 App. A)
        [<Source(Paper.P6, "App. A")>]
        Gamma: float
    }

    /// <summary>tr Σ = N/(N−1)·Γ, the trace of their covariance with denominator N − 1. (P2 App. of Eq. 11)</summary>
    [<Source(Paper.P2, "App. of Eq. 11")>]
    member this.TraceOfCovariance = this.Gamma * float this.Count / float (this.Count - 1)

    /// <summary>(1/N)·Σ ‖g_i‖² = ‖G‖² + Γ.</summary>
    member this.MeanSquaredNorm = this.SquaredNorm + this.Gamma

/// The exact relations between the gradients of N examples and those of minibatches of them: no estimates, no limits.
[<RequireQualifiedAccess>]
module FiniteSample =

    let private requireBatch (trainingSetSize: int64) (batchSize: int64) draw =
        if trainingSetSize < 1L then
            invalidArg (nameof trainingSetSize) $"there is at least one example, not {trainingSetSize}"

        if batchSize < 1L || (draw = BatchDraw.WithoutReplacement && batchSize > trainingSetSize) then
            invalidArg (nameof batchSize) $"a batch has 1 … {trainingSetSize} examples, not {batchSize}"

    /// <summary>f in Cov(ĝ_B) = f·S, S the covariance of the examples' gradients with denominator N: (N − B)/((N − 1)·B) without replacement,
    /// 1/B with. With denominator N − 1 instead the first is (1/B)·(1 − B/N). (P6 Eq. 21; P2 after Eq. 11)</summary>
    /// <param name="draw">how the batch is drawn</param>
    /// <param name="trainingSetSize">N, examples</param>
    /// <param name="batchSize">B, examples; at most N without replacement</param>
    /// <exception cref="T:System.ArgumentException">N is below 1, or B out of range.</exception>
    [<Source(Paper.P6, "Eq. 21")>]
    [<Source(Paper.P2, "after Eq. 11")>]
    let covarianceFactor (draw: BatchDraw) (trainingSetSize: int64) (batchSize: int64) : float =
        requireBatch trainingSetSize batchSize draw

        match draw with
        | BatchDraw.WithReplacement -> 1.0 / float batchSize
        | BatchDraw.WithoutReplacement when trainingSetSize = 1L -> 0.0
        | BatchDraw.WithoutReplacement -> float (trainingSetSize - batchSize) / float (trainingSetSize - 1L) / float batchSize

    /// <summary>E‖ĝ_B‖² = ‖G‖² + f·Γ, the mean squared norm of a minibatch's gradient.</summary>
    /// <param name="draw">how the batch is drawn</param>
    /// <param name="batchSize">B, examples</param>
    /// <param name="moments">of the N examples</param>
    let minibatchSquaredNorm (draw: BatchDraw) (batchSize: int64) (moments: GradientMoments) : float =
        moments.SquaredNorm + covarianceFactor draw (int64 moments.Count) batchSize * moments.Gamma

    let private checkedMoments count squaredNorm gamma =
        if count < 2 then Error(NoiseError.TooFew count)
        elif not (Double.IsFinite squaredNorm) then Error(NoiseError.NotFinite "‖G‖²")
        elif not (Double.IsFinite gamma) then Error(NoiseError.NotFinite "Γ")
        else Ok { Count = count; SquaredNorm = squaredNorm; Gamma = max 0.0 gamma }

    /// <summary>The moments of gradients that are all in memory; centred before they are squared, so that nothing cancels.</summary>
    /// <param name="gradients">g_i in the rows, [N, p]</param>
    /// <returns>the moments, or that N is below 2 or a gradient not finite</returns>
    /// <exception cref="T:System.ArgumentException">It is not a matrix.</exception>
    let ofGradients (gradients: Tensor) : Result<GradientMoments, NoiseError> =
        if gradients.dim <> 2 then
            invalidArg (nameof gradients) $"gradients are [N, p], not in {gradients.dim} dimensions"

        dsharp.scope (fun () ->
            let mean = gradients.mean (0, keepDim = true)
            let centred = gradients - mean

            checkedMoments gradients.shape[0] (float ((mean * mean).sum())) (float ((centred * centred).sum()) / float gradients.shape[0]))

    /// <summary>The moments from squared norms alone: Γ = (1/N)·Σ ‖g_i‖² − ‖G‖². Where the gradients scarcely differ this loses digits to
    /// cancellation, which <c>ofGradients</c> does not.</summary>
    /// <param name="squaredNorms">‖g_i‖², one an example</param>
    /// <param name="squaredNormOfMean">‖G‖²</param>
    let ofNorms (squaredNorms: float[]) (squaredNormOfMean: float) : Result<GradientMoments, NoiseError> =
        let meanSquare = if squaredNorms.Length = 0 then 0.0 else Array.average squaredNorms
        checkedMoments squaredNorms.Length squaredNormOfMean (meanSquare - squaredNormOfMean)

    /// <summary>∇C and Γ from the losses of the examples, one gradient after the other in the memory of two.</summary>
    /// <param name="losses">the losses of the N examples</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">There is no example.</exception>
    let meanAndGamma (losses: Loss[]) (w: Tensor[]) : Tensor[] * float =
        if losses.Length = 0 then
            invalidArg (nameof losses) "there is at least one example"

        // one pass, Welford's update: no gradient but the running mean is kept, and nothing cancels
        let mutable mean = Parameters.zerosLike w
        let mutable sum = 0.0

        losses
        |> Array.iteri (fun i loss ->
            let next, added =
                dsharp.scope (fun () ->
                    let difference = Parameters.addScaled -1.0 (dsharp.grads loss w) mean
                    let next = Parameters.addScaled (1.0 / float (i + 1)) mean difference
                    next, Parameters.squaredNorm difference * (float i / float (i + 1)))

            mean <- next
            sum <- sum + float added)

        mean, sum / float losses.Length

    /// <summary>The moments from the losses of the examples, one gradient after the other in the memory of two.</summary>
    /// <param name="losses">the losses of the N examples</param>
    /// <param name="w">the parameters</param>
    let ofLosses (losses: Loss[]) (w: Tensor[]) : Result<GradientMoments, NoiseError> =
        if losses.Length < 2 then
            Error(NoiseError.TooFew losses.Length)
        else
            let mean, gamma = meanAndGamma losses w
            checkedMoments losses.Length (float (Parameters.squaredNorm mean)) gamma
