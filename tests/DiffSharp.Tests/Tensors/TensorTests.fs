/// Creation, operators, parts, conversions, equality and text.
module TensorTests

open System
open System.IO
open Expecto
open DiffSharp
open TorchSharp
open Approx

let private values (t: Tensor) = t.toFlatArray<float>() |> List.ofArray
let private holds (expected: float list) (t: Tensor) what = Expect.equal (values t) expected what
let private matrix () = dsharp.tensor [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]

let private creation =
    testList
        "creation"
        [ testCase "numbers of each type make tensors of theirs; floats of the default"
          <| fun () ->
              Expect.equal (dsharp.tensor [ 1.0 ]).dtype Dtype.Default "float"
              Expect.equal (dsharp.tensor [ 1.0f ]).dtype Dtype.Float32 "float32"
              Expect.equal (dsharp.tensor [ 1 ]).dtype Dtype.Int32 "int"
              Expect.equal (dsharp.tensor [ 1L ]).dtype Dtype.Int64 "int64"
              Expect.equal (dsharp.tensor [ 1s ]).dtype Dtype.Int16 "int16"
              Expect.equal (dsharp.tensor [ 1y ]).dtype Dtype.Int8 "sbyte"
              Expect.equal (dsharp.tensor [ 1uy ]).dtype Dtype.Byte "byte"
              Expect.equal (dsharp.tensor [ true ]).dtype Dtype.Bool "bool"
              Expect.equal (dsharp.tensor (1.5, dtype = Dtype.Float64)).dtype Dtype.Float64 "as asked"
              holds [ 1.0; 2.0 ] (dsharp.tensor ([ 1.7; 2.2 ], dtype = Dtype.Int64)) "cut off"
              holds [ 200.0 ] (dsharp.tensor [ 200uy ]) "bytes have no sign"
              holds [ -100.0 ] (dsharp.tensor [ -100y ]) "sbytes have one"
              holds [ 3.0 ] (dsharp.tensor [ 3m ]) "decimals"

          testCase "float64 values arrive whole, and int64 ones"
          <| fun () ->
              Expect.equal (float (tensor 0.1)) 0.1 "0.1"
              let most = Int64.MaxValue
              Expect.equal (int64 (dsharp.tensor most)) most "int64"

          testCase "nesting of any kind gives the shape"
          <| fun () ->
              let expected = [| 2; 2 |]

              let nested: obj list =
                  [ [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]
                    [| [| 1.0; 2.0 |]; [| 3.0; 4.0 |] |]
                    array2D [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]
                    seq {
                        [ 1.0; 2.0 ]
                        [ 3.0; 4.0 ]
                    }
                    ((1.0, 2.0), (3.0, 4.0))
                    [ dsharp.tensor [ 1.0; 2.0 ]; dsharp.tensor [ 3.0; 4.0 ] ]
                    [ [ dsharp.tensor 1.0; dsharp.tensor 2.0 ]; [ dsharp.tensor 3.0; dsharp.tensor 4.0 ] ] ]

              for one in nested do
                  let made = dsharp.tensor one
                  Expect.equal made.shape expected $"{one.GetType()}"
                  holds [ 1.0; 2.0; 3.0; 4.0 ] made $"{one.GetType()}"

              Expect.equal (dsharp.tensor (Array3D.init 2 3 4 (fun i j k -> float (12 * i + 4 * j + k)))).shape [| 2; 3; 4 |] "3"
              holds [ for i in 0..23 -> float i ] (dsharp.tensor (Array3D.init 2 3 4 (fun i j k -> 12 * i + 4 * j + k))) "in order"
              Expect.equal (dsharp.tensor 1.0).shape [||] "a number"
              Expect.equal (dsharp.tensor ([]: float list)).shape [| 0 |] "nothing"
              Expect.equal (dsharp.tensor [ ([]: float list); [] ]).shape [| 2; 0 |] "rows of nothing"

          testCase "constants, ranges and unit vectors"
          <| fun () ->
              holds [ 0.0; 0.0 ] (dsharp.zeros 2) "zeros"
              holds [ 1.0; 1.0; 1.0; 1.0 ] (dsharp.ones [ 2; 2 ]) "ones"
              holds [ 2.5; 2.5 ] (dsharp.full (2, 2.5)) "full"
              holds [ 1.0 ] (dsharp.one ()) "one"
              holds [ 0.0 ] (dsharp.zero ()) "zero"
              holds [ 0.0; 1.0; 2.0 ] (dsharp.arange 3) "arange"
              Expect.equal (dsharp.arange 3).dtype Dtype.Int32 "of integers"
              holds [ 1.0; 1.5; 2.0 ] (dsharp.arange (2.5, 1.0, 0.5)) "arange of fractions"
              holds [ 0.0; 0.5; 1.0 ] (dsharp.linspace (0.0, 1.0, 3)) "linspace"
              holds [ 1.0; 10.0; 100.0 ] (dsharp.logspace (0.0, 2.0, 3)) "logspace"
              holds [ 1.0; 0.0; 0.0; 1.0; 0.0; 0.0 ] (dsharp.eye (3, 2)) "eye"
              holds [ 0.0; 1.0; 0.0 ] (dsharp.onehot (3, 1)) "onehot"
              Expect.equal (dsharp.zerosLike (dsharp.zeros ([ 2 ], dtype = Dtype.Int8))).dtype Dtype.Int8 "like"

          testCase "a file gives back what was saved"
          <| fun () ->
              let file = Path.GetTempFileName()

              try
                  for one in [ numbers [ 2; 3 ] -1.0 1.0; dsharp.tensor [ 1; 2 ]; dsharp.tensor 3.0; dsharp.zeros [ 0; 2 ] ] do
                      dsharp.save (one, file)
                      Expect.equal (dsharp.load (file, device = one.device)) one "the same"
              finally
                  File.Delete file ]

let private operators =
    testList
        "operators"
        [ testCase "plain numbers on either side, of every type"
          <| fun () ->
              let t = dsharp.tensor [ 2.0; 4.0 ]
              holds [ 3.0; 5.0 ] (t + 1) "t + 1"
              holds [ 3.0; 5.0 ] (1.0f + t) "1f + t"
              holds [ 1.0; 3.0 ] (t - 1L) "t − 1L"
              holds [ 8.0; 6.0 ] (10 - t) "10 − t"
              holds [ 4.0; 8.0 ] (2uy * t) "2uy t"
              holds [ 1.0; 2.0 ] (t / 2m) "t / 2m"
              holds [ 4.0; 2.0 ] (8.0 / t) "8 / t"
              holds [ 4.0; 16.0 ] (t ** 2) "t²"
              holds [ 4.0; 256.0 ] (t ** t) "tᵗ"
              holds [ -2.0; -4.0 ] -t "−t"
              Expect.equal (t * 2.0).dtype t.dtype "a float64 number leaves Float32 alone"

          testCase "types promote as in libtorch"
          <| fun () ->
              let i = dsharp.tensor [ 3; 4 ]
              Expect.equal (i + 1).dtype Dtype.Int32 "integers stay"
              Expect.equal (i + 1.5).dtype Dtype.Default "a fraction makes them the default"
              holds [ 4.5; 5.5 ] (i + 1.5) "and counts"
              Expect.equal (i + dsharp.tensor [ 1.0 ]).dtype Dtype.Float32 "with Float32"
              Expect.equal (dsharp.ones 2 + dsharp.ones (2, dtype = Dtype.Float64)).dtype Dtype.Float64 "the larger"
              Expect.equal (i / 2).dtype Dtype.Float32 "integers divide into fractions"
              holds [ 1.5; 2.0 ] (i / 2) "3/2"
              Expect.equal (i.sum ()).dtype Dtype.Int64 "sums are wide"
              Expect.equal (i.exp ()).dtype Dtype.Default "functions give fractions"
              Expect.equal (i.mean ()).dtype Dtype.Default "means too"
              holds [ 0.5; 0.25 ] (dsharp.pow (0.5, dsharp.tensor [ 1; 2 ])) "a number to integers"

          testCase "F#'s functions apply"
          <| fun () ->
              let t = tensor [ 0.25 ]
              let same (name: string) (f: Tensor) (expected: float) = close 1e-15 f (tensor [ expected ]) name
              same "exp" (exp t) (exp 0.25)
              same "log" (log t) (log 0.25)
              same "log10" (log10 t) (log10 0.25)
              same "sqrt" (sqrt t) 0.5
              same "sin" (sin t) (sin 0.25)
              same "cos" (cos t) (cos 0.25)
              same "tan" (tan t) (tan 0.25)
              same "sinh" (sinh t) (sinh 0.25)
              same "cosh" (cosh t) (cosh 0.25)
              same "tanh" (tanh t) (tanh 0.25)
              same "asin" (asin t) (asin 0.25)
              same "acos" (acos t) (acos 0.25)
              same "atan" (atan t) (atan 0.25)
              same "abs" (abs -t) 0.25
              same "floor" (floor t) 0.0
              same "ceil" (ceil t) 1.0
              same "round" (round t) 0.0

          testCase "shapes broadcast"
          <| fun () ->
              let column, row = dsharp.tensor [ [ 1.0 ]; [ 2.0 ] ], dsharp.tensor [ 10.0; 20.0; 30.0 ]
              let sum = column + row
              Expect.equal sum.shape [| 2; 3 |] "shape"
              holds [ 11.0; 21.0; 31.0; 12.0; 22.0; 32.0 ] sum "values"

          testCase "pipelines"
          <| fun () ->
              let total = matrix () |> dsharp.mul (dsharp.tensor 2.0) |> dsharp.sum (dim = 1) |> dsharp.max
              Expect.equal (float total) 30.0 "2·(4 + 5 + 6)"
              Expect.equal (matrix () |> dsharp.view [ 3; 2 ] |> dsharp.transpose (0, 1)).shape [| 2; 3 |] "shapes" ]

let private parts =
    testList
        "parts"
        [ testCase "indices, ranges and both"
          <| fun () ->
              let t = matrix ()
              holds [ 4.0; 5.0; 6.0 ] t[1] "a row"
              holds [ 6.0 ] t[1, 2] "an element"
              holds [ 6.0 ] t[-1, -1] "from the end"
              holds [ 2.0; 5.0 ] t[*, 1] "a column"
              holds [ 2.0; 3.0; 5.0; 6.0 ] t[*, 1..] "columns"
              holds [ 1.0; 2.0 ] t[0, ..1] "bounds are inclusive"
              Expect.equal t[0..0].shape [| 1; 3 |] "a range keeps its dimension"
              Expect.equal t[1..0].shape [| 0; 3 |] "an empty range"
              let four = dsharp.arange(120).view [ 2; 3; 4; 5 ]
              holds [ 119.0 ] four[1, 2, 3, 4] "four"
              holds [ 65.0; 70.0 ] four[1, 0, 1..2, 0] "range inside"
              Expect.equal four[*, 0, *, 1..3].shape [| 2; 4; 3 |] "mixed"

          testCase "parts share elements and do not change"
          <| fun () ->
              let t = matrix ()
              let row = t[0]
              let more = row + 1.0
              holds [ 1.0; 2.0; 3.0 ] row "the part"
              holds [ 2.0; 3.0; 4.0 ] more "what was made of it" ]

let private conversions =
    testList
        "conversions"
        [ testCase "arrays of every dimension and type"
          <| fun () ->
              let t = matrix ()
              Expect.equal (t.toArray2D<float>()) (array2D [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]) "floats"
              Expect.equal (t.toArray2D<int>()) (array2D [ [ 1; 2; 3 ]; [ 4; 5; 6 ] ]) "integers"
              Expect.equal (t.[0].toArray1D<float32>()) [| 1.0f; 2.0f; 3.0f |] "float32"
              Expect.equal (t.toArray () :?> float32[,]).[1, 2] 6.0f "its own"
              Expect.equal ((t.transpose ()).toArray2D<float>()).[2, 1] 6.0 "not contiguous"
              let cube = dsharp.arange(24).view [ 2; 3; 4 ]
              Expect.equal (cube.toArray3D<int>()).[1, 2, 3] 23 "three"
              Expect.equal ((cube.view [ 1; 2; 3; 4 ]).toArray4D<int>()).[0, 1, 2, 3] 23 "four"
              Expect.equal ((dsharp.tensor [ true; false ]).toArray1D<bool>()) [| true; false |] "booleans"

          testCase "single numbers"
          <| fun () ->
              let t = dsharp.tensor 2.75
              Expect.equal (float t) 2.75 "float"
              Expect.equal (float32 t) 2.75f "float32"
              Expect.equal (int t) 2 "int"
              Expect.equal (int64 -t) -2L "int64, cut off"
              Expect.equal (t.toScalar () :?> float32) 2.75f "its own type"
              Expect.equal (dsharp.tensor([ [ 3 ] ]).toScalar() :?> int) 3 "of one element"

              for dtype in [ Dtype.BFloat16; Dtype.Float16; Dtype.Float64 ] do
                  Expect.equal (float (t.cast dtype)) 2.75 $"{dtype}"

          testCase "TorchSharp's tensors: shared, and owned by whom they say"
          <| fun () ->
              use native = torch.ones ([| 2L |], torch.float64)
              let t = Tensor.ofTorch native
              native.fill_ ((3.0).ToScalar()) |> ignore
              holds [ 3.0; 3.0 ] t "shares its elements"
              let back = t.toTorch ()
              back.Dispose()
              holds [ 3.0; 3.0 ] t "toTorch's handle is the caller's alone"
              use scope = torch.NewDisposeScope()
              let inside = (t * 2.0).toTorch()
              Expect.isTrue (scope.Contains inside) "and in the caller's scope"

          testCase "a tracked tensor of TorchSharp has gradients through ours"
          <| fun () ->
              use _ = torch.NewDisposeScope()
              let native = torch.ones ([| 3L |], torch.float64)
              native.requires_grad <- true
              let x = Tensor.ofTorch native
              let gradient = dsharp.grad (fun x -> (x * x * x).sum()) x
              holds [ 3.0; 3.0; 3.0 ] gradient "3x²"
              // still tracked, so TorchSharp can go on
              (gradient.toTorch ()).sum().backward()

              match native.grad with
              | null -> failtest "no gradient"
              | grad -> holds [ 6.0; 6.0; 6.0 ] (Tensor.ofTorch grad) "6x" ]

/// On a GPU the device is part of the text.
let private text (t: Tensor) = string (t.cpu ())

let private texts =
    testList
        "equality and text"
        [ testCase "equal tensors have equal type, shape and elements, and equal hashes"
          <| fun () ->
              let t = matrix ()
              Expect.equal t (matrix ()) "equal"
              Expect.equal (hash t) (hash (matrix ())) "hashes"
              Expect.notEqual t (t + 0.5) "other elements"
              Expect.notEqual t (t.view [ 3; 2 ]) "another shape"
              Expect.notEqual t (t.double ()) "another type"
              Expect.notEqual (t * nan) (t * nan) "nothing equals what is no number"
              Expect.equal (max (dsharp.tensor 1.0) (dsharp.tensor 2.0)) (dsharp.tensor 2.0) "numbers have an order"
              Expect.isTrue (dsharp.tensor 1.0 < dsharp.tensor 2.0) "and compare"

          testCase "text"
          <| fun () ->
              Expect.equal (text (dsharp.tensor 1.5)) "tensor(1.5000)" "a number"
              Expect.equal (text (dsharp.tensor [ 1; 2 ])) "tensor([1, 2], dtype=Int32)" "integers"
              Expect.equal (text (dsharp.tensor [ true ])) "tensor([true], dtype=Bool)" "booleans"
              Expect.equal (text (dsharp.tensor [ nan; infinity; -infinity; 1e-9 ])) "tensor([nan, inf, -inf, 1.0000e-09])" "extremes"
              Expect.equal (text (dsharp.tensor [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ])) "tensor([[1., 2.],\n        [3., 4.]])" "a matrix"
              Expect.equal (text (dsharp.zeros [ 0 ])) "tensor([])" "nothing"
              let long = text (dsharp.arange 2000)
              Expect.equal long "tensor([0, 1, 2, ..., 1997, 1998, 1999], dtype=Int32)" "the ends"
              Expect.equal ((matrix ()).summary()) "Tensor Float32 [2, 3]" "summary" ]

let private reductions =
    testList
        "reductions"
        [ testCase "known values"
          <| fun () ->
              let t = matrix ()
              holds [ 5.0; 7.0; 9.0 ] (t.sum 0) "sum"
              Expect.equal (t.sum (0, keepDim = true)).shape [| 1; 3 |] "keepDim"
              holds [ 3.5 ] (t.mean ()) "mean"
              holds [ 3.5 ] (t.variance ()) "variance, over n − 1"
              close 1e-6 (t.variance (unbiased = false)) (dsharp.tensor (17.5 / 6.0)) "over n"
              close 1e-6 (t.stddev (unbiased = false)) (dsharp.tensor (sqrt (17.5 / 6.0))) "its root"
              holds [ 1.0; 1.0 ] (t.variance 1) "along"
              close 1e-6 (t.variance (1, unbiased = false)) (dsharp.tensor [ 2.0 / 3.0; 2.0 / 3.0 ]) "along, over n"
              close 1e-6 (t.stddev (1, unbiased = false)) (dsharp.tensor [ sqrt (2.0 / 3.0); sqrt (2.0 / 3.0) ]) "its root along"
              holds [ 720.0 ] (t.prod ()) "prod"
              Expect.equal (t.argmax ()) [| 1; 2 |] "argmax"
              Expect.equal (t.argmin ()) [| 0; 0 |] "argmin"
              holds [ 1.0; 1.0; 1.0 ] (t.argmax 0) "argmax along"
              holds [ 1.0; 3.0; 6.0; 4.0; 9.0; 15.0 ] (t.cumsum 1) "cumsum"
              let sorted, order = (dsharp.tensor [ 3.0; 1.0; 2.0 ]).sort 0
              holds [ 1.0; 2.0; 3.0 ] sorted "sorted"
              holds [ 1.0; 2.0; 0.0 ] order "where they were"
              holds [ 5.0 ] ((dsharp.tensor [ 3.0; 4.0 ]).norm()) "norm"
              holds [ 7.0 ] ((dsharp.tensor [ 3.0; 4.0 ]).norm 1.0) "of order 1"
              close 1e-6 ((dsharp.tensor [ 1000.0; 1000.0 ]).logsumexp 0) (dsharp.tensor (1000.0 + log 2.0)) "logsumexp is stable"
              holds [ 0.0; 0.5; 1.0 ] ((dsharp.tensor [ 2.0; 3.0; 4.0 ]).normalize()) "normalize"
              holds [ 0.0; 0.0 ] ((dsharp.tensor [ 2.0; 2.0 ]).standardize()) "standardize of a constant"
              Expect.isTrue (dsharp.tensor([ nan; 1.0 ]).hasnan()) "hasnan"
              Expect.isFalse (dsharp.tensor([ 1.0 ]).hasinf()) "hasinf"

          testCase "losses by hand"
          <| fun () ->
              let scores = tensor [ [ 1.0; 2.0; 0.5 ]; [ 0.1; -1.0; 3.0 ] ]
              let target = dsharp.tensor ([ 1; 2 ], device = device.Value)
              let byHand = -(scores.logsoftmax 1)[0, 1], -(scores.logsoftmax 1)[1, 2]
              let first, second = byHand
              close 1e-14 (scores.crossEntropyLoss target) ((first + second) / 2) "mean"
              close 1e-14 (scores.crossEntropyLoss (target, reduction = "sum")) (first + second) "sum"
              close 1e-14 (scores.crossEntropyLoss (target, reduction = "none")) (dsharp.stack [ first; second ]) "none"
              let weights = tensor [ 1.0; 2.0; 5.0 ]
              close 1e-14 (scores.crossEntropyLoss (target, weight = weights)) ((2 * first + 5 * second) / 7) "weighted"
              let p, t = tensor [ 0.2; 0.9 ], tensor [ 0.0; 1.0 ]
              close 1e-14 (p.bceLoss t) (tensor (-(log 0.8 + log 0.9) / 2.0)) "bce"
              close 1e-14 ((tensor [ 1.0; 3.0 ]).mseLoss(tensor [ 0.0; 1.0 ])) (tensor 2.5) "mse" ]

[<Tests>]
let tests = testList "tensors" [ creation; operators; parts; conversions; texts; reductions ]
