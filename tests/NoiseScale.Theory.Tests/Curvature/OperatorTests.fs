/// Operators against their matrices.
module NoiseScale.Theory.Tests.OperatorTests

open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Tests.Fixtures

let private size = 9
let private a = withSpectrum 1 [ for i in 1..size -> float (i - 3) ]
let private b = withSpectrum 2 [ for i in 1..size -> 1.0 / float i ]

/// A matrix by products alone: no way around them.
let byProducts (matrix: Tensor) = SymmetricOperator.create matrix.shape[0] matrix.dtype matrix.device (fun v -> matrix.matmul v)

let private v = normal 3 [ size ]
let private block = normal 4 [ size; 3 ]

/// Vector, block and matrix of an operator that is to be this matrix.
let isMatrix tolerance what (expected: Tensor) (operator: SymmetricOperator) =
    let p = expected.shape[0]
    let v, block = normal 5 [ p ], normal 6 [ p; 3 ]
    same tolerance $"{what}: vector" (expected.matmul v) (operator.Apply v)
    same tolerance $"{what}: block" (expected.matmul block) (operator.Apply block)
    same tolerance $"{what}: matrix" expected (operator.ToMatrix())
    let matrix = operator.ToMatrix()
    Expect.equal matrix (matrix.transpose ()) $"{what}: symmetric to the last bit"

let tests =
    testList
        "operator"
        [ testCase "of products, of a matrix, of a diagonal" (fun () ->
              isMatrix 1e-13 "products" a (byProducts a)
              isMatrix 1e-13 "matrix" a (SymmetricOperator.ofMatrix a)
              isMatrix 1e-13 "diagonal" (v.diag ()) (SymmetricOperator.diagonal v))

          testCase "a matrix that is not symmetric gives its symmetric part" (fun () ->
              let skew = normal 7 [ size; size ]
              isMatrix 1e-13 "part" ((skew + skew.transpose ()) * 0.5) (SymmetricOperator.ofMatrix skew))

          testCase "sum, multiple, shift, other coordinates" (fun () ->
              for make in [ byProducts; SymmetricOperator.ofMatrix ] do
                  isMatrix 1e-13 "sum" (a + b) (SymmetricOperator.sum (make a) (make b))
                  isMatrix 1e-13 "multiple" (a * -2.5) (SymmetricOperator.scale -2.5 (make a))
                  isMatrix 1e-13 "shift" (a + dsharp.eye (size, dtype = Dtype.Float64) * 0.3) (SymmetricOperator.shift 0.3 (make a))
                  let r = normal 8 [ size; size ]

                  isMatrix
                      1e-12
                      "coordinates"
                      (r.transpose().matmul(a.matmul r))
                      (SymmetricOperator.congruent r.matmul (r.transpose ()).matmul (make a)))

          testCase "faults are found, and told apart" (fun () ->
              let check (operator: SymmetricOperator) = SymmetricOperator.check 1e-8 1L operator
              let make body = SymmetricOperator.create size Dtype.Float64 Device.CPU body
              let random = generator 9
              Expect.equal (check (byProducts a)) (Ok()) "none"

              let noise _ = dsharp.randn ([ size ], dtype = Dtype.Float64, device = Device.CPU, generator = random)

              match
                  check (make noise),
                  check (make (normal 7 [ size; size ]).matmul),
                  check (make (fun v -> v * v)),
                  check (make (fun v -> v / 0.0))
              with
              | Error(OperatorFault.NotDeterministic _),
                Error(OperatorFault.NotSymmetric _),
                Error(OperatorFault.NotLinear _ | OperatorFault.NotSymmetric _),
                Error OperatorFault.NotFinite -> ()
              | other -> failtest $"%A{other}"

              match check (make (fun v -> v + 1.0 - v.sum () * 0.0)) with
              | Error _ -> ()
              | Ok() -> failtest "affine is not linear")

          testCase "refusals" (fun () ->
              refuses [ "[9]"; "[8]" ] (fun () -> (byProducts a).Apply(normal 1 [ 8 ]))
              refuses [ "square" ] (fun () -> SymmetricOperator.ofMatrix block)
              refuses [ "vector" ] (fun () -> SymmetricOperator.diagonal block)
              refuses [ "9 and 1" ] (fun () -> SymmetricOperator.sum (byProducts a) (SymmetricOperator.diagonal (vector [ 1.0 ])))
              refuses [ "at least one number" ] (fun () -> SymmetricOperator.create 0 Dtype.Float64 Device.CPU id)) ]
