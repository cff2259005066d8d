/// Networks at minima that training found, models of many parameters, single precision, and memory.
module NoiseScale.Theory.Tests.NetworkTests

open System
open Expecto
open DiffSharp
open TorchSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.LaplaceTests
open NoiseScale.Theory.Tests.Property

let private options = LaplaceOptions.Default
let private lambda = 0.2
let private prior = Prior.OfPrecision lambda

/// Points inside and outside a circle, a few labels wrong: 13 parameters.
let private circle =
    lazy
        (let x = normal 1 [ 60; 2 ]
         let inside = ((x * x).sum 1).lt 1.2

         let wrong =
             (dsharp.rand ([ 60 ], dtype = Dtype.Float64, device = Device.CPU, generator = generator 2)).lt 0.1

         let y = (inside.cast Dtype.Int64 + wrong.cast Dtype.Int64).cast Dtype.Float64
         let y = (y.eq 1.0).cast Dtype.Int64
         Problem.create Likelihood.Bernoulli network x y)

/// Gradient descent on the summed cost with the prior.
let private descend steps (problem: Problem) (w: Tensor[]) =
    let loss = Problem.summedLossWithPrior lambda problem
    let step (w: Tensor[]) _ = dsharp.scope (fun () -> Parameters.addScaled -0.02 w (dsharp.grads loss w))
    Seq.fold step w (seq { 1..steps })

/// Newton steps from a point near a minimum: a minimum to rounding.
let private polish (problem: Problem) (w: Tensor[]) =
    let loss = Problem.summedLossWithPrior lambda problem

    let step (w: Tensor[]) _ =
        let matrix = (Hessian.ofLoss loss w).ToMatrix()
        let direction = matrix.solve (Parameters.flatten (dsharp.grads loss w))
        Parameters.addScaled -1.0 w (Parameters.unflatten w direction)

    Seq.fold step w (seq { 1..6 })

let private trained = lazy (descend 4000 circle.Value (networkWeights 3 2 3 1) |> polish circle.Value)

let private networks =
    testList
        "networks"
        [ testCase "at a minimum that training found: P2 Eq. 9 with the Hessian of differences" (fun () ->
              let problem, w = circle.Value, trained.Value
              let report = Laplace.evidence options prior problem w |> weighed
              Expect.isLessThan report.PredictedDecrease 1e-15 "a minimum"
              let at = Parameters.flatten w
              let loss (v: Tensor) = Problem.summedLossWithPrior lambda problem (Parameters.unflatten w v)
              let h = 1e-4

              let column i =
                  let step = dsharp.onehot (13, i, Dtype.Float64, Device.CPU) * h
                  (dsharp.grad loss (at + step) - dsharp.grad loss (at - step)) / (2.0 * h)

              let hessian = dsharp.stack ([ for i in 0..12 -> column i ], 1)
              let occam = 0.5 * (float (snd (hessian.slogdet ())) - 13.0 * log lambda)
              close 1e-6 "Occam" occam report.Occam.Value
              close 1e-12 "C" (float (loss at)) report.Cost
              close 1e-6 "−ln P" (float (loss at) + occam) -report.LogEvidence.Value
              Expect.isTrue report.RatioToNull.Value.ModelFavoured "the circle is there"

              Expect.isTrue
                  (report.EffectiveParameters.Value > 2.0 && report.EffectiveParameters.Value < 13.0)
                  "some parameters are determined")

          testCase "Gauss–Newton and Hessian differ where the model is curved, and agree on what is data" (fun () ->
              let report curvature = Laplace.evidence { options with Curvature = curvature } prior circle.Value trained.Value |> weighed

              let full, part = report EvidenceCurvature.Hessian, report EvidenceCurvature.GaussNewton
              Expect.equal full.Cost part.Cost "cost"
              Expect.isGreaterThan (abs (full.Occam.Value - part.Occam.Value)) 1e-3 "Occam"
              Expect.equal (full.Curvature, part.Curvature) (EvidenceCurvature.Hessian, EvidenceCurvature.GaussNewton) "says which")

          testCase "stopped early it is no minimum; with eigenvalues below λ dropped the report says what was left out" (fun () ->
              let early = descend 10 circle.Value (networkWeights 3 2 3 1)

              match Laplace.evidence options prior circle.Value early with
              | Error(EvidenceError.NotAMinimum(count, least)) ->
                  Expect.isGreaterThan count 0 "how many"
                  Expect.isLessThan least 0.0 "the least"
              | other -> failtest $"%A{other}"

              let report =
                  Laplace.evidence { options with BelowPrior = BelowPrior.Drop; MostPredictedDecrease = infinity } prior circle.Value early
                  |> weighed

              let dropped = report.Dropped.Ratios.Value
              Expect.equal (float dropped.Length) report.Dropped.Count.Value "as many as it says"
              Expect.equal (dropped.Length + report.Ratios.Value.Length) 13 "the others count"
              Expect.all dropped (fun ratio -> ratio < 1.0) "below λ"
              Expect.all report.Ratios.Value (fun ratio -> ratio > 1.0 - 1e-9) "not below λ"
              Expect.isGreaterThan report.PredictedDecrease 0.01 "and it is far from a minimum") ]

let private large =
    testList
        "many parameters"
        [ testCase "by products alone: the minimum, ln det with its error bar, and a bracket of its quadrature" (fun () ->
              let x = normal 10 [ 150; 40 ]
              let y = labels 11 4 150
              let model = LinearModel.create (Likelihood.Categorical 4) true x y
              Expect.equal model.Parameters 164 "parameters"

              let point method limit =
                  let options =
                      { Solver = { SolverOptions.Default with LargestDense = limit }
                        Laplace = { options with Method = method } }

                  match EvidenceProfile.point options model 0.5 with
                  | Ok point -> point
                  | Error error -> failtest $"{error}"

              let exact = point EvidenceMethod.Eigenvalues 2000
              let settings = { Probes = 30; Degree = 30; Seed = 5L }
              let estimated = point (EvidenceMethod.Stochastic settings) 0
              Expect.isGreaterThan estimated.Minimum.Products 0 "by products"
              same 1e-6 "the same minimum" exact.Minimum.Weights estimated.Minimum.Weights
              let error = abs (estimated.Report.LogEvidence.Value - exact.Report.LogEvidence.Value)
              Expect.isLessThan error (4.9 * estimated.Report.LogEvidence.StandardError) "within its error"
              let struct (low, high) = estimated.Report.LogDeterminant.Value.Bracket.Value
              Expect.isTrue (high >= low && high - low < 0.01) $"the quadrature is exact to {high - low}"
              close 1e-10 "½ ln det" (0.5 * estimated.Report.LogDeterminant.Value.Estimate.Value) estimated.Report.Occam.Value)

          testCase "its intervals cover: nominal 95 %, of 200 seeds" (fun () ->
              let x = normal 12 [ 60; 30 ]
              let model = LinearModel.create Likelihood.Bernoulli false x (labels 13 2 60)
              let minimum = ConvexSolver.minimise SolverOptions.Default prior model |> fitted
              let exact = EvidenceProfile.weigh options prior model minimum |> weighed

              let estimates =
                  [| for seed in 1..200 ->
                         let method = EvidenceMethod.Stochastic { Probes = 20; Degree = 20; Seed = int64 seed }
                         EvidenceProfile.weigh { options with Method = method } prior model minimum |> weighed |]

              for what, estimates, expected in
                  [ "E", estimates |> Array.map _.RatioToNull.Value.Estimate, exact.RatioToNull.Value.InFavourOfNull
                    "ln P", estimates |> Array.map _.LogEvidence, exact.LogEvidence.Value
                    "γ", estimates |> Array.map _.EffectiveParameters, exact.EffectiveParameters.Value ] do
                  expectUnbiased what expected (estimates |> Array.map _.Value)
                  let rate = estimates |> Array.map _.Interval(0.95) |> coverage expected
                  printfn $"coverage of {what}: {rate:P1}"
                  Expect.isTrue (rate >= 0.90 && rate <= 0.99) $"{what}: {rate:P1}") ]

let private single =
    testCase "single precision: the same evidence to seven digits of the cost" (fun () ->
        let problem, w = circle.Value, trained.Value

        let low =
            { problem with
                Inputs = problem.Inputs.cast Dtype.Float32
                Targets = problem.Targets.cast Dtype.Float32 }

        let exact = Laplace.evidence options prior problem w |> weighed

        let rough =
            Laplace.evidence options prior low (w |> Array.map (fun t -> t.cast Dtype.Float32)) |> weighed

        close 1e-5 "ln P" exact.LogEvidence.Value rough.LogEvidence.Value)

let private memory =
    testSequenced
    <| testCase "evidences leave no tensors behind" (fun () ->
        let problem, w = circle.Value, trained.Value
        let model = LinearModel.create Likelihood.Bernoulli true problem.Inputs problem.Targets

        let act () =
            for method in
                [ EvidenceMethod.Eigenvalues; EvidenceMethod.Cholesky; EvidenceMethod.Stochastic { Probes = 2; Degree = 4; Seed = 1L } ] do
                Laplace.evidence { options with Method = method } prior problem w |> ignore

            EvidenceProfile.point ProfileOptions.Default model 0.5 |> ignore
            Eigenpairs.outermost SpectrumEnd.Largest 2 1e-6 20 1L (Hessian.ofSummedLoss problem w) |> ignore
            Trace.hutchPlusPlus 1L 9 (GaussNewton.ofSummedLoss problem w) |> ignore
            Diagonal.estimate 1L 4 (EmpiricalFisher.At(problem, w).Mean) |> ignore
            MonteCarloFisher.At(problem, w, 2, 1L).Mean.ToMatrix() |> ignore
            PerExampleGram.ofProblem Centring.Mean problem w |> Trace.exact |> ignore

        let count () =
            for _ in 1..2 do
                GC.Collect()
                GC.WaitForPendingFinalizers()

            torch.Tensor.TotalCount

        for _ in 1..3 do
            act ()

        let before = count ()

        for _ in 1..30 do
            act ()

        // thousands are made each time; a test beside this one may hold some
        Expect.isLessThan (count () - before) 300L "live tensors")

let tests = testList "networks and large models" [ networks; large; single; memory ]
