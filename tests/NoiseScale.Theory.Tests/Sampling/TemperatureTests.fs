/// Temperatures, and the batch sizes that give them.
module NoiseScale.Theory.Tests.Sampling.TemperatureTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Property
open NoiseScale.Theory.Tests.Sampling.Scenes

let private cases =
    Gen.zip (Gen.choose (2, 100000)) (Gen.zip (Gen.choose (1, 4000)) (Gen.choose (1, 1000))) |> Arb.fromGen

let tests =
    testList
        "temperature"
        [ property 200 "B → T → B is the identity, in both forms" cases (fun (n, (epsilon, part)) ->
              let learningRate = float epsilon / 1000.0
              let batch = max 1 (n * part / 1000)

              for form in [ Form.Exact; Form.Linear ] do
                  let t = Temperature.ofBatch form n learningRate batch |> ok
                  close 1e-9 $"{form}" (float batch) (Temperature.batchSizeFor form n learningRate t |> ok))

          testCase "the paper's settings: T = 1 at B = εN/2" (fun () ->
              for n, epsilon, batch in [ 1000, 0.1, 50; 1024, 0.125, 64; 4096, 0.125, 256; 16384, 0.125, 1024 ] do
                  close 1e-12 "linear T" 1.0 (Temperature.ofBatch Form.Linear n epsilon batch |> ok).Value
                  close 1e-12 "linear B" (float batch) (Temperature.batchSizeFor Form.Linear n epsilon (hot 1.0) |> ok)
                  // exact: (εN/2B)(1 − B/N)
                  let exact = epsilon * float n / (2.0 * float batch) * (1.0 - float batch / float n)
                  close 1e-12 "exact T" exact (Temperature.ofBatch Form.Exact n epsilon batch |> ok).Value
                  close 1e-12 "exact B" (float n / (2.0 / epsilon + 1.0)) (Temperature.batchSizeFor Form.Exact n epsilon (hot 1.0) |> ok))

          testCase "at full batch there is no noise, and for T = 0 the batch is full" (fun () ->
              close 0.0 "T" 0.0 (Temperature.ofBatch Form.Exact 500 0.3 500 |> ok).Value
              close 0.0 "B" 500.0 (Temperature.batchSizeFor Form.Exact 500 0.3 (hot 0.0) |> ok))

          testCase "T = g/2, and P6's T is ε/B" (fun () ->
              let t = Temperature.ofBatch Form.Linear 600 0.2 30 |> ok
              let g = NoiseScale.ofPosteriorTemperature t
              close 1e-14 "g" (2.0 * t.Value) g.Value
              close 1e-14 "ε/B" (0.2 / 30.0) (NoiseScale.linearToStepTemperature 600L<example> g).Value)

          testCase "a rounded batch and what it really gives" (fun () ->
              let batch, t = Temperature.roundedBatchSizeFor 1000 0.1 (hot 1.0) |> ok
              Expect.equal batch 48 "1000/21 = 47.6"
              close 1e-12 "T" (0.05 * (1000.0 / 48.0 - 1.0)) t.Value)

          testCase "likelihood-only tempering is tempering with another prior" (fun () ->
              let scene = quadratic 5 9 0.1
              let lambda, t = 0.7, 0.25
              let (PosteriorTemperature whole), precision = Temperature.ofLikelihood (LikelihoodTemperature t) lambda
              let w = normal 8 [ 6; 2 ]
              let norm (w: Tensor) = (w * w).sum 1 * 0.5
              let cost = (ChainModel.target scene.Model).Cost w
              same 1e-13 "density" (cost / t + lambda * norm w) ((cost + precision * norm w) / whole)

              let (LikelihoodTemperature back), original =
                  Temperature.toLikelihood (PosteriorTemperature whole) precision

              close 1e-14 "T" t back
              close 1e-14 "λ" lambda original)

          testCase "what is out of range is named" (fun () ->
              let says (words: string list) fault =
                  for word in words do
                      Expect.stringContains (string (faultOf fault)) word "the fault's sentence"

              says [ "-0.5"; "0 or more" ] (Temperature.check (hot -0.5) |> Result.map ignore)
              says [ "NaN" ] (Temperature.check (hot nan) |> Result.map ignore)
              says [ "501"; "500"; "training set" ] (Temperature.ofBatch Form.Exact 500 0.1 501 |> Result.map ignore)
              says [ "0"; "500" ] (Temperature.ofBatch Form.Exact 500 0.1 0 |> Result.map ignore)
              says [ "learningRate"; "positive" ] (Temperature.batchSizeFor Form.Exact 500 0.0 (hot 1.0) |> Result.map ignore)
              says [ "exact form" ] (Temperature.batchSizeFor Form.Linear 500 0.1 (hot 0.01) |> Result.map ignore)
              says [ "hottest"; "24.95" ] (Temperature.batchSizeFor Form.Exact 500 0.1 (hot 26.0) |> Result.map ignore)) ]
