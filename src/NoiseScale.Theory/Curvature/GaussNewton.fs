namespace NoiseScale.Theory.Curvature

open DiffSharp
open NoiseScale.Theory

/// Operators Σᵢ Jᵢᵀ Mᵢ Jᵢ: through the Jacobian of every example's outputs, a symmetric matrix there, and back.
module internal OutputSpace =

    /// z(w), the outputs of all examples, [N, K].
    let outputs (problem: Problem) (w: Tensor[]) : Tensor =
        let z = problem.Predict w problem.Inputs

        if z.dim <> 2 || z.shape[0] <> problem.Count then
            invalidArg
                (nameof problem)
                $"a model of {problem.Count} examples gives outputs [{problem.Count}, K], not {List.ofArray z.shape}"

        z

    /// v → Jᵀ M(J v), where middle computes M u of all examples from z and u, both [N, K].
    let sandwich (problem: Problem) (w: Tensor[]) (middle: Tensor -> Tensor -> Tensor) : SymmetricOperator =
        let flat = Parameters.flatten w
        let stacked (w': Tensor) = (outputs problem (Parameters.unflatten w w')).view -1

        let apply (v: Tensor) =
            let z, jv = dsharp.fjacobianv stacked flat (v.cast flat.dtype)
            let rows = [ problem.Count; z.nelement / problem.Count ]
            dsharp.jacobianTv stacked flat ((middle (z.view rows) (jv.view rows)).view -1)

        SymmetricOperator.create flat.nelement flat.dtype flat.device apply

/// <summary>The generalised Gauss–Newton matrix Σᵢ JᵢᵀΛᵢJᵢ, Jᵢ the Jacobian of an example's outputs, Λᵢ the curvature of its cost in them: the
/// Hessian without the curvature of the model, never with a negative eigenvalue. (Schraudolph 2002)</summary>
[<RequireQualifiedAccess>]
module GaussNewton =

    /// <summary>v → Σᵢ JᵢᵀΛᵢJᵢ v, of the summed cost.</summary>
    /// <param name="problem">model and data; the targets do not enter</param>
    /// <param name="w">the parameters, p numbers in all</param>
    /// <returns>on [p], in the order of <c>Parameters.flatten</c></returns>
    /// <exception cref="T:System.ArgumentException">There are no parameters, or the outputs are not [N, K].</exception>
    let ofSummedLoss (problem: Problem) (w: Tensor[]) : SymmetricOperator =
        OutputSpace.sandwich problem w (Likelihood.curvatureTimes problem.Likelihood)

    /// <summary>v → (1/N) Σᵢ JᵢᵀΛᵢJᵢ v, of the mean cost.</summary>
    /// <param name="problem">model and data; the targets do not enter</param>
    /// <param name="w">the parameters, p numbers in all</param>
    let ofMeanLoss (problem: Problem) (w: Tensor[]) : SymmetricOperator =
        SymmetricOperator.scale (1.0 / float problem.Count) (ofSummedLoss problem w)
