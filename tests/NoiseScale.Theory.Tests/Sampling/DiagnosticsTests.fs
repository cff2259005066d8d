/// Diagnostics of chains against chains of which everything is known.
module NoiseScale.Theory.Tests.Sampling.DiagnosticsTests

open System
open Expecto
open DiffSharp
open MathNet.Numerics.Distributions
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Property

let private ok result =
    match result with
    | Ok value -> value
    | Error(e: DiagnosticError) -> failtest $"{e}"

let private errorOf result =
    match result with
    | Ok value -> failtest $"expected an error, found {value}"
    | Error(e: DiagnosticError) -> e

let private normals (seed: int) count =
    let law = Normal(0.0, 1.0, Random seed)
    Array.init count (fun _ -> law.Sample())

/// x_t = φ x_{t−1} + √(1 − φ²) ξ, of unit variance from the first draw on: τ = (1 + φ)/(1 − φ), and of the squares (1 + φ²)/(1 − φ²).
let private autoregressive phi seed chains count =
    [| for chain in 0 .. chains - 1 ->
           let noise = normals (1000 * seed + chain) count

           noise[1..] |> Array.scan (fun x xi -> phi * x + sqrt (1.0 - phi * phi) * xi) noise[0] |]

let private ofAutoregressive phi seed chains count = Draws.ofArrays (autoregressive phi seed chains count)

let private timeOf phi = (1.0 + phi) / (1.0 - phi)

let private refused words (f: unit -> unit) =
    try
        f ()
        failtest "expected an ArgumentException"
    with :? ArgumentException as e ->
        for word: string in words do
            Expect.stringContains e.Message word "the message"

let private effectiveSizes =
    testList
        "effective sample size"
        [ testCase "the autocovariance is the sum it stands for" (fun () ->
              let chain = normals 3 37
              let mean = Array.average chain

              Autocovariance.ofChain chain
              |> Array.iteri (fun t found ->
                  let direct =
                      (Seq.init (chain.Length - t) (fun s -> (chain[s] - mean) * (chain[s + t] - mean)) |> Seq.sum) / 37.0

                  Expect.isLessThan (abs (found - direct)) 1e-14 $"lag {t}"))

          for phi in [ -0.5; 0.0; 0.5; 0.9; 0.97 ] do
              testCase $"the autocorrelation time of an AR(1) chain, φ = {phi}" (fun () ->
                  // the estimate of one run has some percent of deviation; 40 runs leave less than the margin, which also covers its bias
                  let found =
                      [ for seed in 1..40 -> ofAutoregressive phi seed 4 4000 |> EffectiveSampleSize.autocorrelationTime |> ok ]
                      |> List.average

                  Expect.isLessThan (abs (found / timeOf phi - 1.0)) 0.05 $"τ = {found}, exactly {timeOf phi}")

          testCase "it is that of the mean, whatever unit and origin" (fun () ->
              let draws = ofAutoregressive 0.7 5 3 500
              let size = EffectiveSampleSize.mean draws |> ok
              close 1e-9 "after 3 − 40x" size (draws |> Draws.map (fun x -> 3.0 - 40.0 * x) |> EffectiveSampleSize.mean |> ok))

          testCase "of the bulk and the tails it is that of ranks: no monotone map changes it" (fun () ->
              let draws = ofAutoregressive 0.7 5 3 500
              let cubes = draws |> Draws.map (fun x -> x * x * x)
              close 1e-12 "bulk" (EffectiveSampleSize.bulk draws |> ok) (EffectiveSampleSize.bulk cubes |> ok)
              close 1e-12 "tail" (EffectiveSampleSize.tail draws |> ok) (EffectiveSampleSize.tail cubes |> ok))

          testCase "without a variance ranks still tell" (fun () ->
              let cauchy =
                  Draws.ofArrays [| for seed in 1..4 -> Array.map2 (/) (normals seed 2000) (normals (seed + 50) 2000) |]

              let size = EffectiveSampleSize.bulk cauchy |> ok
              Expect.isTrue (size > 6000.0 && size < 10_000.0) $"about 8000, not {size}")

          testCase "chains at different places are worth next to nothing" (fun () ->
              let apart =
                  autoregressive 0.0 2 4 1000 |> Array.mapi (fun i chain -> chain |> Array.map (fun x -> x + 10.0 * float i))

              Expect.isLessThan (EffectiveSampleSize.mean (Draws.ofArrays apart) |> ok) 10.0 "of 4000 draws")

          testCase "short chains, NaN and chains that never move are named" (fun () ->
              let short = Draws.ofArrays [| [| 1.0 .. 7.0 |] |]
              Expect.equal (EffectiveSampleSize.mean short |> errorOf) (DiagnosticError.TooFewDraws(7, 8)) "too short"
              Expect.isOk (EffectiveSampleSize.mean (Draws.ofArrays [| [| 1.0 .. 8.0 |] |])) "just long enough"
              let diverged = autoregressive 0.0 1 2 20
              diverged[1][13] <- nan
              Expect.equal (EffectiveSampleSize.mean (Draws.ofArrays diverged) |> errorOf) (DiagnosticError.NotFinite(1, 13)) "NaN"
              diverged[1][13] <- infinity

              Expect.equal
                  (PotentialScaleReduction.split (Draws.ofArrays diverged) |> errorOf)
                  (DiagnosticError.NotFinite(1, 13))
                  "infinity"

              let still = Draws.ofArrays (Array.replicate 3 (Array.replicate 20 2.5))
              Expect.equal (EffectiveSampleSize.bulk still |> errorOf) (DiagnosticError.Constant 2.5) "constant"
              Expect.stringContains (string (DiagnosticError.Constant 2.5)) "no chain ever moves" "in words") ]

let private reductions =
    testList
        "R̂"
        [ testCase "is 1 of chains of one law" (fun () ->
              for phi in [ 0.0; 0.5 ] do
                  let draws = ofAutoregressive phi 7 4 4000
                  Expect.isLessThan (abs ((PotentialScaleReduction.split draws |> ok) - 1.0)) 0.005 "split"
                  Expect.isLessThan (PotentialScaleReduction.rankNormalised draws |> ok) 1.01 "of ranks")

          testCase "of chains δ apart is √(1 + δ²/3): four halves, of means 0, 0, δ, δ" (fun () ->
              for delta in [ 0.5; 2.0; 5.0 ] do
                  let chains = autoregressive 0.0 8 2 20_000
                  let draws = Draws.ofArrays [| chains[0]; chains[1] |> Array.map (fun x -> x + delta) |]
                  let found = PotentialScaleReduction.split draws |> ok
                  // the means and variances of 10 000 draws are known to about 1 %
                  close 0.02 $"δ = {delta}" (sqrt (1.0 + delta * delta / 3.0)) found)

          testCase "different spreads about one place show in folded ranks only" (fun () ->
              let chains = autoregressive 0.0 9 2 4000
              let draws = Draws.ofArrays [| chains[0]; chains[1] |> Array.map (fun x -> 3.0 * x) |]
              Expect.isLessThan (PotentialScaleReduction.split draws |> ok) 1.01 "split"
              Expect.isGreaterThan (PotentialScaleReduction.rankNormalised draws |> ok) 1.1 "of ranks")

          testCase "a single drifting chain shows" (fun () ->
              let drifting = normals 10 2000 |> Array.mapi (fun t x -> x + 0.001 * float t)
              Expect.isGreaterThan (PotentialScaleReduction.split (Draws.ofArrays [| drifting |]) |> ok) 1.1 "its halves differ")

          testCase "stuck chains" (fun () ->
              let moving = autoregressive 0.5 11 3 1000
              let oneStuck = Draws.ofArrays [| yield! moving; Array.replicate 1000 1.5 |]
              Expect.isGreaterThan (PotentialScaleReduction.rankNormalised oneStuck |> ok) 1.05 "one of four"
              let allStuck = Draws.ofArrays [| Array.replicate 20 1.0; Array.replicate 20 2.0 |]
              Expect.equal (PotentialScaleReduction.split allStuck |> ok) infinity "at two places"
              Expect.equal (PotentialScaleReduction.rankNormalised allStuck |> ok) infinity "at two places, of ranks"
              let together = Draws.ofArrays [| Array.replicate 20 1.0; Array.replicate 20 1.0 |]
              Expect.equal (PotentialScaleReduction.split together |> errorOf) (DiagnosticError.Constant 1.0) "at one place") ]

/// Mean of z² over runs, which is 1 of honest standard errors: of 400 runs its deviation is 0.07, so that ±0.35 raise a false alarm once in 10⁶.
let private honest what (z: int -> float) =
    let squares = [ for seed in 1..400 -> z seed ** 2.0 ] |> List.average
    Expect.isLessThan (abs (squares - 1.0)) 0.35 $"{what}: mean z² = {squares:F2}"

let private errors =
    testList
        "Monte Carlo standard errors"
        [ testCase "of the mean, the variance and a covariance say how far these are off" (fun () ->
              let phi = 0.8
              let chains seed = ofAutoregressive phi seed 2 1500
              honest "mean" (fun seed -> (MonteCarlo.mean (chains seed) |> ok).ZScore 0.0)
              honest "variance" (fun seed -> (MonteCarlo.variance (chains seed) |> ok).ZScore 1.0)
              honest "variance about 0" (fun seed -> (MonteCarlo.varianceAbout 0.0 (chains seed) |> ok).ZScore 1.0)

              honest "covariance" (fun seed ->
                  let a, b = chains seed, chains (seed + 5000)
                  let mixed = Draws.map2 (fun x y -> 0.6 * x + 0.8 * y) a b
                  (MonteCarlo.covariance a mixed |> ok).ZScore 0.6))

          testCase "intervals cover as often as they say" (fun () ->
              let covered =
                  [ for seed in 1..400 ->
                        let struct (low, high) = (MonteCarlo.variance (ofAutoregressive 0.5 seed 2 1000) |> ok).Interval 0.9
                        if low <= 1.0 && 1.0 <= high then 1.0 else 0.0 ]
                  |> List.average

              // 0.9 ± 4.9·√(0.09/400)
              Expect.isLessThan (abs (covered - 0.9)) 0.074 $"90 %% intervals cover {covered}")

          testCase "the matrix is symmetric, with variances on its diagonal" (fun () ->
              let quantities = [| for seed in 1..3 -> ofAutoregressive 0.5 seed 2 200 |]
              let matrix = MonteCarlo.covariances quantities |> ok
              Expect.equal matrix[0, 2] matrix[2, 0] "symmetric"
              Expect.equal matrix[1, 1] (MonteCarlo.variance quantities[1] |> ok) "a variance"
              let bad = Draws.map (fun _ -> 1.0) quantities[1]
              Expect.equal (MonteCarlo.covariances [| quantities[0]; bad |] |> errorOf) (DiagnosticError.Constant 1.0) "constant")

          testCase "a confidence lies between 0 and 1" (fun () ->
              refused [ "confidence"; "1.5" ] (fun () -> (MonteCarlo.mean (ofAutoregressive 0.0 1 1 20) |> ok).Interval 1.5 |> ignore)) ]

let private kinetic =
    testList
        "kinetic temperature"
        [ testCase "of normal momenta: its value, and an interval that covers as often as it says" (fun () ->
              let masses = [| 1.0; 4.0 |]
              let temperature = 0.3

              let momenta seed =
                  [| for i in 0..1 -> ofAutoregressive 0.6 (2 * seed + i) 2 500 |> Draws.map (fun x -> sqrt (temperature * masses[i]) * x) |]

              let found = [ for seed in 1..400 -> KineticTemperature.ofMomenta masses (momenta seed) |> ok ]
              Expect.isLessThan (abs (List.averageBy _.Temperature found / temperature - 1.0)) 0.02 "mean"

              let covered =
                  found
                  |> List.averageBy (fun k ->
                      let struct (low, high) = k.Interval 0.95
                      if low <= temperature && temperature <= high then 1.0 else 0.0)

              // 0.95 ± 4.9·√(0.0475/400)
              Expect.isLessThan (abs (covered - 0.95)) 0.054 $"95 %% intervals cover {covered}")

          testCase "of one draw lies between quantiles of χ²_p/p" (fun () ->
              // p = 2: −2 ln(1 − q)/2
              let struct (low, high) = KineticTemperature.ofOneDraw 2 3.0 0.9
              close 1e-9 "low" (-3.0 * log 0.95) low
              close 1e-9 "high" (-3.0 * log 0.05) high)

          testCase "refusals" (fun () ->
              let one = ofAutoregressive 0.0 1 1 20
              refused [ "masses"; "not 2" ] (fun () -> KineticTemperature.ofMomenta [| 1.0; 1.0 |] [| one |] |> ignore)
              refused [ "mass 0 is 0" ] (fun () -> KineticTemperature.ofMomenta [| 0.0 |] [| one |] |> ignore)
              refused [ "temperature"; "-1" ] (fun () -> KineticTemperature.ofOneDraw 2 -1.0 0.9 |> ignore)) ]

let private shapes =
    testList
        "draws"
        [ testCase "tensors and arrays are the same draws" (fun () ->
              let chains = autoregressive 0.3 4 3 10
              let table = dsharp.tensor (array2D chains, dtype = Dtype.Float64, device = Device.CPU)
              let ofTensor = Draws.ofTensor table
              Expect.equal ofTensor.All (Array.concat chains) "[chains, draws]"

              let series =
                  dsharp.stack [ table.transpose (); (table * 2.0).transpose() ] |> fun t -> t.permute [ 1; 2; 0 ]

              Expect.equal (series.shape |> List.ofArray) [ 10; 3; 2 ] "[draws, chains, p]"
              let several = Draws.ofSeries series
              Expect.equal (several[0].OfChain 2) chains[2] "the first quantity"
              Expect.equal (several[1].OfChain 1) (chains[1] |> Array.map ((*) 2.0)) "the second")

          testCase "halves; of an odd number the middle is left out" (fun () ->
              let halves = Draws.split (Draws.ofArrays [| [| 1.0 .. 5.0 |] |])
              Expect.equal halves.All [| 1.0; 2.0; 4.0; 5.0 |] "halves"
              Expect.equal (halves.Chains, halves.Count, halves.Total) (2, 2, 4) "their numbers")

          testCase "refusals" (fun () ->
              refused [ "at least one chain" ] (fun () -> Draws.ofArrays [||] |> ignore)
              refused [ "chain 1 has 2" ] (fun () -> Draws.ofArrays [| [| 1.0 |]; [| 1.0; 2.0 |] |] |> ignore)
              refused [ "[chains, draws]" ] (fun () -> Draws.ofTensor (dsharp.zeros [ 2; 2; 2 ]) |> ignore)
              refused [ "[draws, chains, p]" ] (fun () -> Draws.ofSeries (dsharp.zeros [ 2; 2 ]) |> ignore)
              let a, b = Draws.ofArrays [| [| 1.0 |] |], Draws.ofArrays [| [| 1.0; 2.0 |] |]
              refused [ "1 chains of 1" ] (fun () -> Draws.map2 (+) a b |> ignore)) ]

let private summaries =
    testCase "a summary is trusted where the chains agree, and not where they do not" (fun () ->
        let good = ChainSummary.ofDraws (ofAutoregressive 0.5 6 4 2000) |> ok
        Expect.isTrue (good.IsTrusted 4) $"%A{good}"

        let apart =
            autoregressive 0.5 6 4 2000 |> Array.mapi (fun i chain -> chain |> Array.map (fun x -> x + float i))

        Expect.isFalse ((ChainSummary.ofDraws (Draws.ofArrays apart) |> ok).IsTrusted 4) "apart")

let tests = testList "diagnostics" [ effectiveSizes; reductions; errors; kinetic; shapes; summaries ]
