/// Proof (b): on quadratic costs the discretised chains are linear recursions, whose stationary moments are known exactly, at any learning rate.
module NoiseScale.Theory.Tests.Sampling.StationaryTests

open Expecto
open DiffSharp
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Property
open NoiseScale.Theory.Tests.Sampling.Scenes

let private n = 6
let private scene = quadratic 31 n 0.9
let private chains = 256

let private scaled k (a: float[,]) = Array2D.map (fun x -> k * x) a
let private identity = array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ]
let private inverse (a: float[,]) = (matrix a).inv().toArray2D<float>()

let private times (a: float[,]) (b: float[,]) = (matrix a).matmul(matrix b).toArray2D<float>()

/// 256 chains, every fourth of 1600 updates after 300: tens of thousands of effective samples.
let private run sampler = draws chains (plan 300L 4 400) sampler scene.Mode

let private g = array2D [ [ 2.0; 0.6 ]; [ 0.6; 1.1 ] ]
let private metric = Metric.ofMatrix (matrix g) |> ok

/// Maps w ↦ Aw + b of an update with each batch: A = 1 − (ε/N)P((N/B)Σ h + λ), b = (ε/N)P(N/B)Σ v.
let private batchMaps epsilon batchSize lambda (p: float[,]) =
    [ for batch in subsets batchSize n ->
          let weight = float n / float batchSize

          let h =
              Array2D.init 2 2 (fun a b ->
                  weight * (batch |> List.sumBy (fun i -> (fst scene.Parts[i])[a, b])) + (if a = b then lambda else 0.0))

          let v = Array.init 2 (fun a -> weight * (batch |> List.sumBy (fun i -> (snd scene.Parts[i])[a])))

          let ph = times p h
          let step = epsilon / float n

          Array2D.init 2 2 (fun a b -> identity[a, b] - step * ph[a, b]), Array.init 2 (fun a -> step * (p[a, 0] * v[0] + p[a, 1] * v[1])) ]

let private batchCovariance =
    testCase "a minibatch's error has covariance (1/B)(1 − B/N)Σ, over all its subsets" (fun () ->
        let w = normal 71 [ 1; 2 ]
        let target = ChainModel.target scene.Model
        let examples = (ChainModel.exampleGradients scene.Model w)[0]
        let centred = examples - examples.mean (0, keepDim = true)
        let sigma = centred.transpose().matmul centred / float (n - 1)

        for batchSize in 1..n do
            let batches = subsets batchSize n
            let gradient batch = (Option.get target.BatchGradient) w ((integers batch).view [ 1; batchSize ]) / float n
            let all = dsharp.cat [ for batch in batches -> gradient batch ]
            same 1e-12 "no bias" ((target.Gradient w)[0] / float n) (all.mean 0)
            let errors = all - all.mean (0, keepDim = true)
            let found = errors.transpose().matmul errors / float batches.Length
            let claimed = sigma * ((1.0 - float batchSize / float n) / float batchSize)

            if batchSize < n then
                same 1e-11 $"B = {batchSize}" claimed found
                // what the paper's proof prints is N times as large
                Expect.isGreaterThan
                    (float ((sigma * (float n / float batchSize * (1.0 - float batchSize / float n)) - found).abs().max()))
                    (0.1 * float (claimed.abs().max()))
                    "N times"
            else
                Expect.isLessThan (float (found.abs().max())) 1e-20 "none at full batch")

let private injected =
    [ testCase "Langevin, at two temperatures and learning rates" (fun () ->
          for temperature, epsilon in [ 1.0, 0.3; 2.5, 0.6 ] do
              let step = epsilon / float n

              let claimed =
                  Lyapunov.preconditioned (scaled step identity) scene.Hessian (scaled (2.0 * temperature / step) identity)

              Langevin.plain (settings temperature epsilon 5L) scene.Target |> ok |> run |> haveMoments "Langevin" scene.Mode claimed)

      testCase "preconditioned Langevin" (fun () ->
          let temperature, epsilon = 1.0, 0.25
          let step = epsilon / float n

          let claimed =
              Lyapunov.preconditioned (scaled step (inverse g)) scene.Hessian (scaled (2.0 * temperature / step) g)

          Langevin.preconditioned metric (settings temperature epsilon 6L) scene.Target
          |> ok
          |> run
          |> haveMoments "preconditioned" scene.Mode claimed)

      testCase "a metric computed anew that does not change samples the same, by solving at every update" (fun () ->
          let epsilon = 0.25
          let step = epsilon / float n
          let claimed = Lyapunov.preconditioned (scaled step (inverse g)) scene.Hessian (scaled (2.0 / step) g)
          let varying = Metric.ofFunction 2 (fun w -> ((matrix g).unsqueeze 0).expand [ w.shape[0]; 2; 2 ])

          Langevin.uncorrected varying (settings 1.0 epsilon 7L) scene.Target
          |> ok
          |> draws 128 (plan 100L 4 150)
          |> fun sample -> sample scene.Mode
          |> haveMoments "recomputed" scene.Mode claimed)

      testCase "SGHMC, positions and momenta, and its kinetic temperature" (fun () ->
          let temperature, epsilon, friction = 1.4, 0.15, 0.3
          let step = epsilon / float n

          let sampler =
              Hamiltonian.create
                  { LearningRate = epsilon
                    Friction = friction
                    Temperature = hot temperature
                    Gradient = GradientSource.Full
                    NoiseVariance = None
                    Seed = 8L }
                  scene.Target
              |> ok

          let claimed =
              Lyapunov.momentum (1.0 - friction) step scene.Hessian (scaled (2.0 * friction * temperature * step) identity)

          let block at = Array2D.init 2 2 (fun i j -> claimed[at + i, at + j])
          run sampler |> haveMoments "positions" scene.Mode (block 0)

          // momenta of one run, kept by stepping
          let mutable state = sampler.Init(Chains.startAt chains (vector scene.Mode)) |> ok
          let kept = ResizeArray()

          for update in 1..1200 do
              state <- sampler.Step state |> ok

              if update > 200 && update % 4 = 0 then
                  kept.Add(Option.get state.Momenta)

          let momenta = Draws.ofSeries (dsharp.stack kept)
          haveMoments "momenta" [| 0.0; 0.0 |] (block 2) momenta

          let trace = (block 2)[0, 0] + (block 2)[1, 1]
          let claimedTemperature = trace * float n / (epsilon * 2.0)
          let found = sampler.Diagnose(state).KineticTemperature |> Option.get
          // 256 chains of 2 momenta: a relative deviation of √(2/512) = 0.0625, five of them
          Expect.isLessThan (abs (Array.average found / claimedTemperature - 1.0)) (5.0 * 0.0625) "kinetic temperature") ]

let private byBatches =
    [ testCase "minibatch natural gradient descent: the moments over all batches, noise that depends on w included" (fun () ->
          for epsilon, batchSize in [ 0.3, 3; 0.15, 1 ] do
              let mean, covariance = Lyapunov.randomAffine (batchMaps epsilon batchSize 0.9 (inverse g))

              NaturalGradient.minibatch metric { LearningRate = epsilon; BatchSize = batchSize; Seed = 9L } scene.Target
              |> ok
              |> run
              |> haveMoments $"B = {batchSize}" mean covariance)

      testCase "SGLD with minibatches: both noises, and the bias that the second adds" (fun () ->
          let temperature, epsilon, batchSize = 0.5, 0.3, 2
          // The injected noise, of variance v in each coordinate, as signed unit vectors of length √(2v): the moments up to the second are the same
          let reach = sqrt (2.0 * (2.0 * temperature * epsilon / float n))

          let maps =
              [ for a, b in batchMaps epsilon batchSize 0.9 identity do
                    for x, y in [ reach, 0.0; -reach, 0.0; 0.0, reach; 0.0, -reach ] -> a, [| b[0] + x; b[1] + y |] ]

          let mean, covariance = Lyapunov.randomAffine maps

          Langevin.plain
              { settings temperature epsilon 10L with
                  Gradient = GradientSource.Minibatch batchSize }
              scene.Target
          |> ok
          |> run
          |> haveMoments "SGLD" mean covariance)

      testCase "SGHMC takes the gradient's noise off its own" (fun () ->
          // at the mode, for a variance that is the true one in one coordinate; the injected deviation is what is left
          let epsilon, friction, variance = 0.2, 0.4, vector [ 0.3; 0.05 ]

          let sampler =
              Hamiltonian.create
                  { LearningRate = epsilon
                    Friction = friction
                    Temperature = hot 1.0
                    Gradient = GradientSource.Full
                    NoiseVariance = Some variance
                    Seed = 11L }
                  scene.Target
              |> ok

          let start = sampler.Init(Chains.startAt 40000 (vector scene.Mode)) |> ok
          let next = sampler.Step start |> ok
          let kick = Option.get next.Momenta - Option.get start.Momenta * (1.0 - friction)
          let found = floats ((kick * kick).mean 0)

          for i in 0..1 do
              let claimed = 2.0 * friction * epsilon / float n - epsilon * epsilon * float variance[i]
              // a variance of 40,000 normal numbers deviates by √(2/40000) = 0.7%
              Expect.isLessThan (abs (found[i] / claimed - 1.0)) 0.036 "injected") ]

let tests = testList "stationary moments" (batchCovariance :: injected @ byBatches)
