/// Gradients of single examples, their norms and products: the layers' rules against the loop over examples.
module NoiseScale.Theory.Tests.PerExampleTests

open System
open Expecto
open FsCheck.FSharp
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.GradientNoise
open NoiseScale.Theory.Tests.Property

let private numbers (generator: Generator) (shape: int list) = dsharp.randn (shape, dtype = Dtype.Float64, generator = generator)

let private integers (generator: Generator) below (shape: int list) =
    dsharp.randint (0, below, shape, dtype = Dtype.Int64, generator = generator)

/// The largest difference, in units of the largest element.
let private difference (expected: Tensor) (actual: Tensor) =
    Expect.equal actual.shape expected.shape "shape"
    float ((expected - actual).abs().max()) / max 1e-300 (float (expected.abs().max()))

let private agree what tolerance expected actual =
    let off = difference expected actual
    Expect.isTrue (off <= tolerance) $"{what}: off by {off}"

/// Gradients, norms and products by the layers' rules and by the loop, in chunks of several sizes.
let private sameAsLoop what (examples: ExampleProblem) (w: Tensor[]) =
    Expect.equal examples.Way PerExampleWay.Taps $"{what}: by taps"
    let loop = PerExample.byLoop examples
    Expect.notEqual loop.Way PerExampleWay.Taps "by a loop"
    let generator = new Generator(5)
    let v = w |> Array.map (fun w -> numbers generator (List.ofArray w.shape))
    let gradients = PerExample.gradients 100 loop w
    let norms = (gradients * gradients).sum 1
    let products = gradients.matmul (Parameters.flatten v)

    for chunk in [ 1; 3; 100 ] do
        agree $"{what}: gradients" 1e-10 gradients (PerExample.gradients chunk examples w)
        agree $"{what}: norms" 1e-10 norms (PerExample.squaredNorms chunk examples w)
        agree $"{what}: products" 1e-10 products (PerExample.products chunk v examples w)

    agree $"{what}: norms of the loop" 1e-12 norms (PerExample.squaredNorms 2 loop w)
    agree $"{what}: products of the loop" 1e-12 products (PerExample.products 2 v loop w)

let private classes = 3

let private withTargets (network: Network) (inputs: Tensor) generator =
    PerExample.ofNetwork (Likelihood.Categorical classes) network inputs (integers generator classes [ inputs.shape[0] ])

let private check what network inputs =
    let generator = new Generator(3)
    let w = Network.initialise network generator
    sameAsLoop what (withTargets network inputs generator) w

let private conv inputs outputs kernel stride padding =
    Layer.Convolution
        { Inputs = inputs
          Outputs = outputs
          Kernel = kernel
          Stride = stride
          Padding = padding }

let private head features = [ Layer.flatten; Layer.Linear(features, classes); Layer.Bias classes ]

let private rng seed = new Generator(seed)

/// Stacks of vectors: linear layers, biases, tanh, residuals.
let private denseStack =
    gen {
        let! width = Gen.choose (1, 6)

        let! body =
            Gen.listOf (
                Gen.elements
                    [ Layer.dense width width
                      [ Layer.Linear(width, width) ]
                      [ Layer.Bias width; Layer.tanh ]
                      [ Layer.Residual(Layer.dense width width @ [ Layer.tanh ]) ]
                      [ Layer.Residual [ Layer.Residual [ Layer.Linear(width, width) ]; Layer.tanh; Layer.Bias width ] ] ]
            )
            |> Gen.map (List.truncate 4 >> List.concat)

        let! n = Gen.choose (1, 5)
        let generator = rng 1
        return body @ Layer.dense width classes, numbers generator [ n; width ]
    }

/// Sequences of tokens: embeddings with repeated tokens, matrices at every position, residuals, a mean.
let private sequenceStack =
    gen {
        let! vocabulary = Gen.choose (1, 6)
        let! size = Gen.choose (1, 5)
        let! positions = Gen.choose (1, 6)
        let! n = Gen.choose (1, 4)

        let! body =
            Gen.listOf (
                Gen.elements
                    [ Layer.dense size size
                      [ Layer.tanh ]
                      [ Layer.Residual(Layer.dense size size @ [ Layer.tanh ]) ]
                      [ Layer.Bias size ] ]
            )
            |> Gen.map (List.truncate 3 >> List.concat)

        let! seed = Gen.choose (1, 1000)
        let generator = rng seed

        return
            Layer.Embedding(vocabulary, size) :: body @ [ Layer.meanOverPositions ] @ Layer.dense size classes,
            integers generator vocabulary [ n; positions ]
    }

/// Images: convolutions of several kernels, strides and paddings, channel biases, pooling, residuals.
let private imageStack =
    gen {
        let! channels = Gen.choose (1, 3)
        let! inner = Gen.choose (1, 4)
        let! kh = Gen.choose (1, 3)
        let! kw = Gen.choose (1, 3)
        let! stride = Gen.two (Gen.choose (1, 3))
        let! padding = Gen.two (Gen.choose (0, 2))
        let! height = Gen.choose (4, 7)
        let! width = Gen.choose (4, 7)
        let! n = Gen.choose (1, 3)
        let! residual = Gen.elements [ true; false ]
        let! pool = Gen.elements [ [ Layer.maxPool 2 ]; [ Layer.averagePool 2 ]; [] ]
        let generator = rng 9

        let body =
            (if residual then
                 [ Layer.Residual(Layer.convolution channels channels 3 1 1 @ [ Layer.tanh ]) ]
             else
                 [])
            @ [ conv channels inner (kh, kw) stride padding; Layer.ChannelBias inner; Layer.tanh ]

        let rows = (height + 2 * fst padding - kh) / fst stride + 1
        let columns = (width + 2 * snd padding - kw) / snd stride + 1

        let pool, features =
            if rows >= 2 && columns >= 2 && not pool.IsEmpty then
                pool, inner * (rows / 2) * (columns / 2)
            else
                [], inner * rows * columns

        return body @ pool @ head features, numbers generator [ n; channels; height; width ]
    }

let private stack (inputs: FsCheck.Gen<Network * Tensor>) =
    // the layers' functions are not to be shrunk or compared; their names print
    inputs |> Arb.fromGen

let private refused what rule (body: unit -> unit) =
    try
        body ()
        failtest $"{what} was not refused"
    with :? ArgumentException as e ->
        Expect.stringContains e.Message rule what

let tests =
    testList
        "per-example gradients"
        [ testCase "every kind of layer by itself" (fun () ->
              let generator = rng 2
              let numbers = numbers generator
              check "linear" [ Layer.Linear(4, classes) ] (numbers [ 5; 4 ])
              check "bias" [ Layer.Bias classes ] (numbers [ 5; classes ])
              // few positions and big matrices: products of positions; many and small: the gradient itself
              check "linear at 2 positions" ([ Layer.Linear(9, 8); Layer.tanh ] @ head 16) (numbers [ 4; 2; 9 ])
              check "linear at 12 positions" ([ Layer.Linear(2, 2); Layer.tanh ] @ head 24) (numbers [ 4; 12; 2 ])
              check "linear at 2 × 3 positions" ([ Layer.Linear(3, 2); Layer.Bias 2 ] @ head 12) (numbers [ 4; 2; 3; 3 ])
              check "embedding of one token" (Layer.Embedding(5, 4) :: Layer.dense 4 classes) (integers generator 5 [ 6 ])
              let repeated = dsharp.tensor ([ [ 1L; 1L; 1L; 0L ]; [ 2L; 1L; 2L; 1L ] ], dtype = Dtype.Int64)
              check "embedding of repeated tokens" ([ Layer.Embedding(3, 2); Layer.tanh ] @ head 8) repeated
              check "convolution, few places" ([ conv 2 8 (3, 3) (2, 2) (1, 1); Layer.tanh ] @ head 32) (numbers [ 3; 2; 4; 4 ])
              check "convolution, many places" ([ conv 1 2 (2, 1) (1, 2) (0, 1); Layer.tanh ] @ head 64) (numbers [ 3; 1; 9; 6 ])
              check "channel bias" ([ Layer.ChannelBias 2; Layer.relu ] @ head 24) (numbers [ 3; 2; 3; 4 ]))

          property 60 "stacks of vectors" (stack denseStack) (fun (network, x) -> check "vectors" network x)
          property 60 "sequences of tokens" (stack sequenceStack) (fun (network, x) -> check "tokens" network x)
          property 60 "stacks of images" (stack imageStack) (fun (network, x) -> check "images" network x)

          testCase "other likelihoods" (fun () ->
              let generator = rng 4
              let x = numbers generator [ 6; 4 ]
              let network = Layer.dense 4 5 @ [ Layer.tanh; Layer.Linear(5, 1) ]
              let w = Network.initialise network generator
              let labels = integers generator 2 [ 6 ]
              sameAsLoop "logistic" (PerExample.ofNetwork Likelihood.Bernoulli network x labels) w
              sameAsLoop "Gaussian" (PerExample.ofNetwork (Likelihood.Gaussian 0.3) network x (numbers generator [ 6; 1 ])) w)

          testCase "a layer without a rule: the same functions, by a loop that says why" (fun () ->
              let generator = rng 6
              // a product of two parameters' outputs, for which nothing is known
              let bilinear =
                  Layer.Other("bilinear", [ [ 4; 3 ]; [ 4; 3 ] ], (fun w x -> x.matmul w[0] * x.matmul w[1]))

              let network = [ Layer.Residual [ Layer.Linear(4, 4); Layer.Residual [ Layer.Bias 4 ] ]; bilinear ]
              let x = numbers generator [ 5; 4 ]
              let w = Network.initialise network generator
              let examples = withTargets network x generator
              Expect.equal examples.Way (PerExampleWay.Loop "layer 'bilinear' has no fast rule") "way"
              let gradients = PerExample.gradients 2 examples w

              for i in 0..4 do
                  let own = dsharp.grads (Problem.exampleLoss i examples.AsProblem) w |> Parameters.flatten
                  agree "its own gradient" 1e-12 own gradients[i]

              agree "norms" 1e-12 ((gradients * gradients).sum 1) (PerExample.squaredNorms 2 examples w)
              Expect.stringContains $"{(PerExample.ofProblem examples.AsProblem).Way}" "not known" "a bare function"
              agree "a bare function" 1e-12 gradients (PerExample.gradients 3 (PerExample.ofProblem examples.AsProblem) w))

          testCase "the sum of weighted costs has the weighted sum of gradients; moments agree with all gradients" (fun () ->
              let generator = rng 7
              let network = Layer.dense 4 6 @ [ Layer.tanh ] @ Layer.dense 6 classes
              let x = numbers generator [ 9; 4 ]
              let w = Network.initialise network generator
              let examples = withTargets network x generator
              let gradients = PerExample.gradients 9 examples w
              let v = numbers generator [ 9 ]

              for chunk in [ 1; 4; 9 ] do
                  agree "combination" 1e-12 (v.matmul gradients) (PerExample.combination chunk v examples w)

                  match PerExample.moments chunk examples w, FiniteSample.ofGradients gradients with
                  | Ok found, Ok expected ->
                      close 1e-10 "Γ" expected.Gamma found.Gamma
                      close 1e-10 "‖G‖²" expected.SquaredNorm found.SquaredNorm
                  | other -> failtest $"{other}")

          testCase "a chunk's memory is all that is taken, and nothing stays" (fun () ->
              let generator = rng 8
              let network = Layer.dense 10 16 @ [ Layer.tanh ] @ Layer.dense 16 classes
              let w = Network.initialise network generator
              let examples = withTargets network (numbers generator [ 40; 10 ]) generator
              PerExample.squaredNorms 8 examples w |> ignore
              let live () = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount
              let before = live ()
              let kept = PerExample.squaredNorms 8 examples w
              Expect.equal (live ()) (before + 1L) "only the result is left"
              GC.KeepAlive kept)

          testCase "bad input is named" (fun () ->
              let generator = rng 10
              let x = numbers generator [ 5; 4 ]
              let y = integers generator classes [ 5 ]
              let likelihood = Likelihood.Categorical classes
              let network = Layer.dense 4 classes
              let w = Network.initialise network generator
              let examples = PerExample.ofNetwork likelihood network x y
              let gradients network x w = PerExample.gradients 2 (PerExample.ofNetwork likelihood network x y) w |> ignore
              refused "a label out of range" "label" (fun () -> PerExample.ofNetwork likelihood network x (y + 3) |> ignore)
              refused "fewer targets" "targets" (fun () -> PerExample.ofNetwork likelihood network x[0..3] y |> ignore)
              refused "an input that is not finite" "finite" (fun () -> gradients network (x / 0.0) w)
              refused "a chunk of none" "chunk" (fun () -> PerExample.squaredNorms 0 examples w |> ignore)
              refused "too few parameters" "tensors" (fun () -> gradients network x w[0..0])
              refused "a parameter of another shape" "parameter 1" (fun () -> gradients network x [| w[0]; w[0] |])
              refused "inputs of another width" "linear" (fun () -> gradients network x[0.., 0..2] w)
              refused "a vector of other shapes" "shapes" (fun () -> PerExample.products 2 [| w[1]; w[0] |] examples w |> ignore)
              refused "other weights" "weights" (fun () -> PerExample.combination 2 x[0] examples w |> ignore)

              refused "outputs that do not fit the targets" "outputs" (fun () ->
                  gradients [ Layer.Linear(4, 5) ] x [| dsharp.ones ([ 5; 4 ], dtype = Dtype.Float64) |])

              refused "a bias of another size" "bias" (fun () -> gradients [ Layer.Bias 3 ] x [| dsharp.ones (3, dtype = Dtype.Float64) |])

              let weights (shape: int list) = [| dsharp.ones (shape, dtype = Dtype.Float64) |]
              refused "no image" "convolution" (fun () -> gradients [ conv 1 1 (1, 1) (1, 1) (0, 0) ] x (weights [ 1; 1; 1; 1 ]))
              refused "no channels" "channels" (fun () -> gradients [ Layer.ChannelBias 3 ] x (weights [ 3 ]))
              refused "a kernel of none" "at least 1" (fun () -> gradients [ conv 1 1 (0, 1) (1, 1) (0, 0) ] x (weights [ 1 ]))
              refused "a negative padding" "padding" (fun () -> gradients [ conv 1 1 (1, 1) (1, 1) (-1, 0) ] x (weights [ 1 ]))
              refused "a size of none" "at least 1" (fun () -> gradients [ Layer.Linear(0, 1) ] x (weights [ 1 ]))
              refused "no tokens" "integers" (fun () -> gradients [ Layer.Embedding(3, 3) ] x (weights [ 3; 3 ]))

              refused "a token out of range" "token" (fun () ->
                  gradients [ Layer.Embedding(2, 3) ] (dsharp.tensor ([ 0L; 1L; 2L; 0L; 0L ], dtype = Dtype.Int64)) (weights [ 2; 3 ]))

              refused "a residual that changes the shape" "residual" (fun () ->
                  gradients [ Layer.Residual [ Layer.Linear(4, 3) ] ] x (weights [ 3; 4 ]))

              let single = PerExample.ofNetwork likelihood network x[0..0] y[0..0]
              Expect.equal (PerExample.moments 2 single w) (Error(NoiseError.TooFew 1)) "one example"
              let broken = [| w[0] * nan; w[1] |]
              Expect.isError (PerExample.moments 2 examples broken) "gradients that are not finite") ]
