/// The critical batch: its relations, steps on an exact quadratic, and fits to runs.
module NoiseScale.Theory.Tests.CriticalBatchTests

open System
open Expecto
open FsCheck.FSharp
open MathNet.Numerics.Distributions
open NoiseScale.Theory.GradientNoise
open NoiseScale.Theory.Tests.Property
open NoiseScale.Theory.Tests.FiniteSampleTests

let private positive = Gen.choose (1, 100000) |> Gen.map (fun n -> float n / 37.0)

let tests =
    testList
        "critical batch"
        [ property
              300
              "(S/S_min − 1)(E/E_min − 1) = 1, E = S·B, and twice of both at B_crit"
              (Gen.map3 (fun s e b -> s, e, b) positive positive positive |> Arb.fromGen)
              (fun (s, e, b) ->
                  let critical = CriticalBatch.create s e
                  let updates, examples = critical.Updates b, critical.Examples b
                  close 1e-9 "relation" 1.0 ((updates / s - 1.0) * (examples / e - 1.0))
                  close 1e-12 "E = S·B" (updates * b) examples
                  close 1e-12 "2·S_min" (2.0 * s) (critical.Updates critical.BatchSize)
                  close 1e-12 "2·E_min" (2.0 * e) (critical.Examples critical.BatchSize))

          testCase "ε_opt and ΔL_opt on a quadratic loss: no other learning rate does better, over all batches" (fun () ->
              // L(w) = ½wᵀHw, example i's gradient at w is Hw + n_i: the mean over batches of L(w − ε·ĝ), summed by brute force
              let h = [| [| 3.0; 0.4 |]; [| 0.4; 0.8 |] |]
              let apply (v: float[]) = h |> Array.map (dot v)
              let loss v = 0.5 * dot v (apply v)
              let w = [| 0.7; -1.1 |]
              let noise = population 4 2
              let centre = meanOf (List.ofArray noise)
              let rows = noise |> Array.map (fun n -> Array.map3 (fun g n m -> g + n - m) (apply w) n centre)
              let g = meanOf (List.ofArray rows)

              for batch in [ 1; 2; 3 ] do
                  let all = batches BatchDraw.WithReplacement rows batch |> List.map meanOf

                  let expected rate = all |> List.averageBy (fun step -> loss (Array.map2 (fun w s -> w - rate * s) w step))

                  let curvature = dot g (apply g)
                  let trace = rows |> Array.averageBy (fun r -> Array.map2 (-) r g |> fun d -> dot d (apply d))
                  let noiseScale = trace / curvature
                  let largest = CriticalBatch.largestLearningRate (norm2 g) curvature
                  let best = CriticalBatch.optimalLearningRate largest noiseScale (float batch)
                  let decrease = CriticalBatch.optimalDecrease (norm2 g) curvature noiseScale (float batch)
                  close 1e-10 $"ΔL, B = {batch}" decrease (loss w - expected best)

                  for factor in [ 0.5; 0.9; 0.99; 1.01; 1.1; 2.0 ] do
                      Expect.isLessThan (expected best) (expected (factor * best)) $"ε = {factor}·ε_opt"

              // half of each at B = B_noise, all of it with a batch without end
              close 1e-12 "half" 0.5 (CriticalBatch.optimalLearningRate 1.0 32.0 32.0)
              close 1e-6 "all" 1.0 (CriticalBatch.optimalLearningRate 1.0 32.0 1e9)

              close
                  1e-12
                  "P1's linear rule, B ≪ B_noise"
                  2.0
                  (Math.Round(CriticalBatch.optimalLearningRate 1.0 1e6 2.0 / CriticalBatch.optimalLearningRate 1.0 1e6 1.0, 5)))

          testCase "a fit to exact runs returns what made them" (fun () ->
              for s, e in [ 1000.0, 64000.0; 50.0, 1e6 ] do
                  let critical = CriticalBatch.create s e

                  let runs =
                      [ for b in [ 0.2; 1.0; 5.0 ] -> critical.Updates(b * critical.BatchSize), critical.Examples(b * critical.BatchSize) ]

                  let found = CriticalBatch.fit 0.95 runs
                  close 1e-6 "S_min" s found.Fitted.MinimumUpdates
                  close 1e-6 "E_min" e found.Fitted.MinimumExamples
                  Expect.isLessThan found.RelativeError 1e-6 "no error")

          testCase "a fit's intervals hold the truth in 93 to 97 % of runs with errors of 5 %" (fun () ->
              let critical = CriticalBatch.create 1000.0 64000.0
              let random = Random 3
              let replicates = if nightly then 10000 else 2000
              let inside (low, high) truth = low <= truth && truth <= high

              let found =
                  Array.init replicates (fun _ ->
                      let runs =
                          [ for b in [ 8.0; 16.0; 32.0; 64.0; 128.0; 256.0; 512.0; 1024.0 ] ->
                                let s = critical.Updates b * exp (0.05 * Normal.Sample(random, 0.0, 1.0))
                                s, s * b ]

                      let fit = CriticalBatch.fit 0.95 runs
                      inside fit.MinimumUpdates 1000.0, inside fit.MinimumExamples 64000.0, inside fit.BatchSize 64.0)

              let percent f = 100.0 * float (found |> Array.filter f |> Array.length) / float replicates

              for what, covered in
                  [ "S_min", percent (fun (a, _, _) -> a); "E_min", percent (fun (_, b, _) -> b); "B_crit", percent (fun (_, _, c) -> c) ] do
                  Expect.isTrue (93.0 <= covered && covered <= 97.0) $"{what}: {covered} %%")

          testCase "bad input is named" (fun () ->
              for body in
                  [ fun () -> CriticalBatch.create 0.0 1.0 |> ignore
                    fun () -> CriticalBatch.create 1.0 nan |> ignore
                    fun () -> CriticalBatch.optimalLearningRate 1.0 -1.0 1.0 |> ignore
                    fun () -> CriticalBatch.optimalLearningRate 1.0 1.0 0.0 |> ignore
                    fun () -> CriticalBatch.largestLearningRate 1.0 -1.0 |> ignore
                    fun () -> CriticalBatch.fit 0.95 [ 1.0, 1.0; 2.0, 3.0 ] |> ignore
                    fun () -> CriticalBatch.fit 0.95 [ 1.0, 1.0; 2.0, 2.0; 3.0, 3.0 ] |> ignore
                    fun () -> CriticalBatch.fit 0.95 [ 1.0, 1.0; 2.0, 4.0; -3.0, 3.0 ] |> ignore
                    // updates that do not depend on the batch: B_crit is below all of them
                    fun () -> CriticalBatch.fit 0.95 [ 10.0, 10.0; 10.0, 100.0; 10.0, 1000.0 ] |> ignore
                    fun () -> CriticalBatch.fit 1.0 [ 1.0, 1.0; 2.0, 3.0; 3.0, 1.0 ] |> ignore ] do
                  Expect.throwsT<ArgumentException> body "out of range") ]
