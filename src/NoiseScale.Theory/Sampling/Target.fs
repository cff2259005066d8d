namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory.Evidence

/// <summary>What a sampler samples: the density e^{−C(w)/T} of parameters w [p], C the cost <em>summed</em> over N examples, with the prior's. (P3 section 2)</summary>
/// <remarks>All functions take the positions of many chains at once, [chains, p], and give each chain's own value: chains never mix.</remarks>
[<Source(Paper.P3, "section 2")>]
type Target =
    {
        /// p
        Parameters: int
        /// N; learning rates are those of the mean cost C/N
        Examples: int
        /// w [chains, p] → C [chains], differentiable; in nats
        Cost: Tensor -> Tensor
        /// w [chains, p] → ∇C [chains, p]
        Gradient: Tensor -> Tensor
        /// w [chains, p] → indices [chains, B] → the minibatch's estimate of ∇C, (N/B)·Σ_{i in batch} ∇ℓᵢ + ∇prior, [chains, p]; where the cost is a sum
        BatchGradient: (Tensor -> Tensor -> Tensor) option
        /// w [chains, p] → ∇ℓᵢ of every example, without the prior, [chains, N, p]; where the cost is a sum
        ExampleGradients: (Tensor -> Tensor) option
    }

/// Targets from plain functions, and the prior of a target.
[<RequireQualifiedAccess>]
module Target =

    /// ∇ of a function that treats chains one by one.
    let private gradientOf (cost: Tensor -> Tensor) (w: Tensor) : Tensor = dsharp.grad (fun w -> (cost w).sum()) w

    let private requireCounts parameters examples =
        if parameters < 1 then
            invalidArg (nameof parameters) $"there is at least one parameter, not {parameters}"

        if examples < 1 then
            invalidArg (nameof examples) $"there is at least one example, not {examples}"

    /// <summary>The target of any cost: ∇C by reverse-mode differentiation of ΣC over chains, which are independent.</summary>
    /// <param name="parameters">p, at least 1</param>
    /// <param name="examples">N, at least 1; 1 for a cost that is no sum: then the learning rate is that of C itself</param>
    /// <param name="cost">w [chains, p] → C [chains], summed over examples, of tensor operations</param>
    /// <exception cref="T:System.ArgumentException">p or N is below 1.</exception>
    let ofCost (parameters: int) (examples: int) (cost: Tensor -> Tensor) : Target =
        requireCounts parameters examples

        { Parameters = parameters
          Examples = examples
          Cost = cost
          Gradient = gradientOf cost
          BatchGradient = None
          ExampleGradients = None }

    /// <summary>The target of a sum of examples' costs, of which minibatches can be taken: every gradient by differentiation.</summary>
    /// <param name="parameters">p, at least 1</param>
    /// <param name="examples">N, at least 1</param>
    /// <param name="costs">w [chains, p] → indices [chains, n] of examples → their costs ℓ [chains, n]</param>
    /// <exception cref="T:System.ArgumentException">p or N is below 1.</exception>
    let ofExampleCosts (parameters: int) (examples: int) (costs: Tensor -> Tensor -> Tensor) : Target =
        requireCounts parameters examples

        let all (w: Tensor) =
            (dsharp.arange (examples, dtype = Dtype.Int64, device = w.device)).unsqueeze(0).expand [ w.shape[0]; examples ]

        let cost w = (costs w (all w)).sum 1

        // one pass for each example: the column's gradient is that of its sum over chains
        let exampleGradients (w: Tensor) =
            dsharp.stack (
                [| for i in 0 .. examples - 1 ->
                       let only = dsharp.full ([ w.shape[0]; 1 ], i, dtype = Dtype.Int64, device = w.device)
                       gradientOf (fun w -> (costs w only).sum 1) w |],
                dim = 1
            )

        { Parameters = parameters
          Examples = examples
          Cost = cost
          Gradient = gradientOf cost
          BatchGradient =
            Some(fun w indices ->
                let weight = float examples / float indices.shape[1]
                gradientOf (fun w -> (costs w indices).sum 1 * weight) w)
          ExampleGradients = Some exampleGradients }

    /// <summary>A target with a normal prior's cost added, ½ wᵀΛw, once: it is no part of any example. (P2 Eq. 1; P3's λR with R = ½‖w‖²)</summary>
    /// <param name="prior">Λ, of the summed cost</param>
    /// <param name="target">the cost without it</param>
    /// <exception cref="T:System.ArgumentException">The prior is for another number of parameters.</exception>
    [<Source(Paper.P2, "Eq. 1")>]
    let withPrior (prior: Prior) (target: Target) : Target =
        Prior.requireSize target.Parameters prior
        let times (w: Tensor) = (Prior.times prior (w.transpose ())).transpose()

        { target with
            Cost = fun w -> target.Cost w + (w * times w).sum 1 * 0.5
            Gradient = fun w -> target.Gradient w + times w
            BatchGradient = target.BatchGradient |> Option.map (fun gradient w indices -> gradient w indices + times w) }
