/// Estimates of tr Σ, ‖G‖² and their ratio: unbiased over every draw there is, and their special cases by name.
module NoiseScale.Theory.Tests.EstimateTests

open System
open Expecto
open FsCheck.FSharp
open DiffSharp
open NoiseScale.Theory.GradientNoise
open NoiseScale.Theory.Tests.Property
open NoiseScale.Theory.Tests.FiniteSampleTests

let private matrix (rows: float[] seq) = dsharp.tensor (array2D rows, dtype = Dtype.Float64)

let private ok result =
    match result with
    | Ok value -> value
    | Error(e: NoiseError) -> failtest $"{e}"

/// A list cut into pieces of some sizes.
let rec private cut (sizes: int list) items =
    match sizes with
    | [] -> []
    | size :: rest -> List.take size items :: cut rest (List.skip size items)

let private h = [| [| 2.0; 0.5; 0.0 |]; [| 0.5; 1.0; -0.3 |]; [| 0.0; -0.3; 0.7 |] |]

let private hessian = QuadraticForm.Operator(fun v -> (matrix h).matmul v)
let private quadratic (v: float[]) = dot v (h |> Array.map (dot v))

let private measure trainingSetSize form sizes (batch: float[] list) =
    let pieces = cut sizes batch |> List.map meanOf
    NoiseMeasurement.ofMicroBatches form trainingSetSize [| for s in sizes -> int64 s |] (matrix pieces) |> ok

let private average (all: NoiseMeasurement list) = all |> List.averageBy _.Noise, all |> List.averageBy _.Signal

let private parts noise signal vNoise cov vSignal =
    { Noise = noise
      Signal = signal
      NoiseVariance = vNoise
      Covariance = cov
      SignalVariance = vSignal
      DegreesOfFreedom = 19.0 }

let tests =
    testList
        "noise estimates"
        [ testCase "micro-batches of any sizes, without replacement: unbiased for tr Σ (N − 1) and ‖∇C‖², over all orders" (fun () ->
              let rows = population 5 3
              let exact = NoiseMeasurement.ofFullData (moments rows)

              for sizes in [ [ 1; 1 ]; [ 2; 2 ]; [ 1; 3 ]; [ 1; 1; 2 ]; [ 2; 1; 2 ]; [ 1; 1; 1; 1; 1 ] ] do
                  let all =
                      permutations (List.ofArray rows)
                      |> List.map (fun order -> measure (Some 5L) QuadraticForm.Identity sizes (List.take (List.sum sizes) order))

                  let noise, signal = average all
                  close 1e-12 $"tr Σ, {sizes}" exact.Noise noise
                  close 1e-11 $"‖G‖², {sizes}" exact.Signal signal)

          testCase "independent draws, any quadratic form: unbiased for tr(MΣ) and GᵀMG, over all draws" (fun () ->
              let rows = population 4 3
              let mean = meanOf (List.ofArray rows)
              let centred f = rows |> Array.averageBy (fun g -> f (Array.map2 (-) g mean))

              for form, f in [ QuadraticForm.Identity, norm2; hessian, quadratic ] do
                  for sizes in [ [ 1; 1 ]; [ 2; 1 ]; [ 1; 3 ]; [ 1; 1; 2 ]; [ 1; 1; 1; 1 ] ] do
                      let all =
                          sequences 4 (List.sum sizes)
                          |> List.map (fun draw -> measure None form sizes (draw |> List.map (fun i -> rows[i])))

                      let noise, signal = average all
                      close 1e-12 $"tr MΣ, {sizes}" (centred f) noise
                      close 1e-10 $"GᵀMG, {sizes}" (f mean) signal)

          testCase "two batch sizes, one inside the other or apart: unbiased, over all draws" (fun () ->
              let rows = population 4 3
              let found = moments rows

              let twice trainingSetSize (small: float[] list) (big: float[] list) =
                  NoiseMeasurement.ofTwoBatches
                      trainingSetSize
                      (int64 small.Length, norm2 (meanOf small))
                      (int64 big.Length, norm2 (meanOf big))
                  |> ok

              let draws = sequences 4 4 |> List.map (List.map (fun i -> rows[i]))
              let noise, signal = draws |> List.map (fun d -> twice None (List.take 1 d) d) |> average
              close 1e-12 "nested, tr Σ" found.Gamma noise
              close 1e-11 "nested, ‖G‖²" found.SquaredNorm signal
              let noise, signal = draws |> List.map (fun d -> twice None (List.take 1 d) (List.skip 1 d)) |> average
              close 1e-12 "apart, tr Σ" found.Gamma noise
              close 1e-11 "apart, ‖G‖²" found.SquaredNorm signal

              let orders = permutations (List.ofArray rows)

              let noise, signal =
                  orders |> List.map (fun d -> twice (Some 4L) (List.take 1 d) (List.take 3 d)) |> average

              close 1e-12 "of a training set, tr Σ" found.TraceOfCovariance noise
              close 1e-11 "of a training set, ‖G‖²" found.SquaredNorm signal)

          property
              200
              "norms alone give what gradients give, whatever the sizes"
              (Gen.listOf (Gen.choose (1, 5)) |> Gen.filter (fun s -> s.Length >= 2 && s.Length <= 7) |> Arb.fromGen)
              (fun sizes ->
                  let rows = population (List.sum sizes) 3
                  let pieces = cut sizes (List.ofArray rows) |> List.map meanOf
                  let sizes = [| for s in sizes -> int64 s |]
                  let direct = NoiseMeasurement.ofMicroBatches QuadraticForm.Identity None sizes (matrix pieces) |> ok
                  let mean = norm2 (meanOf (List.ofArray rows))
                  let norms = pieces |> List.map norm2 |> Array.ofList
                  let other = NoiseMeasurement.ofMicroBatchNorms None sizes norms mean |> ok
                  close 1e-10 "noise" direct.Noise other.Noise
                  Expect.isLessThan (abs (direct.Signal - other.Signal)) 1e-10 "signal")

          testCase "all examples of the training set, one by one: the exact values" (fun () ->
              let rows = population 6 3
              let found = moments rows
              let norms = rows |> Array.map norm2
              let all = NoiseMeasurement.ofExampleNorms (Some 6L) norms found.SquaredNorm |> ok
              close 1e-12 "tr Σ" found.TraceOfCovariance all.Noise
              close 1e-12 "‖G‖²" found.SquaredNorm all.Signal
              let exact = NoiseScaleEstimate.exact found |> ok
              close 1e-12 "B_simple" (found.TraceOfCovariance / found.SquaredNorm) exact.Value.Value
              Expect.equal (exact.Low, exact.High) (exact.Value.Value, exact.Value.Value) "no uncertainty")

          testCase "products of gradients: the same unbiased parts, and the unbiased covariance of them, over all draws" (fun () ->
              let rows = population 3 2
              let draws = sequences 3 5 |> List.map (fun draw -> matrix (draw |> List.map (fun i -> rows[i])))

              // one direction up to scale the estimates are uncorrelated with nothing left to fall back on, so that the mean of what is
              // reported would not be the unbiased one: take the raw formula where it is a covariance, and count the draws where it is not
              let all =
                  draws |> List.map (fun d -> d, GramStatistics.parts 1L (GramStatistics.gram QuadraticForm.Identity d) |> ok)

              for d, found in all do
                  let direct = NoiseMeasurement.ofMicroBatches QuadraticForm.Identity None (Array.create 5 1L) d |> ok
                  Expect.isLessThan (abs (direct.Noise - found.Noise)) 1e-12 "noise"
                  Expect.isLessThan (abs (direct.Signal - found.Signal)) 1e-12 "signal"

              let noises, signals = all |> List.map (fun (_, f) -> f.Noise), all |> List.map (fun (_, f) -> f.Signal)
              let mNoise, mSignal = List.average noises, List.average signals

              let variance (a: float list) ma (b: float list) mb = List.map2 (fun x y -> (x - ma) * (y - mb)) a b |> List.average

              let raw =
                  draws |> List.map (fun d -> GramStatistics.covariance 1L (GramStatistics.gram QuadraticForm.Identity d))

              close 1e-9 "v_T" (variance noises mNoise noises mNoise) (raw |> List.averageBy (fun (v, _, _) -> v))
              close 1e-9 "c_TD" (variance noises mNoise signals mSignal) (raw |> List.averageBy (fun (_, c, _) -> c))
              close 1e-9 "v_D" (variance signals mSignal signals mSignal) (raw |> List.averageBy (fun (_, _, v) -> v)))

          testCase "products of micro-batches' gradients: b times the scatter" (fun () ->
              let rows = matrix (population 6 3)
              let one = GramStatistics.parts 1L (GramStatistics.gram hessian rows) |> ok
              let many = GramStatistics.parts 8L (GramStatistics.gram hessian rows) |> ok
              close 1e-12 "noise" (8.0 * one.Noise) many.Noise
              close 1e-12 "its variance" (64.0 * one.NoiseVariance) many.NoiseVariance
              close 1e-12 "signal" one.Signal many.Signal)

          testCase "averages: m − 1 degrees of freedom and the sample covariance over m; weights count right" (fun () ->
              let data = [ for i in 1..9 -> { Noise = sin (float i) + 2.0; Signal = cos (float (i * i)) } ]
              let found = NoiseParts.ofMeasurements data |> ok
              let mT, mD = data |> List.averageBy _.Noise, data |> List.averageBy _.Signal
              let cov f g = (data |> List.sumBy (fun d -> f d * g d)) / 8.0 / 9.0
              let x (d: NoiseMeasurement) = d.Noise - mT
              let y (d: NoiseMeasurement) = d.Signal - mD
              close 1e-12 "T" mT found.Noise
              close 1e-12 "D" mD found.Signal
              close 1e-12 "v_T" (cov x x) found.NoiseVariance
              close 1e-12 "c_TD" (cov x y) found.Covariance
              close 1e-12 "v_D" (cov y y) found.SignalVariance
              close 1e-12 "df" 8.0 found.DegreesOfFreedom

              // decaying weights, by their definition
              let decay = 0.7
              let running = data |> List.fold (fun r d -> RunningNoise.add d r) (RunningNoise.create decay)
              let weights = [ for i in 1..9 -> decay ** float (9 - i) ]
              let total = List.sum weights
              let w = weights |> List.map (fun v -> v / total)
              let mean f = List.map2 (fun v d -> v * f d) w data |> List.sum
              let mT, mD = mean _.Noise, mean _.Signal
              let second = w |> List.sumBy (fun v -> v * v)
              let third = w |> List.sumBy (fun v -> v * v * v)
              let spread f = second / (1.0 - second) * mean f
              let found = RunningNoise.parts running |> ok
              close 1e-12 "T" mT found.Noise
              close 1e-12 "D" mD found.Signal
              close 1e-12 "v_T" (spread (fun d -> (d.Noise - mT) ** 2.0)) found.NoiseVariance
              close 1e-12 "c_TD" (spread (fun d -> (d.Noise - mT) * (d.Signal - mD))) found.Covariance
              close 1e-12 "v_D" (spread (fun d -> (d.Signal - mD) ** 2.0)) found.SignalVariance
              close 1e-12 "effective number" (1.0 / second) running.EffectiveMeasurements
              close 1e-12 "df" ((1.0 - second) ** 2.0 / (second - 2.0 * third + second * second)) found.DegreesOfFreedom

              // a constant is returned from the first measurement on: nothing is drawn to 0
              let constant = { Noise = 3.0; Signal = 2.0 }
              let after n = Seq.replicate n constant |> Seq.fold (fun r d -> RunningNoise.add d r) (RunningNoise.create 0.99)
              let found = RunningNoise.parts (after 2) |> ok
              close 1e-15 "T" 3.0 found.Noise
              close 1e-15 "D" 2.0 found.Signal
              close 1e-2 "(1 + d)/(1 − d)" 199.0 (after 2000).EffectiveMeasurements)

          testCase "Fieller's interval: its ends are the ratios that the data just do not refuse" (fun () ->
              let q = 2.093024054408263 // Student's 97.5 % point at 19 degrees of freedom

              for p in
                  [ parts 4.0 2.0 0.1 0.02 0.05; parts 4.0 2.0 0.1 -0.02 0.05; parts 0.3 2.0 0.5 0.1 0.05; parts 100.0 1.0 3.0 0.0 0.2 ] do
                  let e = NoiseScaleEstimate.create 0.95 DenominatorPolicy.Unbounded p |> ok
                  Expect.equal e.Kind EstimateKind.Bounded "bounded"

                  for rho in [ e.Low; e.High ] do
                      if rho > 0.0 then
                          let z = (p.Noise - rho * p.Signal) ** 2.0
                          let v = p.NoiseVariance - 2.0 * rho * p.Covariance + rho * rho * p.SignalVariance
                          close 1e-9 "z = q·standard error" (q * q * v) z

                  Expect.isTrue (e.Low <= p.Noise / p.Signal && p.Noise / p.Signal <= e.High) "the ratio is inside")

          testCase "a denominator that cannot be told from 0: each policy, never negative, never NaN" (fun () ->
              let unbounded = NoiseScaleEstimate.create 0.95 DenominatorPolicy.Unbounded
              let lower = NoiseScaleEstimate.create 0.95 DenominatorPolicy.LowerBound
              let refuse = NoiseScaleEstimate.create 0.95 DenominatorPolicy.Refuse

              for d in [ 0.3; 0.01; 0.0; -0.01; -0.3; -5.0 ] do
                  let p = parts 4.0 d 0.04 0.0 0.04
                  let e, bound = unbounded p |> ok, lower p |> ok
                  Expect.equal e.Kind EstimateKind.DenominatorNotSignificant $"{d}"
                  Expect.equal (e.Value, e.High) (None, infinity) "no value, no upper end"
                  Expect.isTrue (e.Low > 0.0 && Double.IsFinite e.Low) $"low = {e.Low}"
                  Expect.isGreaterThan bound.Low e.Low "all of the error on one side"
                  Expect.equal (refuse p) (Error(NoiseError.DenominatorNotPositive(d, 0.2))) "refused"

              // the lower end is the ratio just not refused: at d = 0.3, q = 2.093
              let e = unbounded (parts 4.0 0.3 0.04 0.0 0.04) |> ok
              let z = (4.0 - e.Low * 0.3) ** 2.0
              close 1e-9 "z" (2.093024054408263 ** 2.0 * (0.04 + e.Low * e.Low * 0.04)) z
              // neither noise nor signal: nothing is excluded
              let e = unbounded (parts 0.1 0.1 1.0 0.0 1.0) |> ok
              Expect.equal (e.Low, e.High) (0.0, infinity) "the whole line"
              // a significant denominator is no matter for the policy
              Expect.equal (refuse (parts 4.0 2.0 0.1 0.0 0.05)) (unbounded (parts 4.0 2.0 0.1 0.0 0.05)) "significant"
              Expect.isOk (refuse (parts 4.0 0.42 0.1 0.0 0.04)) "just significant"
              Expect.isError (refuse (parts 4.0 0.41 0.1 0.0 0.04)) "just not")

          property
              500
              "whatever the parts: a low end of 0 or more below the high end, and a value inside or none"
              (gen {
                  let number = Gen.choose (-1000, 1000) |> Gen.map (fun n -> float n / 100.0)
                  let! t = number
                  let! d = number
                  let! a = number
                  let! b = number
                  let! c = number
                  // a covariance matrix: L·Lᵀ
                  return parts t d (a * a) (a * b) (b * b + c * c)
               }
               |> Arb.fromGen)
              (fun p ->
                  for policy in [ DenominatorPolicy.Unbounded; DenominatorPolicy.LowerBound; DenominatorPolicy.Refuse ] do
                      match NoiseScaleEstimate.create 0.9 policy p with
                      | Error NoiseError.ZeroGradient -> Expect.equal (p.Noise, p.Signal) (0.0, 0.0) "0/0"
                      | Error(NoiseError.DenominatorNotPositive _) -> Expect.isTrue policy.IsRefuse "refused"
                      | Error e -> failtest $"{e}"
                      | Ok e ->
                          Expect.isTrue (e.Low >= 0.0 && e.High >= e.Low) $"[{e.Low}, {e.High}]"
                          Expect.isTrue (e.Value |> Option.forall (fun v -> v >= 0.0 && Double.IsFinite v)) $"{e.Value}"
                          Expect.equal e.Value.IsNone (e.Kind = EstimateKind.DenominatorNotSignificant) "no value")

          testCase "the ratio's bias: of second order, where that of T/D is of first" (fun () ->
              // T and D normal with a correlation: E(T/D) by quadrature on a grid of ±8 standard deviations
              let expectation s f =
                  let nodes = [| for i in -400 .. 400 -> float i * 0.02 |]
                  let weight = nodes |> Array.map (fun z -> exp (-z * z / 2.0))
                  let total = Array.sum weight

                  let mutable sum = 0.0

                  for i in 0..800 do
                      for j in 0..800 do
                          let t = 4.0 + s * 3.0 * nodes[i]
                          let d = 2.0 + s * (0.8 * nodes[i] + 0.6 * nodes[j])
                          sum <- sum + f (parts t d (9.0 * s * s) (2.4 * s * s) (s * s)) * weight[i] * weight[j]

                  sum / (total * total)

              let bias f = [ for s in [ 0.16; 0.08 ] -> abs (expectation s f - 2.0) ]
              let plain, beale = bias (fun p -> p.Noise / p.Signal), bias NoiseScaleEstimate.beale
              Expect.isLessThan (beale[0] / plain[0]) 0.1 $"at 8 percent: {beale[0]} against {plain[0]}"
              // halving the standard errors: a quarter, against a sixteenth
              Expect.isLessThan (abs (plain[0] / plain[1] - 4.0)) 0.3 $"plain: {plain}"
              Expect.isGreaterThan (beale[0] / beale[1]) 13.0 $"Beale: {beale}")

          testCase "the special cases by name: no noise, no gradient, too few, not finite" (fun () ->
              let equal = Array.create 4 [| 1.0; -2.0; 0.5 |]
              let same = moments equal
              Expect.equal same.Gamma 0.0 "all gradients equal"
              let exact = NoiseScaleEstimate.exact same |> ok
              Expect.equal (exact.Kind, exact.Value, exact.Low, exact.High) (EstimateKind.NoNoise, Some 0.0, 0.0, 0.0) "no noise"
              let measured = measure None QuadraticForm.Identity [ 1; 1; 2 ] (List.ofArray equal)

              let estimate =
                  NoiseScaleEstimate.ofMeasurements 0.95 DenominatorPolicy.Refuse [ measured; measured ] |> ok

              Expect.equal (estimate.Kind, estimate.Value) (EstimateKind.NoNoise, Some 0.0) "measured"

              let nothing = moments (Array.create 3 [| 0.0; 0.0 |])
              Expect.equal (NoiseScaleEstimate.exact nothing) (Error NoiseError.ZeroGradient) "no gradient"

              let opposite = moments [| [| 1.0; 2.0 |]; [| -1.0; -2.0 |] |]
              let infinite = NoiseScaleEstimate.exact opposite |> ok
              Expect.equal (infinite.Kind, infinite.Low) (EstimateKind.DenominatorNotSignificant, infinity) "noise without signal"

              Expect.isError
                  (NoiseParts.exact (NoiseMeasurement.ofFullData opposite) |> NoiseScaleEstimate.create 0.95 DenominatorPolicy.Refuse)
                  "and refused"

              let negative =
                  NoiseScaleEstimate.create 0.95 DenominatorPolicy.Unbounded (parts -0.1 2.0 0.1 0.0 0.05) |> ok

              Expect.equal (negative.Kind, negative.Value, negative.Low) (EstimateKind.NoiseNotPositive, Some 0.0, 0.0) "negative noise"
              Expect.isGreaterThan negative.High 0.0 "with the interval that it has"

              let two = { Noise = 1.0; Signal = 1.0 }
              Expect.equal (NoiseParts.ofMeasurements []) (Error(NoiseError.TooFew 0)) "no measurement"
              Expect.equal (NoiseParts.ofMeasurements [ two ]) (Error(NoiseError.TooFew 1)) "one"
              Expect.equal (NoiseMeasurement.ofMicroBatchNorms None [| 4L |] [| 1.0 |] 1.0) (Error(NoiseError.TooFew 1)) "one micro-batch"
              Expect.isError (NoiseMeasurement.ofMicroBatchNorms None [| 1L; 1L |] [| 1.0; nan |] 1.0) "NaN"
              Expect.isError (NoiseMeasurement.ofMicroBatchNorms None [| 1L; 1L |] [| 1.0; infinity |] 1.0) "∞"
              Expect.isError (NoiseMeasurement.ofTwoBatches None (1L, nan) (2L, 1.0)) "NaN"
              Expect.equal (GramStatistics.parts 1L (Array2D.zeroCreate 1 1)) (Error(NoiseError.TooFew 1)) "one gradient"
              Expect.isError (GramStatistics.parts 1L (Array2D.create 4 4 nan)) "NaN"

              Expect.equal
                  (NoiseScaleEstimate.create 0.95 DenominatorPolicy.Unbounded (parts nan 1.0 1.0 0.0 1.0))
                  (Error(NoiseError.NotFinite "an average of tr(MΣ) or GᵀMG"))
                  "NaN"

              for body in
                  [ fun () -> NoiseMeasurement.ofTwoBatches None (2L, 1.0) (2L, 1.0) |> ignore
                    fun () -> NoiseMeasurement.ofTwoBatches None (0L, 1.0) (2L, 1.0) |> ignore
                    fun () -> NoiseMeasurement.ofTwoBatches (Some 3L) (1L, 1.0) (4L, 1.0) |> ignore
                    fun () -> NoiseMeasurement.ofMicroBatchNorms None [| 1L; 0L |] [| 1.0; 1.0 |] 1.0 |> ignore
                    fun () -> NoiseMeasurement.ofMicroBatchNorms None [| 1L; 1L |] [| 1.0 |] 1.0 |> ignore
                    fun () -> NoiseMeasurement.ofMicroBatchNorms (Some 3L) [| 2L; 2L |] [| 1.0; 1.0 |] 1.0 |> ignore
                    fun () -> NoiseMeasurement.ofMicroBatches QuadraticForm.Identity None [| 1L |] (dsharp.ones [ 2; 3 ]) |> ignore
                    fun () -> GramStatistics.parts 1L (Array2D.zeroCreate 3 3) |> ignore
                    fun () -> GramStatistics.parts 0L (Array2D.zeroCreate 5 5) |> ignore
                    fun () -> GramStatistics.parts 1L (Array2D.zeroCreate 5 4) |> ignore
                    fun () -> RunningNoise.create 0.0 |> ignore
                    fun () -> RunningNoise.create 1.1 |> ignore
                    fun () -> NoiseScaleEstimate.create 1.0 DenominatorPolicy.Refuse (parts 1.0 1.0 1.0 0.0 1.0) |> ignore ] do
                  Expect.throwsT<ArgumentException> body "out of range") ]
