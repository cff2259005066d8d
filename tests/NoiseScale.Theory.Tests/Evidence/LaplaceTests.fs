/// The evidence against closed forms, integrals on grids, other coordinates, other formulas; and at points that are no minima.
module NoiseScale.Theory.Tests.LaplaceTests

open System
open Expecto
open FsCheck.FSharp
open DiffSharp
open MathNet.Numerics.Integration
open NoiseScale.Theory
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Property

let weighed (result: Result<EvidenceReport, EvidenceError>) =
    match result with
    | Ok report -> report
    | Error error -> failtest $"{error}"

let fitted (result: Result<LinearMinimum, LinearMinimum>) =
    match result with
    | Ok minimum -> minimum
    | Error reached -> failtest $"%A{reached}"

let private options = LaplaceOptions.Default
let private identity k = dsharp.eye (k, dtype = Dtype.Float64)
let private logDeterminant (t: Tensor) = float (snd (t.slogdet ()))

/// ln ∫ e^(−C) over a box, by Gauss–Legendre of that many nodes along each axis; C less than 700 above its minimum there.
let private logIntegral nodes (centre: float[]) (halfWidths: float[]) (minimum: float) (cost: float[] -> float) =
    let rule = GaussLegendreRule(-1.0, 1.0, nodes)

    let rec sum axis (point: float[]) =
        if axis = centre.Length then
            exp (minimum - cost point)
        else
            Seq.init nodes (fun i ->
                let x = centre[axis] + halfWidths[axis] * rule.Abscissas[i]
                halfWidths[axis] * rule.Weights[i] * sum (axis + 1) (Array.append point [| x |]))
            |> Seq.sum

    log (sum 0 [||]) - minimum

/// A linear model's minimum and evidence.
let private fit likelihood bias inputs targets (prior: Prior) =
    let model = LinearModel.create likelihood bias inputs targets
    let minimum = ConvexSolver.minimise SolverOptions.Default prior model |> fitted
    model, minimum

// -- linear regression: everything is known

let private regression seed n d k =
    let inputs = normal seed [ n; d ]
    inputs, inputs.matmul (normal (seed + 1) [ d; k ]) + normal (seed + 2) [ n; k ] * 0.5

/// −ln N(y; 0, σ²1 + XΛ⁻¹Xᵀ) for each output: the evidence of linear regression without a detour over the weights.
let private marginal (x: Tensor) (y: Tensor) variance (precision: Tensor) =
    let n, k = y.shape[0], y.shape[1]
    let covariance: Tensor = identity n * (variance: float) + x.matmul (precision.solve (x.transpose ()))

    [ for output in 0 .. k - 1 ->
          let column: Tensor = y[*, output]

          0.5 * float (column.dot (covariance.solve column))
          + 0.5 * logDeterminant covariance
          + 0.5 * float n * log (2.0 * Math.PI) ]
    |> List.sum

let private linearRegression =
    testList
        "linear regression"
        [ property
              30
              "is the density of its targets, exactly"
              (Gen.zip (Gen.choose (1, 1000)) (Gen.zip (Gen.choose (1, 12)) (Gen.choose (1, 5))) |> Arb.fromGen)
              (fun (seed, (n, d)) ->
                  let variance, lambda = 0.1 + float (seed % 7), 0.05 * float (1 + seed % 40)
                  let x, y = regression seed n d 2
                  let model, minimum = fit (Likelihood.Gaussian variance) false x y (Prior.OfPrecision lambda)
                  let report = EvidenceProfile.weigh options (Prior.OfPrecision lambda) model minimum |> weighed
                  // two outputs: the prior is over d weights of each
                  close 1e-10 "−ln P" (marginal x y variance (identity d * lambda)) -report.LogEvidence.Value

                  let general =
                      Laplace.evidence options (Prior.OfPrecision lambda) (LinearModel.problem model) [| minimum.Weights |] |> weighed

                  close 1e-10 "by automatic derivatives" report.LogEvidence.Value general.LogEvidence.Value)

          testCase "with a precision matrix" (fun () ->
              let x, y = regression 7 9 4 1
              let precision = withSpectrum 8 [ 0.2; 0.9; 1.5; 7.0 ]
              let prior = Prior.OfMatrix precision
              let model, minimum = fit (Likelihood.Gaussian 0.4) false x y prior
              let report = EvidenceProfile.weigh options prior model minimum |> weighed
              close 1e-10 "−ln P" (marginal x y 0.4 precision) -report.LogEvidence.Value
              Expect.isNone report.RatioToNull "numbers have no null model")

          testCase "all ways to ln det agree" (fun () ->
              let x, y = regression 9 30 8 1
              let prior = Prior.OfPrecision 0.3
              let model, minimum = fit (Likelihood.Gaussian 0.4) true x y prior

              let weigh method = EvidenceProfile.weigh { options with Method = method } prior model minimum |> weighed

              let exact = weigh EvidenceMethod.Eigenvalues
              let factor = weigh EvidenceMethod.Cholesky
              close 1e-12 "Occam" exact.Occam.Value factor.Occam.Value
              close 1e-10 "γ" exact.EffectiveParameters.Value factor.EffectiveParameters.Value
              Expect.floatClose Accuracy.high factor.PredictedDecrease exact.PredictedDecrease "decrease"

              let settings = { Probes = 200; Degree = 9; Seed = 1L }
              let estimated = weigh (EvidenceMethod.Stochastic settings)

              for what, (estimate: Estimate), value in
                  [ "Occam", estimated.Occam, exact.Occam.Value; "γ", estimated.EffectiveParameters, exact.EffectiveParameters.Value ] do
                  Expect.isGreaterThan estimate.StandardError 0.0 $"{what} has an error"
                  Expect.isLessThan (abs (estimate.Value - value)) (4.9 * estimate.StandardError) $"{what}, within it"

              Expect.equal (weigh EvidenceMethod.Eigenvalues).Method EvidenceMethod.Eigenvalues "says which"
              Expect.equal (weigh options.Method).Method EvidenceMethod.Eigenvalues "small: exact"

              Expect.equal
                  (weigh (EvidenceMethod.Automatic(8, settings))).Method
                  (EvidenceMethod.Stochastic settings)
                  "nine parameters are more than eight") ]

// -- logistic regression: integrals on grids

/// −ln of the integral of likelihood × prior, by quadrature over ±9 standard deviations of the Laplace approximation along each axis.
let private bruteForce nodes lambda (model: LinearModel) (minimum: LinearMinimum) =
    let d = model.Parameters
    let x, y = model.Features.toArray2D<float>(), floats model.Targets
    let centre = floats minimum.Weights

    let cost (w: float[]) =
        let data =
            Seq.init y.Length (fun i ->
                let z = Seq.init d (fun a -> x[i, a] * w[a]) |> Seq.sum
                let margin = if y[i] = 1.0 then z else -z
                // ln(1 + e^(−margin)) without overflow
                max 0.0 -margin + log (1.0 + exp -(abs margin)))
            |> Seq.sum

        data + 0.5 * lambda * Seq.sumBy (fun v -> v * v) w

    let hessian = (LinearModel.hessian model minimum.Weights).ToMatrix() + identity d * lambda
    let deviations = floats ((hessian.inv ()).diagonal()) |> Array.map sqrt
    let halfWidths = deviations |> Array.map (fun deviation -> 9.0 * deviation)
    -(logIntegral nodes centre halfWidths minimum.Cost cost) - 0.5 * float d * log (lambda / (2.0 * Math.PI))

let private logisticData seed n d =
    let inputs = normal seed [ n; d ]
    let weights = (vector [ for i in 1..d -> 1.2 / float i ]).unsqueeze 1
    let z = inputs.matmul weights + 0.3
    inputs, Likelihood.sample Likelihood.Bernoulli (generator (seed + 1)) z

let private byIntegral =
    testList
        "against the integral"
        [ testCase "one to three parameters: the error is small, and not 0" (fun () ->
              for d, bias, nodes in [ 1, false, 80; 1, true, 60; 2, true, 40 ] do
                  let inputs, targets = logisticData 20 60 d
                  let lambda = 0.5
                  let model, minimum = fit Likelihood.Bernoulli bias inputs targets (Prior.OfPrecision lambda)
                  let report = EvidenceProfile.weigh options (Prior.OfPrecision lambda) model minimum |> weighed
                  let exact = bruteForce nodes lambda model minimum
                  let error = abs (-report.LogEvidence.Value - exact)
                  Expect.isLessThan error 0.1 $"{model.Parameters} parameters"
                  Expect.isGreaterThan error 1e-5 "Laplace's method is no exact one")

          testCase "the error falls as 1/N: slope −1 over doublings" (fun () ->
              // the same 40 examples over and over, so that only N changes
              let inputs, targets = logisticData 30 40 1
              let lambda = 0.5

              let error copies =
                  let repeated (t: Tensor) = dsharp.cat (List.replicate copies t)

                  let model, minimum =
                      fit Likelihood.Bernoulli true (repeated inputs) (repeated targets) (Prior.OfPrecision lambda)

                  let report = EvidenceProfile.weigh options (Prior.OfPrecision lambda) model minimum |> weighed
                  -report.LogEvidence.Value - bruteForce 60 lambda model minimum

              let errors = [ for copies in [ 8; 16; 32; 64 ] -> abs (error copies) ]
              let slope = slopeOfHalvings errors
              printfn $"Laplace's error over doublings of N: %A{errors}, slope {slope} in 1/N"
              Expect.isTrue (abs (slope - 1.0) < 0.06) $"slope {slope} in 1/N")

          testCase "softmax of two classes: the null space of equal shifts costs only the prior" (fun () ->
              // softmax over (w₁, w₂) with precision λ is logistic in w₁ − w₂ with precision λ/2
              let inputs, targets = logisticData 40 30 2

              let two, minimum2 =
                  fit (Likelihood.Categorical 2) true inputs (targets.cast Dtype.Int64) (Prior.OfPrecision 0.8)

              let one, minimum1 = fit Likelihood.Bernoulli true inputs targets (Prior.OfPrecision 0.4)
              let softmax = EvidenceProfile.weigh options (Prior.OfPrecision 0.8) two minimum2 |> weighed
              let logistic = EvidenceProfile.weigh options (Prior.OfPrecision 0.4) one minimum1 |> weighed
              close 1e-9 "cost" logistic.Cost softmax.Cost
              close 1e-9 "evidence" logistic.LogEvidence.Value softmax.LogEvidence.Value
              close 1e-9 "ratio" logistic.RatioToNull.Value.InFavourOfNull softmax.RatioToNull.Value.InFavourOfNull
              close 1e-7 "γ" logistic.EffectiveParameters.Value softmax.EffectiveParameters.Value) ]

// -- other coordinates and other formulas

let private invariance =
    let matrices = Gen.zip (Gen.choose (1, 100000)) (Gen.choose (1, 4)) |> Arb.fromGen

    /// ω = Aθ: the model in θ, its minimum and prior moved along.
    let moved (a: Tensor) (problem: Problem) = { problem with Predict = fun w x -> problem.Predict [| a.matmul w[0] |] x }

    let logistic d =
        let inputs, targets = logisticData 50 25 d
        LinearModel.create Likelihood.Bernoulli false inputs targets

    testList
        "invariance"
        [ property 40 "under ω = Aθ with the prior moved along, by every way to ln det" matrices (fun (seed, d) ->
              let model = logistic d
              let precision = (normal seed [ d; d ]) |> fun r -> r.matmul (r.transpose ()) + identity d * 0.5
              let a = normal (seed + 1) [ d; d ] + identity d * 2.0
              let prior = Prior.OfMatrix precision
              let minimum = ConvexSolver.minimise SolverOptions.Default prior model |> fitted
              let problem = LinearModel.problem model
              let there = Prior.OfMatrix(a.transpose().matmul(precision.matmul a))

              for method in [ EvidenceMethod.Eigenvalues; EvidenceMethod.Cholesky ] do
                  let options = { options with Method = method }
                  let here = Laplace.evidence options prior problem [| minimum.Weights |] |> weighed
                  let other = Laplace.evidence options there (moved a problem) [| a.solve minimum.Weights |] |> weighed
                  // A may be ill-conditioned: 1e-8 of the cost
                  close 1e-8 "ln P" here.LogEvidence.Value other.LogEvidence.Value
                  close 1e-8 "E" here.RatioToNull.Value.InFavourOfNull other.RatioToNull.Value.InFavourOfNull
                  close 1e-7 "γ" here.EffectiveParameters.Value other.EffectiveParameters.Value

                  match here.Ratios, other.Ratios with
                  | Some here, Some other -> same 1e-7 "λᵢ/λ, one by one" (vector here) (vector other)
                  | _ -> ())

          property 20 "under a scale for each parameter, with a precision each" matrices (fun (seed, d) ->
              let model = logistic d
              let precisions = (normal seed [ d ]).exp()
              let scales = (normal (seed + 1) [ d ]).exp()
              let prior = Prior.OfDiagonal precisions
              let minimum = ConvexSolver.minimise SolverOptions.Default prior model |> fitted
              let problem = LinearModel.problem model
              let here = Laplace.evidence options prior problem [| minimum.Weights |] |> weighed

              let other =
                  Laplace.evidence
                      options
                      (Prior.OfDiagonal(precisions * scales * scales))
                      (moved (scales.diag ()) problem)
                      [| minimum.Weights / scales.unsqueeze 1 |]
                  |> weighed

              close 1e-10 "ln P" here.LogEvidence.Value other.LogEvidence.Value)

          testCase "not if the prior stays behind" (fun () ->
              let model = logistic 2
              let prior = Prior.OfPrecision 1.0
              let minimum = ConvexSolver.minimise SolverOptions.Default prior model |> fitted
              let here = EvidenceProfile.weigh options prior model minimum |> weighed
              let larger = LinearModel.create Likelihood.Bernoulli false (model.Features * 3.0) model.Targets
              let there = ConvexSolver.minimise SolverOptions.Default prior larger |> fitted
              let other = EvidenceProfile.weigh options prior larger there |> weighed
              Expect.isGreaterThan (abs (here.LogEvidence.Value - other.LogEvidence.Value)) 0.1 "nats") ]

let private formulas =
    testList
        "formulas"
        [ forEach "−ln P = −ln likelihood + ½(scatter + ratio of log-determinants), with the full Hessian" (fun problem w ->
              // any point will do for an identity: no question is asked whether it is a minimum
              let lambda = 40.0
              let prior = Prior.OfPrecision lambda
              let options = { options with MostPredictedDecrease = infinity }
              let report = Laplace.evidence options prior problem w |> weighed
              let at = Parameters.flatten w
              let p = at.nelement
              let logLikelihood = -(floats (Problem.costs problem w) |> Array.sum)
              let scatter = lambda * float (at.dot at)
              let hessian = dsharp.hessian (fun v -> Problem.summedLoss problem (Parameters.unflatten w v)) at
              let ratio = logDeterminant (hessian + identity p * lambda) - float p * log lambda
              close 1e-12 "−ln P" (-logLikelihood + 0.5 * (scatter + ratio)) -report.LogEvidence.Value
              close 1e-12 "C" (float (Problem.summedLossWithPrior lambda problem w)) report.Cost

              // P2 Eq. 9 by the eigenvalues themselves
              let eigenvalues = floats (fst (Dense.eigen (hessian + identity p * lambda))) |> Array.rev
              same 1e-12 "λᵢ" (vector eigenvalues) (vector report.Eigenvalues.Value)
              let factors = eigenvalues |> Array.map (fun value -> 0.5 * log (value / lambda))
              same 1e-10 "½ ln(λᵢ/λ), one by one" (vector factors) (vector report.OccamFactors.Value)
              close 1e-10 "their sum" (Array.sum factors) report.Occam.Value
              close 1e-10 "γ" (eigenvalues |> Array.sumBy (fun value -> (value - lambda) / value)) report.EffectiveParameters.Value

              // the Newton step's decrease
              let gradient =
                  dsharp.grad (fun v -> Problem.summedLossWithPrior lambda problem (Parameters.unflatten w v)) at

              let step = (hessian + identity p * lambda).solve gradient
              close 1e-10 "decrease" (0.5 * float (gradient.dot step)) report.PredictedDecrease
              close 1e-10 "gradient" (float (gradient.norm ())) report.GradientNorm

              for method in [ EvidenceMethod.Cholesky; EvidenceMethod.Stochastic { Probes = 2; Degree = 3; Seed = 1L } ] do
                  let other = Laplace.evidence { options with Method = method } prior problem w |> weighed
                  // conjugate gradients stop at 1e-6
                  close 1e-6 $"decrease by {method}" report.PredictedDecrease other.PredictedDecrease
                  close 1e-10 $"gradient by {method}" report.GradientNorm other.GradientNorm

              match report.RatioToNull, problem.Likelihood with
              | Some ratio, Likelihood.Categorical n ->
                  close 1e-12 "E" (report.Cost + report.Occam.Value - float problem.Count * log (float n)) ratio.InFavourOfNull
              | Some ratio, Likelihood.Bernoulli ->
                  close 1e-12 "E" (report.Cost + report.Occam.Value - float problem.Count * log 2.0) ratio.InFavourOfNull
              | None, Likelihood.Gaussian _ -> ()
              | other -> failtest $"%A{other}")

          testCase "signs: E is what speaks for the null" (fun () ->
              let ratio value error = LogEvidenceRatio.OfInFavourOfNull { Estimate.exact value with StandardError = error; Samples = 5 }

              Expect.equal (ratio -3.0 0.5).InFavourOfNull -3.0 "E"
              Expect.equal (ratio -3.0 0.5).InFavourOfModel 3.0 "−E"
              Expect.equal (ratio -3.0 0.5).StandardError 0.5 "error"
              Expect.isTrue (ratio -3.0 0.5).ModelFavoured "E < 0"
              Expect.isFalse (ratio 3.0 0.5).ModelFavoured "E > 0"
              Expect.isFalse (ratio 0.0 0.5).ModelFavoured "neither")

          testCase "labels that follow the inputs favour the model, labels that do not the null" (fun () ->
              let inputs = normal 60 [ 120; 20 ]
              let informative = (inputs[*, 0].gt 0.0).cast Dtype.Int64

              for targets, favoured in [ informative, true; labels 61 2 120, false ] do
                  for lambda in [ 0.1; 1.0; 10.0 ] do
                      let model, minimum = fit Likelihood.Bernoulli true inputs targets (Prior.OfPrecision lambda)
                      let report = EvidenceProfile.weigh options (Prior.OfPrecision lambda) model minimum |> weighed
                      Expect.equal report.RatioToNull.Value.ModelFavoured favoured $"λ = {lambda}") ]

// -- points that are no minima

/// Ten examples of y = a·b, model (w₀w₁)·x: at w = 0 a saddle of the data's cost.
let private saddle () =
    let x = normal 70 [ 10; 1 ]
    let predict (w: Tensor[]) (x: Tensor) = x * (w[0][0] * w[0][1])
    Problem.create (Likelihood.Gaussian 1.0) predict x (x * 1.5)

let private nonMinima =
    let problem = saddle ()
    let w = [| vector [ 0.0; 0.0 ] |]
    // ∇∇H at 0 is [[0, −s], [−s, 0]], s = 1.5 Σx²
    let s = 1.5 * float ((problem.Inputs * problem.Inputs).sum())
    let lambda = 0.5

    testList
        "no minimum"
        [ testCase "negative eigenvalues are named: how many, and the least" (fun () ->
              for method in [ EvidenceMethod.Eigenvalues; EvidenceMethod.Cholesky ] do
                  match Laplace.evidence { options with Method = method } (Prior.OfPrecision lambda) problem w with
                  | Error(EvidenceError.NotAMinimum(1, least)) -> close 1e-10 "least λᵢ/λ" (1.0 - s / lambda) least
                  | other -> failtest $"%A{other}"

              let stochastic = EvidenceMethod.Stochastic { Probes = 4; Degree = 2; Seed = 1L }

              match Laplace.evidence { options with Method = stochastic } (Prior.OfPrecision lambda) problem w with
              | Error(EvidenceError.NotAMinimum(1, least) as error) ->
                  close 1e-10 "least λᵢ/λ" (1.0 - s / lambda) least
                  Expect.stringContains (string error) "not a minimum" "text"
              | other -> failtest $"%A{other}")

          testCase "dropped, the report says how many and which" (fun () ->
              let options = { options with BelowPrior = BelowPrior.Drop }
              let report = Laplace.evidence options (Prior.OfPrecision lambda) problem w |> weighed
              Expect.equal report.Dropped.Count.Value 1.0 "one"
              close 1e-10 "which" (1.0 - s / lambda) report.Dropped.Ratios.Value[0]
              close 1e-10 "least" (1.0 - s / lambda) report.Dropped.LeastRatio
              close 1e-10 "the other counts" (0.5 * log (1.0 + s / lambda)) report.Occam.Value
              Expect.equal report.Ratios.Value.Length 1 "one is left"
              close 1e-10 "γ" (s / lambda / (1.0 + s / lambda)) report.EffectiveParameters.Value)

          testCase "eigenvalues between 0 and λ count at a minimum, and are dropped where that is asked for" (fun () ->
              let lambda = 3.0 * s
              let counted = Laplace.evidence options (Prior.OfPrecision lambda) problem w |> weighed
              close 1e-10 "both" (0.5 * (log (4.0 / 3.0) + log (2.0 / 3.0))) counted.Occam.Value
              Expect.equal counted.Dropped.Count.Value 0.0 "none dropped"

              let dropped =
                  Laplace.evidence { options with BelowPrior = BelowPrior.Drop } (Prior.OfPrecision lambda) problem w |> weighed

              close 1e-10 "one" (0.5 * log (4.0 / 3.0)) dropped.Occam.Value
              close 1e-10 "the other" (2.0 / 3.0) dropped.Dropped.Ratios.Value[0]

              // vectors of two signs are the eigenvectors: each probe sees one eigenvalue, λ/3 more or less than λ
              let estimated =
                  Laplace.evidence
                      { options with
                          BelowPrior = BelowPrior.Drop
                          Method = EvidenceMethod.Stochastic { Probes = 20; Degree = 2; Seed = 1L } }
                      (Prior.OfPrecision lambda)
                      problem
                      w
                  |> weighed

              let share = estimated.Dropped.Count.Value / 2.0
              Expect.isTrue (share > 0.0 && share < 1.0) "both are seen"
              close 1e-10 "the least" (2.0 / 3.0) estimated.Dropped.LeastRatio
              close 1e-10 "one counts" ((1.0 - share) * log (4.0 / 3.0)) estimated.Occam.Value
              close 1e-10 "γ" ((1.0 - share) * 2.0 * 0.25) estimated.EffectiveParameters.Value)

          testCase "nothing to drop where there is no curvature: λ itself stays, rounding or not" (fun () ->
              let inputs, targets = logisticData 80 4 30
              let model, minimum = fit Likelihood.Bernoulli true inputs targets (Prior.OfPrecision 1e-4)

              let weigh rule =
                  EvidenceProfile.weigh { options with BelowPrior = rule } (Prior.OfPrecision 1e-4) model minimum |> weighed

              Expect.equal (weigh BelowPrior.Drop).Dropped.Count.Value 0.0 "27 eigenvalues are λ"
              Expect.equal (weigh BelowPrior.Drop).Ratios.Value.Length 31 "all count"
              close 1e-10 "the same" (weigh BelowPrior.Count).Occam.Value (weigh BelowPrior.Drop).Occam.Value)

          testCase "estimated, the count of dropped ones has an error bar, and the sum is that of the exact rule" (fun () ->
              let problem, w =
                  let _, problem, w = problems[0]
                  problem, w

              let lambda = 0.3
              let options = { options with BelowPrior = BelowPrior.Drop; MostPredictedDecrease = infinity }
              let exact = Laplace.evidence options (Prior.OfPrecision lambda) problem w |> weighed
              Expect.isGreaterThan exact.Dropped.Count.Value 2.0 "some"

              let estimated =
                  Laplace.evidence
                      { options with
                          Method = EvidenceMethod.Stochastic { Probes = 100; Degree = 21; Seed = 1L } }
                      (Prior.OfPrecision lambda)
                      problem
                      w
                  |> weighed

              for what, (estimate: Estimate), value in
                  [ "count", estimated.Dropped.Count, exact.Dropped.Count.Value
                    "Occam", estimated.Occam, exact.Occam.Value
                    "γ", estimated.EffectiveParameters, exact.EffectiveParameters.Value ] do
                  Expect.isLessThan (abs (estimate.Value - value)) (4.9 * estimate.StandardError) what)

          testCase "Gauss–Newton has nothing to drop" (fun () ->
              let report =
                  Laplace.evidence { options with Curvature = EvidenceCurvature.GaussNewton } (Prior.OfPrecision lambda) problem w
                  |> weighed

              close 1e-12 "no curvature at all" 0.0 report.Occam.Value)

          testCase "a gradient that is not 0: named with its norm, unless allowed" (fun () ->
              let away = [| vector [ 1.0; 1.0 ] |]

              match Laplace.evidence options (Prior.OfPrecision 0.5) problem away with
              | Error(EvidenceError.NotStationary(norm, decrease, limit)) ->
                  Expect.isGreaterThan norm 1.0 "norm"
                  Expect.isGreaterThan decrease limit "decrease"
                  Expect.equal limit 0.01 "limit"
              | other -> failtest $"%A{other}"

              Laplace.evidence { options with MostPredictedDecrease = infinity } (Prior.OfPrecision 0.5) problem away
              |> weighed
              |> ignore)

          testCase "what is not finite is named" (fun () ->
              match Laplace.evidence options (Prior.OfPrecision 1.0) problem [| vector [ nan; 1.0 ] |] with
              | Error(EvidenceError.NotFinite "cost") -> ()
              | other -> failtest $"%A{other}")

          testCase "refusals" (fun () ->
              refuses [ "over 3 parameters; there are 2" ] (fun () ->
                  Laplace.evidence options (Prior.OfDiagonal(vector [ 1.0; 1.0; 1.0 ])) problem w)

              refuses [ "none can be dropped" ] (fun () ->
                  Laplace.evidence
                      { options with Method = EvidenceMethod.Cholesky; BelowPrior = BelowPrior.Drop }
                      (Prior.OfPrecision 1.0)
                      problem
                      w)

              refuses [ "decrease" ] (fun () ->
                  Laplace.evidence { options with MostPredictedDecrease = nan } (Prior.OfPrecision 1.0) problem w)) ]

let tests = testList "Laplace" [ linearRegression; byIntegral; invariance; formulas; nonMinima ]
