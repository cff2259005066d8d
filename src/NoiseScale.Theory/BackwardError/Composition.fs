namespace NoiseScale.Theory.BackwardError

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.GradientNoise

/// <summary>The mean over the composition of minibatches: N examples dealt at random into minibatches of B.</summary>
/// <remarks>(P6 Eqs. 21–22 and appendix A.)</remarks>
[<Source(Paper.P6, "Eqs. 21–22 and appendix A")>]
[<RequireQualifiedAccess>]
module Composition =

    /// <summary>Γ(w) = (1/N) Σ_i ‖∇C_i − ∇C‖², the trace of the covariance of the examples' gradients (denominator N).</summary>
    /// <param name="losses">the losses of the N examples</param>
    /// <param name="w">the parameters</param>
    /// <returns>∇C and Γ</returns>
    /// <exception cref="T:System.ArgumentException">There is no example.</exception>
    let gradientVariance (losses: Loss[]) (w: Tensor[]) : Tensor[] * float = FiniteSample.meanAndGamma losses w

    /// <summary>E‖∇Ĉ − ∇C‖² = (N − B)/(N − 1)·Γ/B: the variance of the gradient of a minibatch drawn without replacement. (P6 Eq. 21)</summary>
    /// <param name="trainingSetSize">N, examples</param>
    /// <param name="batchSize">B, examples, 1 … N</param>
    /// <param name="gamma">Γ</param>
    /// <exception cref="T:System.ArgumentException">B is outside 1 … N.</exception>
    [<Source(Paper.P6, "Eq. 21")>]
    let minibatchVariance (trainingSetSize: int64) (batchSize: int64) (gamma: float) : float =
        FiniteSample.covarianceFactor BatchDraw.WithoutReplacement trainingSetSize batchSize * gamma

    /// <summary>E C̃_SGD = C + (ε/4)·‖∇C‖² + (ε/4)·(N − B)/(N − 1)·Γ/B: the modified loss of SGD with random shuffling, averaged over the
    /// composition of the minibatches too. (P6 Eq. 22)</summary>
    /// <param name="trainingSetSize">N, examples</param>
    /// <param name="batchSize">B, examples, a divisor of N</param>
    /// <param name="learningRate">ε</param>
    /// <param name="loss">C(w)</param>
    /// <param name="gradientNorm">‖∇C(w)‖²</param>
    /// <param name="gamma">Γ(w)</param>
    /// <exception cref="T:System.ArgumentException">B does not divide N, or the rate is negative.</exception>
    [<Source(Paper.P6, "Eq. 22")>]
    let modifiedLoss
        (trainingSetSize: int64)
        (batchSize: int64)
        (learningRate: float)
        (loss: float)
        (gradientNorm: float)
        (gamma: float)
        : float =
        if not (Double.IsFinite learningRate && learningRate >= 0.0) then
            invalidArg (nameof learningRate) $"a learning rate is 0 or more and finite, not {learningRate}"

        if batchSize >= 1L && trainingSetSize % batchSize <> 0L then
            invalidArg (nameof batchSize) $"every epoch has the same minibatches: {batchSize} has to divide {trainingSetSize}"

        loss + learningRate / 4.0 * (gradientNorm + minibatchVariance trainingSetSize batchSize gamma)
