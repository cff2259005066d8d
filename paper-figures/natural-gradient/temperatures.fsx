// Accuracy and cross-entropy of ensembles and of single samples against temperature, logistic regression with 64 weights: Figs 2 and 3.
#load "logistic.fsx"

open System
open System.Diagnostics
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Sampling
open NoiseScale.Training.Runs
open Panel
open Claims
open Settings
open Seeds
open Running
open Logistic

/// Of one seed at one temperature.
type Scored =
    { EnsembleAccuracy: float
      EnsembleLoss: float
      SingleAccuracy: float
      SingleLoss: float }

/// Where the noise comes from, and what the paper's panels show of it, read off by eye.
type Kind =
    | Langevin
    | NaturalGradient

let wide = profile.Wide
let private clock = Stopwatch.StartNew()
let private seeds = [ for i in 1 .. wide.Seeds -> int64 i ]
let private training = lazy [ for seed in seeds -> draw seed wide.Features examples ]
let private testing = lazy [ for seed in seeds -> draw (1000L + seed) wide.Features wide.TestExamples ]
let private updates = int64 (wide.BurnIn + wide.Samples)

/// B = εN/(2T), as the paper sets it for Fig 3.
let batchFor (t: float) = int (Math.Round(learningRate * float examples / (2.0 * t)))

let private samplerAt kind (t: float) =
    let target, metric = sideBySide training.Value

    match kind with
    | Langevin ->
        Sampling.Langevin.uncorrected
            metric
            { LearningRate = learningRate
              Temperature = PosteriorTemperature t
              Gradient = GradientSource.Full
              Seed = 1L }
            target
    | NaturalGradient -> Sampling.NaturalGradient.minibatch metric { LearningRate = learningRate; BatchSize = batchFor t; Seed = 1L } target
    |> SamplingFault.orFail

let private scoreOf (samples: Tensor) seed =
    let test = testing.Value[seed]

    let score =
        Ensemble.score (ChainModel.ofLinear test) 20 (samples[*, seed, *]) test.Features test.Targets

    { EnsembleAccuracy = Option.get score.Ensemble.Accuracy
      EnsembleLoss = score.Ensemble.CrossEntropy
      SingleAccuracy = Option.get score.Single.Accuracy
      SingleLoss = score.Single.CrossEntropy }

/// Scores of all seeds at each temperature.
let private scores kind label =
    [ for log2T in wide.Temperatures ->
          let t = 2.0 ** log2T

          { Key = $"logistic {kind} T {t} {wide.Features} {wide.TestExamples} {wide.BurnIn} {wide.Samples} {wide.Seeds}"
            Updates = updates
            Compute =
              fun report ->
                  let start = Chains.startAt wide.Seeds (truth wide.Features)
                  let samples = runChains report wide.BurnIn wide.Samples (samplerAt kind t) start
                  [ for seed in 0 .. wide.Seeds - 1 -> scoreOf samples seed ] } ]
    |> runJobs label "temperature"

/// How many draws can be separated: their likelihood has no maximum, and what a cold chain tends to lies at infinity.
let private separable =
    let costs =
        Cache.cached arguments "separable" $"features {wide.Features} seeds {wide.Seeds}" (fun () ->
            [ for set in training.Value ->
                  match minimum set with
                  | Some w -> LinearModel.cost set w
                  | None -> 0.0 ])

    costs |> List.filter (fun cost -> cost < 0.1) |> List.length

/// What the paper's figure shows, read off by eye.
type Eyed =
    {
        Figure: string
        Loss: float
        /// at T = 1/8, where the eye can tell
        ColdLoss: float option
        HotLoss: float
        Accuracy: float
        HotAccuracy: float
    }

/// Margin of the value at T = 1, about what the eye and other data leave open.
let private valueMargin = 0.015

let publishTemperatures key title kind (eyed: Eyed) =
    let found = scores kind title
    let logs = wide.Temperatures
    let values (f: Scored -> float) = found |> List.map (List.map f)
    let ts = logs |> List.map (fun l -> 2.0 ** l)
    let ensemble, single = lowest logs (values _.EnsembleLoss), lowest logs (values _.SingleLoss)
    let at log2T f = values f |> List.item (List.findIndex ((=) log2T) logs)
    let tested log2T = List.contains log2T logs

    let near what (paper: string) expected (l: Lowest) : Claim =
        let m = mean l.OfSeeds

        { Claim = what
          Paper = paper
          Ours = $"T = {2.0 ** m.Mean:F2} [{2.0 ** m.Low:F2}, {2.0 ** m.High:F2}] over {l.OfSeeds.Length} draws of the data"
          Verdict =
            if l.IsInterior && m.Low > expected - 1.0 && m.High < expected + 1.0 then Holds
            elif abs (m.Mean - expected) < 1.0 then WithinBand
            else Fails }

    let valued what (paper: float) margin where (ours: float list) : Claim =
        let m = mean ours

        { Claim = what
          Paper = $"about {paper} ({where}, by eye)"
          Ours = interval m
          Verdict =
            if m.Low > paper - margin && m.High < paper + margin then Holds
            elif m.Low < paper + margin && m.High > paper - margin then WithinBand
            else Fails }

    let gains = [ for s, e in List.zip (values _.SingleLoss) (values _.EnsembleLoss) -> difference e s ]

    let smallest = gains |> List.minBy _.Low

    publish
        { Key = key
          Title = title
          Caption =
            $"Logistic regression, {wide.Features} weights, w_true = (16, 0, …), N = {examples}, ε = {learningRate}, δ = {damping}: {wide.BurnIn} updates of burn-in from w_true, \
              the average prediction of {wide.Samples} samples and single samples, on {wide.TestExamples} test examples; {wide.Seeds} draws of the data ({arguments.Profile} profile)."
          Panels =
            [ { panel
                    "a  test accuracy"
                    "temperature T"
                    "test accuracy"
                    "Test accuracy against temperature, of the ensemble and of single samples."
                    [ curve 0 "ensemble" ts (values _.EnsembleAccuracy); curve 1 "single sample" ts (values _.SingleAccuracy) ] with
                  LogX = true }
              { panel
                    "b  test cross-entropy"
                    "temperature T"
                    "test cross-entropy"
                    "Test cross-entropy against temperature: the ensemble's has its minimum near 1, that of single samples lower."
                    [ curve 0 "ensemble" ts (values _.EnsembleLoss); curve 1 "single sample" ts (values _.SingleLoss) ] with
                  LogX = true
                  LogY = true } ]
          Claims =
            [ near "the ensemble's cross-entropy is least at T = 1, to a factor of 2" $"T = 1 ({eyed.Figure}b)" 0.0 ensemble
              near "that of single samples at T = 1/2, to a factor of 2" "about 1/2 (Fig 2b, by eye)" -1.0 single
              { Claim = "the ensemble is better than its samples at every T"
                Paper = $"it is ({eyed.Figure}b)"
                Ours = $"least gain in cross-entropy {short smallest}"
                Verdict = holdsAboveZero (smallest.Low, gains |> List.map _.Mean |> List.min) }
              if tested 0.0 then
                  valued "cross-entropy of the ensemble at T = 1" eyed.Loss valueMargin $"{eyed.Figure}b" (at 0.0 _.EnsembleLoss)
                  valued "accuracy of the ensemble at T = 1" eyed.Accuracy valueMargin $"{eyed.Figure}a" (at 0.0 _.EnsembleAccuracy)
              match eyed.ColdLoss with
              | Some cold when tested -3.0 ->
                  let draws = at -3.0 _.EnsembleLoss
                  let least, most = List.min draws, List.max draws

                  // a cold chain tends to the maximum of the likelihood, which differs from draw to draw
                  { Claim = "the paper's cross-entropy at T = 1/8 lies among those of our draws"
                    Paper = $"about {cold} ({eyed.Figure}b, by eye; one draw)"
                    Ours =
                      $"{least:F3} to {most:F3}, mean {interval (mean draws)}; {separable} of {wide.Seeds} draws can be separated and have no maximum"
                    Verdict = holdsIf (least <= cold && cold <= most) }
              | _ -> ()
              if tested 3.0 then
                  // a hot chain wanders far, and how far differs from draw to draw
                  valued
                      "cross-entropy of the ensemble at T = 8"
                      eyed.HotLoss
                      (0.2 * eyed.HotLoss)
                      $"{eyed.Figure}b"
                      (at 3.0 _.EnsembleLoss)

                  valued "accuracy of the ensemble at T = 8" eyed.HotAccuracy valueMargin $"{eyed.Figure}a" (at 3.0 _.EnsembleAccuracy)
              match kind with
              | Langevin when tested 0.0 && tested 3.0 ->
                  valued "accuracy of a single sample at T = 1" 0.926 valueMargin "Fig 2a" (at 0.0 _.SingleAccuracy)
                  valued "accuracy of a single sample at T = 8" 0.775 0.05 "Fig 2a" (at 3.0 _.SingleAccuracy)
              | _ -> () ]
          Provenance = provenance $"1 to {wide.Seeds}" $"drawn, N = {examples}" clock
          Command = command key }
