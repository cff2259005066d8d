/// Regression with Gaussian processes against conditionals of joint normals, the chain rule, Bayesian linear regression and differences.
module NoiseScale.Theory.Tests.RegressionTests

open System
open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Processes
open NoiseScale.Theory.Tests.Property

let private identity n = dsharp.eye (n, dtype = Dtype.Float64)
let private fit (case: Case) = GpRegression.fit case.Kernel case.Noise case.Inputs case.Targets |> ok

let private conditionals =
    testList
        "conditionals"
        [ property 60 "mean and covariance are those of the joint normal, by blocks of its inverse" cases (fun case ->
              let model = fit case
              let found = GpRegression.predictJointly case.Points model
              let n, m = case.Inputs.shape[0], case.Points.shape[0]
              let kff = KernelMatrix.gram case.Kernel case.Points
              let kfy = KernelMatrix.cross case.Kernel case.Points case.Inputs
              let kyy = KernelMatrix.gram case.Kernel case.Inputs + identity n * case.Noise

              let joint = dsharp.cat ([ dsharp.cat ([ kff; kfy ], 1); dsharp.cat ([ kfy.transpose (); kyy ], 1) ], 0)

              // a normal's conditional has the precision P_ff and the mean −P_ff⁻¹P_fy y
              let precision = joint.inv ()
              let covariance = precision[.. m - 1, .. m - 1].inv()
              let mean = -(covariance.matmul (precision[.. m - 1, m..].matmul case.Targets))
              Expect.isLessThan (float ((mean - found.Mean).abs().max())) 1e-8 "mean"
              Expect.isLessThan (float ((covariance - found.Covariance).abs().max())) 1e-8 "covariance"
              let each = GpRegression.predict case.Points model
              same 1e-12 "the same mean, point by point" found.Mean each.Mean
              Expect.isLessThan (float ((found.Covariance.diagonal () - each.Variance).abs().max())) 1e-12 "the same variances"
              Expect.equal model.Jitter 0.0 "no jitter is needed")

          property 60 "the evidence is the normal density of the targets" cases (fun case ->
              let model = fit case
              let n = case.Inputs.shape[0]
              let covariance = KernelMatrix.gram case.Kernel case.Inputs + identity n * case.Noise
              close 1e-10 "ln p(y)" (logNormal (dsharp.zeros (n, dtype = Dtype.Float64)) covariance case.Targets) model.LogEvidence)

          property 30 "the evidence is the product of the predictions of each target from those before it" cases (fun case ->
              let n = case.Inputs.shape[0]

              let first =
                  logNormal (vector [ 0.0 ]) (KernelMatrix.gram case.Kernel case.Inputs[..0] + case.Noise) case.Targets[..0]

              let rest =
                  [ for i in 1 .. n - 1 do
                        let before = GpRegression.fit case.Kernel case.Noise case.Inputs[.. i - 1] case.Targets[.. i - 1] |> ok
                        let next = GpRegression.predictJointly case.Inputs[i..i] before
                        logNormal next.Mean (next.Covariance + case.Noise) case.Targets[i..i] ]

              close 1e-9 "ln p(y)" (first + List.sum rest) (fit case).LogEvidence)

          property 40 "its gradient, against central differences" cases (fun case ->
              let model = fit case
              let gradient = GpRegression.logEvidenceGradient model
              let values = HyperParameters.named case.Kernel case.Noise |> List.map snd
              Expect.equal gradient.Length values.Length "one each"

              let evidence (values: float list) =
                  let ofKernel, noise = List.splitAt (values.Length - 1) values
                  (GpRegression.fit (Kernel.withParameters ofKernel case.Kernel) noise[0] case.Inputs case.Targets |> ok).LogEvidence

              let h = 1e-5

              values
              |> List.iteri (fun i _ ->
                  let at step = evidence (values |> List.mapi (fun j v -> if j = i then v * exp step else v))
                  let difference = (at h - at -h) / (2.0 * h)
                  Expect.isLessThan (abs (gradient[i] - difference)) (1e-6 * max 1.0 (abs difference)) $"hyper-parameter {i}"))

          testCase "without noise it interpolates, and is certain there" (fun () ->
              let y = normal 3 [ 7 ]
              let model = GpRegression.fit (Kernel.Matern(Smoothness.ThreeHalves, 1.0, [ 0.5 ])) 0.0 inputs y |> ok
              let there = GpRegression.predict inputs model
              same 1e-9 "the targets" y there.Mean
              Expect.isLessThan (float (there.Variance.max ())) 1e-9 "no variance"
              Expect.isGreaterThanOrEqual (float (there.Variance.min ())) 0.0 "not below 0"
              Expect.equal (HyperParameters.named model.Kernel 0.0 |> List.map fst) [ "variance"; "lengthScale" ] "no noise to tune") ]

let private linear =
    testCase "the linear kernel is Bayesian linear regression: prediction and evidence" (fun () ->
        let variance, noise = 0.8, 0.3
        let x, y = normal 5 [ 20; 3 ], normal 6 [ 20 ]
        let process' = GpRegression.fit (Kernel.Linear variance) noise x y |> ok
        let model = LinearModel.create (Likelihood.Gaussian noise) false x (y.unsqueeze 1)
        let point = EvidenceProfile.point ProfileOptions.Default model (1.0 / variance) |> ok
        close 1e-10 "evidence" point.Report.LogEvidence.Value process'.LogEvidence
        let points = normal 7 [ 5; 3 ]
        let found = GpRegression.predictJointly points process'
        same 1e-11 "mean" ((LinearModel.predict false point.Minimum.Weights points).squeeze 1) found.Mean
        // the posterior of the weights is N(ω₀, A⁻¹), A = XᵀX/σ² + λ
        let precision = x.transpose().matmul x / noise + identity 3 / variance
        same 1e-10 "covariance" (points.matmul (precision.solve (points.transpose ()))) found.Covariance)

let private jitter =
    testList
        "jitter"
        [ testCase "none where none is needed" (fun () ->
              let factor = Factor.ofCovariance JitterPolicy.Default (identity 3 * 2.0) |> ok
              Expect.equal (factor.Jitter, factor.Attempts) (0.0, 1) "at once"
              close 1e-15 "ln det" (3.0 * log 2.0) factor.LogDeterminant)

          testCase "the least that works is used and reported, relative to the variances" (fun () ->
              let twice = dsharp.cat ([ inputs; inputs ], 0)

              for scale in [ 1e-6; 1.0; 1e6 ] do
                  let covariance = KernelMatrix.gram (Kernel.RadialBasis(scale, [ 3.0 ])) twice
                  let factor = Factor.ofCovariance JitterPolicy.Default covariance |> ok
                  Expect.isGreaterThan factor.Jitter 0.0 "some"
                  Expect.isLessThanOrEqual factor.Jitter (1e-8 * scale * 1.000001) "little"
                  Expect.isGreaterThan factor.Attempts 1 "tried before"
                  let lower = factor.Lower
                  same 1e-13 "LLᵀ" (covariance + identity 14 * factor.Jitter) (lower.matmul (lower.transpose ()))

                  // the attempt before did not work
                  Expect.throws
                      (fun () ->
                          (covariance + identity 14 * (if factor.Attempts = 2 then 0.0 else factor.Jitter / 10.0)).cholesky() |> ignore)
                      "less is not enough"

              let model = GpRegression.fit (Kernel.RadialBasis(1.0, [ 3.0 ])) 0.0 twice (normal 1 [ 14 ]) |> ok
              Expect.isGreaterThan model.Jitter 0.0 "the regression says so"
              let noisy = GpRegression.fit (Kernel.RadialBasis(1.0, [ 3.0 ])) 1e-3 twice (normal 1 [ 14 ]) |> ok
              Expect.equal noisy.Jitter 0.0 "none with noise")

          testCase "an indefinite covariance is an error that names its least eigenvalue" (fun () ->
              match Factor.ofCovariance JitterPolicy.Default (withSpectrum 3 [ -0.5; 1.0; 2.0 ]) with
              | Error(GaussianProcessError.NotPositiveDefinite(3, largest, Some least) as error) ->
                  close 1e-12 "least" -0.5 least
                  close 1e-6 "jitter" (1e-8 * 2.5 / 3.0) largest
                  Expect.stringContains (string error) "least eigenvalue is -0.5" "sentence"
              | other -> failtest $"%A{other}")

          testCase "an overflow is an error" (fun () ->
              match Factor.ofCovariance JitterPolicy.Default (identity 2 / 0.0) with
              | Error(GaussianProcessError.NotFinite _) -> ()
              | other -> failtest $"%A{other}")

          testCase "solutions and whitening" (fun () ->
              let a = withSpectrum 4 [ 0.5; 1.0; 3.0; 7.0 ]
              let factor = Factor.ofCovariance JitterPolicy.Default a |> ok
              let b = normal 5 [ 4; 2 ]
              same 1e-12 "solve" b (a.matmul (factor.Solve b))
              same 1e-12 "whiten" b (factor.Lower.matmul (factor.Whiten b))) ]

let private evidence =
    let truth = Kernel.RadialBasis(2.0, [ 0.7 ])
    let x = (normal 11 [ 60; 1 ]) * 2.0

    // one draw of the process, with noise of variance 0.05
    let draw () =
        (Factor.ofCovariance JitterPolicy.Default (KernelMatrix.gram truth x) |> ok).Lower.matmul(normal 12 [ 60 ])
        + normal 13 [ 60 ] * sqrt 0.05

    let start = Kernel.RadialBasis(1.0, [ 2.0 ])
    let search = { EvidenceSearch.Default with Restarts = 3 }

    testList
        "hyper-parameters by evidence"
        [ testCase "a maximum that converged: no derivative left, no neighbour and no random point higher; the truth is near" (fun () ->
              let y = draw ()
              let found = HyperParameters.maximiseEvidence search start 1.0 x y |> ok
              Expect.isTrue found.Best.Converged found.Best.Stopped
              Expect.equal found.Searches.Length 4 "all searches"
              Expect.equal found.Best (found.Searches |> List.maxBy _.LogEvidence) "the best of them"
              close 1e-12 "the model's evidence" found.Best.LogEvidence found.Model.LogEvidence
              Expect.isLessThan (GpRegression.logEvidenceGradient found.Model |> Array.map abs |> Array.max) 1e-4 "derivatives"
              let random = Random 3

              for _ in 1..200 do
                  let width = if random.Next 2 = 0 then 0.05 else 1.5
                  let values = found.Best.Found |> List.map (fun v -> v * exp (width * (2.0 * random.NextDouble() - 1.0)))
                  let other = GpRegression.fit (Kernel.withParameters values[..1] start) values[2] x y |> ok
                  Expect.isLessThanOrEqual other.LogEvidence (found.Best.LogEvidence + 1e-9) "lower"

              let atTruth = (GpRegression.fit truth 0.05 x y |> ok).LogEvidence
              Expect.isGreaterThan found.Best.LogEvidence atTruth "above the truth's"
              // twice the difference is χ² of three degrees of freedom: above 16.3 once in a thousand
              Expect.isLessThan (2.0 * (found.Best.LogEvidence - atTruth)) 16.3 "near the truth")

          testCase "what is not free stays; the same seed finds the same" (fun () ->
              let y = draw ()
              let fixed' = { search with Free = (fun name -> name <> "noiseVariance"); Restarts = 1 }
              let once = HyperParameters.maximiseEvidence fixed' start 0.2 x y |> ok
              Expect.equal once.Model.NoiseVariance 0.2 "noise"
              Expect.isTrue (once.Searches |> List.forall (fun s -> s.Start[2] = 0.2)) "at the starts too"
              Expect.isTrue once.Best.Converged once.Best.Stopped
              let again = HyperParameters.maximiseEvidence fixed' start 0.2 x y |> ok
              Expect.equal again.Searches once.Searches "the same searches"

              let none =
                  HyperParameters.maximiseEvidence { search with Free = (fun _ -> false); Restarts = 0 } start 0.2 x y |> ok

              Expect.equal none.Model.Kernel start "nothing moved"
              Expect.equal none.Best.Stopped "nothing was free" "and why")

          testCase "it says where it stopped if it may not finish" (fun () ->
              let y = draw ()

              let found =
                  HyperParameters.maximiseEvidence { search with MostIterations = 1; Restarts = 0 } start 1.0 x y |> ok

              Expect.isFalse found.Best.Converged "one step"
              Expect.isGreaterThan found.Best.LargestDerivative 1e-4 "a derivative is left"
              Expect.isNotEmpty found.Best.Stopped "a reason")

          testCase "where the evidence has no maximum it ends, and says that it has none" (fun () ->
              // equal targets under a constant kernel: the evidence grows without end as the noise goes to 0
              let few = { search with MostIterations = 10; Restarts = 0 }

              let found =
                  HyperParameters.maximiseEvidence few (Kernel.Constant 1.0) 0.1 (normal 1 [ 5; 1 ]) (dsharp.onesLike (normal 1 [ 5 ]))
                  |> ok

              Expect.isFalse found.Best.Converged "no maximum"
              Expect.isLessThanOrEqual found.Best.Evaluations 50 "five evaluations for each iteration"
              Expect.isLessThan found.Model.NoiseVariance 0.1 "on its way to 0")

          testCase "a kernel with parts, and lengths that tell an input without effect" (fun () ->
              let x = normal 21 [ 80; 2 ]
              let y = (x[*, 0] * 2.0).sin() + normal 22 [ 80 ] * 0.1

              let found =
                  HyperParameters.maximiseEvidence { search with Restarts = 1 } (Kernel.RadialBasis(1.0, [ 1.0; 1.0 ])) 0.1 x y |> ok

              let lengths = found.Model.Kernel |> Kernel.parameters |> List.map snd
              Expect.isGreaterThan lengths[2] (5.0 * lengths[1]) "the second input does not matter"
              Expect.isLessThan (abs (log (found.Model.NoiseVariance / 0.01))) 0.6 "noise") ]

let private refusals =
    testCase "refusals" (fun () ->
        let kernel = Kernel.RadialBasis(1.0, [ 1.0 ])
        let y = normal 1 [ 7 ]
        refuses [ "one target for each of 7 inputs"; "[6]" ] (fun () -> GpRegression.fit kernel 0.1 inputs (normal 1 [ 6 ]))
        refuses [ "[7; 1]" ] (fun () -> GpRegression.fit kernel 0.1 inputs (normal 1 [ 7; 1 ]))

        refuses [ "target 2"; "not finite" ] (fun () ->
            GpRegression.fit kernel 0.1 inputs (vector [ 1.0; 2.0; nan; 1.0; infinity; 1.0; 1.0 ]))

        refuses [ "noise variance"; "-0.1" ] (fun () -> GpRegression.fit kernel -0.1 inputs y)
        refuses [ "noise variance"; "NaN" ] (fun () -> GpRegression.fit kernel nan inputs y)

        refuses [ "as many numbers each" ] (fun () ->
            GpRegression.predict (normal 1 [ 2; 3 ]) (GpRegression.fit kernel 0.1 inputs y |> ok))

        refuses [ "square" ] (fun () -> Factor.ofCovariance JitterPolicy.Default (normal 1 [ 2; 3 ]))
        refuses [ "jitters" ] (fun () -> Factor.ofCovariance { JitterPolicy.Default with First = 0.0 } (identity 2))

        refuses [ "restarts"; "-1" ] (fun () ->
            HyperParameters.maximiseEvidence { EvidenceSearch.Default with Restarts = -1 } kernel 0.1 inputs y))

let tests = testList "regression" [ conditionals; linear; jitter; evidence; refusals ]
