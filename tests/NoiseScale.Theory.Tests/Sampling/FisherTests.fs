/// Fisher metrics and their derivatives against oracles that are not themselves.
module NoiseScale.Theory.Tests.Sampling.FisherTests

open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.GradientNoise
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Sampling.Scenes

let private plainFisher kind : FisherSettings = { Kind = kind; Damping = 0.0; Examples = None }

let private layers d h k = Layer.dense d h @ [ Layer.Function("tanh", tanh) ] @ Layer.dense h k

/// A model in every form there is, with weights of two chains: name, model, the same as a Problem, shapes of its parameters.
let private models =
    let x = normal 41 [ 5; 2 ]

    [ for name, likelihood, y in
          [ "softmax", Likelihood.Categorical 3, labels 42 3 5
            "logistic", Likelihood.Bernoulli, labels 43 2 5
            "normal errors", Likelihood.Gaussian 0.3, normal 44 [ 5; 2 ] ] do
          let k = Likelihood.outputs likelihood |> Option.defaultValue 2
          let linear = LinearModel.create likelihood true x y
          let omega = [| dsharp.zeros ([ 3; k ], dtype = Dtype.Float64) |]
          name + ", linear", ChainModel.ofLinear linear, LinearModel.problem linear, omega
          let network = layers 2 3 k
          let problem = Problem.create likelihood (Network.predict network) x y
          let w = Network.initialise network (generator 45)
          name + ", network", ChainModel.ofNetwork likelihood network x y, problem, w
          name + ", any function", ChainModel.ofProblem w problem, problem, w ]

let private weights (model: ChainModel) = normal 46 [ 2; model.Parameters ] * 0.6

let private forEachModel name body =
    testList
        name
        [ for title, model, problem, like in models ->
              testCase title (fun () -> body model problem (Parameters.unflatten like) (weights model)) ]

let private chainsOf (f: Tensor -> Tensor) (w: Tensor) = dsharp.stack [ for chain in 0 .. w.shape[0] - 1 -> f w[chain] ]

let private agreement =
    [ forEachModel "costs and gradients are those of the problem, chain by chain" (fun model problem shaped w ->
          let target = ChainModel.target model
          same 1e-12 "C" (w |> chainsOf (shaped >> Problem.summedLoss problem)) (target.Cost w)
          let gradient at = dsharp.grad (shaped >> Problem.summedLoss problem) at
          same 1e-11 "∇C" (chainsOf gradient w) (target.Gradient w)
          let each at = dsharp.stack [ for i in 0..4 -> dsharp.grad (shaped >> Problem.exampleLoss i problem) at ]
          same 1e-11 "∇ℓᵢ" (chainsOf each w) ((Option.get target.ExampleGradients) w)

          // chains have batches of their own
          let indices = (integers [ 4; 1; 1; 3 ]).view [ 2; 2 ]

          let batch =
              dsharp.stack
                  [ for chain, rows in [ 0, [ 4; 1 ]; 1, [ 1; 3 ] ] ->
                        dsharp.grad (shaped >> Problem.summedLoss (Problem.select rows problem)) w[chain] * 2.5 ]

          same 1e-11 "∇Ĉ" batch ((Option.get target.BatchGradient) w indices))

      forEachModel "the exact and the empirical Fisher information are the curvature library's" (fun model problem shaped w ->
          let exact at = (ModelFisher.At(problem, shaped at)).Mean.ToMatrix()
          same 1e-11 "model" (chainsOf exact w) (FisherMetric.at (plainFisher FisherKind.Model) 1L model w)
          let empirical at = (EmpiricalFisher.At(problem, shaped at)).Mean.ToMatrix()
          same 1e-11 "empirical" (chainsOf empirical w) (FisherMetric.at (plainFisher FisherKind.Empirical) 1L model w)

          let g = ChainModel.exampleGradients model w
          let mean = g.mean (1, keepDim = true)
          let covariance = ((g - mean).transpose(1, 2)).bmm(g - mean) / 4.0
          same 1e-11 "covariance" covariance (FisherMetric.at (plainFisher FisherKind.Covariance) 1L model w))

      testCase "damping adds to the diagonal" (fun () ->
          let _, model, _, _ = models[0]
          let w = weights model
          let plain = FisherMetric.at (plainFisher FisherKind.Model) 1L model w

          let damped = FisherMetric.at { plainFisher FisherKind.Model with Damping = 0.25 } 1L model w

          same 1e-14 "F + δ" (plain + 0.25 * dsharp.eye (model.Parameters, dtype = Dtype.Float64)) damped) ]

let private fieldOf (settings: FisherSettings) model seed w =
    match FisherMetric.create settings model |> ok with
    | Metric.Varying metric -> metric.At { Seed = seed; Update = 3L } w
    | other -> failtest $"{other}"

let private central (f: Tensor -> Tensor) (w: Tensor) (v: Tensor) =
    let step = 1e-4
    // order 4
    (8.0 * (f (w + step * v) - f (w - step * v)) - (f (w + 2.0 * step * v) - f (w - 2.0 * step * v))) / (12.0 * step)

let private derivatives =
    [ forEachModel "F·v without the matrix, the divergence and the traces by differences" (fun model _ _ w ->
          for kind in [ FisherKind.Model; FisherKind.MonteCarlo 2; FisherKind.Empirical; FisherKind.Covariance ] do
              let given = fieldOf (plainFisher kind) model 5L w
              let field = { given with Derivative = None }
              let v = normal 47 (List.ofArray w.shape)
              let p = model.Parameters
              same 1e-12 $"{kind}: F·v" ((field.Matrix w).bmm(v.unsqueeze 2).squeeze 2) (field.Times w v)
              let root = normal 48 [ 2; p; p ]
              let a = root.bmm (root.transpose (1, 2))
              let unit (k: int) = (dsharp.onehot (p, k, Dtype.Float64)).expand w.shape
              let slopes = dsharp.stack ([| for k in 0 .. p - 1 -> central field.Matrix w (unit k) |], dim = 1)
              same 1e-7 $"{kind}: traces" ((slopes * a.unsqueeze 1).sum(3).sum 2) (Correction.traces field w a)
              let divergence = (slopes * (a.transpose (1, 2)).unsqueeze 2).sum(3).sum 1
              same 1e-7 $"{kind}: divergence" divergence (Correction.divergence field w a)
              given.Derivative |> Option.iter (fun derivative -> same 1e-7 $"{kind}: in closed form" slopes (derivative w))
              let closed = { field with Derivative = Some(fun _ -> slopes) }
              same 1e-14 $"{kind}: closed traces" ((slopes * a.unsqueeze 1).sum(3).sum 2) (Correction.traces closed w a)
              same 1e-14 $"{kind}: closed divergence" divergence (Correction.divergence closed w a))

      testCase "drawn labels give the exact Fisher information on average, and its derivatives too" (fun () ->
          let _, model, _, _ = models |> List.find (fun (name, _, _, _) -> name = "softmax, linear")
          // many chains at one place, each with labels of its own
          let chains, p = 4000, model.Parameters
          let w = normal 49 [ 1; p ] * 0.6
          let many = w.expand [ chains; p ]

          let exact, drawn =
              fieldOf (plainFisher FisherKind.Model) model 1L w, fieldOf (plainFisher (FisherKind.MonteCarlo 1)) model 7L many

          let root = normal 50 [ 1; p; p ] * 0.3
          let a = root.bmm (root.transpose (1, 2))

          let unbiased what (expected: Tensor) (found: Tensor) =
              let expected, columns = floats expected, (found.view [ chains; -1 ]).toArray2D<float>()

              for i in 0 .. expected.Length - 1 do
                  // some numbers are the same for all draws, where a label cannot matter
                  if Array.distinct columns[*, i] |> Array.length > 1 then
                      expectUnbiased $"{what} {i}" expected[i] columns[*, i]

          unbiased "F" (exact.Matrix w) (drawn.Matrix many)
          unbiased "traces" (Correction.traces exact w a) (Correction.traces drawn many (a.expand [ chains; p; p ]))
          unbiased "divergence" (Correction.divergence exact w a) (Correction.divergence drawn many (a.expand [ chains; p; p ])))

      testCase "probes give the divergence on average" (fun () ->
          let _, model, _, _ = models |> List.find (fun (name, _, _, _) -> name = "logistic, network")
          let chains, p = 4000, model.Parameters
          let w = normal 51 [ 1; p ]
          let many = w.expand [ chains; p ]
          let field = fieldOf (plainFisher FisherKind.Model) model 1L w
          let factor = Factor.ofMatrices 0L 0.5 (Factor.damp 0.5 (field.Matrix w))
          let exact = floats (Correction.divergence field w (Factor.inverse factor w))
          let directions = Factor.colour factor (normal 52 [ 1; chains; p ] |> fun xi -> xi[0])
          let found = (Correction.probedDivergence field many [ directions ]).toArray2D<float>()

          for i in 0 .. p - 1 do
              expectUnbiased $"component {i}" exact[i] found[*, i]) ]

let private batches =
    [ testCase "a Fisher batch of its own for each chain and update, the same for the same seed" (fun () ->
          let _, model, _, _ = models[0]
          let w = Chains.startAt 2 (normal 53 [ model.Parameters ])

          let at seed = FisherMetric.at { plainFisher FisherKind.Model with Examples = Some 3 } seed model w

          same 0.0 "the same seed" (at 4L) (at 4L)
          let one = at 4L
          Expect.isGreaterThan (float ((one[0] - one[1]).abs().max())) 1e-3 "chains"
          Expect.isGreaterThan (float ((one - at 5L).abs().max())) 1e-3 "seeds"

          // the mean over many batches is that of all examples
          let many = Chains.startAt 4000 w[0]

          let means = FisherMetric.at { plainFisher FisherKind.Model with Examples = Some 3 } 6L model many

          let all = FisherMetric.at (plainFisher FisherKind.Model) 1L model w[0..0]
          let columns, expected = (means.view [ 4000; -1 ]).toArray2D<float>(), floats all

          for i in 0 .. expected.Length - 1 do
              expectUnbiased $"element {i}" expected[i] columns[*, i])

      testCase "convolutions and residual layers, all chains at once" (fun () ->
          let network =
              Layer.convolution 1 2 3 2 0
              @ [ Layer.Function("relu", _.relu()); Layer.Function("flatten", _.flatten(1, 3)); Layer.Residual [ Layer.Linear(8, 8) ] ]
              @ Layer.dense 8 3

          let x, y = normal 54 [ 4; 1; 5; 5 ], labels 55 3 4
          let model = ChainModel.ofNetwork (Likelihood.Categorical 3) network x y
          let problem = Problem.create (Likelihood.Categorical 3) (Network.predict network) x y
          let like = Network.initialise network (generator 56)
          let slow = ChainModel.ofProblem like problem
          let w = normal 57 [ 3; model.Parameters ] * 0.4
          Expect.equal model.Parameters (Parameters.count like) "p"
          same 1e-11 "∇ℓᵢ" (ChainModel.exampleGradients slow w) (ChainModel.exampleGradients model w)
          same 1e-11 "outputs" (ChainModel.outputs slow w x) (ChainModel.outputs model w x)
          same 1e-11 "∇C" ((ChainModel.target slow).Gradient w) ((ChainModel.target model).Gradient w)) ]

let tests = testList "Fisher information" (agreement @ derivatives @ batches)
