/// Linear models: closed forms against automatic derivatives, the solver and its certificate, and λ by evidence.
module NoiseScale.Theory.Tests.LinearModelTests

open System
open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.OperatorTests
open NoiseScale.Theory.Tests.LaplaceTests
open NoiseScale.Theory.Tests.Property

let private inputs = normal 1 [ 20; 2; 2 ]

let private models =
    [ "logistic", LinearModel.create Likelihood.Bernoulli true inputs (labels 2 2 20)
      "softmax", LinearModel.create (Likelihood.Categorical 3) true inputs (labels 3 3 20)
      "normal errors", LinearModel.create (Likelihood.Gaussian 0.5) false inputs (normal 4 [ 20; 2 ]) ]

let private each name body = testList name [ for title, model in models -> testCase title (fun () -> body model) ]

let private closedForms =
    testList
        "closed forms"
        [ each "cost, gradient and Hessian: automatic derivatives of the same problem" (fun model ->
              let problem = LinearModel.problem model
              let w = normal 5 [ model.Features.shape[1]; model.Outputs ]
              let cost, gradient = LinearModel.costAndGradient model w
              let expected, gradients = dsharp.fgrads (Problem.summedLoss problem) [| w |]
              close 1e-13 "cost" (float expected) cost
              close 1e-13 "cost" (float expected) (LinearModel.cost model w)
              same 1e-12 "gradient" gradients[0] gradient
              let hessian = (Hessian.ofSummedLoss problem [| w |]).ToMatrix()
              isMatrix 1e-12 "Hessian" hessian (LinearModel.hessian model w)
              same 1e-12 "its diagonal" (hessian.diagonal ()) ((LinearModel.hessianDiagonal model w).view -1)
              Expect.equal (LinearModel.zero model).nelement model.Parameters "as many weights"

              Expect.equal
                  (Option.isNone (
                      SymmetricOperator.check 1e-10 1L (LinearModel.hessian model w)
                      |> function
                          | Ok() -> None
                          | Error e -> Some e
                  ))
                  true
                  "an operator without fault")

          testCase "a bias is one more weight, for predictions too" (fun () ->
              let _, model = models[0]
              Expect.equal model.Parameters 5 "four features and a bias"
              let w = normal 6 [ 5; 1 ]
              same 1e-13 "outputs" (model.Features.matmul w) (LinearModel.predict true w inputs)
              refuses [ "4 + 1 weights"; "not 4" ] (fun () -> LinearModel.predict true w[..3] inputs))

          testCase "refusals" (fun () ->
              refuses [ "example 0"; "label 9" ] (fun () ->
                  LinearModel.create (Likelihood.Categorical 3) true (normal 1 [ 1; 2 ]) (integers [ 9 ]))

              refuses [ "not finite" ] (fun () -> LinearModel.create Likelihood.Bernoulli true (normal 1 [ 1; 2 ] / 0.0) (integers [ 1 ]))) ]

let private solver =
    let dense, iterative = SolverOptions.Default, { SolverOptions.Default with LargestDense = 1 }

    testList
        "solver"
        [ each "the certificate: no other point is lower by more than it says, and both ways lead there" (fun model ->
              for lambda in [ 1e-4; 0.1; 10.0 ] do
                  let prior = Prior.OfPrecision lambda
                  let a = ConvexSolver.minimise dense prior model |> fitted
                  let b = ConvexSolver.minimise iterative prior model |> fitted
                  Expect.equal a.Products 0 "by the matrix"
                  Expect.isGreaterThan b.Products 0 "by products"

                  for found in [ a; b ] do
                      Expect.isLessThanOrEqual found.CostGap (1e-14 * max 1.0 found.Cost) "certified"
                      close 1e-6 "‖∇C‖²/2λ" (found.GradientNorm ** 2.0 / (2.0 * lambda)) found.CostGap
                      let loss = Problem.summedLossWithPrior lambda (LinearModel.problem model)
                      close 1e-12 "C" (float (loss [| found.Weights |])) found.Cost

                      for seed in 1..20 do
                          let other = found.Weights + normal seed (List.ofArray found.Weights.shape) * 10.0 ** float (-seed % 5)
                          Expect.isGreaterThan (float (loss [| other |])) (found.Cost - found.CostGap) "no lower"

                  // strong convexity: two points certified to δ are within 2√(2δ/λ)
                  let apart = float ((a.Weights - b.Weights).norm())
                  Expect.isLessThan apart (2.0 * sqrt (2.0 * max a.CostGap b.CostGap / lambda) + 1e-12) "the same point")

          testCase "linear regression in one step: the normal equations" (fun () ->
              let _, model = models[2]
              let found = ConvexSolver.minimise dense (Prior.OfPrecision 0.3) model |> fitted
              Expect.isLessThanOrEqual found.Iterations 2 "one step, and perhaps one for rounding"
              let x = model.Features

              let expected =
                  (x.transpose().matmul x / 0.5 + dsharp.eye (4, dtype = Dtype.Float64) * 0.3)
                      .solve(x.transpose().matmul model.Targets / 0.5)

              same 1e-12 "weights" expected found.Weights)

          testCase "separable data have a minimum for every λ > 0; weights grow as λ falls" (fun () ->
              let x = normal 7 [ 30; 2 ]
              let model = LinearModel.create Likelihood.Bernoulli true x ((x[*, 0].gt 0.0).cast Dtype.Int64)

              let norms =
                  [ for lambda in [ 1.0; 1e-2; 1e-4; 1e-6; 1e-8 ] do
                        let found = ConvexSolver.minimise dense (Prior.OfPrecision lambda) model |> fitted
                        float (found.Weights.norm ()) ]

              Expect.equal (List.sort norms) norms "rising"
              Expect.isGreaterThan norms[4] 20.0 "large")

          testCase "it says where it stopped if it may not finish" (fun () ->
              let _, model = models[0]

              match ConvexSolver.minimise { dense with MostIterations = 1 } (Prior.OfPrecision 1e-3) model with
              | Error reached ->
                  Expect.equal reached.Iterations 1 "steps"
                  Expect.isGreaterThan reached.CostGap 1e-10 "the certificate is not enough"
              | Ok _ -> failtest "solved in one step"

              match EvidenceProfile.point { ProfileOptions.Default with Solver = { dense with MostIterations = 1 } } model 1e-3 with
              | Error(EvidenceError.NotSolved(gap, limit)) -> Expect.isGreaterThan gap limit "named"
              | other -> failtest $"%A{other}")

          testCase "a start near the minimum takes fewer steps to the same point" (fun () ->
              let _, model = models[1]
              let prior = Prior.OfPrecision 0.1
              let cold = ConvexSolver.minimise dense prior model |> fitted
              let warm = ConvexSolver.minimiseFrom dense (cold.Weights * 1.001) prior model |> fitted
              Expect.isLessThan warm.Iterations cold.Iterations "steps"
              same 1e-5 "weights" cold.Weights warm.Weights)

          testCase "refusals" (fun () ->
              let _, model = models[0]
              refuses [ "tolerance" ] (fun () -> ConvexSolver.minimise { dense with Tolerance = 0.0 } (Prior.OfPrecision 1.0) model)
              refuses [ "[5; 1]"; "[4; 1]" ] (fun () -> ConvexSolver.minimiseFrom dense (normal 1 [ 4; 1 ]) (Prior.OfPrecision 1.0) model)
              refuses [ "lambda" ] (fun () -> EvidenceProfile.point ProfileOptions.Default model 0.0)
              refuses [ "lambda"; "-1" ] (fun () -> EvidenceProfile.overGrid ProfileOptions.Default model [| 1.0; -1.0 |])
              refuses [ "at least one" ] (fun () -> EvidenceProfile.overGrid ProfileOptions.Default model [||])
              refuses [ "least < most" ] (fun () -> EvidenceProfile.maximise ProfileOptions.Default 0.1 1.0 1.0 model)) ]

let private ok result =
    match result with
    | Ok value -> value
    | Error error -> failtest $"%A{error}"

let private profile =
    let options = ProfileOptions.Default

    testList
        "λ by evidence"
        [ each "the closed form's evidence is that of automatic derivatives, in every part" (fun model ->
              let lambda = 0.3
              let prior = Prior.OfPrecision lambda
              let minimum = ConvexSolver.minimise SolverOptions.Default prior model |> fitted
              let quick = EvidenceProfile.weigh LaplaceOptions.Default prior model minimum |> weighed

              let general =
                  Laplace.evidence LaplaceOptions.Default prior (LinearModel.problem model) [| minimum.Weights |] |> weighed

              close 1e-12 "H" general.DataCost quick.DataCost
              close 1e-12 "C" minimum.Cost quick.Cost
              close 1e-10 "Occam" general.Occam.Value quick.Occam.Value
              close 1e-9 "γ" general.EffectiveParameters.Value quick.EffectiveParameters.Value
              Expect.equal quick.NullCost general.NullCost "N ln n"
              Expect.equal (quick.Examples, quick.Parameters) (general.Examples, general.Parameters) "N and p"

              match model.Likelihood, quick.RatioToNull with
              | Likelihood.Gaussian _, None -> ()
              | Likelihood.Bernoulli, Some ratio -> close 1e-12 "E" (quick.Cost + quick.Occam.Value - 20.0 * log 2.0) ratio.InFavourOfNull
              | Likelihood.Categorical n, Some ratio ->
                  close 1e-12 "E" (quick.Cost + quick.Occam.Value - 20.0 * log (float n)) ratio.InFavourOfNull
              | other -> failtest $"%A{other}")

          each "the grid: in its order, each point as if alone" (fun model ->
              let grid = [| 0.1; 10.0; 1.0; 0.1 |]
              let points = EvidenceProfile.overGrid options model grid |> ok
              Expect.equal (points |> Array.map _.Lambda) grid "order"

              for point in points do
                  let alone = EvidenceProfile.point options model point.Lambda |> ok
                  close 1e-8 "evidence" alone.Report.LogEvidence.Value point.Report.LogEvidence.Value)

          each "the maximum: inside, and its neighbours are lower" (fun model ->
              let best, all = EvidenceProfile.maximise options 0.001 1e-4 1e4 model |> ok
              Expect.equal (all |> Array.map _.Lambda |> Array.sort) (all |> Array.map _.Lambda) "by rising λ"
              let value lambda = (EvidenceProfile.point options model lambda |> ok).Report.LogEvidence.Value

              if best.Lambda > 1.1e-4 && best.Lambda < 0.9e4 then
                  for factor in [ 0.9; 1.1 ] do
                      Expect.isLessThan (value (best.Lambda * factor)) best.Report.LogEvidence.Value "lower beside it"

              for lambda in [ 1e-3; 0.1; 1.0; 10.0; 1e3 ] do
                  Expect.isLessThanOrEqual (value lambda) best.Report.LogEvidence.Value "lower elsewhere")

          testCase "linear regression: MacKay's fixed point is the maximum" (fun () ->
              let x = normal 8 [ 40; 5 ]
              let y = x.matmul (normal 9 [ 5; 1 ] * 0.8) + normal 10 [ 40; 1 ] * 0.6
              let model = LinearModel.create (Likelihood.Gaussian 0.36) true x y
              let best, _ = EvidenceProfile.maximise options 1e-5 1e-3 1e3 model |> ok
              let steps = EvidenceProfile.fixedPoint options 1e-8 200 0.01 model |> ok
              let last = Array.last steps
              close 1e-4 "λ" best.Lambda last.Lambda
              // γ = λ‖ω‖²
              close 1e-6 "γ" last.Report.EffectiveParameters.Value (2.0 * last.Report.PriorCost)
              Expect.isLessThan steps.Length 100 "converged")

          testCase "the derivative in ln λ of linear regression is ½(γ − λ‖ω‖²), with its sign" (fun () ->
              let _, model = models[2]

              for lambda in [ 0.05; 0.7; 9.0 ] do
                  let value lambda = (EvidenceProfile.point options model lambda |> ok).Report.LogEvidence.Value
                  let h = 1e-4
                  let difference = (value (lambda * exp h) - value (lambda * exp -h)) / (2.0 * h)
                  let report = (EvidenceProfile.point options model lambda |> ok).Report
                  close 1e-5 "derivative" (0.5 * (report.EffectiveParameters.Value - 2.0 * report.PriorCost)) difference) ]

let tests = testList "linear model" [ closedForms; solver; profile ]
