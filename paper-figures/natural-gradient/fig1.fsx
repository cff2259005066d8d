// Fig 1: samples of two weights by preconditioned Langevin dynamics and by natural gradient descent on minibatches, beside the Laplace approximation and, ours, the exact moments.
#load "logistic.fsx"

open System.Diagnostics
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Sampling
open Panel
open Claims
open Settings
open Seeds
open Running
open Logistic

/// Margin of "equal": standard deviations within 10 %.
let private margin = 0.1

/// P3's B = εN/2.
let private batch = int (learningRate * float examples / 2.0)

let private seed = 1L
let private clock = Stopwatch.StartNew()
let private plane = profile.Plane
let private data = draw seed 2 examples
let private model = ChainModel.ofLinear data

let private start =
    minimum data |> Option.defaultWith (fun () -> failwith "the examples can be separated: there is no minimum")

let private floats (t: Tensor) = [| for row in t.unstack () -> row.toArray1D<float>() |]

let private laplace: Moments =
    { Mean = start.view(-1).toArray1D<float>()
      Covariance = floats ((LinearModel.hessian data start).ToMatrix().inv()) }

let private exact, _ = exactMoments data start laplace.Covariance

/// What is kept of a sampler's chains: [parameter][chain][draw].
type Kept = { Draws: float[][][] }

type private Method = { Name: string; Key: string; Sampler: Sampler }

let private metric =
    FisherMetric.create { Kind = FisherKind.Model; Damping = damping; Examples = None } model |> SamplingFault.orFail

let private langevin: LangevinSettings =
    { LearningRate = learningRate
      Temperature = PosteriorTemperature 1.0
      Gradient = GradientSource.Full
      Seed = seed }

let private target = ChainModel.target model

let private methods =
    [ { Name = "preconditioned Langevin"
        Key = "langevin"
        Sampler = Langevin.uncorrected metric langevin target |> SamplingFault.orFail }
      { Name = $"NGD, B = {batch}"
        Key = $"ngd {batch}"
        Sampler =
          NaturalGradient.minibatch metric { LearningRate = learningRate; BatchSize = batch; Seed = seed } target
          |> SamplingFault.orFail }
      { Name = "Langevin with the correction of Thm 3"
        Key = "uniform"
        Sampler = Langevin.overUniform DivergenceWay.Exact metric langevin target |> SamplingFault.orFail } ]

let private updates = int64 (plane.BurnIn + plane.Samples)

let private sampled =
    [ for m in methods ->
          { Key = $"fig1 {m.Key} seed {seed} {plane} eps {learningRate} delta {damping} n {examples}"
            Updates = updates
            Compute =
              fun report ->
                  let positions = Chains.startAt plane.Chains (start.view -1)
                  let samples = runChains report plane.BurnIn plane.Samples m.Sampler positions

                  { Draws = [| for draws in Draws.ofSeries samples -> [| for chain in 0 .. plane.Chains - 1 -> draws.OfChain chain |] |] } } ]
    |> runJobs "Figure 1" "plane"
    |> List.map2 (fun m kept -> m, kept.Draws |> Array.map Draws.ofArrays) methods

// ---- the same over draws of the data ---------------------------------------------------------------------------------------

/// Draws of the data, and chains of each.
let private draws, private copies = plane.Draws, 4

/// Standard deviations of both weights over the Laplace approximation's, of each draw, by NGD.
let private overDraws =
    let sets =
        [ for s in 101L .. 100L + int64 draws do
              let set = draw s 2 examples

              match minimum set with
              | Some w -> set, w
              | None -> () ]

    { Key = $"fig1 draws {draws} {plane} B {batch} eps {learningRate} delta {damping} n {examples}"
      Updates = updates
      Compute =
        fun report ->
            let repeated =
                [ for set in sets do
                      yield! List.replicate copies set ]

            let target, metric = sideBySide (repeated |> List.map fst)

            let sampler =
                NaturalGradient.minibatch metric { LearningRate = learningRate; BatchSize = batch; Seed = seed } target
                |> SamplingFault.orFail

            let start = dsharp.stack [ for _, w in repeated -> w.view -1 ]
            let all = runChains report plane.BurnIn plane.Samples sampler start |> Draws.ofSeries

            [ for i, (set, w) in List.indexed sets ->
                  let hessian = (LinearModel.hessian set w).ToMatrix().inv() |> floats

                  [ for parameter in 0..1 ->
                        let chains = [| for c in 0 .. copies - 1 -> all[parameter].OfChain(copies * i + c) |]
                        let variance = MonteCarlo.variance (Draws.ofArrays chains) |> diagnosed
                        sqrt (variance.Value / hessian[parameter][parameter]) ] ] }
    |> List.singleton
    |> runJobs "Figure 1, draws of the data" "plane"
    |> List.head

let private alike: Claim =
    let found = [ for parameter in 0..1 -> mean (overDraws |> List.map (List.item parameter)) ]
    let spread parameter = overDraws |> List.map (List.item parameter)

    { Claim = "over draws of the data, NGD's spread is the Laplace approximation's on average, to 10 %"
      Paper = "one draw"
      Ours =
        found
        |> List.mapi (fun i m -> $"w{i + 1}: ×{interval m}, single draws {List.min (spread i):F2} to {List.max (spread i):F2}")
        |> String.concat "; "
      Verdict =
        if found |> List.forall (fun m -> m.Low > 1.0 - margin && m.High < 1.0 + margin) then
            Holds
        elif found |> List.forall (fun m -> abs (m.Mean - 1.0) < margin) then
            WithinBand
        else
            Fails }

let private momentsOf (draws: Draws[]) : Moments =
    let covariances = MonteCarlo.covariances draws |> diagnosed

    { Mean = [| for d in draws -> Array.average d.All |]
      Covariance = [| for i in 0..1 -> [| for j in 0..1 -> covariances[i, j].Value |] |] }

let private scatter letter (m: Method, draws: Draws[]) : Panel =
    let shown = 400
    let some (d: Draws) = let all = d.OfChain 0 in Array.init shown (fun i -> all[i * all.Length / shown])

    { panel
          $"1{letter}  {m.Name}"
          "w₁"
          "w₂"
          $"Samples of two weights by {m.Name}, with ellipses of three standard deviations: Laplace, of the samples, and exact."
          [ scattered 0 "samples of one chain" (some draws[0]) (some draws[1])
            (ellipse laplace ||> series 1 "Laplace, 3 s.d.")
            (momentsOf draws |> ellipse ||> series 2 "sample covariance, 3 s.d.")
            (ellipse exact ||> series 3 "exact covariance, 3 s.d.") ] with
        YRange = Some(exact.Mean[1] - 5.0 * sqrt (exact.Covariance[1][1]), exact.Mean[1] + 5.0 * sqrt (exact.Covariance[1][1])) }

/// The ratio of standard deviations to a reference's, with its interval by effective sample size, for both weights.
let private ratios (reference: Moments) (draws: Draws[]) =
    [ for i in 0..1 ->
          let estimate = MonteCarlo.variance draws[i] |> diagnosed
          let struct (low, high) = estimate.Interval 0.95
          let scale v = sqrt (max 0.0 v / reference.Covariance[i][i])
          scale estimate.Value, scale low, scale high ]

let private agrees claim paper (reference: Moments) (m: Method, draws: Draws[]) : Claim =
    let found = ratios reference draws
    let within v = v > 1.0 - margin && v < 1.0 + margin

    { Claim = claim
      Paper = paper
      Ours = found |> List.mapi (fun i (v, l, h) -> $"w{i + 1}: ×{v:F3} [{l:F3}, {h:F3}]") |> String.concat "; "
      Verdict =
        if found |> List.forall (fun (_, l, h) -> within l && within h) then Holds
        elif found |> List.forall (fun (v, _, _) -> within v) then WithinBand
        else Fails }

let private shift (m: Method, draws: Draws[]) =
    let estimate = MonteCarlo.mean draws[0] |> diagnosed
    let struct (low, high) = estimate.Interval 0.95
    let scale v = (v - exact.Mean[0]) / sqrt (exact.Covariance[0][0])
    scale estimate.Value, scale low, scale high

let private centred claim (m: Method, draws: Draws[]) : Claim =
    let v, low, high = shift (m, draws)

    { Claim = claim
      Paper = "not in the paper"
      Ours = $"mean of w₁ {v:F3} [{low:F3}, {high:F3}] standard deviations from the exact one"
      Verdict =
        if low > -margin && high < margin then Holds
        elif abs v < margin then WithinBand
        else Fails }

let private temperature = (methods[1].Sampler.Temperature).Value

let private summaries =
    [ for m, draws in sampled do
          let worst = draws |> Array.map (ChainSummary.ofDraws >> diagnosed) |> Array.maxBy _.Rhat
          m.Name, $"R̂ at most {worst.Rhat:F4}, bulk ESS {worst.BulkSize:F0}, tail ESS {worst.TailSize:F0}" ]

publish
    { Key = "fig1"
      Title = "Figure 1: two weights, sampled"
      Caption =
        $"Logistic regression, two weights, w_true = (16, 0), N = {examples}, ε = {learningRate}, δ = {damping}: {plane.BurnIn} updates of burn-in and {plane.Samples} samples of \
          {plane.Chains} chains from the minimum; NGD at B = {batch} has T = {temperature:F3} exactly. Exact moments by quadrature ({arguments.Profile} profile)."
      Panels = List.map2 scatter [ "a"; "b"; "c" ] sampled
      Claims =
        [ agrees
              "preconditioned Langevin's spread is the Laplace approximation's, to 10 %"
              "the ellipses lie on one another (Fig 1a, by eye)"
              laplace
              sampled[0]
          agrees
              "NGD's spread at B = εN/2 is the Laplace approximation's, to 10 %"
              "the ellipses lie on one another (Fig 1b, by eye)"
              laplace
              sampled[1]
          alike
          agrees
              "NGD's spread is that of preconditioned Langevin, to 10 %"
              "the two panels agree (Fig 1, by eye)"
              (momentsOf (snd sampled[0]))
              sampled[1]
          agrees "preconditioned Langevin has the exact posterior's spread, to 10 %" "not in the paper" exact sampled[0]
          agrees "NGD has the exact posterior's spread, to 10 %" "not in the paper" exact sampled[1]
          centred "preconditioned Langevin, its metric recomputed but not corrected, has the exact mean" sampled[0]
          centred "with the correction of Thm 3 (sign mended) it has" sampled[2]
          agrees "and the exact spread, to 10 %" "not in the paper" exact sampled[2] ]
      Provenance = provenance $"{seed}" $"drawn, N = {examples}" clock @ summaries
      Command = command "fig1" }
