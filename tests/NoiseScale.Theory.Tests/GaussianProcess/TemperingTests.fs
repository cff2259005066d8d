/// Tempered regression against the tempered densities themselves, and the temperature of most evidence.
module NoiseScale.Theory.Tests.TemperingTests

open System
open Expecto
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Processes
open NoiseScale.Theory.Tests.Property

let private fit (case: Case) = GpRegression.fit case.Kernel case.Noise case.Inputs case.Targets |> ok
let private whole t = Temper.Posterior(PosteriorTemperature t)
let private likelihood t = Temper.Likelihood(LikelihoodTemperature t)

/// ln p(y | f) and ln p(f) of the function's values at the inputs and the points, as sums of squares.
let private densities (case: Case) =
    let all = dsharp.cat ([ case.Inputs; case.Points ], 0)
    let prior = KernelMatrix.gram case.Kernel all
    let n = case.Inputs.shape[0]
    let precision = prior.inv ()

    all,
    fun (f: Tensor) ->
        let off = f[.. n - 1] - case.Targets
        -0.5 * float ((off * off).sum()) / case.Noise, -0.5 * float (f.dot (precision.matmul f))

/// The tempered posterior that the library gives, of the values at inputs and points together.
let private tempered temper (case: Case) (all: Tensor) =
    // white noise of the function is that of its points: predicted at inputs it would be another function's
    let kernel, noise = Tempering.equivalent temper case.Kernel case.Noise
    let n = case.Inputs.shape[0]
    let prior = KernelMatrix.gram kernel all

    let gain =
        prior[*, .. n - 1].matmul((prior[.. n - 1, .. n - 1] + dsharp.eye (n, dtype = Dtype.Float64) * noise).inv())

    gain.matmul case.Targets, prior - gain.matmul prior[.. n - 1, *]

/// The logarithm of a density may differ by a constant only: compare differences between pairs of functions.
let private sameDensity temper logDensity (case: Case) =
    let all, parts = densities case
    let mean, covariance = tempered temper case all
    let count = all.shape[0]

    for seed in 1..4 do
        let f, g = normal seed [ count ], normal (seed + 50) [ count ]
        let direct = logDensity (parts f) - logDensity (parts g)
        let normal = logNormal mean covariance f - logNormal mean covariance g

        if not (abs (direct - normal) <= 1e-7 * (1.0 + abs direct)) then
            failtest $"{temper}: {direct} and {normal}"

let private equivalences =
    testList
        "equivalences"
        [ property 60 "whole posterior: [p(y|f) p(f)]^(1/T) is the posterior of TK and Tσ²" cases (fun case ->
              sameDensity (whole case.Temperature) (fun (data, prior) -> (data + prior) / case.Temperature) case)

          property 60 "likelihood alone: p(y|f)^(1/T) p(f) is the posterior of K and Tσ²" cases (fun case ->
              sameDensity (likelihood case.Temperature) (fun (data, prior) -> data / case.Temperature + prior) case)

          property 60 "predictions: the mean stays and covariances are T times as large; by precisions" cases (fun case ->
              let model = fit case
              let plain = GpRegression.predictJointly case.Points model

              let found =
                  Tempering.regression (whole case.Temperature) model |> ok |> GpRegression.predictJointly case.Points

              same 1e-9 "mean" plain.Mean found.Mean
              same 1e-9 "covariance" (plain.Covariance * case.Temperature) found.Covariance)

          property 60 "likelihood alone, predictions: weights of the data divided by T, in precisions" cases (fun case ->
              let n, m = case.Inputs.shape[0], case.Points.shape[0]
              let all, _ = densities case

              let found =
                  Tempering.regression (likelihood case.Temperature) (fit case) |> ok |> GpRegression.predictJointly case.Points

              let ofData =
                  dsharp.diag (vector [ for i in 0 .. n + m - 1 -> if i < n then 1.0 / (case.Noise * case.Temperature) else 0.0 ])

              let covariance = ((KernelMatrix.gram case.Kernel all).inv() + ofData).inv()

              let pulled =
                  dsharp.cat ([ case.Targets / (case.Noise * case.Temperature); dsharp.zeros (m, dtype = Dtype.Float64) ], 0)

              let mean = covariance.matmul pulled
              Expect.isLessThan (float ((mean[n..] - found.Mean).abs().max())) 1e-7 "mean"
              Expect.isLessThan (float ((covariance[n.., n..] - found.Covariance).abs().max())) 1e-7 "covariance")

          testCase "the two differ: the likelihood's temperature moves the mean, the whole posterior's does not" (fun () ->
              let model = GpRegression.fit (Kernel.RadialBasis(1.0, [ 1.0 ])) 0.5 inputs (normal 2 [ 7 ] + 1.0) |> ok
              let mean temper = (Tempering.regression temper model |> ok |> GpRegression.predict inputs).Mean
              let plain = (GpRegression.predict inputs model).Mean
              same 1e-12 "stays" plain (mean (whole 0.1))
              Expect.isGreaterThan (float ((mean (likelihood 0.1) - plain).abs().max())) 0.05 "moves"
              same 1e-12 "T = 1 is no tempering" plain (mean (likelihood 1.0))
              Expect.equal (Tempering.regression Temper.Untempered model |> ok).Kernel model.Kernel "nor is Untempered"
              // hot likelihoods leave the prior, cold ones the targets
              Expect.isLessThan (float ((mean (likelihood 1e9)).abs().max())) 1e-6 "prior"
              let cold = mean (likelihood 1e-6)
              Expect.isLessThan (float ((cold - model.Targets).abs().max())) 0.02 "targets")

          property 30 "T = 1/k: k identical observations of every target, and the prior k times" cases (fun case ->
              for k in [ 1; 2; 5 ] do
                  let many = List.replicate k case.Inputs, List.replicate k case.Targets
                  // white noise of the function would be another at a repeated input: take it out of the kernel
                  let kernel =
                      match case.Kernel with
                      | Kernel.Sum(kernel, Kernel.White _) -> kernel
                      | other -> other

                  let repeated =
                      GpRegression.fit
                          (Kernel.scale (1.0 / float k) kernel)
                          case.Noise
                          (dsharp.cat (fst many, 0))
                          (dsharp.cat (snd many, 0))

                  match kernel with
                  // the process of k observations of white noise is no function
                  | Kernel.White _ -> ()
                  | _ ->
                      let expected = GpRegression.predictJointly case.Points (ok repeated)

                      let found =
                          GpRegression.fit kernel case.Noise case.Inputs case.Targets
                          |> Result.bind (Tempering.regression (Temper.Posterior(Tempering.ofRelabellings k)))
                          |> ok
                          |> GpRegression.predictJointly case.Points

                      Expect.isLessThan (float ((expected.Mean - found.Mean).abs().max())) 1e-8 "mean"
                      Expect.isLessThan (float ((expected.Covariance - found.Covariance).abs().max())) 1e-8 "covariance") ]

/// The largest value of a function of ln T, by golden sections.
let private maximise (f: float -> float) =
    let ratio = (sqrt 5.0 - 1.0) / 2.0

    let rec narrow low high count =
        if count = 0 then
            exp ((low + high) / 2.0)
        else
            let a, b = high - ratio * (high - low), low + ratio * (high - low)

            if f (exp a) > f (exp b) then
                narrow low b (count - 1)
            else
                narrow a high (count - 1)

    narrow -15.0 15.0 70

let private empiricalBayes =
    testList
        "the temperature of most evidence"
        [ property 30 "T* = yᵀ(K + σ²)⁻¹y/n is where the evidence of TK and Tσ² is largest" cases (fun case ->
              let model = fit case

              let evidence t =
                  (GpRegression.fit (Kernel.scale t case.Kernel) (t * case.Noise) case.Inputs case.Targets |> ok).LogEvidence

              for t in [ 0.1; 1.0; case.Temperature ] do
                  close 1e-9 "closed form" (evidence t) (Tempering.logEvidence (PosteriorTemperature t) model)

              // a maximum is found to the root of rounding
              close 1e-5 "T*" (maximise evidence) (Tempering.bestTemperature model).Value)

          property 30 "tuning T is tuning the prior: the amplitude of T*k is best as it is, and c k wants T*/c" cases (fun case ->
              let model = fit case
              let best = Tempering.bestTemperature model
              let tuned = Tempering.regression (Temper.Posterior best) model |> ok
              close 1e-9 "1" 1.0 (Tempering.bestTemperature tuned).Value

              let doubled =
                  GpRegression.fit (Kernel.scale 2.0 case.Kernel) (2.0 * case.Noise) case.Inputs case.Targets |> ok

              close 1e-9 "T*/2" (best.Value / 2.0) (Tempering.bestTemperature doubled).Value
              let plain, same' = GpRegression.predict case.Points model, GpRegression.predict case.Points tuned
              same 1e-9 "the predictions' means do not know it" plain.Mean same'.Mean)

          testCase "the search over amplitudes finds it: a kernel times a constant, noise in proportion" (fun () ->
              // y = √c·(function and noise of amplitude 1): in the kernel's white part noise scales along
              let kernel = Kernel.RadialBasis(1.0, [ 0.8 ]) + Kernel.White 0.1
              let y = normal 31 [ 7 ] * 3.0
              let model = GpRegression.fit kernel 0.0 inputs y |> ok

              let search =
                  { EvidenceSearch.Default with
                      Restarts = 0
                      GradientTolerance = 1e-8
                      Free = fun name -> name = "left.variance" }

              let found = HyperParameters.maximiseEvidence search (Kernel.Constant 1.0 * kernel) 0.0 inputs y |> ok
              close 1e-6 "amplitude" (Tempering.bestTemperature model).Value found.Best.Found[0])

          testCase "of the likelihood alone: the evidence of K and Tσ² by golden sections" (fun () ->
              let kernel = Kernel.RadialBasis(1.3, [ 0.7 ])
              let x = normal 32 [ 25; 2 ]

              for noise in [ 0.02; 0.5; 4.0 ] do
                  let y = (x[*, 0] * 1.5).sin() + normal 33 [ 25 ] * 0.4
                  let model = GpRegression.fit kernel noise x y |> ok
                  let evidence t = (GpRegression.fit kernel (t * noise) x y |> ok).LogEvidence
                  let best, converged = Tempering.bestLikelihoodTemperature EvidenceSearch.Default model |> ok
                  Expect.isTrue converged "a maximum"
                  close 1e-3 $"T* of σ² = {noise}" (maximise evidence) best.Value
                  let gained = (Tempering.regression (Temper.Likelihood best) model |> ok).LogEvidence
                  Expect.isGreaterThanOrEqual gained (evidence (best.Value * 1.05)) "above"
                  Expect.isGreaterThanOrEqual gained (evidence (best.Value / 1.05)) "below") ]

let private refusals =
    testCase "refusals" (fun () ->
        let model = GpRegression.fit (Kernel.RadialBasis(1.0, [ 1.0 ])) 0.5 inputs (normal 2 [ 7 ]) |> ok

        for t in [ 0.0; -1.0; nan; infinity ] do
            refuses [ "temperature"; "positive"; $"{t}" ] (fun () -> Tempering.regression (whole t) model)
            refuses [ "temperature" ] (fun () -> Tempering.regression (likelihood t) model)
            refuses [ "temperature" ] (fun () -> Tempering.logEvidence (PosteriorTemperature t) model)

        refuses [ "noise variance is 0" ] (fun () ->
            GpRegression.fit (Kernel.RadialBasis(1.0, [ 1.0 ])) 0.0 inputs (normal 2 [ 7 ])
            |> ok
            |> Tempering.bestLikelihoodTemperature EvidenceSearch.Default)

        refuses [ "once"; "0" ] (fun () -> Tempering.ofRelabellings 0)

        refuses [ "all targets are 0" ] (fun () ->
            Tempering.bestTemperature (GpRegression.fit (Kernel.Constant 1.0) 0.5 inputs (dsharp.zeros (7, dtype = Dtype.Float64)) |> ok)))

let tests = testList "tempering" [ equivalences; empiricalBayes; refusals ]
