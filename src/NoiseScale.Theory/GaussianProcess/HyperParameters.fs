namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.LinearAlgebra.Double
open MathNet.Numerics.Optimization

/// How hyper-parameters are chosen by the evidence.
type EvidenceSearch =
    {
        /// searches from random starts, besides the one from the given hyper-parameters
        Restarts: int
        /// standard deviation of the starts around the given hyper-parameters, in their logarithms
        Spread: float
        /// of the starts
        Seed: int
        /// at a maximum every derivative of ln p(y) with respect to a logarithm is at most this, in nats
        GradientTolerance: float
        /// of the quasi-Newton method, each search
        MostIterations: int
        /// which may move, by the names of <c>HyperParameters.named</c>
        Free: string -> bool
    }

    /// Four restarts within a factor of e or so, derivatives to 1e-4 nats, all hyper-parameters free.
    static member Default =
        { Restarts = 4
          Spread = 1.0
          Seed = 0
          GradientTolerance = 1e-4
          MostIterations = 200
          Free = fun _ -> true }

/// One search for the maximum of the evidence.
type EvidenceAscent =
    {
        /// the hyper-parameters it began with
        Start: float list
        /// those of the largest evidence it met
        Found: float list
        /// ln p(y) there, in nats; −∞ where it met no model at all
        LogEvidence: float
        /// the largest |∂ ln p(y)/∂ ln θ| there
        LargestDerivative: float
        /// whether that is within the tolerance
        Converged: bool
        /// how often the evidence was computed
        Evaluations: int
        /// what stopped it
        Stopped: string
    }

/// The hyper-parameters of the largest evidence, and how they were found.
type EvidenceMaximum =
    {
        /// the process with them, conditioned on the data
        Model: GpRegression
        /// the search that found them
        Best: EvidenceAscent
        /// all, in the order in which they were made; the first from the given hyper-parameters
        Searches: EvidenceAscent list
    }

/// Where a search asks for the evidence of hyper-parameters with which there is no model.
exception internal NoModelThere of reason: string

/// <summary>Hyper-parameters by the evidence, ln p(y | θ): type-II maximum likelihood, empirical Bayes. (Rasmussen and Williams 2006, section 5.4)</summary>
[<Source(Paper.Rasmussen2006, "section 5.4")>]
[<RequireQualifiedAccess>]
module HyperParameters =

    /// <summary>The hyper-parameters of a model with their names: the kernel's, then noiseVariance where it is not 0.</summary>
    /// <param name="kernel">the kernel</param>
    /// <param name="noiseVariance">σ²</param>
    let named (kernel: Kernel) (noiseVariance: float) : (string * float) list =
        Kernel.parameters kernel @ (if noiseVariance > 0.0 then [ "noiseVariance", noiseVariance ] else [])

    let private modelOf kernel noiseVariance x y (values: float list) =
        let count = (Kernel.parameters kernel).Length
        let ofKernel, ofNoise = List.splitAt count values

        GpRegression.fit
            (Kernel.withParameters ofKernel kernel)
            (match ofNoise with
             | [ v ] -> v
             | _ -> noiseVariance)
            x
            y

    /// A climb by MathNet's quasi-Newton method (Broyden, Fletcher, Goldfarb, Shanno), with the best point that it has met.
    let private ascend (search: EvidenceSearch) fit (names: string list) (start: float list) : EvidenceAscent =
        let free =
            [| for i, name in List.indexed names do
                   if search.Free name then
                       i |]

        let all (logs: Vector<float>) =
            let values = Array.ofList start
            free |> Array.iteri (fun k i -> values[i] <- exp logs[k])
            List.ofArray values

        let mutable best = start, Double.NegativeInfinity, Double.PositiveInfinity
        let mutable evaluations = 0
        let mutable remaining = search.MostIterations

        // where the evidence has no maximum, line searches would go on for ever
        let mostEvaluations = 5 * search.MostIterations

        let descent (logs: Vector<float>) =
            if evaluations >= mostEvaluations then
                remaining <- 0
                raise (NoModelThere $"{evaluations} evaluations did not find a maximum")

            evaluations <- evaluations + 1

            // beyond e^±50 numbers overflow in products: no model is there
            if logs |> Seq.exists (fun v -> not (abs v < 50.0)) then
                raise (NoModelThere "a hyper-parameter left the range of numbers")

            let values = all logs

            match fit values with
            | Error(error: GaussianProcessError) -> raise (NoModelThere(string error))
            | Ok(model: GpRegression) ->
                dsharp.scope (fun () ->
                    let gradient = GpRegression.logEvidenceGradient model
                    let evidence = model.LogEvidence
                    let slopes = free |> Array.map (fun i -> gradient[i])
                    let steepest = slopes |> Array.fold (fun most slope -> max most (abs slope)) 0.0
                    let _, highest, _ = best

                    if evidence > highest then
                        best <- values, evidence, steepest

                    struct (-evidence, DenseVector.OfEnumerable(slopes |> Seq.map (~-)) :> Vector<float>))

        // One run of the minimiser. Where its line search fails the curvature it has gathered is at fault: it begins anew at the best point, while that helps.
        let rec run (from: float list) =
            let _, before, _ = best

            let reason =
                try
                    let logs: Vector<float> = DenseVector.OfEnumerable(free |> Seq.map (fun i -> log from[i]))
                    let struct (first, _) = descent logs
                    // MathNet's tolerance is relative to the objective, and ours is not; too small a one costs a few steps only
                    let tolerance = 0.01 * search.GradientTolerance / max 1.0 (abs first)
                    let minimiser = BfgsMinimizer(tolerance, 1e-14, 0.0, remaining)
                    let found = minimiser.FindMinimum(ObjectiveFunction.Gradient(Func<_, _> descent), logs)
                    remaining <- remaining - found.Iterations
                    string found.ReasonForExit
                with
                | NoModelThere reason ->
                    // five times at the edge of what can be computed: the evidence has no maximum inside
                    remaining <- remaining - max 1 (search.MostIterations / 5)
                    reason
                | :? MaximumIterationsException as failure ->
                    remaining <- 0
                    failure.Message
                | :? OptimizationException as failure ->
                    // it does not say how many steps it took
                    remaining <- remaining - 10
                    failure.Message

            let values, after, steepest = best

            if steepest > search.GradientTolerance && remaining > 0 && after > before + 1e-9 then
                run values
            else
                reason

        let stopped =
            if free.Length = 0 then
                descent (DenseVector.Create(0, 0.0)) |> ignore
                "nothing was free"
            else
                run start

        let found, evidence, steepest = best

        { Start = start
          Found = found
          LogEvidence = evidence
          LargestDerivative = steepest
          Converged = steepest <= search.GradientTolerance
          Evaluations = evaluations
          Stopped = stopped }

    let private requireSearch (search: EvidenceSearch) =
        if search.Restarts < 0 || search.MostIterations < 1 || not (search.Spread >= 0.0 && search.GradientTolerance > 0.0) then
            invalidArg
                (nameof search)
                $"restarts and spread are not negative, iterations and the tolerance positive, not {search.Restarts}, {search.Spread}, {search.MostIterations} and {search.GradientTolerance}"

    /// <summary>The hyper-parameters that maximise the evidence: searches from the given ones and from random ones around them, the best of them.</summary>
    /// <param name="search">how; whether a search converged is in the result</param>
    /// <param name="kernel">its form, and where to begin</param>
    /// <param name="noiseVariance">σ², where to begin; 0 stays 0</param>
    /// <param name="x">[n, d], or [n] for d = 1</param>
    /// <param name="y">[n]</param>
    /// <returns>the best model with all searches, or why there was no model at the given hyper-parameters</returns>
    /// <exception cref="T:System.ArgumentException">As <c>GpRegression.fit</c>, or the search's numbers are out of range.</exception>
    let maximiseEvidence
        (search: EvidenceSearch)
        (kernel: Kernel)
        (noiseVariance: float)
        (x: Tensor)
        (y: Tensor)
        : Result<EvidenceMaximum, GaussianProcessError> =
        requireSearch search
        let names, given = named kernel noiseVariance |> List.unzip
        let random = Random search.Seed

        // a sum of twelve uniform numbers is normal enough to begin from
        let normal () = (Seq.init 12 (fun _ -> random.NextDouble()) |> Seq.sum) - 6.0

        let starts =
            [ yield given
              for _ in 1 .. search.Restarts do
                  yield
                      List.zip names given
                      |> List.map (fun (name, value) -> if search.Free name then value * exp (search.Spread * normal ()) else value) ]

        dsharp.scope (fun () ->
            match GpRegression.fit kernel noiseVariance x y with
            | Error error -> Error error
            | Ok first ->
                let fit values = modelOf kernel noiseVariance first.X first.Y values
                let searches = starts |> List.map (ascend search fit names)
                let best = searches |> List.maxBy _.LogEvidence
                fit best.Found |> Result.map (fun model -> { Model = model; Best = best; Searches = searches }))
