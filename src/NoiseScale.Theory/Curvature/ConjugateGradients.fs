namespace NoiseScale.Theory.Curvature

open System
open DiffSharp

/// What conjugate gradients reached.
type LinearSolution =
    {
        /// x, [p]
        Solution: Tensor
        /// ‖b − Ax‖, computed from x
        ResidualNorm: float
        /// steps: a product each, and one for the residual
        Iterations: int
    }

/// Why conjugate gradients stopped without a solution.
[<RequireQualifiedAccess>]
type LinearSolveError =
    /// A is not positive definite: dᵀAd/dᵀd is this along a direction d, [p], met after some steps; with the x so far
    | NegativeCurvature of curvature: float * direction: Tensor * reached: LinearSolution
    /// the residual is still above the tolerance
    | NotConverged of reached: LinearSolution

/// x, b − Ax as the recurrence has it, the direction d, rᵀP⁻¹r, and how many steps so far.
type internal ConjugateState = { X: Tensor; Rest: Tensor; Direction: Tensor; Product: float; Step: int }

/// <summary>Conjugate gradients for A x = b, A positive definite. (Hestenes and Stiefel 1952)</summary>
[<RequireQualifiedAccess>]
module ConjugateGradients =

    let private dot (a: Tensor) (b: Tensor) = dsharp.scope (fun () -> float (a.dot b))

    /// <summary>A⁻¹b, with a preconditioner.</summary>
    /// <param name="precondition">r → P⁻¹r, of a positive definite P near A</param>
    /// <param name="tolerance">‖b − Ax‖ ≤ tolerance·‖b‖ is a solution</param>
    /// <param name="mostIterations">steps at most</param>
    /// <param name="operator">A, on [p]</param>
    /// <param name="b">[p]</param>
    /// <exception cref="T:System.ArgumentException">b has another length or is not finite; tolerance or steps are out of range.</exception>
    let solveWith
        (precondition: Tensor -> Tensor)
        (tolerance: float)
        (mostIterations: int)
        (operator: SymmetricOperator)
        (b: Tensor)
        : Result<LinearSolution, LinearSolveError> =
        if b.shape <> [| operator.Size |] then
            invalidArg (nameof b) $"the right-hand side is a vector of {operator.Size}, not {List.ofArray b.shape}"

        if not (tolerance > 0.0 && tolerance < 1.0) then
            invalidArg (nameof tolerance) $"a tolerance is in (0, 1), not {tolerance}"

        if mostIterations < 1 then
            invalidArg (nameof mostIterations) $"there is at least one step, not {mostIterations}"

        let size = sqrt (dot b b)

        if not (Double.IsFinite size) then
            invalidArg (nameof b) "the right-hand side is not finite"

        let reached (x: Tensor) iterations =
            let rest = b - operator.Apply x

            { Solution = x; ResidualNorm = sqrt (dot rest rest); Iterations = iterations }

        let from k (x: Tensor) (r: Tensor) =
            let z = precondition r

            { X = x; Rest = r; Direction = z; Product = dot r z; Step = k }

        let finished state = sqrt (dot state.Rest state.Rest) <= tolerance * size || state.Step >= mostIterations

        // so many steps in one scope: every state is three vectors, which the scope frees
        let rec steps count (state: ConjugateState) =
            if count = 0 || finished state then
                Ok state
            else
                let product = operator.Apply state.Direction
                let curvature = dot state.Direction product

                if not (curvature > 0.0) then
                    Error(state, curvature / dot state.Direction state.Direction)
                else
                    let length = state.Product / curvature
                    let rest = state.Rest - product * length
                    let z = precondition rest
                    let rho = dot rest z

                    steps
                        (count - 1)
                        { X = state.X + state.Direction * length
                          Rest = rest
                          Direction = z + state.Direction * (rho / state.Product)
                          Product = rho
                          Step = state.Step + 1 }

        let rec run (state: ConjugateState) =
            match dsharp.scope (fun () -> steps 20 state) with
            | Error(state, curvature) -> Error(LinearSolveError.NegativeCurvature(curvature, state.Direction, reached state.X state.Step))
            | Ok state when not (finished state) -> run state
            | Ok state ->
                // the recurrence's residual drifts from the true one: believe the latter, and begin anew from it
                let found = reached state.X state.Step

                if found.ResidualNorm <= tolerance * size * (1.0 + 1e-6) then
                    Ok found
                elif state.Step >= mostIterations then
                    Error(LinearSolveError.NotConverged found)
                else
                    run (dsharp.scope (fun () -> from (state.Step + 1) state.X (b - operator.Apply state.X)))

        dsharp.scope (fun () ->
            if size = 0.0 then
                Ok(reached (b.zerosLike ()) 0)
            else
                run (from 0 (b.zerosLike ()) b))

    /// <summary>A⁻¹b.</summary>
    /// <param name="tolerance">‖b − Ax‖ ≤ tolerance·‖b‖ is a solution</param>
    /// <param name="mostIterations">steps at most; p would do in exact arithmetic</param>
    /// <param name="operator">A, on [p]</param>
    /// <param name="b">[p]</param>
    /// <exception cref="T:System.ArgumentException">b has another length or is not finite; tolerance or steps are out of range.</exception>
    let solve
        (tolerance: float)
        (mostIterations: int)
        (operator: SymmetricOperator)
        (b: Tensor)
        : Result<LinearSolution, LinearSolveError> =
        solveWith id tolerance mostIterations operator b
