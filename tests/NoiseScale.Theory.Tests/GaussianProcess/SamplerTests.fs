/// Elliptical slices and Hamiltonian Monte Carlo against quadrature, importance sampling, an exact posterior, and each other.
module NoiseScale.Theory.Tests.SamplerTests

open System
open Expecto
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Processes
open NoiseScale.Theory.Tests.Property

let private whole t = Temper.Posterior(PosteriorTemperature t)
let private likelihood t = Temper.Likelihood(LikelihoodTemperature t)
let private network = Kernel.ArcCosine(2, 4.0, 0.5)

/// Many chains, so that their means are independent and normal; a false alarm of 4.9 deviations once in a million.
let private settings = { Chains = 200; WarmUp = 60; Draws = 15; Thin = 3; Seed = 5L }

let private path = { HamiltonianSettings.Default with Steps = 8 }

let private samplers =
    [ "slices", LatentSampler.EllipticalSlice; "Hamiltonian", LatentSampler.Hamiltonian path ]

let private sample sampler settings posterior = ColdPosterior.sample sampler settings posterior |> ok

/// Statistics of f of every chain, [chains, k]: the means over its draws.
let private chainMeans (statistics: Tensor -> Tensor) posterior (chains: LatentChains) =
    (statistics (LatentPosterior.latent posterior chains.Whitened)).mean 0

/// Every column's mean, in standard errors of the chains (and of the other side, where it has one).
let private agree what (expected: float[]) (errors: float[]) (means: Tensor) =
    expected
    |> Array.iteri (fun i expected ->
        let column = floats means[*, i]
        let mean = Array.average column
        let variance = (column |> Array.sumBy (fun s -> (s - mean) ** 2.0)) / float (column.Length - 1)
        let z = (mean - expected) / sqrt (variance / float column.Length + errors[i] * errors[i] + 1e-24)

        if not (abs z < 4.9) then
            failtest $"{what}, statistic {i}: {mean}, and {expected}, are {z} standard errors apart")

let private one = matrix (array2D [ [ 0.4; -1.0 ] ])

/// Of two logits at one input: δ, δ², and the probability of the first label.
let private oneInput (f: Tensor) =
    let f = f.reshape [ f.shape[0]; f.shape[1]; 2 ]
    let delta = f[*, *, 0] - f[*, *, 1]
    dsharp.stack ([ delta; delta * delta; delta.sigmoid () ], -1)

/// The same by quadrature over the two logits, from the density itself: prior and likelihood to their powers.
let private byQuadrature model temper =
    let variance = float (KernelMatrix.diagonal network one).[0]

    let power =
        match temper with
        | Temper.Posterior t -> 1.0 / t.Value
        | Temper.Likelihood _ -> 1.0

    let data = 1.0 / temper.Value
    // nodes of N(0, v/power) have the prior's power in their weights
    let f (u: Tensor) = u * sqrt (variance / power)

    let sums =
        normalMean2 (fun u ->
            let f = f u
            let weight = (LabelModel.logLikelihoods model f)[*, 0] * data |> fun logs -> logs.exp ()
            let delta = f[*, 0] - f[*, 1]
            dsharp.stack ([ weight; weight * delta; weight * delta * delta; weight * delta.sigmoid () ], 1))

    let sums = floats sums
    [| for i in 1..3 -> sums[i] / sums[0] |]

let private quadrature =
    testList
        "one input and two classes, by quadrature"
        [ for name, sampler in samplers do
              for model in [ LabelModel.Softmax; LabelModel.Flipped 0.1; LabelModel.Agreement 2; LabelModel.NoisyDirichlet 0.1 ] do
                  for temper in [ Temper.Untempered; whole 0.4; likelihood 0.4; whole 2.5; likelihood 2.5 ] do
                      testCase $"{name}, {model}, {temper}" (fun () ->
                          let posterior = LatentPosterior.create network model temper 2 one (integers [ 0 ]) |> ok
                          let chains = sample sampler settings posterior
                          agree "quadrature" (byQuadrature model temper) [| 0.0; 0.0; 0.0 |] (chainMeans oneInput posterior chains)) ]

/// Of three logits at two inputs: all of them, and the product of two.
let private twoInputs (f: Tensor) =
    let flat = f.reshape [ f.shape[0]; f.shape[1]; 6 ]

    dsharp.cat (
        [ flat
          (flat[*, *, 0] * flat[*, *, 3]).unsqueeze -1
          (flat[*, *, 1].softmax 0 * 0.0).unsqueeze -1 + flat[*, *, 5].square().unsqueeze -1 ],
        -1
    )

let private importance =
    testList
        "two inputs and three classes, by importance sampling from the prior"
        [ for name, sampler in samplers do
              for model, temper in
                  [ LabelModel.Softmax, Temper.Untempered; LabelModel.Flipped 0.2, whole 0.6; LabelModel.Agreement 3, likelihood 1.5 ] do
                  testCase $"{name}, {model}, {temper}" (fun () ->
                      let x = inputs[..1]

                      let posterior =
                          LatentPosterior.create (Kernel.RadialBasis(2.0, [ 1.5 ])) model temper 3 x (integers [ 2; 1 ]) |> ok

                      let chains = sample sampler settings posterior
                      let count = 200000
                      let f = LatentPosterior.latent posterior (normal 91 [ 1; count; 2; 3 ])
                      let logs = (LatentPosterior.logLikelihood posterior f)[0]
                      let weights = (logs - logs.max ()).softmax 0
                      let values = (twoInputs f)[0]
                      let expected = (values * weights.unsqueeze 1).sum 0
                      // the delta method's error of a ratio
                      let errors = ((values - expected).square() * weights.square().unsqueeze 1).sum(0).sqrt()
                      agree "importance sampling" (floats expected) (floats errors) (chainMeans twoInputs posterior chains)) ]

let private exact =
    let kernel = Kernel.Matern(Smoothness.ThreeHalves, 2.0, [ 1.5 ])
    let settings = { settings with WarmUp = 200 }

    testList
        "a noisy Dirichlet's posterior is normal"
        [ for name, sampler in samplers do
              for temper in [ Temper.Untempered; whole 0.5; likelihood 3.0 ] do
                  testCase $"{name}, {temper}: means and variances of all logits, and predictions" (fun () ->
                      let a, classes = 0.5, 3
                      let x, y = inputs[..4], [ 0; 1; 2; 1; 1 ]

                      let posterior =
                          LatentPosterior.create kernel (LabelModel.NoisyDirichlet a) temper classes x (integers y) |> ok

                      let chains = sample sampler settings posterior
                      // by class: targets and variances of its own, precisions add up
                      let alpha = array2D [ for label in y -> [ for c in 0..2 -> a + (if c = label then 1.0 else 0.0) ] ]
                      let variance = matrix (alpha |> Array2D.map (fun a -> log (1.0 / a + 1.0)))
                      let target = matrix (alpha |> Array2D.map (fun a -> log a - log (1.0 / a + 1.0) / 2.0))

                      let power =
                          match temper with
                          | Temper.Posterior t -> 1.0 / t.Value
                          | Temper.Likelihood _ -> 1.0

                      let k = KernelMatrix.gram kernel x

                      let moments =
                          [ for c in 0..2 do
                                let ofData = 1.0 / (variance[*, c] * temper.Value)
                                let covariance = (k.inv () * power + dsharp.diag ofData).inv()
                                covariance.matmul (target[*, c] * ofData), covariance ]

                      let means = dsharp.stack (moments |> List.map fst, 1)
                      let squares = dsharp.stack (moments |> List.map (fun (m, c) -> c.diagonal () + m * m), 1)
                      let expected = Array.append (floats means) (floats squares)

                      let statistics (f: Tensor) =
                          let flat = f.reshape [ f.shape[0]; f.shape[1]; 15 ]
                          dsharp.cat ([ flat; flat * flat ], -1)

                      agree "exact" expected (Array.zeroCreate 30) (chainMeans statistics posterior chains)

                      // predictions: f_* is normal too; its softmax by draws of it
                      let points = normal 15 [ 2; 2 ]
                      let cross = KernelMatrix.cross kernel x points
                      let back = k.solve cross
                      let count = 100000

                      let drawn =
                          [ for c, (mean, covariance) in List.indexed moments do
                                let own = KernelMatrix.diagonal kernel points - (cross * back).sum 0
                                let v = own / power + (back * covariance.matmul back).sum 0
                                normal (60 + c) [ count; 2 ] * v.sqrt () + (back.transpose ()).matmul mean ]

                      let p = (dsharp.stack (drawn, 2)).softmax 2
                      let expected = floats (p.mean 0)
                      let errors = floats (p.stddev 0) |> Array.map (fun s -> s / sqrt (float count))
                      let found = LatentPosterior.predict posterior LabelModel.Softmax 3L points chains.Whitened
                      same 1e-12 "probabilities" (dsharp.ones ([ 200; 2 ], dtype = Dtype.Float64)) (found.sum 2)
                      agree "predictions" expected errors (found.reshape [ 200; 6 ])) ]

let private together =
    testList
        "each other"
        [ testCase "twelve inputs, three classes, an NNGP: the same means and second moments from both" (fun () ->
              let x, y = normal 41 [ 12; 2 ], labels 42 3 12
              let posterior = LatentPosterior.create network LabelModel.Softmax (whole 0.7) 3 x y |> ok

              let statistics (f: Tensor) =
                  let flat = f.reshape [ f.shape[0]; f.shape[1]; 36 ]
                  dsharp.cat ([ flat; flat * flat ], -1)

              let settings = { settings with Chains = 100; WarmUp = 150; Thin = 5 }
              let slices = sample LatentSampler.EllipticalSlice settings posterior
              let paths = sample (LatentSampler.Hamiltonian path) { settings with Seed = 6L } posterior
              let a, b = chainMeans statistics posterior slices, chainMeans statistics posterior paths
              let errors = floats (a.stddev 0) |> Array.map (fun s -> s / sqrt 100.0)
              agree "slices" (floats (a.mean 0)) errors b
              Expect.equal slices.Acceptance 1.0 "slices always move"
              Expect.isNone slices.StepSize "and have no step size"
              Expect.isGreaterThan slices.Evaluations 1.0 "they shrink"
              Expect.isLessThan (abs (paths.Acceptance - 0.8)) 0.1 $"tuned: {paths.Acceptance}"
              Expect.equal paths.Divergences 0 "none diverges"
              // half of the 8 steps to all of them
              Expect.isLessThan (abs (paths.Evaluations - 6.0)) 0.5 "lengths between 4 and 8")

          testCase "small steps conserve energy: everything is accepted" (fun () ->
              let posterior =
                  LatentPosterior.create network LabelModel.Softmax Temper.Untempered 2 one (integers [ 1 ]) |> ok

              let acceptance step =
                  (HamiltonianMonteCarlo.run { path with FirstStepSize = step } { settings with WarmUp = 0 } posterior |> ok).Acceptance

              Expect.isGreaterThan (acceptance 0.01) 0.9999 "leapfrog's error is of second order"
              // a first-order integrator would lose ten times more
              Expect.isGreaterThan ((1.0 - acceptance 0.4) / (1.0 - acceptance 0.1)) 8.0 "ΔH grows as ε²") ]

let private purity =
    testList
        "purity"
        [ for name, sampler in samplers do
              testCase $"{name}: the same seed gives the same bits, another seed others" (fun () ->
                  let posterior =
                      LatentPosterior.create network LabelModel.Softmax Temper.Untempered 2 one (integers [ 0 ]) |> ok

                  let few = { Chains = 3; WarmUp = 5; Draws = 4; Thin = 2; Seed = 1L }
                  Expect.equal (sample sampler few posterior) (sample sampler few posterior) "equal"

                  Expect.notEqual
                      (sample sampler few posterior).Whitened
                      (sample sampler { few with Seed = 2L } posterior).Whitened
                      "another")

          testCase "a chain taken up in the middle goes on as if it had not stopped" (fun () ->
              let posterior =
                  LatentPosterior.create network LabelModel.Softmax Temper.Untempered 2 one (integers [ 0 ]) |> ok

              let few = { Chains = 3; WarmUp = 4; Draws = 1; Thin = 1; Seed = 1L }
              let rec go n step state = if n = 0 then state else go (n - 1) step (step state |> ok)
              let slice = EllipticalSlice.step few posterior
              let path = HamiltonianMonteCarlo.step path few posterior
              let half = go 4 slice (EllipticalSlice.start few posterior)

              Expect.equal
                  (go 3 slice { half with Whitened = half.Whitened.clone () })
                  (go 7 slice (EllipticalSlice.start few posterior))
                  "slices"

              let begun = HamiltonianMonteCarlo.start HamiltonianSettings.Default few posterior
              Expect.equal (go 6 path (go 3 path begun)) (go 9 path begun) "paths") ]

let private refusals =
    testList
        "refusals"
        [ testCase "arguments" (fun () ->
              let create temper classes y = fun () -> LatentPosterior.create network LabelModel.Softmax temper classes one (integers y)
              refuses [ "temperature"; "0" ] (create (whole 0.0) 2 [ 0 ])
              refuses [ "temperature"; "-1" ] (create (likelihood -1.0) 2 [ 0 ])
              refuses [ "example 0"; "label 2"; "0 to 1" ] (create Temper.Untempered 2 [ 2 ])
              refuses [ "one for each of 1 inputs"; "[2]" ] (create Temper.Untempered 2 [ 0; 1 ])
              refuses [ "two classes" ] (create Temper.Untempered 1 [ 0 ])

              let posterior =
                  LatentPosterior.create network LabelModel.Softmax Temper.Untempered 2 one (integers [ 0 ]) |> ok

              let hmc path = fun () -> HamiltonianMonteCarlo.run path settings posterior
              refuses [ "at least one step"; "0" ] (hmc { path with Steps = 0 })
              refuses [ "target acceptance"; "1" ] (hmc { path with TargetAcceptance = 1.0 })
              refuses [ "step size"; "0" ] (hmc { path with FirstStepSize = 0.0 })
              refuses [ "chains"; "0" ] (fun () -> EllipticalSlice.run { settings with Chains = 0 } posterior)

              refuses [ "[draws, chains, 1, 2]"; "[3; 1; 2]" ] (fun () ->
                  LatentPosterior.predict posterior LabelModel.Softmax 1L one (normal 1 [ 3; 1; 2 ])))

          testCase "paths that diverge are named, with iteration and step size" (fun () ->
              let posterior =
                  LatentPosterior.create network LabelModel.Softmax Temper.Untempered 2 one (integers [ 0 ]) |> ok

              match HamiltonianMonteCarlo.run { path with FirstStepSize = 1e6 } { settings with WarmUp = 0 } posterior with
              | Error(SamplerError.Diverged(0, 1e6) as error) -> Expect.stringContains (string error) "step size 1000000" "sentence"
              | other -> failtest $"%A{other}")

          testCase "a likelihood that overflows is named, with iteration and chain" (fun () ->
              let posterior =
                  LatentPosterior.create
                      (Kernel.Constant 1.7e308)
                      (LabelModel.NoisyDirichlet 1e-3)
                      Temper.Untempered
                      2
                      one
                      (integers [ 0 ])
                  |> ok

              for name, sampler in samplers do
                  match ColdPosterior.sample sampler settings posterior with
                  | Error(SamplerError.NotFinite(0, chain) as error) -> Expect.stringContains (string error) $"chain {chain}" name
                  | other -> failtest $"%A{other}") ]

let tests = testList "samplers" [ quadrature; importance; exact; together; purity; refusals ]
