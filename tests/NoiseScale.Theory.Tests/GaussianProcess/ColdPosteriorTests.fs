/// Cold-posterior curves on data whose labels came about in a known way.
module NoiseScale.Theory.Tests.ColdPosteriorTests

open System
open Expecto
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Processes
open NoiseScale.Theory.Tests.Property

let private kernel = Kernel.RadialBasis(1.5, [ 0.8 ])
let private settings = { Chains = 8; WarmUp = 60; Draws = 20; Thin = 2; Seed = 3L }
let private paths = LatentSampler.Hamiltonian { HamiltonianSettings.Default with Steps = 10 }
let private temperatures = [ 0.125; 0.25; 1.0; 4.0 ]
let private tempers = temperatures |> List.map (LikelihoodTemperature >> Temper.Likelihood)

/// Functions of the prior, and labels of them by a model: the first examples train, the others test.
let private data (model: LabelModel) =
    let count, training, classes = 560, 60, 3
    let x = normal 51 [ count; 1 ] * 2.0
    let factor = Factor.ofCovariance JitterPolicy.Default (KernelMatrix.gram kernel x) |> ok
    let f = factor.Lower.matmul (normal 52 [ count; classes ])
    let y = LabelModel.draw (generator 53) model f
    { Inputs = x[.. training - 1]; Labels = y[.. training - 1] }, { Inputs = x[training..]; Labels = y[training..] }

let private curve likelihood labelled =
    let training, test = data labelled
    ColdPosterior.curve paths settings kernel 3 likelihood likelihood tempers training test |> ok

let private bestOf (points: ColdPosteriorPoint[]) =
    let best = points |> Array.minBy _.CrossEntropy.Value
    best.Temper.Value

let private at (points: ColdPosteriorPoint[]) t = points |> Array.find (fun p -> p.Temper.Value = t)

let private effects =
    let curated, noisy = LabelModel.GivenAgreement 5, LabelModel.Flipped 0.4

    testList
        "where the best temperature is"
        [ testCase "labels as the likelihood says: T = 1" (fun () ->
              let points = curve LabelModel.Softmax LabelModel.Softmax
              Expect.equal (bestOf points) 1.0 "the posterior itself"
              Expect.equal (points |> Array.map _.Temper.Value |> List.ofArray) temperatures "in their order")

          testCase "curated labels: a cold posterior is best for a softmax; the curators' likelihood brings it back to 1" (fun () ->
              let mismatched = curve LabelModel.Softmax curated
              Expect.isLessThan (bestOf mismatched) 1.0 "cold"
              let gain = (at mismatched 1.0).CrossEntropy.Value - (at mismatched 0.25).CrossEntropy.Value
              Expect.isGreaterThan gain (3.0 * (at mismatched 0.25).CrossEntropy.StandardError) "clearly"
              let matched = curve curated curated
              Expect.equal (bestOf matched) 1.0 "the posterior itself"
              Expect.isLessThan (at matched 1.0).CrossEntropy.Value (at mismatched 1.0).CrossEntropy.Value "and it predicts better")

          testCase "noisy labels: a softmax wants no cold posterior; the noise's likelihood wants none at all" (fun () ->
              let mismatched = curve LabelModel.Softmax noisy
              Expect.isGreaterThanOrEqual (bestOf mismatched) 1.0 "not cold"
              let matched = curve noisy noisy
              Expect.isGreaterThan (at matched 0.125).CrossEntropy.Value (at matched 1.0).CrossEntropy.Value "nor with the noise's") ]

let private scores =
    testList
        "scores"
        [ testCase "cross-entropy and accuracy of the mean over chains, and the jackknife" (fun () ->
              let p =
                  dsharp.stack [ matrix (array2D [ [ 0.9; 0.1 ]; [ 0.4; 0.6 ] ]); matrix (array2D [ [ 0.5; 0.5 ]; [ 0.8; 0.2 ] ]) ]

              let struct (crossEntropy, accuracy) = ColdPosterior.score (integers [ 0; 1 ]) p
              close 1e-14 "mixture" (-(log 0.7 + log 0.4) / 2.0) crossEntropy.Value
              close 1e-14 "one of two" 0.5 accuracy.Value
              // leaving one out leaves the other
              let one, other = -(log 0.5 + log 0.2) / 2.0, -(log 0.9 + log 0.6) / 2.0
              close 1e-12 "jackknife" (sqrt (0.5 * ((one - other) ** 2.0 / 2.0))) crossEntropy.StandardError
              let struct (single, _) = ColdPosterior.score (integers [ 0; 1 ]) p[..0]
              Expect.isTrue (Double.IsNaN single.StandardError) "one chain has no spread"
              let sure = dsharp.stack [ matrix (array2D [ [ 0.0; 1.0 ] ]); matrix (array2D [ [ 0.5; 0.5 ] ]) ]
              let struct (impossible, _) = ColdPosterior.score (integers [ 0 ]) sure
              close 1e-14 "the mixture still has it" -(log 0.25) impossible.Value
              Expect.equal impossible.StandardError infinity "a chain alone holds it impossible")

          testCase "both samplers, both temperatures: the same curve within its errors" (fun () ->
              let training, test = data LabelModel.Softmax
              let few = { Inputs = training.Inputs[..19]; Labels = training.Labels[..19] }

              let both =
                  [ Temper.Likelihood(LikelihoodTemperature 0.5); Temper.Posterior(NoiseScale.Schedules.PosteriorTemperature 0.5) ]

              let settings = { settings with Chains = 40; WarmUp = 150 }

              let run sampler =
                  ColdPosterior.curve sampler settings kernel 3 LabelModel.Softmax LabelModel.Softmax both few test |> ok

              let slices = run LatentSampler.EllipticalSlice
              let paths = run paths

              for a, b in Array.zip slices paths do
                  let error = sqrt (a.CrossEntropy.StandardError ** 2.0 + b.CrossEntropy.StandardError ** 2.0)
                  Expect.isLessThan (abs (a.CrossEntropy.Value - b.CrossEntropy.Value)) (4.9 * error) $"{a.Temper}"

              Expect.notEqual slices[0].CrossEntropy.Value slices[1].CrossEntropy.Value "the two temperatures are two")

          testCase "refusals and errors" (fun () ->
              let training, test = data LabelModel.Softmax

              let run kernel tempers test =
                  ColdPosterior.curve
                      LatentSampler.EllipticalSlice
                      settings
                      kernel
                      3
                      LabelModel.Softmax
                      LabelModel.Softmax
                      tempers
                      training
                      test

              refuses [ "at least one temperature" ] (fun () -> run kernel [] test)
              refuses [ "temperature"; "-1" ] (fun () -> run kernel [ Temper.Likelihood(LikelihoodTemperature -1.0) ] test)
              refuses [ "example 0"; "label 7" ] (fun () -> run kernel tempers { Inputs = test.Inputs[..0]; Labels = integers [ 7 ] })
              refuses [ "1 inputs"; "[500]" ] (fun () -> run kernel tempers { test with Inputs = test.Inputs[..0] })) ]

/// Draws of latent values that are what they are made to be: independent numbers of the prior.
let private independent (posterior: LatentPosterior) draws chains : LatentChains =
    { Whitened = normal 61 [ draws; chains; posterior.Examples; posterior.Classes ]
      Acceptance = 1.0
      Evaluations = 1.0
      StepSize = None
      Divergences = 0 }

let private diagnostics =
    let training, _ = data LabelModel.Softmax
    let few = { Inputs = training.Inputs[..11]; Labels = training.Labels[..11] }

    let posteriorAt temper = LatentPosterior.create kernel LabelModel.Softmax temper 3 few.Inputs few.Labels |> ok
    let posterior = posteriorAt Temper.Untempered

    testList
        "whether chains agree"
        [ testCase "the log-likelihood of every draw, in its place and at its temperature" (fun () ->
              for temper in [ tempers[0]; Temper.Posterior(PosteriorTemperature 4.0) ] do
                  let posterior = posteriorAt temper
                  let chains = independent posterior 5 2
                  let found = LatentChains.logLikelihoods posterior chains
                  Expect.equal (found.Chains, found.Count) (2, 5) "chains and draws"

                  for chain in 0..1 do
                      for draw in 0..4 do
                          let f = posterior.Factor.Lower.matmul chains.Whitened[draw, chain]
                          let logs = f - (f.exp().sum 1).log().unsqueeze 1

                          let chosen =
                              few.Labels.toFlatArray<int64>() |> Array.mapi (fun i y -> float logs[i, int y]) |> Array.sum

                          close 1e-12 $"draw {draw} of chain {chain}" (chosen / temper.Value) (found.OfChain chain).[draw])

          testCase "independent draws are worth their number and agree; a chain elsewhere does not" (fun () ->
              let chains = independent posterior 200 4
              let summary = LatentChains.diagnose posterior chains |> ok
              Expect.isLessThan summary.Rhat 1.02 "R̂"
              // 800 independent draws: the estimate of their worth scatters by a tenth or so
              Expect.isGreaterThan summary.BulkSize 550.0 "bulk"
              Expect.isGreaterThan summary.TailSize 400.0 "tails"
              let all = (LatentChains.logLikelihoods posterior chains).All
              close 1e-12 "mean" (Array.average all) summary.Mean.Value
              let elsewhere = dsharp.cat ([ chains.Whitened[*, ..2]; chains.Whitened[*, 3..] * 3.0 ], 1)
              let apart = LatentChains.diagnose posterior { chains with Whitened = elsewhere } |> ok
              Expect.isGreaterThan apart.Rhat 1.3 "one chain of four is elsewhere")

          testCase "points of a curve carry them, and they are those of its chains" (fun () ->
              let test = { Inputs = training.Inputs[20..29]; Labels = training.Labels[20..29] }
              let settings = { settings with Chains = 3; WarmUp = 30; Draws = 12 }
              let soft = LabelModel.Softmax
              let run settings = ColdPosterior.curve paths settings kernel 3 soft soft [ Temper.Untempered ] few test |> ok
              let point = (run settings)[0]
              let chains = ColdPosterior.sample paths settings posterior |> ok
              Expect.equal (point.LogLikelihood |> ok) (LatentChains.diagnose posterior chains |> ok) "the same"
              let short = (run { settings with Draws = 7 })[0]

              match short.LogLikelihood with
              | Error(NoiseScale.Theory.Sampling.DiagnosticError.TooFewDraws(7, 8)) -> ()
              | other -> failtest $"seven draws are too few, not {other}")

          testCase "draws of another posterior are refused" (fun () ->
              let other = independent posterior 8 2

              refuses [ "[draws, chains, 12, 3]"; "11" ] (fun () ->
                  LatentChains.diagnose posterior { other with Whitened = other.Whitened[*, *, ..10] })) ]

let tests = testList "cold posteriors" [ scores; diagnostics; effects ]
