/// Calls that native code cannot serve. Many of their kind end a process, so they run in one of their own, and each says how it ended.
module Refusals

open System
open DiffSharp
open TorchSharp

/// What has to come of a call.
type Outcome =
    /// An exception whose message has all of these in it.
    | Refused of fragments: string list
    /// A result, whatever its numbers.
    | Served
    /// Either, as the platform's kernels have it.
    | Survived

type Case = { Name: string; Outcome: Outcome; Act: unit -> unit }

let private case name fragments (act: unit -> 'a) = { Name = name; Outcome = Refused fragments; Act = fun () -> act () |> ignore }

let private served name (act: unit -> 'a) = { Name = name; Outcome = Served; Act = fun () -> act () |> ignore }

let private t (shape: int list) = dsharp.ones (shape, dtype = Dtype.Float32)
let private d (shape: int list) = dsharp.ones (shape, dtype = Dtype.Float64)
let private integers (values: int list) = dsharp.tensor (values, dtype = Dtype.Int64)

/// Two shapes that do not go together, for everything that takes two tensors.
let private pairs: (string * (Tensor -> Tensor -> Tensor)) list =
    [ "add", (fun a b -> a + b)
      "sub", (fun a b -> a - b)
      "mul", (fun a b -> a * b)
      "div", (fun a b -> a / b)
      "pow", (fun a b -> a ** b)
      "max", (fun a b -> a.max b)
      "min", (fun a b -> a.min b)
      "atan2", (fun a b -> a.atan2 b)
      "lt", (fun a b -> a.lt b)
      "gt", (fun a b -> a.gt b)
      "le", (fun a b -> a.le b)
      "ge", (fun a b -> a.ge b)
      "eq", (fun a b -> a.eq b)
      "ne", (fun a b -> a.ne b)
      "where", (fun a b -> (a.gt (0: scalar)).where(a.gt (0: scalar), b))
      "matmul", (fun a b -> a.matmul b)
      "bmm", (fun a b -> (a.unsqueeze 0).bmm(b.unsqueeze 0))
      "mseLoss", (fun a b -> a.mseLoss b)
      "bceLoss", (fun a b -> a.bceLoss b)
      "bceWithLogitsLoss", (fun a b -> a.bceWithLogitsLoss b)
      "expand", (fun a b -> a.expandAs b)
      "view", (fun a b -> a.viewAs b)
      "stack", (fun a b -> dsharp.stack [ a; b ])
      "cat", (fun a b -> dsharp.cat [ a; b ]) ]

let private mismatches =
    [ for name, act in pairs ->
          case $"{name} of shapes that do not go together" [ name; "3"; "5" ] (fun () -> act (t [ 2; 3 ]) (t [ 4; 5 ])) ]

let private dimensions: (string * (Tensor -> int -> Tensor)) list =
    [ "sum", (fun a i -> a.sum i)
      "mean", (fun a i -> a.mean i)
      "variance", (fun a i -> a.variance i)
      "stddev", (fun a i -> a.stddev i)
      "prod", (fun a i -> a.prod i)
      "cumsum", (fun a i -> a.cumsum i)
      "cumprod", (fun a i -> a.cumprod i)
      "max", (fun a i -> a.max i)
      "min", (fun a i -> a.min i)
      "argmax", (fun a i -> a.argmax i)
      "argmin", (fun a i -> a.argmin i)
      "sort", (fun a i -> a.sort i |> fst)
      "logsumexp", (fun a i -> a.logsumexp i)
      "softmax", (fun a i -> a.softmax i)
      "logsoftmax", (fun a i -> a.logsoftmax i)
      "norm", (fun a i -> a.norm (i, order = 2.0))
      "squeeze", (fun a i -> a.squeeze i)
      "unsqueeze", (fun a i -> a.unsqueeze i)
      "transpose", (fun a i -> a.transpose (0, i))
      "flip", (fun a i -> a.flip [ i ])
      "roll", (fun a i -> a.roll (1, i))
      "repeat", (fun a i -> a.repeat (i, 2))
      "split", (fun a i -> (a.split ([ 1; 1 ], i))[0])
      "unstack", (fun a i -> (a.unstack i)[0])
      "flatten", (fun a i -> a.flatten (i))
      "diagonal", (fun a i -> a.diagonal (0, 0, i))
      "gather", (fun a i -> a.gather (i, integers [ 0 ]))
      "indexSelect", (fun a i -> a.indexSelect (i, integers [ 0 ]))
      "scatter", (fun a i -> a.scatter (i, integers [ 0 ], [ 2; 3 ]))
      "permute", (fun a i -> a.permute [ 0; i ]) ]

let private outOfRange =
    [ for name, act in dimensions do
          case $"{name} along dimension 7" [ name; "7"; "[2, 3]" ] (fun () -> act (t [ 2; 3 ]) 7)
          case $"{name} along dimension -9" [ name; "-9"; "[2, 3]" ] (fun () -> act (t [ 2; 3 ]) -9) ]

let private indices =
    [ case "an index too large" [ "index"; "5"; "[2, 3]" ] (fun () -> (t [ 2; 3 ])[5])
      case "an index too small" [ "index"; "-3"; "[2, 3]" ] (fun () -> (t [ 2; 3 ])[-3])
      case "an index too many" [ "index"; "3 indices"; "[2, 3]" ] (fun () -> (t [ 2; 3 ])[0, 0, 0])
      case "an index of a number" [ "index"; "1 indices" ] (fun () -> (t [])[0])
      case "a range too far" [ "index"; "1..9"; "[2, 3]" ] (fun () -> (t [ 2; 3 ])[0, 1..9])
      case "a range from before" [ "index"; "-2..1" ] (fun () -> (t [ 2; 3 ])[-2 .. 1])
      case "gather beyond" [ "gather"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).gather(1, dsharp.tensor [ [ 9L ]; [ 0L ] ]))
      case "gather of too many dimensions" [ "gather"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).gather(1, integers [ 0 ]))
      case "gather by fractions" [ "gather"; "integers" ] (fun () -> (t [ 2; 3 ]).gather(1, t [ 2; 3 ]))
      case "indexSelect beyond" [ "indexSelect"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).indexSelect(0, integers [ 2 ]))
      case "indexSelect below" [ "indexSelect"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).indexSelect(0, integers [ -3 ]))
      case "scatter beyond" [ "scatter"; "[2, 3]" ] (fun () ->
          (t [ 2; 3 ]).scatter(1, dsharp.tensor [ [ 0L; 1L; 7L ]; [ 0L; 1L; 2L ] ], [ 2; 3 ]))
      case "a class beyond" [ "nllLoss"; "[0, 2]" ] (fun () -> (t [ 2; 3 ]).nllLoss(integers [ 0; 3 ]))
      case "a class below" [ "crossEntropyLoss"; "[0, 2]" ] (fun () -> (t [ 2; 3 ]).crossEntropyLoss(integers [ 0; -1 ]))
      case "classes as fractions" [ "crossEntropyLoss"; "integers" ] (fun () -> (t [ 2; 3 ]).crossEntropyLoss(t [ 2 ]))
      case "more classes than examples" [ "crossEntropyLoss"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).crossEntropyLoss(integers [ 0; 1; 2 ]))
      case "too few weights" [ "nllLoss"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).nllLoss(integers [ 0; 1 ], weight = t [ 2 ]))
      case "onehot beyond" [ "onehot"; "4" ] (fun () -> dsharp.onehot (4, 4)) ]

let private convolutions =
    [ case "conv1d of too many channels" [ "conv1d"; "[1, 2, 5]" ] (fun () -> (t [ 1; 2; 5 ]).conv1d(t [ 1; 3; 2 ]))
      case "conv1d of a matrix" [ "conv1d"; "[2, 5]" ] (fun () -> (t [ 2; 5 ]).conv1d(t [ 1; 2; 2 ]))
      case "conv2d with too large a kernel" [ "conv2d"; "[1, 2, 5, 5]" ] (fun () -> (t [ 1; 2; 5; 5 ]).conv2d(t [ 1; 2; 6; 6 ]))
      case "conv2d with a kernel of three dimensions" [ "conv2d"; "[1, 2, 3]" ] (fun () -> (t [ 1; 2; 5; 5 ]).conv2d(t [ 1; 2; 3 ]))
      case "conv2d with a stride of 0" [ "conv2d"; "stride"; "0" ] (fun () -> (t [ 1; 2; 5; 5 ]).conv2d(t [ 1; 2; 3; 3 ], stride = 0))
      case "conv2d with a padding below 0" [ "conv2d"; "padding"; "-1" ] (fun () ->
          (t [ 1; 2; 5; 5 ]).conv2d(t [ 1; 2; 3; 3 ], padding = -1))
      case "conv2d with three strides" [ "conv2d"; "stride"; "[1, 1, 1]" ] (fun () ->
          (t [ 1; 2; 5; 5 ]).conv2d(t [ 1; 2; 3; 3 ], strides = [ 1; 1; 1 ]))
      case "conv2d of two types" [ "conv2d"; "Float32"; "Float64" ] (fun () -> (t [ 1; 2; 5; 5 ]).conv2d(d [ 1; 2; 3; 3 ]))
      case "conv3d of too many channels" [ "conv3d" ] (fun () -> (t [ 1; 2; 5; 5; 5 ]).conv3d(t [ 1; 3; 2; 2; 2 ]))
      case "convTranspose1d of too many channels" [ "convTranspose1d" ] (fun () -> (t [ 1; 2; 5 ]).convTranspose1d(t [ 3; 1; 2 ]))
      case "convTranspose2d with too much output padding" [ "convTranspose2d" ] (fun () ->
          (t [ 1; 2; 5; 5 ]).convTranspose2d(t [ 2; 1; 2; 2 ], outputPadding = 3))
      case "convTranspose3d of too many channels" [ "convTranspose3d" ] (fun () ->
          (t [ 1; 2; 5; 5; 5 ]).convTranspose3d(t [ 3; 1; 2; 2; 2 ]))
      case "maxpool1d with too large a window" [ "maxpool1d"; "[1, 2, 5]" ] (fun () -> (t [ 1; 2; 5 ]).maxpool1d 9)
      case "maxpool2d without a window" [ "maxpool2d"; "kernel size" ] (fun () -> (t [ 1; 2; 5; 5 ]).maxpool2d())
      case "maxpool2d with much padding" [ "maxpool2d" ] (fun () -> (t [ 1; 2; 5; 5 ]).maxpool2d(kernelSize = 2, padding = 3))
      case "maxpool2di of a vector" [ "maxpool2di"; "[5]" ] (fun () -> (t [ 5 ]).maxpool2di(kernelSize = 2))
      case "maxpool3d with too large a window" [ "maxpool3d" ] (fun () -> (t [ 1; 1; 2; 2; 2 ]).maxpool3d(kernelSize = 5))
      case "avgpool1d with too large a window" [ "avgpool1d" ] (fun () -> (t [ 1; 2; 5 ]).avgpool1d 9)
      case "avgpool2d with a window and windows" [ "avgpool2d"; "twice" ] (fun () ->
          (t [ 1; 2; 5; 5 ]).avgpool2d(kernelSize = 2, kernelSizes = [ 2; 2 ]))
      case "avgpool3d with much padding" [ "avgpool3d" ] (fun () -> (t [ 1; 1; 4; 4; 4 ]).avgpool3d(kernelSize = 2, padding = 2))
      case "layerNorm over other lengths" [ "layerNorm"; "[4]" ] (fun () -> (t [ 2; 3 ]).layerNorm [ 4 ])
      case "batchNorm of one value" [ "batchNorm"; "[1, 3]" ] (fun () -> (t [ 1; 3 ]).batchNorm())
      case "pad with too many" [ "pad"; "3 paddings" ] (fun () -> (t [ 2; 3 ]).pad [ 1; 1; 1 ]) ]

let private linearAlgebra =
    [ case "matmul of numbers" [ "matmul"; "[]" ] (fun () -> (t []).matmul(t [ 2 ]))
      case "matmul of vectors of two lengths" [ "matmul"; "[2]"; "[3]" ] (fun () -> (t [ 2 ]).matmul(t [ 3 ]))
      case "matmul of a matrix and a vector" [ "matmul"; "[2, 3]"; "[2]" ] (fun () -> (t [ 2; 3 ]).matmul(t [ 2 ]))
      case "matmul of two numbers of matrices" [ "matmul"; "[2, 2, 3]"; "[3, 3, 2]" ] (fun () -> (t [ 2; 2; 3 ]).matmul(t [ 3; 3; 2 ]))
      case "matmul of many, inner lengths" [ "matmul"; "[2, 2, 3]"; "[2, 4, 2]" ] (fun () -> (t [ 2; 2; 3 ]).matmul(t [ 2; 4; 2 ]))
      case "matmul of two types" [ "matmul"; "Float32"; "Float64" ] (fun () -> (t [ 2; 2 ]).matmul(d [ 2; 2 ]))
      case "matmul of many of two types" [ "matmul"; "Float32"; "Float64" ] (fun () -> (t [ 2; 2; 2 ]).matmul(d [ 2; 2; 2 ]))
      case "dot of matrices" [ "dot"; "vectors" ] (fun () -> (t [ 2; 2 ]).dot(t [ 2; 2 ]))
      case "dot of two lengths" [ "dot"; "[2]"; "[3]" ] (fun () -> (t [ 2 ]).dot(t [ 3 ]))
      case "outer of matrices" [ "outer"; "vectors" ] (fun () -> (t [ 2; 2 ]).outer(t [ 2 ]))
      case "bmm of matrices" [ "bmm"; "three" ] (fun () -> (t [ 2; 2 ]).bmm(t [ 2; 2 ]))
      case "solve with a singular matrix" [ "solve"; "[2, 2]"; "singular" ] (fun () -> (t [ 2; 2 ]).solve(t [ 2 ]))
      case "solve with too many right sides" [ "solve"; "[2, 2]"; "[3]" ] (fun () -> (dsharp.eye 2).solve(t [ 3 ]))
      case "solve of two types" [ "solve"; "Float32"; "Float64" ] (fun () -> (dsharp.eye 2).solve(d [ 2 ]))
      case "solve with no square" [ "solve"; "[2, 3]"; "square" ] (fun () -> (t [ 2; 3 ]).solve(t [ 2 ]))
      case "solveTriangular with a 0 on the diagonal" [ "solveTriangular"; "[2, 2]"; "singular" ] (fun () ->
          (dsharp.diag (dsharp.tensor [ 1.0f; 0.0f ])).solveTriangular(t [ 2 ]))
      case "solveTriangular with too many right sides" [ "solveTriangular"; "[2, 2]"; "[3]"; "of 2 numbers" ] (fun () ->
          (dsharp.eye 2).solveTriangular(t [ 3 ]))
      case "solveTriangular with a number" [ "solveTriangular"; "[]"; "rows" ] (fun () -> (dsharp.eye 2).solveTriangular(t []))
      case "solveTriangular of two types" [ "solveTriangular"; "Float32"; "Float64" ] (fun () -> (dsharp.eye 2).solveTriangular(d [ 2 ]))
      case "solveTriangular with no square" [ "solveTriangular"; "[2, 3]"; "square" ] (fun () -> (t [ 2; 3 ]).solveTriangular(t [ 2 ]))
      case "solveTriangular of two numbers of matrices" [ "solveTriangular"; "[2, 2, 2]"; "[3, 2, 2]"; "equally many" ] (fun () ->
          (t [ 2; 2; 2 ] + 1.0).solveTriangular(t [ 3; 2; 2 ]))
      served "solveTriangular of nothing" (fun () -> (t [ 0; 0 ]).solveTriangular(t [ 0; 2 ]))
      case "cholesky of many, one not definite" [ "cholesky"; "[2, 2, 2]"; "positive-definite" ] (fun () ->
          (dsharp.stack [ dsharp.eye 2; -(dsharp.eye 2) ]).cholesky())
      case "inv of a singular matrix" [ "inv"; "[3, 3]"; "singular" ] (fun () -> (t [ 3; 3 ]).inv())
      case "inv of a vector" [ "inv"; "[3]"; "square" ] (fun () -> (t [ 3 ]).inv())
      case "det of no square" [ "det"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).det())
      case "slogdet of a vector" [ "slogdet"; "[2]" ] (fun () -> (t [ 2 ]).slogdet())
      served "slogdet of a singular matrix" (fun () -> (t [ 2; 2 ]).slogdet())
      case "cholesky of no definite matrix" [ "cholesky"; "[2, 2]"; "positive-definite" ] (fun () -> (-(dsharp.eye 2)).cholesky())
      case "cholesky of no square" [ "cholesky"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).cholesky())
      case "eigh of no square" [ "eigh"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).eigh())
      { served "eigh of what is not a number" (fun () -> (t [ 2; 2 ] * nan).eigh()) with
          Outcome = Survived }
      case "svd of a vector" [ "svd"; "[3]" ] (fun () -> (t [ 3 ]).svd())
      case "trace of a vector" [ "trace"; "[3]" ] (fun () -> (t [ 3 ]).trace())
      case "transpose of a vector" [ "transpose"; "[3]" ] (fun () -> (t [ 3 ]).transpose())
      case "diag of three dimensions" [ "diag"; "[2, 2, 2]" ] (fun () -> (t [ 2; 2; 2 ]).diag())
      served "an empty determinant" (fun () -> (t [ 0; 0 ]).det()) ]

let private values =
    [ case "max of nothing" [ "max"; "[0]" ] (fun () -> (t [ 0 ]).max())
      case "argmin of nothing" [ "argmin"; "[0]" ] (fun () -> (t [ 0 ]).argmin())
      case "sort of nothing" [ "sort"; "[0]" ] (fun () -> (t [ 0 ]).sort 0)
      served "mean of nothing" (fun () -> (t [ 0 ]).mean())
      served "log of a negative number" (fun () -> (-(t [ 2 ])).log())
      served "division by 0" (fun () -> t [ 2 ] / 0)
      served "integer division by 0" (fun () -> integers [ 1 ] / integers [ 0 ])
      case "booleans subtracted" [ "sub"; "Bool" ] (fun () -> (t [ 2 ]).bool() - (t [ 2 ]).bool())
      case "integers to a negative power" [ "pow"; "Int64" ] (fun () -> integers [ 2 ] ** -1)
      served "a number too large for bytes, which wraps round" (fun () -> (integers [ 2 ]).byte() + 100000)
      case "a string as a number" [ "add"; "String" ] (fun () -> t [ 2 ] + "2")
      case "a character as a number" [ "mul"; "Char" ] (fun () -> t [ 2 ] * '2')
      case "a huge integer" [ "add"; "64 bits" ] (fun () -> t [ 2 ] + UInt64.MaxValue)
      case "where without booleans" [ "where" ] (fun () -> dsharp.where (t [ 2 ], t [ 2 ], t [ 2 ]))
      case "digamma of booleans is their type's" [ "bernoulli" ] (fun () -> (t [ 2 ] * 2.0).bernoulli())
      case "probabilities outside [0, 1]" [ "bceLoss"; "[0, 1]" ] (fun () -> (t [ 2 ] * 2.0).bceLoss(t [ 2 ]))
      case "a reduction by another name" [ "mseLoss"; "avg" ] (fun () -> (t [ 2 ]).mseLoss(t [ 2 ], reduction = "avg"))
      case "multinomial with a negative weight" [ "multinomial"; "[2]" ] (fun () -> (-(t [ 2 ])).multinomial 1)
      case "multinomial of more than there are" [ "multinomial"; "[2]" ] (fun () -> (t [ 2 ]).multinomial(3, replacement = false))
      case "multinomial of three dimensions" [ "multinomial"; "[2, 2, 2]" ] (fun () -> (t [ 2; 2; 2 ]).multinomial 1)
      case "randint of nothing" [ "randint"; "[3, 3)" ] (fun () -> dsharp.randint (3, 3, [ 2 ]))
      case "normal integers" [ "randn"; "Int32" ] (fun () -> dsharp.randn ([ 2 ], dtype = Dtype.Int32))
      case "dropout with probability 2" [ "dropout"; "2" ] (fun () -> (t [ 2 ]).dropout 2.0)
      case "dropout2d of a vector" [ "dropout2d"; "[2]" ] (fun () -> (t [ 2 ]).dropout2d())
      case "a matrix as a number" [ "toDouble"; "[2, 2]" ] (fun () -> float (t [ 2; 2 ]))
      case "an order of matrices" [ "compare"; "[2, 2]" ] (fun () -> max (t [ 2; 2 ]) (t [ 2; 2 ]))
      case "a vector as a matrix" [ "toArray2D"; "[2]" ] (fun () -> (t [ 2 ]).toArray2D<float>())
      case "a number as an array" [ "toArray" ] (fun () -> (t []).toArray())
      case "an array of strings" [ "toArray1D"; "String" ] (fun () -> (t [ 2 ]).toArray1D<string>())
      case "a length of a number" [ "length" ] (fun () -> (t []).length) ]

let private creation =
    [ case "ragged lists" [ "dsharp.tensor"; "ragged"; "[2]"; "[1]" ] (fun () -> dsharp.tensor [ [ 1.0; 2.0 ]; [ 3.0 ] ])
      case "a list of lists and numbers" [ "dsharp.tensor"; "ragged" ] (fun () -> dsharp.tensor [ box [ 1.0 ]; box 2.0 ])
      case "several types" [ "dsharp.tensor"; "Int32"; "Double" ] (fun () -> dsharp.tensor [ box 1; box 2.0 ])
      case "strings" [ "dsharp.tensor"; "string" ] (fun () -> dsharp.tensor [ "a" ])
      case "a negative length" [ "dsharp.zeros"; "[-1]" ] (fun () -> dsharp.zeros [ -1 ])
      case "more than any memory" [ "dsharp.zeros"; "too large" ] (fun () -> dsharp.zeros [ 1_000_000_000; 1_000_000_000; 1_000_000_000 ])
      case "more than this memory" [ "dsharp.ones"; "too large" ] (fun () -> dsharp.ones [ 1_000_000; 10_000_000 ])
      case "a product larger than this memory" [ "outer"; "[1000000]" ] (fun () -> (t [ 1_000_000 ]).outer(t [ 1_000_000 ]))
      case "a step of 0" [ "dsharp.arange"; "0" ] (fun () -> dsharp.arange (1.0, step = 0.0))
      case "a step the wrong way" [ "dsharp.arange" ] (fun () -> dsharp.arange (1.0, 2.0, 1.0))
      case "a negative number of steps" [ "dsharp.linspace"; "-2" ] (fun () -> dsharp.linspace (0.0, 1.0, -2))
      case "a view of another size" [ "view"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).view [ 4; 2 ])
      case "a view of two unknown lengths" [ "view"; "[-1, -1]" ] (fun () -> (t [ 2; 3 ]).view [ -1; -1 ])
      case "a permutation of too few" [ "permute"; "[2, 3]" ] (fun () -> (t [ 2; 3 ]).permute [ 0 ])
      case "repeat 0 times" [ "repeat"; "0" ] (fun () -> (t [ 2 ]).repeat(0, 0))
      case "split into other sizes" [ "split"; "[2, 2]" ] (fun () -> (t [ 3 ]).split [ 2; 2 ])
      case "a stack of nothing" [ "stack" ] (fun () -> dsharp.stack [])
      case "a cat of nothing" [ "cat" ] (fun () -> dsharp.cat [])
      case "a cat along dimension 5" [ "cat"; "[2]" ] (fun () -> dsharp.cat ([ t [ 2 ]; t [ 2 ] ], 5))
      case "a GPU that is not there" [ "move" ] (fun () -> (t [ 2 ]).move(device = Device(DiffSharp.DeviceType.CUDA, 99)))
      case "a tensor on a GPU that is not there" [ "dsharp.zeros" ] (fun () ->
          dsharp.zeros (2, device = Device(DiffSharp.DeviceType.CUDA, 99)))
      case "a generator where there is none" [ "device" ] (fun () -> Generator(1L, Device(DiffSharp.DeviceType.MPS, 0)))
      case "a generator on a GPU that is not there" [ "device" ] (fun () -> Generator(1L, Device(DiffSharp.DeviceType.CUDA, 99)))
      case "a null of TorchSharp" [ "tensor" ] (fun () -> Tensor.ofTorch (Unchecked.defaultof<torch.Tensor>))
      case "a released tensor of TorchSharp" [ "tensor"; "released" ] (fun () ->
          let native = torch.ones 2L
          native.Dispose()
          Tensor.ofTorch native)
      case "a tensor whose owner released it" [ "released"; "owner" ] (fun () ->
          let native = torch.ones 2L
          let tensor = Tensor.ofTorch native
          native.Dispose()
          tensor + 1.0)
      case "complex numbers" [ "ComplexFloat32" ] (fun () -> Tensor.ofTorch (torch.zeros ([| 2L |], torch.complex64)))
      case "a file that is none" [ "dsharp.load" ] (fun () -> dsharp.load "there is no such file")
      case "a file of something else" [ "dsharp.load" ] (fun () ->
          let file = IO.Path.GetTempFileName()

          try
              IO.File.WriteAllText(file, "no tensor, but a text that is long enough to be taken for one")
              dsharp.load file
          finally
              IO.File.Delete file) ]

/// Has no second derivative in libtorch, and reaches f through TorchSharp.
let private gridSample (x: Tensor) =
    let native = x.toTorch ()
    let grid = torch.zeros ([| 1L; 2L; 2L; 2L |], torch.float64) + native.sum().mul((0.1).ToScalar())
    Tensor.ofTorch ((torch.nn.functional.grid_sample (native.view (1L, 1L, 2L, 2L), grid)).square().sum())

let private derivatives =
    [ case "a gradient of a vector" [ "dsharp.grad"; "[3] to [3]"; "scalar-valued" ] (fun () -> dsharp.grad (fun x -> x * 2.0) (t [ 3 ]))
      case "a gradient at integers" [ "dsharp.grad"; "Int64"; "floating-point" ] (fun () ->
          dsharp.grad (fun x -> x.sum ()) (integers [ 1 ]))
      case "a gradient of integers" [ "dsharp.grad"; "Int64" ] (fun () -> dsharp.grad (fun x -> (x.int64 ()).sum()) (t [ 3 ]))
      case "a gradient of a truth" [ "dsharp.grad"; "Bool" ] (fun () -> dsharp.grad (fun x -> (x.gt (0: scalar))[0]) (t [ 3 ]))
      case "a direction of another shape" [ "dsharp.gradv"; "[2]"; "[3]" ] (fun () -> dsharp.gradv (fun x -> x.sum ()) (t [ 3 ]) (t [ 2 ]))
      case "a Hessian at a matrix" [ "dsharp.hessian"; "[2, 2]"; "vector" ] (fun () -> dsharp.hessian (fun x -> x.sum ()) (t [ 2; 2 ]))
      case "a Jacobian of a number" [ "dsharp.jacobian"; "[3] to []" ] (fun () -> dsharp.jacobian (fun x -> x.sum ()) (t [ 3 ]))
      case "a Jacobian at a matrix" [ "dsharp.jacobianTv"; "[2, 2]" ] (fun () -> dsharp.jacobianTv id (t [ 2; 2 ]) (t [ 2; 2 ]))
      case "diff at a vector" [ "dsharp.diff"; "[3]"; "single number" ] (fun () -> dsharp.diff (fun x -> x.sum ()) (t [ 3 ]))
      case "diffn of order -1" [ "dsharp.diffn"; "-1" ] (fun () -> dsharp.diffn -1 id (t []))
      case "a curl in the plane" [ "dsharp.curl"; "[2]" ] (fun () -> dsharp.curl id (t [ 2 ]))
      case "a divergence from space to the plane" [ "dsharp.divergence"; "[3]"; "2" ] (fun () ->
          dsharp.divergence (fun x -> x[0..1]) (t [ 3 ]))
      case "gradients with respect to nothing" [ "dsharp.grads"; "empty" ] (fun () -> dsharp.grads (fun _ -> t []) [||])
      case "one direction for two tensors" [ "dsharp.hessiansv"; "1 directions for 2" ] (fun () ->
          dsharp.hessiansv (fun xs -> xs[0].sum()) [| t [ 2 ]; t [ 2 ] |] [| t [ 2 ] |])
      case "an error inside f" [ "matmul"; "[3]"; "[2, 2]" ] (fun () -> dsharp.grad (fun x -> (x.matmul (t [ 2; 2 ])).sum()) (t [ 3 ]))
      case "an error inside nested functions" [ "matmul"; "[3]"; "[2, 2]" ] (fun () ->
          dsharp.grad (fun x -> dsharp.grad (fun y -> (y.matmul (t [ 2; 2 ])).sum()) x |> _.sum()) (t [ 3 ]))
      served "an input that is not used" (fun () -> dsharp.grads (fun xs -> xs[0].sum()) [| t [ 2 ]; t [ 3 ] |])
      served "a constant" (fun () -> dsharp.hessian (fun _ -> t []) (t [ 3 ]))
      served "a function linear in x, twice" (fun () -> dsharp.hessian (fun x -> x.sum ()) (t [ 3 ]))
      served "an operation with derivative 0" (fun () -> dsharp.hessianv (fun x -> (x.sign ()).sum()) (t [ 3 ]) (t [ 3 ]))
      served "a gradient where it is not a number" (fun () -> dsharp.grad (fun x -> (x - 1.0).sqrt().sum()) (t [ 3 ]))
      served "eigenvectors of equal eigenvalues" (fun () -> dsharp.grad (fun x -> (x.diag().eigh() |> snd).sum()) (t [ 3 ]))
      served "a tracked tensor differentiated twice" (fun () ->
          let native = torch.ones ([| 3L |], torch.float64)
          native.requires_grad <- true
          let x = Tensor.ofTorch native
          let y = (x * x).sum()
          // the graph of y is outside both
          dsharp.grad (fun z -> z * y) (d []) |> ignore
          dsharp.grad (fun z -> z * y) (d []))
      served "first derivatives of what has no second" (fun () -> dsharp.grad gridSample (d [ 2; 2 ]))
      case "second derivatives that libtorch does not have" [ "dsharp.hessianv" ] (fun () ->
          dsharp.hessianv gridSample (d [ 2; 2 ]) (d [ 2; 2 ]))
      case "nested derivatives that libtorch does not have" [ "dsharp.grad" ] (fun () ->
          dsharp.grad (fun x -> (dsharp.grad gridSample x).sum()) (d [ 2; 2 ]))
      case "no forward formula" [ "Dual.hessianv" ] (fun () ->
          Dual.hessianv (fun x -> Tensor.ofTorch ((x.toTorch().softmax 0L).square().sum())) (d [ 3 ]) (d [ 3 ]))
      case "Dual in Dual" [ "Dual.jacobianv"; "differentiated" ] (fun () ->
          Dual.jacobianv (fun x -> Dual.jacobianv (fun y -> x * y) x x) (d [ 3 ]) (d [ 3 ]))
      case "Dual in grad" [ "Dual.jacobianv"; "differentiated" ] (fun () ->
          dsharp.grad (fun x -> (Dual.jacobianv (fun y -> x * y) x x).sum()) (d [ 3 ]))
      case "grad in Dual" [ "dsharp.grad"; "Dual" ] (fun () ->
          Dual.jacobianv (fun x -> dsharp.grad (fun y -> (x * y).sum()) x) (d [ 3 ]) (d [ 3 ]))
      case "Dual of a vector twice" [ "Dual.hessianv"; "[3]"; "scalar-valued" ] (fun () ->
          Dual.hessianv (fun x -> x * 2.0) (d [ 3 ]) (d [ 3 ]))
      case "Dual along another shape" [ "Dual.jacobianv"; "[2]"; "[3]" ] (fun () -> Dual.jacobianv id (d [ 3 ]) (d [ 2 ]))
      served "the dual level is free after all that" (fun () -> Dual.jacobianv (fun x -> x * x) (d [ 3 ]) (d [ 3 ]))
      case "what a derivative released" [ "released"; "dsharp.grad" ] (fun () ->
          let mutable kept = t [ 1 ]

          dsharp.grad
              (fun x ->
                  kept <- x
                  x.sum ())
              (t [ 3 ])
          |> ignore

          kept + 1.0)
      served "and everything still works" (fun () -> dsharp.hessian (fun x -> (x * x * x).sum()) (d [ 3 ])) ]

let all: Case[] =
    List.concat [ mismatches; outOfRange; indices; convolutions; linearAlgebra; values; creation; derivatives ]
    |> Array.ofList

/// Plays the cases from one on; each is announced before it starts, so that a sudden death has a name.
let play (first: int) : int =
    for i in first .. all.Length - 1 do
        Console.Out.WriteLine $"begin={i}"
        Console.Out.Flush()

        let ended =
            try
                all[i].Act()
                "served"
            with error ->
                $"{error.GetType().Name}: {error.Message.ReplaceLineEndings()}".ReplaceLineEndings " "

        Console.Out.WriteLine $"{i}={ended}"
        Console.Out.Flush()

    0
