namespace NoiseScale.Theory.Evidence

open System
open DiffSharp
open NoiseScale.Theory.Curvature

/// The minimum of a linear model's cost with its prior, and the certificate that it is one.
type LinearMinimum =
    {
        /// ω₀, [d, K]
        Weights: Tensor
        /// H(ω₀), the summed cost
        DataCost: float
        /// C(ω₀) = H(ω₀) + ½ ω₀ᵀΛω₀
        Cost: float
        /// ‖∇C(ω₀)‖
        GradientNorm: float
        /// ½ ∇CᵀΛ⁻¹∇C, which is ‖∇C‖²/2λ: C(ω₀) − C* is at most this, for C is strongly convex with the prior's Λ
        CostGap: float
        /// Newton steps
        Iterations: int
        /// products of the Hessian with a vector; 0 where its matrix was solved with
        Products: int
    }

/// How a linear model is fitted.
type SolverOptions =
    {
        /// the bound of C − C* is to be at most this times max(1, C)
        Tolerance: float
        /// Newton steps at most
        MostIterations: int
        /// up to so many parameters Newton's equation is solved with the matrix, beyond with conjugate gradients
        LargestDense: int
    }

    /// 1e-14 of the cost, which Newton's method reaches a step after 1e-7, 200 steps, the matrix up to 2,000 parameters.
    static member Default = { Tolerance = 1e-14; MostIterations = 200; LargestDense = 2000 }

/// <summary>Newton's method with a line search on C(ω) = H(ω) + ½ ωᵀΛω of a linear model: convex, so that the gradient certifies the minimum. Separable
/// data have one too: the prior sees to it.</summary>
[<RequireQualifiedAccess>]
module ConvexSolver =

    let private dot (a: Tensor) (b: Tensor) = dsharp.scope (fun () -> float ((a * b).sum()))

    /// C, H, ∇C and ½∇CᵀΛ⁻¹∇C at a point.
    type private State = { W: Tensor; Data: float; Total: float; Gradient: Tensor; Gap: float }

    let private at (prior: Prior) (model: LinearModel) (w: Tensor) =
        dsharp.scope (fun () ->
            let flat = w.view -1
            let data, gradient = LinearModel.costAndGradient model w
            let gradient = gradient.view -1 + Prior.times prior flat

            { W = w
              Data = data
              Total = data + float (Prior.cost prior flat)
              Gradient = gradient
              Gap = 0.5 * dot gradient (Prior.divide prior gradient) })

    let private minimum iterations products (state: State) =
        { Weights = state.W
          DataCost = state.Data
          Cost = state.Total
          GradientNorm = sqrt (dot state.Gradient state.Gradient)
          CostGap = state.Gap
          Iterations = iterations
          Products = products }

    /// −A⁻¹∇C, A = ∇∇H + Λ, and the products it took.
    let private newtonDirection (options: SolverOptions) (prior: Prior) (model: LinearModel) (first: float) (state: State) =
        dsharp.scope (fun () ->
            let hessian = LinearModel.hessian model state.W

            if hessian.Size <= options.LargestDense then
                let identity = dsharp.eye (hessian.Size, dtype = hessian.Dtype, device = hessian.Device)
                let matrix = hessian.ToMatrix() + Prior.times prior identity
                -(matrix.solve state.Gradient), 0
            else
                let total =
                    SymmetricOperator.createForBlocks hessian.Size hessian.Dtype hessian.Device (fun v ->
                        hessian.Apply v + Prior.times prior v)

                // as exact as the Newton step deserves: superlinear convergence (Dembo, Eisenstat and Steihaug 1982)
                let tolerance = min 0.3 (sqrt (state.Gap / first)) |> max 1e-8

                let diagonal =
                    (LinearModel.hessianDiagonal model state.W).view -1 + Prior.times prior (state.Gradient.onesLike ())

                match ConjugateGradients.solveWith (fun r -> r / diagonal) tolerance 1000 total state.Gradient with
                | Ok solution -> -solution.Solution, solution.Iterations + 1
                | Error(LinearSolveError.NotConverged reached)
                | Error(LinearSolveError.NegativeCurvature(_, _, reached)) -> -reached.Solution, reached.Iterations + 1)

    /// The first of 1, ½, ¼, … whose cost falls enough; none where it does not fall at all.
    let private search prior model (state: State) (direction: Tensor) =
        let slope = dot state.Gradient direction

        let rec attempt (length: float) =
            if length < 1e-10 then
                None
            else
                let next = dsharp.scope (fun () -> at prior model (state.W + (direction * length).view state.W.shape))

                // near the minimum costs differ by rounding only; there the gradient tells
                let enough = state.Total + 1e-4 * length * slope
                let rounding = 1e-14 * abs state.Total

                if next.Total <= enough || (next.Total <= state.Total + rounding && next.Gap < state.Gap) then
                    Some next
                else
                    attempt (length / 2.0)

        if slope < 0.0 then attempt 1.0 else None

    /// <summary>The minimum, from given weights.</summary>
    /// <param name="options">when to stop, and how</param>
    /// <param name="start">ω, [d, K]: any</param>
    /// <param name="prior">over the d·K weights</param>
    /// <param name="model">model and data</param>
    /// <returns>the minimum with its certificate, or where it stopped without one</returns>
    /// <exception cref="T:System.ArgumentException">The start has another shape, the prior is over another number, or the options are out of range.</exception>
    let minimiseFrom (options: SolverOptions) (start: Tensor) (prior: Prior) (model: LinearModel) : Result<LinearMinimum, LinearMinimum> =
        if not (options.Tolerance > 0.0 && options.MostIterations >= 1) then
            invalidArg
                (nameof options)
                $"a tolerance is positive and there is at least one step, not {options.Tolerance} and {options.MostIterations}"

        Prior.requireSize model.Parameters prior

        if start.shape <> (LinearModel.zero model).shape then
            invalidArg (nameof start) $"weights are {List.ofArray (LinearModel.zero model).shape}, not {List.ofArray start.shape}"

        let first = at prior model (start.cast Dtype.Float64)
        let solved (state: State) = state.Gap <= options.Tolerance * max 1.0 (abs state.Total)

        let rec iterate k products (state: State) =
            if solved state then
                Ok(minimum k products state)
            elif k >= options.MostIterations then
                Error(minimum k products state)
            else
                let next, used =
                    dsharp.scope (fun () ->
                        let direction, used = newtonDirection options prior model first.Gap state

                        // an equation too ill-conditioned to give a descent: the gradient always is one
                        match search prior model state direction with
                        | Some next -> Some next, used
                        | None -> search prior model state (-(Prior.divide prior state.Gradient)), used)

                match next with
                | Some next -> iterate (k + 1) (products + used) next
                | None -> Error(minimum k (products + used) state)

        dsharp.scope (fun () -> iterate 0 0 first)

    /// <summary>The minimum, from no weights.</summary>
    /// <param name="options">when to stop, and how</param>
    /// <param name="prior">over the d·K weights</param>
    /// <param name="model">model and data</param>
    /// <returns>the minimum with its certificate, or where it stopped without one</returns>
    /// <exception cref="T:System.ArgumentException">The prior is over another number of weights, or the options are out of range.</exception>
    let minimise (options: SolverOptions) (prior: Prior) (model: LinearModel) : Result<LinearMinimum, LinearMinimum> =
        minimiseFrom options (LinearModel.zero model) prior model
