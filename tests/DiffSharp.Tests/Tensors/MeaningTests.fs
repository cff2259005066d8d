/// What operations compute, against their definitions written out: a derivative that agrees with differences does not tell which function it is of.
module MeaningTests

open System
open Expecto
open DiffSharp
open Approx

let private tolerance = 1e-12
let private points = [ -2.5; -0.9; -0.2; 0.0; 0.3; 0.8; 1.7; 3.2 ]
let private positive = [ 0.1; 0.5; 1.0; 2.5; 7.0 ]
let private within = [ -0.9; -0.3; 0.0; 0.6 ]

/// erf by its series, which converges everywhere and fast below 4.
let private erf (x: float) =
    let mutable term, sum = x, x

    for n in 1..120 do
        term <- -term * x * x / float n
        sum <- sum + term / float (2 * n + 1)

    2.0 / sqrt Math.PI * sum

let private functions: (string * float list * (Tensor -> Tensor) * (float -> float)) list =
    [ "exp", points, (fun a -> a.exp ()), exp
      "expm1", points, (fun a -> a.expm1 ()), (fun x -> exp x - 1.0)
      "log", positive, (fun a -> a.log ()), log
      "log1p", positive, (fun a -> a.log1p ()), (fun x -> log (1.0 + x))
      "log2", positive, (fun a -> a.log2 ()), Math.Log2
      "log10", positive, (fun a -> a.log10 ()), log10
      "safelog", 0.0 :: positive, (fun a -> a.safelog ()), (fun x -> log (max x 1e-12))
      "safelog 0.5", positive, (fun a -> a.safelog 0.5), (fun x -> log (max x 0.5))
      "sqrt", positive, (fun a -> a.sqrt ()), sqrt
      "rsqrt", positive, (fun a -> a.rsqrt ()), (fun x -> 1.0 / sqrt x)
      "reciprocal", positive, (fun a -> a.reciprocal ()), (fun x -> 1.0 / x)
      "square", points, (fun a -> a.square ()), (fun x -> x * x)
      "sin", points, (fun a -> a.sin ()), sin
      "cos", points, (fun a -> a.cos ()), cos
      "tan", points, (fun a -> a.tan ()), tan
      "sinh", points, (fun a -> a.sinh ()), sinh
      "cosh", points, (fun a -> a.cosh ()), cosh
      "tanh", points, (fun a -> a.tanh ()), tanh
      "asin", within, (fun a -> a.asin ()), asin
      "acos", within, (fun a -> a.acos ()), acos
      "atan", points, (fun a -> a.atan ()), atan
      "atan2", points, (fun a -> a.atan2 (tensor -1.5)), (fun x -> atan2 x -1.5)
      "erf", points, (fun a -> a.erf ()), erf
      "lgamma", [ 1.0; 2.0; 3.0; 5.0; 7.0 ], (fun a -> a.lgamma ()), (fun n -> List.sumBy log [ 1.0 .. n - 1.0 ])
      "digamma",
      [ 1.0; 2.0; 3.0; 5.0 ],
      (fun a -> a.digamma ()),
      (fun n -> -0.57721566490153286 + List.sumBy (fun k -> 1.0 / k) [ 1.0 .. n - 1.0 ])
      "sigmoid", points, (fun a -> a.sigmoid ()), (fun x -> 1.0 / (1.0 + exp -x))
      "silu", points, (fun a -> a.silu ()), (fun x -> x / (1.0 + exp -x))
      "gelu", points, (fun a -> a.gelu ()), (fun x -> x / 2.0 * (1.0 + erf (x / sqrt 2.0)))
      "softplus", points, (fun a -> a.softplus ()), (fun x -> log (1.0 + exp x))
      "elu", points, (fun a -> a.elu 0.7), (fun x -> if x > 0.0 then x else 0.7 * (exp x - 1.0))
      "relu", points, (fun a -> a.relu ()), max 0.0
      "leakyRelu", points, (fun a -> a.leakyRelu ()), (fun x -> if x > 0.0 then x else 0.01 * x)
      "leakyRelu 0.2", points, (fun a -> a.leakyRelu 0.2), (fun x -> if x > 0.0 then x else 0.2 * x)
      "abs", points, (fun a -> a.abs ()), abs
      "neg", points, (fun a -> a.neg ()), (fun x -> -x)
      "sign", points, (fun a -> a.sign ()), (fun x -> float (sign x))
      "floor", points, (fun a -> a.floor ()), floor
      "ceil", points, (fun a -> a.ceil ()), ceil
      "round", 0.5 :: 1.5 :: points, (fun a -> a.round ()), Math.Round
      "trunc", points, (fun a -> a.trunc ()), truncate
      "clamp", points, (fun a -> a.clamp (-0.5, 1)), (fun x -> min 1.0 (max -0.5 x))
      "clamp from below", points, (fun a -> a.clamp (low = 0.5)), max 0.5
      "clamp from above", points, (fun a -> a.clamp (high = 0.5)), min 0.5
      "max", points, (fun a -> a.max (tensor 0.5)), max 0.5
      "min", points, (fun a -> a.min (tensor 0.5)), min 0.5
      "pow", positive, (fun a -> a.pow 2.5), (fun x -> x ** 2.5)
      "pow of a number", points, (fun a -> dsharp.pow (2.5, a)), (fun x -> 2.5 ** x)
      "lt", points, (fun a -> (a.lt 0.3).double()), (fun x -> if x < 0.3 then 1.0 else 0.0)
      "le", points, (fun a -> (a.le 0.3).double()), (fun x -> if x <= 0.3 then 1.0 else 0.0)
      "gt", points, (fun a -> (a.gt 0.3).double()), (fun x -> if x > 0.3 then 1.0 else 0.0)
      "ge", points, (fun a -> (a.ge 0.3).double()), (fun x -> if x >= 0.3 then 1.0 else 0.0)
      "eq", points, (fun a -> (a.eq 0.3).double()), (fun x -> if x = 0.3 then 1.0 else 0.0)
      "ne", points, (fun a -> (a.ne (tensor 0.3)).double()), (fun x -> if x <> 0.3 then 1.0 else 0.0) ]


let private elementwise =
    testList
        "functions of elements"
        [ for name, at, ours, definition in functions do
              testCase name <| fun () -> close tolerance (ours (tensor at)) (tensor [ for x in at -> definition x ]) "the definition" ]

/// Every element of a window over the last two dimensions, by indices: outside is the padding's value.
let private at (a: float[,,,]) outside n c i j =
    if i < 0 || j < 0 || i >= a.GetLength 2 || j >= a.GetLength 3 then
        outside
    else
        a[n, c, i, j]

let private size length kernel stride padding dilation = (length + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1

let private convolve (x: Tensor) (w: Tensor) stride padding dilation : Tensor =
    let a, b = x.toArray4D<float>(), w.toArray4D<float>()
    let kernel = w.shape[2]
    let out length = size length kernel stride padding dilation

    tensor (
        Array4D.init x.shape[0] w.shape[0] (out x.shape[2]) (out x.shape[3]) (fun n o i j ->
            Seq.sum (
                seq {
                    for c in 0 .. w.shape[1] - 1 do
                        for k in 0 .. kernel - 1 do
                            for l in 0 .. kernel - 1 do
                                b[o, c, k, l] * at a 0.0 n c (i * stride - padding + k * dilation) (j * stride - padding + l * dilation)
                }
            ))
    )

let private pool (x: Tensor) kernel stride padding outside (combine: float list -> float) : Tensor =
    let a = x.toArray4D<float>()
    let out length = size length kernel stride padding 1

    tensor (
        Array4D.init x.shape[0] x.shape[1] (out x.shape[2]) (out x.shape[3]) (fun n c i j ->
            combine
                [ for k in 0 .. kernel - 1 do
                      for l in 0 .. kernel - 1 do
                          at a outside n c (i * stride - padding + k) (j * stride - padding + l) ])
    )

let private images () = numbers [ 2; 3; 7; 6 ] -1.0 1.0
let private inner (a: Tensor) (b: Tensor) = (a * b).sum()

let private networks =
    testList
        "convolution and pooling"
        [ testCase "conv2d is a sum over its window"
          <| fun () ->
              let x, w = images (), numbers [ 4; 3; 3; 3 ] -1.0 1.0

              for stride, padding, dilation in [ 1, 0, 1; 2, 1, 1; 1, 2, 2; 3, 1, 2 ] do
                  let ours = x.conv2d (w, stride = stride, padding = padding, dilation = dilation)
                  close tolerance ours (convolve x w stride padding dilation) $"stride {stride}, padding {padding}, dilation {dilation}"

          testCase "conv1d and conv3d are conv2d along lines"
          <| fun () ->
              let x, w = numbers [ 2; 3; 9 ] -1.0 1.0, numbers [ 4; 3; 3 ] -1.0 1.0
              let flat = (x.unsqueeze 2).conv2d(w.unsqueeze 2, strides = [ 1; 2 ], paddings = [ 0; 1 ])
              close tolerance (x.conv1d (w, stride = 2, padding = 1)) (flat.squeeze 2) "conv1d"
              let x, w = images (), numbers [ 4; 3; 3; 3 ] -1.0 1.0
              let deep = (x.unsqueeze 2).conv3d(w.unsqueeze 2, strides = [ 1; 2; 1 ], paddings = [ 0; 1; 1 ])
              close tolerance (deep.squeeze 2) (x.conv2d (w, strides = [ 2; 1 ], padding = 1)) "conv3d"

          testCase "transposed convolutions are the transposes"
          <| fun () ->
              let transposed (x: Tensor) (convolved: Tensor) (back: Tensor -> Tensor) what =
                  let y = numbers (List.ofArray convolved.shape) -1.0 1.0
                  close tolerance (inner convolved y) (inner x (back y)) what

              let x, w = numbers [ 2; 3; 9 ] -1.0 1.0, numbers [ 4; 3; 3 ] -1.0 1.0
              transposed x (x.conv1d (w, stride = 2, padding = 1)) (fun y -> y.convTranspose1d (w, stride = 2, padding = 1)) "1"
              let x, w = numbers [ 2; 3; 7; 7 ] -1.0 1.0, numbers [ 4; 3; 3; 3 ] -1.0 1.0
              transposed x (x.conv2d (w, dilation = 2)) (fun y -> y.convTranspose2d (w, dilation = 2)) "2"
              let x, w = numbers [ 1; 2; 6; 6; 6 ] -1.0 1.0, numbers [ 3; 2; 3; 3; 3 ] -1.0 1.0
              // the stride leaves a last place unused: one more of output
              transposed x (x.conv3d (w, stride = 2)) (fun y -> y.convTranspose3d (w, stride = 2, outputPadding = 1)) "3"

          testCase "pooling takes the largest, or the mean, of each window"
          <| fun () ->
              let x = images ()

              for kernel, stride, padding in [ 2, 2, 0; 3, 1, 1; 3, 2, 1 ] do
                  let what = $"window {kernel}, stride {stride}, padding {padding}"
                  let largest = x.maxpool2d (kernelSize = kernel, stride = stride, padding = padding)
                  close tolerance largest (pool x kernel stride padding -infinity List.max) what
                  let mean = x.avgpool2d (kernelSize = kernel, stride = stride, padding = padding)
                  close tolerance mean (pool x kernel stride padding 0.0 List.average) what

              close 0.0 (x.maxpool2d (kernelSize = 2)) (x.maxpool2d (kernelSize = 2, stride = 2)) "the window is the stride"
              let line = x.flatten (0, 1)
              close 0.0 (line.maxpool1d 2) ((x.maxpool2d (kernelSizes = [ 1; 2 ])).flatten(0, 1)) "maxpool1d"

              close
                  tolerance
                  (line.avgpool1d (3, stride = 1))
                  ((x.avgpool2d (kernelSizes = [ 1; 3 ], stride = 1)).flatten(0, 1))
                  "avgpool1d"

              let deep = x.unsqueeze 2
              close 0.0 ((deep.maxpool3d (kernelSizes = [ 1; 2; 2 ])).squeeze 2) (x.maxpool2d (kernelSize = 2)) "maxpool3d"
              close tolerance ((deep.avgpool3d (kernelSizes = [ 1; 2; 2 ])).squeeze 2) (x.avgpool2d (kernelSize = 2)) "avgpool3d"

          testCase "a pool's indices lead to its values"
          <| fun () ->
              let x = images ()
              let values, indices = x.maxpool2di (kernelSize = 2)
              close 0.0 ((x.flatten 2).gather(2, indices.flatten 2)) (values.flatten 2) "maxpool2di"
              let line = x.flatten (0, 1)
              let values, indices = line.maxpool1di 3
              close 0.0 (line.gather (2, indices)) values "maxpool1di"
              let deep = x.unsqueeze 2
              let values, indices = deep.maxpool3di (kernelSizes = [ 1; 2; 3 ])
              close 0.0 ((deep.flatten 2).gather(2, indices.flatten 2)) (values.flatten 2) "maxpool3di"

          testCase "normalisation: mean 0 and variance v/(v + ε)"
          <| fun () ->
              let x = images () * 3.0 + 1.0
              let groups = (x.transpose (0, 1)).flatten 1
              let normal = (x.batchNorm(0.1).transpose(0, 1)).flatten 1
              let v = groups.variance (1, unbiased = false)
              close tolerance (normal.mean 1) (tensor [ 0.0; 0.0; 0.0 ]) "batchNorm: mean"
              close tolerance (normal.variance (1, unbiased = false)) (v / (v + 0.1)) "batchNorm: variance"
              let rows = numbers [ 4; 5 ] -1.0 2.0
              let normal = rows.layerNorm ([ 5 ], 0.1)
              let v = rows.variance (1, unbiased = false)
              close tolerance (normal.mean 1) (tensor [ 0.0; 0.0; 0.0; 0.0 ]) "layerNorm: mean"
              close tolerance (normal.variance (1, unbiased = false)) (v / (v + 0.1)) "layerNorm: variance"

          testCase "softmax, its logarithm, and scores with probabilities"
          <| fun () ->
              let a = numbers [ 2; 4 ] -2.0 2.0
              let e = a.exp ()
              close tolerance (a.softmax 1) (e / e.sum (1, keepDim = true)) "softmax"
              close tolerance (a.logsoftmax 0) ((a.softmax 0).log()) "logsoftmax"
              close tolerance (a.logsumexp 1) (e.sum(1).log()) "logsumexp"
              let t = numbers [ 2; 4 ] 0.0 1.0
              close tolerance (a.bceWithLogitsLoss t) ((a.sigmoid ()).bceLoss t) "bceWithLogitsLoss"
              close tolerance (a.norm (1, order = 3.0)) ((a.abs () ** 3).sum 1 ** (1.0 / 3.0)) "norm"
              close tolerance (a.standardize ()) ((a - a.mean ()) / a.stddev ()) "standardize"
              close tolerance (a.cumprod 1).[*, 3] (a.prod 1) "cumprod" ]

[<Tests>]
let tests = testList "meaning" [ elementwise; networks ]
