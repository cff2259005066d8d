namespace NoiseScale.Theory.Curvature

open DiffSharp
open NoiseScale.Theory

/// Whether the mean is taken from per-example gradients.
[<RequireQualifiedAccess>]
type Centring =
    /// gᵢ as they are: second moments
    | None
    /// gᵢ − ḡ: covariances
    | Mean

/// <summary>The Gram matrix K_ij = ⟨gᵢ, gⱼ⟩ of per-example gradients, [N, N]. Its eigenvalues that are not 0 are those of Σᵢ gᵢgᵢᵀ, which is
/// [p, p]: divide by N or N − 1 for the second moment or covariance of that denominator.</summary>
[<RequireQualifiedAccess>]
module PerExampleGram =

    let private centre centring (gradients: Tensor) =
        match centring with
        | Centring.None -> gradients
        | Centring.Mean -> gradients - gradients.mean (0, keepDim = true)

    /// <summary>Of gradients held whole.</summary>
    /// <param name="centring">whether their mean is taken away first</param>
    /// <param name="gradients">[N, p]</param>
    /// <exception cref="T:System.ArgumentException">They are no matrix.</exception>
    let ofGradients (centring: Centring) (gradients: Tensor) : SymmetricOperator =
        if gradients.dim <> 2 then
            invalidArg (nameof gradients) $"per-example gradients are [N, p], not {List.ofArray gradients.shape}"

        let g = centre centring gradients

        SymmetricOperator.createForBlocks g.shape[0] g.dtype g.device (fun v -> g.matmul (g.transpose().matmul v))
        |> SymmetricOperator.withMatrix (fun () -> g.matmul (g.transpose ()))

    /// <summary>Of gradients known by two products: for as many examples as memory would not hold.</summary>
    /// <param name="centring">whether their mean is taken away first</param>
    /// <param name="examples">N</param>
    /// <param name="dtype">the element type of the products</param>
    /// <param name="device">where they live</param>
    /// <param name="combine">u [N] → Σᵢ uᵢgᵢ [p]: the gradient of the examples' costs weighted by u</param>
    /// <param name="project">v [p] → ⟨gᵢ, v⟩ [N]: the derivatives of their costs along v</param>
    let ofProducts
        (centring: Centring)
        (examples: int)
        (dtype: Dtype)
        (device: Device)
        (combine: Tensor -> Tensor)
        (project: Tensor -> Tensor)
        : SymmetricOperator =
        let less (u: Tensor) =
            match centring with
            | Centring.None -> u
            | Centring.Mean -> u - u.mean ()

        SymmetricOperator.create examples dtype device (fun u -> less (project (combine (less u))))

    /// <summary>Of a problem's examples at a point.</summary>
    /// <param name="centring">whether the mean gradient is taken away first</param>
    /// <param name="problem">model and data</param>
    /// <param name="w">the parameters</param>
    let ofProblem (centring: Centring) (problem: Problem) (w: Tensor[]) : SymmetricOperator =
        let flat = Parameters.flatten w
        let costs (flat: Tensor) = Problem.costs problem (Parameters.unflatten w flat)
        ofProducts centring problem.Count flat.dtype flat.device (dsharp.jacobianTv costs flat) (dsharp.jacobianv costs flat)
