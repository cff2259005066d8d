// Fig 1: regression at several temperatures, each tempered posterior as it is defined, with the posterior of the untempered model it is equal to laid over it.
#load "line.fsx"

open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.GaussianProcess
open Panel
open Claims
open Settings
open Seeds
open Running
open Line

let private grid =
    [| for i in 0 .. profile.Curve.GridPoints - 1 -> -4.5 + 9.0 * float i / float (profile.Curve.GridPoints - 1) |]

let private points = numbers grid
let private n = profile.Curve.Examples

/// K⁻¹ of the function's values at the inputs and on the grid together.
let private priorPrecision = (KernelMatrix.gram kernel (dsharp.cat [ inputs; points ])).inv()

/// The tempered posterior by its definition, [p(y | f) p(f)]^(1/T) or p(y | f)^(1/T) p(f), in the form of precisions: Λ = K⁻¹/T_prior + PᵀP/(Tσ²) and
/// Λm = Pᵀy/(Tσ²) for values f at inputs and grid together, P those at the inputs. No equivalent model enters.
let private byDefinition (temper: Temper) : JointPrediction =
    let weight = 1.0 / (temper.Value * noiseVariance)
    let onlyInputs (values: Tensor) = dsharp.cat [ values; dsharp.zeros ([ grid.Length ], dtype = Dtype.Float64) ]
    let observed = onlyInputs (dsharp.full ([ n ], weight, dtype = Dtype.Float64))
    let precision = priorPrecision / temper.PriorScale + observed.diag ()
    let covariance = precision.inv ()
    let mean = covariance.matmul (onlyInputs (targets * weight))

    { Mean = mean[n..]; Covariance = covariance[n.., n..] }

/// The posterior of the untempered model with K → TK and σ² → Tσ², or with σ² → Tσ² alone.
let private equivalent (temper: Temper) : JointPrediction = GpRegression.predictJointly points (Tempering.regression temper model |> orExit)

let private whole t = Temper.Posterior(PosteriorTemperature t)
let private likelihood t = Temper.Likelihood(LikelihoodTemperature t)
let private temperatures = profile.Curve.Temperatures

/// The largest differences of means and of covariances over all temperatures.
let private apart (kind: float -> Temper) =
    let pairs = temperatures |> List.map (fun t -> byDefinition (kind t), equivalent (kind t))
    let largest part = pairs |> List.map (fun (a, b) -> largestDifference (part a) (part b)) |> List.max
    largest _.Mean, largest _.Covariance

/// Matrices of this size are inverted twice on one side: what rounding may leave, where function and targets are of size 1.
let private rounding = 1e-8

let private equal (tempered: string) (change: string) (kind: float -> Temper) (paper: string) : Claim =
    let means, covariances = apart kind

    { Claim = $"{tempered} tempered, at every T: the posterior of the untempered model with {change}, to {rounding:G1}"
      Paper = paper
      Ours =
        $"""largest differences {means:E1} (means) and {covariances:E1} (covariances), T = {temperatures |> List.map string |> String.concat ", "}"""
      Verdict = holdsIf (means < rounding && covariances < rounding) }

let private unmoved: Claim =
    let at t = byDefinition (whole t)
    let untempered = at 1.0

    let moved =
        temperatures |> List.map (fun t -> largestDifference (at t).Mean untempered.Mean) |> List.max

    let scaled =
        temperatures |> List.map (fun t -> largestDifference (at t).Covariance (untempered.Covariance * t)) |> List.max

    { Claim = $"tempering the whole posterior leaves the mean, and multiplies covariances by T, to {rounding:G1}"
      Paper = derived
      Ours = $"the mean moves by {moved:E1}, covariances are off by {scaled:E1}"
      Verdict = holdsIf (moved < rounding && scaled < rounding) }

let private moves: Claim =
    let at t = byDefinition (likelihood t)
    let moved = temperatures |> List.map (fun t -> largestDifference (at t).Mean (at 1.0).Mean) |> List.max

    { Claim = "tempering the likelihood alone moves the mean: the two are different operations"
      Paper = derived
      Ours = $"by up to {moved:G3}, in units of the targets"
      Verdict = holdsIf (moved > 1e-3) }

/// T = 1/k: every target observed k times, under a prior that counts k times.
let private relabelled: Claim =
    let copies = 3

    let repeated =
        GpRegression.fit kernel noiseVariance (dsharp.cat (List.replicate copies inputs)) (dsharp.cat (List.replicate copies targets))
        |> orExit

    // of the k copies alone, under the prior itself: the likelihood at T = 1/k
    let copied = GpRegression.predictJointly points repeated
    let cold = byDefinition (likelihood (1.0 / float copies))

    let off =
        max (largestDifference copied.Mean cold.Mean) (largestDifference copied.Covariance cold.Covariance)

    { Claim = $"the likelihood at T = 1/{copies} is that of every example seen {copies} times, with the same target"
      Paper = abstractSays "T < 1 can say that one gains little by relabelling existing examples; the equality is derived"
      Ours = $"largest difference {off:E1}"
      Verdict = holdsIf (off < rounding) }

/// Mean and two standard deviations by the definition, and the equivalent posterior's mean and edges laid over them.
let private drawn (title: string) (kind: float -> Temper) (change: string) =
    let deviations (p: JointPrediction) = (p.Covariance.diagonal ()).clamp(low = 0.0).sqrt() * 2.0
    let floats (t: Tensor) = t.toArray1D<float>()
    // one narrow, one wide
    let shown = [ List.min temperatures; List.max temperatures ]

    panel
        title
        "x"
        "f(x)"
        $"Bands of two standard deviations at several temperatures; the edges of the equivalent untempered posteriors, {change}, lie on theirs."
        [ for i, t in List.indexed shown do
              let p = byDefinition (kind t)
              let m = floats p.Mean
              banded i $"tempered, T = {t}" grid m (floats (p.Mean - deviations p)) (floats (p.Mean + deviations p))

          for i, t in List.indexed shown do
              let p = equivalent (kind t)
              let edges = Array.append (floats (p.Mean - deviations p)) (floats (p.Mean + deviations p))
              scattered (i + 2) $"untempered, {change}, T = {t}: edges" (Array.append grid grid) edges

          scattered 4 "targets" (floats inputs) (floats targets) ]

publish
    { Key = "fig1"
      Title = "Figure 1: in regression, every temperature is another prior"
      Caption =
        $"{model.Kernel} with σ² = {noiseVariance}, {n} targets. Tempered posteriors by their definition, in the form of precisions; over them the posteriors of the untempered models that they are \
          equal to. The figure is ours."
      Panels =
        [ drawn "1a: the whole posterior tempered" whole "K → TK and σ² → Tσ²"
          drawn "1b: the likelihood alone tempered" likelihood "σ² → Tσ²" ]
      Claims =
        [ equal
              "the whole posterior"
              "K → TK and σ² → Tσ²"
              whole
              (abstractSays "for regression any T > 0 is a valid posterior under a modified prior")
          equal "the likelihood alone" "σ² → Tσ²" likelihood derived
          unmoved
          moves
          relabelled ]
      Provenance = provenance $"{n} targets: a sine of amplitude 2 and noise" "11, 12"
      Command = command "fig1" }
