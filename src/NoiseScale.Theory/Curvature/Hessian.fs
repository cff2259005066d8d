namespace NoiseScale.Theory.Curvature

open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// <summary>The Hessian ∇∇C of a loss at a point, as an operator on all parameters one after the other.</summary>
[<RequireQualifiedAccess>]
module Hessian =

    /// <summary>v → ∇∇C(w)·v, exact: a gradient and a reverse pass through it.</summary>
    /// <param name="loss">C, twice differentiable</param>
    /// <param name="w">the parameters, p numbers in all</param>
    /// <returns>on [p], in the order of <c>Parameters.flatten</c></returns>
    /// <exception cref="T:System.ArgumentException">There are no parameters.</exception>
    let ofLoss (loss: Loss) (w: Tensor[]) : SymmetricOperator =
        let flat = Parameters.flatten w

        let apply (v: Tensor) =
            let _, _, product = dsharp.fgradhessiansv loss w (Parameters.unflatten w (v.cast flat.dtype))
            Parameters.flatten product

        SymmetricOperator.create flat.nelement flat.dtype flat.device apply
        // the gradient's graph is shared by all rows
        |> SymmetricOperator.withMatrix (fun () -> dsharp.hessian (fun flat -> loss (Parameters.unflatten w flat)) flat)

    /// <summary>The Hessian of the mean cost of an example, ∇∇(1/N) Σᵢ −ln p(yᵢ | xᵢ, w).</summary>
    /// <param name="problem">model and data</param>
    /// <param name="w">the parameters</param>
    let ofMeanLoss (problem: Problem) (w: Tensor[]) : SymmetricOperator = ofLoss (Problem.meanLoss problem) w

    /// <summary>The Hessian of the summed cost, ∇∇H(w), H = Σᵢ −ln p(yᵢ | xᵢ, w). (P2, before Eq. 1)</summary>
    /// <param name="problem">model and data</param>
    /// <param name="w">the parameters</param>
    [<Source(Paper.P2, "before Eq. 1")>]
    let ofSummedLoss (problem: Problem) (w: Tensor[]) : SymmetricOperator = ofLoss (Problem.summedLoss problem) w
