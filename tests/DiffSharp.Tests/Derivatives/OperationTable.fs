/// Every differentiable operation, at a point where it is smooth: what the oracles are put to.
module OperationTable

open DiffSharp
open Approx

/// An operation as a function of one tensor, and where.
type Entry = { Name: string; F: Tensor -> Tensor; X: Tensor Lazy }

let private at shape low high = lazy (numbers shape low high)
let private entry name x f = { Name = name; F = f; X = x }

let private any = at [ 2; 3 ] -1.5 1.5
let private positive = at [ 2; 3 ] 0.3 2.0
let private inside = at [ 2; 3 ] -0.8 0.8
let private square = at [ 3; 3 ] -1.0 1.0
let private other () = numbers [ 2; 3 ] 0.5 1.4

/// Symmetric and positive definite, whatever a is.
let private definite (a: Tensor) = a.matmul (a.transpose ()) + dsharp.eye (3, dtype = Dtype.Float64, device = device.Value)

/// Distinct eigenvalues and singular values, well apart.
let private spread (a: Tensor) = a * 0.2 + dsharp.diag (tensor [ 1.0; 2.5; 4.5 ])

let private symmetric (a: Tensor) = let a = spread a in (a + a.transpose ()) / 2.0
let private integers (values: obj) = dsharp.tensor (values, dtype = Dtype.Int64, device = device.Value)
let private condition () = (other ()).gt(0.9: scalar)

let private elementwise =
    [ entry "add" any (fun a -> a + other () + a)
      entry "sub" any (fun a -> a - other () - 2.0 * a)
      entry "mul" any (fun a -> a * other () * a)
      entry "div" positive (fun a -> a / other () + other () / a)
      entry "add number" any (fun a -> a + 2.0 + (1.0 + a))
      entry "sub number" any (fun a -> (3.0 - a) * (a - 3.0))
      entry "mul number" any (fun a -> (3.0 * a) * (a * 3.0))
      entry "div number" positive (fun a -> 2.0 / a + a / 2.0)
      entry "pow" positive (fun a -> (a ** other ()) + (other () ** a))
      entry "pow number" positive (fun a -> (a ** 2.5) + dsharp.pow (a, 3) + Tensor.Pow(2.0, a))
      entry "neg" any (fun a -> -a * a)
      entry "exp" any (fun a -> a.exp ())
      entry "expm1" any (fun a -> a.expm1 ())
      entry "log" positive (fun a -> a.log ())
      entry "log1p" positive (fun a -> a.log1p ())
      entry "log2" positive (fun a -> a.log2 ())
      entry "log10" positive (fun a -> a.log10 ())
      entry "safelog" positive (fun a -> a.safelog ())
      entry "sqrt" positive (fun a -> a.sqrt ())
      entry "rsqrt" positive (fun a -> a.rsqrt ())
      entry "reciprocal" positive (fun a -> a.reciprocal ())
      entry "square" any (fun a -> a.square ())
      entry "sin" any (fun a -> a.sin ())
      entry "cos" any (fun a -> a.cos ())
      entry "tan" inside (fun a -> a.tan ())
      entry "sinh" any (fun a -> a.sinh ())
      entry "cosh" any (fun a -> a.cosh ())
      entry "tanh" any (fun a -> a.tanh ())
      entry "asin" inside (fun a -> a.asin ())
      entry "acos" inside (fun a -> a.acos ())
      entry "atan" any (fun a -> a.atan ())
      entry "atan2" positive (fun a -> a.atan2 (other ()) * other().atan2 a)
      entry "erf" any (fun a -> a.erf ())
      entry "lgamma" positive (fun a -> a.lgamma ())
      entry "digamma" positive (fun a -> a.digamma ())
      entry "sigmoid" any (fun a -> a.sigmoid ())
      entry "silu" any (fun a -> a.silu ())
      entry "gelu" any (fun a -> a.gelu ())
      entry "softplus" any (fun a -> a.softplus ())
      entry "elu" any (fun a -> a.elu () * a.elu 0.7)
      entry "relu" any (fun a -> a.relu () * a)
      entry "leakyRelu" any (fun a -> a.leakyRelu () * a.leakyRelu 0.2)
      entry "abs" any (fun a -> a.abs () * a * a)
      entry "max" any (fun a -> a.max (other ()) * a)
      entry "min" any (fun a -> a.min (other ()) * a)
      entry "clamp" any (fun a -> a.clamp (-0.7, 0.7) * a)
      entry "where" any (fun a -> (a * a).where(condition (), a.exp ())) ]

let private reductions =
    [ entry "sum" any (fun a -> (a * a).sum())
      entry "sum along" any (fun a -> (a * a).sum 1)
      entry "mean" any (fun a -> (a * a).mean())
      entry "mean along" any (fun a -> (a * a).mean(0, keepDim = true))
      entry "variance" any (fun a -> a.variance ())
      entry "variance along" any (fun a -> a.variance (-1, unbiased = false))
      entry "stddev" any (fun a -> a.stddev ())
      entry "stddev along" any (fun a -> a.stddev (1, keepDim = true))
      entry "prod" positive (fun a -> a.prod ())
      entry "prod along" positive (fun a -> a.prod 1)
      entry "cumsum" any (fun a -> (a * a).cumsum 1)
      entry "cumprod" positive (fun a -> a.cumprod 1)
      entry "max of all" any (fun a -> a.max () * a)
      entry "max along" any (fun a -> a.max 1 * a.max 1)
      entry "min of all" any (fun a -> a.min () * a)
      entry "min along" any (fun a -> a.min 0 * a.min 0)
      entry "sort" any (fun a -> let values, _ = a.sort 1 in values * values * values)
      entry "logsumexp" any (fun a -> a.logsumexp 1)
      entry "softmax" any (fun a -> a.softmax 1)
      entry "logsoftmax" any (fun a -> a.logsoftmax 1)
      entry "norm" any (fun a -> a.norm () + a.norm 3.0)
      entry "norm along" any (fun a -> a.norm (1, order = 2.0))
      entry "normalize" any (fun a -> a.normalize ())
      entry "standardize" any (fun a -> a.standardize ()) ]

let private shapes =
    [ entry "view" any (fun a -> (a * a).view [ 3; -1 ])
      entry "reshape" any (fun a -> (a * a).reshape [ 6 ])
      entry "viewAs" any (fun a -> (a * a).viewAs(numbers [ 3; 2 ] 0.0 1.0))
      entry "flatten" any (fun a -> (a * a).flatten())
      entry "expand" any (fun a -> (a * a).expand [ 4; 2; 3 ])
      entry "expandAs" any (fun a -> (a * a).expandAs(numbers [ 4; 2; 3 ] 0.0 1.0))
      entry "squeeze" (at [ 2; 1; 3 ] -1.0 1.0) (fun a -> (a * a).squeeze())
      entry "unsqueeze" any (fun a -> (a * a).unsqueeze 1)
      entry "transpose" any (fun a -> a.transpose () * a.transpose (0, 1))
      entry "permute" any (fun a -> (a * a).permute [ 1; 0 ])
      entry "flip" any (fun a -> a.flip [ 1 ] * a)
      entry "roll" any (fun a -> a.roll (1, 1) * a)
      entry "repeat" any (fun a -> (a * a).repeat(1, 2))
      entry "split" any (fun a -> let parts = a.split ([ 1; 2 ], 1) in parts[0] * parts[1])
      entry "unstack" any (fun a -> let parts = a.unstack () in parts[0] * parts[1])
      entry "stack" any (fun a -> dsharp.stack ([ a * a; a ], 1))
      entry "cat" any (fun a -> dsharp.cat ([ a * a; a ], 1))
      entry "gather" any (fun a -> (a * a).gather(1, integers [ [ 0; 2 ]; [ 1; 1 ] ]))
      entry "indexSelect" any (fun a -> (a * a).indexSelect(1, integers [ 2; 0; 2 ]))
      entry "scatter" any (fun a -> (a * a).scatter(1, integers [ [ 0; 3; 2 ]; [ 1; 0; 3 ] ], [ 2; 4 ]))
      entry "pad" any (fun a -> (a * a).pad [ 1; 2 ])
      entry "diagonal" square (fun a -> (a * a).diagonal 1)
      entry "diag" (at [ 3 ] -1.0 1.0) (fun a -> (a * a).diag() * a)
      entry "tril" square (fun a -> (a * a).tril())
      entry "triu" square (fun a -> (a * a).triu 1)
      entry "clone" any (fun a -> (a * a).clone())
      entry "cast" any (fun a -> (a * a).cast Dtype.Float64)
      entry "move" any (fun a -> (a * a).move(device = device.Value))
      entry "Item" any (fun a -> a[0, 1] * a[-1])
      entry "GetSlice" any (fun a -> a[0, 1..] * a[1, ..1])
      entry "mapi" any (dsharp.mapi (fun place x -> x * x * float place[1]))
      entry "map" any (dsharp.map (fun x -> x * x))
      entry "map2" any (fun a -> dsharp.map2 (*) a a)
      entry "init" (at [ 2 ] -1.0 1.0) (fun a -> dsharp.init 2 (fun i -> a[i] * a[0]))
      entry "init2d" (at [ 2 ] -1.0 1.0) (fun a -> dsharp.init2d 2 2 (fun i j -> a[i] * a[j]))
      entry "create" (at [ 2 ] -1.0 1.0) (fun a -> dsharp.create 2 (a[0] * a[1]))
      entry "tensor" (at [ 2 ] -1.0 1.0) (fun a -> dsharp.tensor [ a[0] * a[1]; a[0] ]) ]

let private linearAlgebra =
    [ entry "matmul" any (fun a -> (a.matmul (numbers [ 3; 2 ] -1.0 1.0)).matmul a)
      entry "matmul of many" (at [ 2; 2; 3 ] -1.0 1.0) (fun a -> (a.matmul (numbers [ 3; 2 ] -1.0 1.0)).matmul a)
      entry "matmul of a vector" (at [ 3 ] -1.0 1.0) (fun a -> (numbers [ 2; 4; 3 ] -1.0 1.0).matmul a * a.sum ())
      entry "bmm" (at [ 2; 2; 3 ] -1.0 1.0) (fun a -> a.bmm (a.transpose (1, 2)))
      entry "dot" (at [ 3 ] -1.0 1.0) (fun a -> a.dot (a * a))
      entry "outer" (at [ 3 ] -1.0 1.0) (fun a -> a.outer (a * a))
      entry "solve" square (fun a -> (definite a).solve(a * a))
      entry "solve vector" square (fun a -> (definite a).solve a[0])
      entry "solveTriangular" square (fun a -> (spread a).solveTriangular(a * a))
      entry "solveTriangular, transposed" square (fun a -> (spread a).solveTriangular(a[0], transpose = true))
      entry "solveTriangular, upper, many" square (fun a -> (spread a).solveTriangular(dsharp.stack [ a; a * a ], upper = true))
      entry "inv" square (fun a -> (definite a).inv())
      entry "det" square (fun a -> (definite a).det())
      entry "slogdet" square (fun a -> (definite a).slogdet() |> snd)
      entry "cholesky" square (fun a -> (definite a).cholesky())
      entry "cholesky of many" square (fun a -> dsharp.stack([ definite a; definite (a * a) ]).cholesky())
      entry "eigh" square (fun a -> (symmetric a).eigh() |> fst)
      // an eigenvector's sign is arbitrary: its square is not
      entry "eigh vectors" square (fun a -> let vectors = (symmetric a).eigh() |> snd in vectors * vectors)
      entry "symeig" square (fun a -> (symmetric a).symeig() |> fst)
      entry "svd" square (fun a -> let _, s, _ = (spread a).svd() in s)
      entry "svd vectors" square (fun a -> let u, _, v = (spread a).svd() in (u * u) - (v * v))
      entry "trace" square (fun a -> (a * a).trace()) ]

let private images = at [ 2; 2; 6; 6 ] -1.0 1.0
let private signals = at [ 2; 2; 7 ] -1.0 1.0
let private volumes = at [ 1; 2; 4; 4; 4 ] -1.0 1.0
let private curved (f: Tensor -> Tensor) (a: Tensor) = let y = f a in y * y

let private networks =
    [ entry "conv1d" signals (curved (fun a -> a.conv1d (numbers [ 3; 2; 3 ] -1.0 1.0, stride = 2, padding = 1)))
      entry "conv1d kernel" (at [ 3; 2; 3 ] -1.0 1.0) (curved (fun b -> (numbers [ 2; 2; 7 ] -1.0 1.0).conv1d(b, dilation = 2)))
      entry "conv2d" images (curved (fun a -> a.conv2d (numbers [ 3; 2; 3; 3 ] -1.0 1.0, padding = 1, strides = [ 1; 2 ])))
      entry "conv2d kernel" (at [ 3; 2; 3; 3 ] -1.0 1.0) (curved (fun b -> (numbers [ 2; 2; 6; 6 ] -1.0 1.0).conv2d b))
      entry "conv3d" volumes (curved (fun a -> a.conv3d (numbers [ 2; 2; 2; 2; 2 ] -1.0 1.0)))
      entry "convTranspose1d" signals (curved (fun a -> a.convTranspose1d (numbers [ 2; 3; 3 ] -1.0 1.0, stride = 2, outputPadding = 1)))
      entry "convTranspose2d" images (curved (fun a -> a.convTranspose2d (numbers [ 2; 3; 3; 3 ] -1.0 1.0, stride = 2, padding = 1)))
      entry "convTranspose3d" volumes (curved (fun a -> a.convTranspose3d (numbers [ 2; 1; 2; 2; 2 ] -1.0 1.0)))
      entry "maxpool1d" signals (curved (fun a -> a.maxpool1d (2, stride = 1)))
      entry "maxpool1di" signals (curved (fun a -> a.maxpool1di 2 |> fst))
      entry "maxpool2d" images (curved (fun a -> a.maxpool2d (kernelSize = 2)))
      entry "maxpool2di" images (curved (fun a -> a.maxpool2di (kernelSize = 3, stride = 1) |> fst))
      entry "maxpool3d" volumes (curved (fun a -> a.maxpool3d (kernelSize = 2)))
      entry "maxpool3di" volumes (curved (fun a -> a.maxpool3di (kernelSize = 2) |> fst))
      entry "avgpool1d" signals (curved (fun a -> a.avgpool1d (3, stride = 2, padding = 1)))
      entry "avgpool2d" images (curved (fun a -> a.avgpool2d (kernelSizes = [ 2; 3 ])))
      entry "avgpool3d" volumes (curved (fun a -> a.avgpool3d (kernelSize = 2)))
      entry "mseLoss" any (fun a -> a.mseLoss (other ()) + a.mseLoss (other (), reduction = "sum"))
      entry "bceLoss" (at [ 2; 3 ] 0.1 0.9) (fun a -> a.bceLoss (numbers [ 2; 3 ] 0.0 1.0, reduction = "none"))
      entry "nllLoss" any (fun a -> (a * a).nllLoss(integers [ 2; 0 ]))
      entry "crossEntropyLoss" any (fun a -> a.crossEntropyLoss (integers [ 2; 0 ], weight = tensor [ 1.0; 2.0; 0.5 ]))

      entry "bceWithLogitsLoss" any (fun a -> a.bceWithLogitsLoss (numbers [ 2; 3 ] 0.0 1.0))
      entry "layerNorm" (at [ 2; 4 ] -1.0 1.0) (fun a -> a.layerNorm [ 4 ])
      entry "batchNorm" (at [ 4; 2; 3 ] -1.0 1.0) (fun a -> a.batchNorm ())
      entry "dropout" any (fun a -> (a * a).dropout(0.4, Generator(3L, device.Value)))
      entry "dropout2d" images (fun a -> (a * a).dropout2d(0.4, Generator(3L, device.Value)))
      entry "dropout3d" volumes (fun a -> (a * a).dropout3d(0.4, Generator(3L, device.Value))) ]

let all: Entry list = elementwise @ reductions @ shapes @ linearAlgebra @ networks

/// Operations whose results have no derivative other than 0: integers, booleans, constants, random numbers, steps, text.
let notDifferentiable =
    set
        [ "sign"
          "floor"
          "ceil"
          "round"
          "trunc"
          "lt"
          "gt"
          "le"
          "ge"
          "eq"
          "ne"
          "isnan"
          "isinf"
          "hasnan"
          "hasinf"
          "any"
          "all"
          "argmax"
          "argmin"
          "noDiff"
          "zerosLike"
          "onesLike"
          "fullLike"
          "emptyLike"
          "zeroLike"
          "oneLike"
          "arangeLike"
          "onehotLike"
          "randLike"
          "randnLike"
          "randintLike"
          "bernoulli"
          "multinomial" ]

/// Operations that are others under another name, or with their arguments said differently.
let synonyms =
    Map
        [ "like", "tensor"
          "bool", "cast"
          "int8", "cast"
          "byte", "cast"
          "int16", "cast"
          "int32", "cast"
          "int", "cast"
          "int64", "cast"
          "float16", "cast"
          "bfloat16", "cast"
          "float32", "cast"
          "float64", "cast"
          "float", "cast"
          "double", "cast"
          "cpu", "move"
          "gpu", "move"
          "get_Item", "Item" ]
