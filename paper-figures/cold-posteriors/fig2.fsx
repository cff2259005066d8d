// Fig 2: the evidence of the model that tempering stands for, against T, and its closed maximum T* = yᵀ(K + σ²1)⁻¹y/n: tuning T is empirical Bayes of the prior's amplitude.
#load "line.fsx"

open System
open DiffSharp
open MathNet.Numerics
open NoiseScale.Schedules
open NoiseScale.Theory.GaussianProcess
open Panel
open Claims
open Settings
open Seeds
open Running
open Line

/// ln p(y) of the untempered model that the tempered one is equal to; nothing of the closed form enters.
let private evidence (temper: Temper) (model: GpRegression) : float = (Tempering.regression temper model |> orExit).LogEvidence

let private whole t = Temper.Posterior(PosteriorTemperature t)
let private likelihood t = Temper.Likelihood(LikelihoodTemperature t)

/// The T of most evidence, found by golden sections over ln T.
let private best (kind: float -> Temper) (model: GpRegression) : float =
    let cost = Optimization.ObjectiveFunction.ScalarValue(fun logT -> -(evidence (kind (exp logT)) model))

    let found =
        Optimization.GoldenSectionMinimizer(1e-9, 2000, 20, 20.0).FindMinimum(cost, log 1e-4, log 1e4)

    exp found.MinimizingPoint

let private closed = (Tempering.bestTemperature model).Value
let private numeric = best whole model
let private ofLikelihood = best likelihood model

let private atMaximum: Claim =
    { Claim = "the evidence is largest at T* = yᵀ(K + σ²1)⁻¹y/n"
      Paper = abstractSays "tuning T is directly analogous to empirical Bayes; the formula is derived"
      Ours = $"T* = {closed:F6}; the numeric maximum lies at {numeric:F6}, apart by {abs (numeric / closed - 1.0):E1} of it"
      // a maximum is found to the root of the rounding of what is maximised
      Verdict = holdsIf (abs (numeric / closed - 1.0) < 1e-6) }

/// Models that differ in the common amplitude of prior and noise: each tuned by its own T.
let private tuned =
    [ for amplitude in [ 0.01; 0.1; 1.0; 10.0; 100.0 ] do
          let scaled =
              GpRegression.fit (Kernel.scale amplitude kernel) (amplitude * noiseVariance) inputs targets |> orExit

          let t = best whole scaled
          amplitude, t, Tempering.regression (whole t) scaled |> orExit ]

let private isAmplitude: Claim =
    let variances = tuned |> List.map (fun (amplitude, t, _) -> amplitude * t)
    let evidences = tuned |> List.map (fun (_, _, m) -> m.LogEvidence)
    let spread = List.max variances / List.min variances - 1.0

    { Claim = "to tune T is to tune the prior's amplitude: from amplitudes of 0.01 to 100, tuning T ends in one and the same model"
      Paper = abstractSays "tuning T is directly analogous to empirical Bayes"
      Ours =
        $"prior variance {List.min variances:F5} to {List.max variances:F5} (apart by {spread:E1}), T from {tuned |> List.map (fun (_, t, _) -> t) |> List.max:G3} \
          down to {tuned |> List.map (fun (_, t, _) -> t) |> List.min:G3}; ln p(y) apart by {List.max evidences - List.min evidences:E1}"
      Verdict = holdsIf (spread < 1e-6) }

let private gained: Claim =
    let gain = evidence (whole closed) model - model.LogEvidence
    let n = float model.Examples
    // ln p(y | T*) − ln p(y | 1) = n/2 (T* − 1 − ln T*)
    let expected = 0.5 * n * (closed - 1.0 - log closed)

    { Claim = "what the best T gains is n/2·(T* − 1 − ln T*), to rounding"
      Paper = derived
      Ours = $"{gain:F4} nats over T = 1; the formula is off by {abs (gain - expected):E1}"
      Verdict = holdsIf (abs (gain - expected) < 1e-8) }

/// T* where the data are the model's own: χ²ₙ/n.
let private ofItsOwn: Claim =
    let n = model.Examples
    let draws = profile.Curve.Draws
    let y = model.Factor.Lower.matmul (normal 13L [ n; draws ])

    let found =
        [ for i in 0 .. draws - 1 -> (GpRegression.fit kernel noiseVariance inputs y[*, i] |> orExit |> Tempering.bestTemperature).Value ]

    let m = mean found

    { Claim = "data that are the model's own ask for T = 1 on average, with variance 2/n"
      Paper = derived
      Ours = $"T* = {interval m} over {draws} draws; variance {Statistics.Statistics.Variance found:F4}, 2/n = {2.0 / float n:F4}"
      Verdict = holdsIf (m.Low <= 1.0 && 1.0 <= m.High) }

let private temperatures = decades (floor (log10 (0.02 * closed))) (ceil (log10 (50.0 * closed))) 121

let private evidencePanel =
    let values = temperatures |> List.map (fun t -> evidence (whole t) model)
    let noise = temperatures |> List.map (fun t -> evidence (likelihood t) model)
    let top = List.max values

    { panel
          "2a: evidence against temperature"
          "T"
          "ln p(y) [nats]"
          $"The evidence of the model that tempering the whole posterior stands for has one maximum, at T* = {closed:G3}, which is marked; that of the likelihood alone has its own."
          [ series 0 "whole posterior: K → TK, σ² → Tσ²" temperatures values
            series 1 "likelihood alone: σ² → Tσ²" temperatures noise
            series 2 $"T* = {closed:G4}" [ closed; closed ] [ top - 60.0; top + 5.0 ] ] with
        LogX = true
        YRange = Some(top - 60.0, top + 5.0) }

let private amplitudePanel =
    { panel
          "2b: the T of most evidence against the prior's amplitude"
          "prior variance (and noise with it)"
          "T*"
          "On a line of slope −1: the amplitude times T* is always the same."
          [ scattered 0 "numeric maximum" (tuned |> List.map (fun (a, _, _) -> a)) (tuned |> List.map (fun (_, t, _) -> t))
            series 1 "T* of amplitude 1, over the amplitude" [ 0.01; 100.0 ] [ closed / 0.01; closed / 100.0 ] ] with
        LogX = true
        LogY = true }

publish
    { Key = "fig2"
      Title = "Figure 2: to tune the temperature is empirical Bayes"
      Caption =
        $"{model.Kernel} with σ² = {noiseVariance}, the data of figure 1: a curve of amplitude 2 where the model expects 1. The likelihood alone would be tuned to T = {ofLikelihood:G3}. The figure is ours."
      Panels = [ evidencePanel; amplitudePanel ]
      Claims = [ atMaximum; isAmplitude; gained; ofItsOwn ]
      Provenance = provenance $"{model.Examples} targets: a sine of amplitude 2 and noise" "11, 12; draws of the model: 13"
      Command = command "fig2" }
