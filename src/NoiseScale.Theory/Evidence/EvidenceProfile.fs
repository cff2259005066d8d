namespace NoiseScale.Theory.Evidence

open System
open NoiseScale.Sources
open DiffSharp

/// A linear model fitted and weighed at one λ.
type ProfilePoint =
    {
        /// λ
        Lambda: float
        /// ω₀ with its certificate
        Minimum: LinearMinimum
        /// the evidence there
        Report: EvidenceReport
    }

/// What an evidence profile needs to know, besides model and λ.
type ProfileOptions =
    {
        /// how the model is fitted
        Solver: SolverOptions
        /// how it is weighed; the curvature does not matter: a linear model's Hessian is its Gauss–Newton matrix
        Laplace: LaplaceOptions
    }

    /// The defaults of both.
    static member Default = { Solver = SolverOptions.Default; Laplace = LaplaceOptions.Default }

/// <summary>The evidence of linear models as a function of λ, and the λ of most evidence. (P2 Figs. 1b and 2b; MacKay 1992)</summary>
[<Source(Paper.P2, "Figs. 1b and 2b")>]
[<Source(Paper.MacKay1992)>]
[<RequireQualifiedAccess>]
module EvidenceProfile =

    /// <summary>The evidence of a linear model at a minimum of its cost.</summary>
    /// <param name="options">how</param>
    /// <param name="prior">over its weights</param>
    /// <param name="model">the model</param>
    /// <param name="minimum">of its cost with that prior</param>
    /// <returns>the evidence, or why there is none</returns>
    let weigh
        (options: LaplaceOptions)
        (prior: Prior)
        (model: LinearModel)
        (minimum: LinearMinimum)
        : Result<EvidenceReport, EvidenceError> =
        let _, gradient = LinearModel.costAndGradient model minimum.Weights

        Laplace.ofPoint
            // the model has no curvature of its own
            { options with Curvature = EvidenceCurvature.GaussNewton }
            prior
            { Examples = model.Examples
              DataCost = minimum.DataCost
              Parameters = minimum.Weights.view -1
              DataGradient = gradient.view -1
              Curvature = LinearModel.hessian model minimum.Weights
              NullCost = NoiseScale.Theory.Likelihood.nullCost model.Likelihood |> Option.map (fun cost -> float model.Examples * cost) }

    let private pointFrom (options: ProfileOptions) (start: Tensor) (model: LinearModel) (lambda: float) =
        let prior = Prior.OfPrecision lambda

        match ConvexSolver.minimiseFrom options.Solver start prior model with
        | Error reached -> Error(EvidenceError.NotSolved(reached.CostGap, options.Solver.Tolerance * max 1.0 (abs reached.Cost)))
        | Ok minimum ->
            weigh options.Laplace prior model minimum
            |> Result.map (fun report -> { Lambda = lambda; Minimum = minimum; Report = report })

    /// <summary>A linear model fitted and weighed at one λ.</summary>
    /// <param name="options">how</param>
    /// <param name="model">the model</param>
    /// <param name="lambda">λ, positive</param>
    /// <exception cref="T:System.ArgumentException">λ is not positive and finite.</exception>
    let point (options: ProfileOptions) (model: LinearModel) (lambda: float) : Result<ProfilePoint, EvidenceError> =
        pointFrom options (LinearModel.zero model) model lambda

    /// <summary>The evidence over a grid of λ, in the grid's order; every fit begins at the one of the next larger λ.</summary>
    /// <param name="options">how</param>
    /// <param name="model">the model</param>
    /// <param name="lambdas">positive, in any order</param>
    /// <returns>a point for each λ, or the first error with its λ</returns>
    /// <exception cref="T:System.ArgumentException">A λ is not positive and finite, or there is none.</exception>
    let overGrid (options: ProfileOptions) (model: LinearModel) (lambdas: float[]) : Result<ProfilePoint[], float * EvidenceError> =
        if lambdas.Length = 0 then
            invalidArg (nameof lambdas) "there is at least one λ"

        // refused before anything is computed
        lambdas |> Array.iter (fun lambda -> Prior.OfPrecision lambda |> ignore)

        let rec follow start found rest =
            match rest with
            | [] -> Ok(Map.ofList found)
            | lambda :: rest ->
                match pointFrom options start model lambda with
                | Error error -> Error(lambda, error)
                | Ok point -> follow point.Minimum.Weights ((lambda, point) :: found) rest

        lambdas
        |> Array.distinct
        |> Array.sortDescending
        |> List.ofArray
        |> follow (LinearModel.zero model) []
        |> Result.map (fun found -> lambdas |> Array.map (fun lambda -> found[lambda]))

    /// <summary>The λ of most evidence by golden sections of an interval of ln λ: right where the evidence has one maximum in it. (Kiefer 1953)</summary>
    /// <param name="options">how</param>
    /// <param name="tolerance">on ln λ: 0.01 is one per cent of λ</param>
    /// <param name="least">the interval's lower end</param>
    /// <param name="most">the interval's upper end</param>
    /// <param name="model">the model</param>
    /// <returns>the point of most evidence of all that were computed, and all of them by rising λ; the maximum is inside where it is not the first or last</returns>
    /// <exception cref="T:System.ArgumentException">The interval or the tolerance is out of range.</exception>
    let maximise
        (options: ProfileOptions)
        (tolerance: float)
        (least: float)
        (most: float)
        (model: LinearModel)
        : Result<ProfilePoint * ProfilePoint[], float * EvidenceError> =
        if not (tolerance > 0.0 && least > 0.0 && least < most && Double.IsFinite most) then
            invalidArg (nameof least) $"a search needs 0 < least < most and a positive tolerance, not {least}, {most} and {tolerance}"

        let value point = point.Report.LogEvidence.Value
        let golden = (sqrt 5.0 - 1.0) / 2.0

        let compute (near: ProfilePoint) x =
            pointFrom options near.Minimum.Weights model (exp x) |> Result.mapError (fun error -> exp x, error)

        // low < left < right < high, and the points at left and right
        let rec narrow low high (left: ProfilePoint) (right: ProfilePoint) found =
            if high - low <= tolerance then
                Ok found
            elif value left >= value right then
                let high = log right.Lambda

                compute left (high - golden * (high - low)) |> Result.bind (fun next -> narrow low high next left (next :: found))
            else
                let low = log left.Lambda

                compute right (low + golden * (high - low)) |> Result.bind (fun next -> narrow low high right next (next :: found))

        let low, high = log least, log most
        let inner = [| most; exp (low + golden * (high - low)); exp (high - golden * (high - low)); least |]

        overGrid options model inner
        |> Result.bind (fun start -> narrow low high start[2] start[1] (List.ofArray start))
        |> Result.map (fun found ->
            let all = found |> List.sortBy _.Lambda |> Array.ofList
            Array.maxBy value all, all)

    /// <summary>MacKay's fixed point λ ← γ/‖ω₀‖²: where d ln P/d ln λ = ½(γ − λ‖ω₀‖²) vanishes, but for the change of the Hessian with λ.</summary>
    /// <remarks>Exact for linear regression; for logistic and softmax regression the Hessian moves with ω₀, and the fixed point is near the maximum of the
    /// evidence, not at it.</remarks>
    /// <param name="options">how</param>
    /// <param name="tolerance">on ln λ</param>
    /// <param name="mostSteps">at most</param>
    /// <param name="start">λ to begin with</param>
    /// <param name="model">the model</param>
    /// <returns>the points it went through, the last of which does not move by more than the tolerance unless the steps ran out; at infinite λ, where the
    /// data determine nothing, it stops at the last point with γ > 0</returns>
    /// <exception cref="T:System.ArgumentException">λ or the tolerance is not positive, or there is no step.</exception>
    let fixedPoint
        (options: ProfileOptions)
        (tolerance: float)
        (mostSteps: int)
        (start: float)
        (model: LinearModel)
        : Result<ProfilePoint[], float * EvidenceError> =
        if not (tolerance > 0.0) || mostSteps < 1 then
            invalidArg (nameof tolerance) $"a tolerance is positive and there is at least one step, not {tolerance} and {mostSteps}"

        let rec follow weights lambda found =
            match pointFrom options weights model lambda with
            | Error error -> Error(lambda, error)
            | Ok point ->
                let found = point :: found
                // PriorCost = (λ/2)‖ω₀‖²
                let next = lambda * point.Report.EffectiveParameters.Value / (2.0 * point.Report.PriorCost)

                if List.length found >= mostSteps || not (Double.IsFinite next && next > 0.0) || abs (log (next / lambda)) <= tolerance then
                    Ok(found |> List.rev |> Array.ofList)
                else
                    follow point.Minimum.Weights next found

        follow (LinearModel.zero model) start []
