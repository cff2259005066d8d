namespace NoiseScale.Theory

open NoiseScale.Sources
open DiffSharp

/// <summary>A model, a pure function of parameters and inputs, with the data it is to explain.</summary>
/// <remarks>Each example's outputs depend on its own inputs only: no batch normalisation.</remarks>
type Problem =
    {
        /// w → x [N, …] → outputs [N, K], differentiable in w
        Predict: Tensor[] -> Tensor -> Tensor
        /// how outputs and targets give a cost
        Likelihood: Likelihood
        /// x, [N, …]
        Inputs: Tensor
        /// y, as the likelihood takes them
        Targets: Tensor
    }

    /// N.
    member this.Count: int = this.Inputs.shape[0]

/// A problem's losses, as functions of the parameters.
[<RequireQualifiedAccess>]
module Problem =

    /// <summary>A model and its data, checked.</summary>
    /// <param name="likelihood">how outputs and targets give a cost</param>
    /// <param name="predict">w → x [N, …] → outputs [N, K]</param>
    /// <param name="inputs">x [N, …], N at least 1</param>
    /// <param name="targets">y of the same N examples</param>
    /// <exception cref="T:System.ArgumentException">A target is out of range, an input is not finite, or their numbers differ; says which.</exception>
    let create (likelihood: Likelihood) (predict: Tensor[] -> Tensor -> Tensor) (inputs: Tensor) (targets: Tensor) : Problem =
        Likelihood.check likelihood targets

        if inputs.dim = 0 || inputs.shape[0] <> targets.shape[0] then
            invalidArg (nameof inputs) $"there are {targets.shape[0]} targets; the inputs have the shape {inputs.shape |> Array.toList}"

        if inputs.dtype.IsFloatingPoint && (inputs.hasnan () || inputs.hasinf ()) then
            invalidArg (nameof inputs) "an input is not finite"

        { Predict = predict
          Likelihood = likelihood
          Inputs = inputs
          Targets = targets }

    /// The costs −ln p(yᵢ | xᵢ, w) of all examples, [N], in nats.
    let costs (problem: Problem) (w: Tensor[]) : Tensor =
        Likelihood.costs problem.Likelihood (problem.Predict w problem.Inputs) problem.Targets

    /// <summary>C(w), the mean cost of an example.</summary>
    let meanLoss (problem: Problem) : Loss = fun w -> (costs problem w).mean()

    /// <summary>H(w) = Σᵢ −ln p(yᵢ | xᵢ, w), the summed cost. (P2, before Eq. 1)</summary>
    [<Source(Paper.P2, "before Eq. 1")>]
    let summedLoss (problem: Problem) : Loss = fun w -> (costs problem w).sum()

    /// <summary>The summed cost with the prior's: H(w) + (λ/2)‖w‖². (P2 Eq. 1)</summary>
    /// <param name="lambda">λ, the prior's precision, 0 or more</param>
    /// <param name="problem">the problem</param>
    /// <param name="w">the parameters</param>
    [<Source(Paper.P2, "Eq. 1")>]
    let summedLossWithPrior (lambda: float) (problem: Problem) : Loss =
        fun w -> (costs problem w).sum() + Parameters.squaredNorm w * (lambda / 2.0)

    /// <summary>The problem of some of its examples.</summary>
    /// <param name="indices">0 … N − 1, in the order wanted; may repeat</param>
    /// <param name="problem">the problem</param>
    let select (indices: int seq) (problem: Problem) : Problem =
        let rows = dsharp.tensor (Array.ofSeq indices, dtype = Dtype.Int64, device = problem.Inputs.device)

        { problem with
            Inputs = problem.Inputs.indexSelect (0, rows)
            Targets = problem.Targets.indexSelect (0, rows) }

    /// <summary>The cost of one example, as a loss.</summary>
    /// <param name="i">0 … N − 1</param>
    /// <param name="problem">the problem</param>
    let exampleLoss (i: int) (problem: Problem) : Loss = summedLoss (select [ i ] problem)
