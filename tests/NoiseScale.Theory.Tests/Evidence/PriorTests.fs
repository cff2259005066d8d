/// Priors against their matrices.
module NoiseScale.Theory.Tests.PriorTests

open Expecto
open DiffSharp
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.OperatorTests
open NoiseScale.Theory.Tests.Property

let private precision = withSpectrum 1 [ 0.5; 1.0; 2.0; 4.0 ]
let private scales = vector [ 0.5; 3.0; 1.5; 0.1 ]

let private priors =
    [ "one precision", Prior.OfPrecision 0.7, dsharp.eye (4, dtype = Dtype.Float64) * 0.7
      "a precision each", Prior.OfDiagonal scales, scales.diag ()
      "a matrix", Prior.OfMatrix precision, precision ]

let tests =
    testList
        "prior"
        [ for name, prior, matrix in priors do
              testCase $"{name}: products, quotients, cost" (fun () ->
                  for v in [ normal 2 [ 4 ]; normal 3 [ 4; 2 ] ] do
                      same 1e-13 "Λv" (matrix.matmul v) (Prior.times prior v)
                      same 1e-13 "Λ⁻¹v" (matrix.solve v) (Prior.divide prior v)

                  let w = normal 2 [ 4 ]
                  close 1e-13 "½wᵀΛw" (0.5 * float (w.dot (matrix.matmul w))) (float (Prior.cost prior w))
                  same 1e-13 "its gradient" (matrix.matmul w) (dsharp.grad (Prior.cost prior) w))

              testCase $"{name}: coordinates in which it has precision 1" (fun () ->
                  let v, u = normal 4 [ 4 ], normal 5 [ 4 ]
                  // L⁻¹ΛL⁻ᵀ = 1, and L⁻¹ is the transpose of L⁻ᵀ
                  same 1e-13 "whitened" v (Prior.whiten prior (matrix.matmul (Prior.unwhiten prior v)))
                  close 1e-12 "transposed" (float (u.dot (Prior.whiten prior v))) (float (v.dot (Prior.unwhiten prior u)))

                  // ln det(1 + L⁻¹HL⁻ᵀ) = ln det(H + Λ) − ln det Λ
                  let curvature = withSpectrum 6 [ 0.0; 1.0; 5.0; 9.0 ]
                  let relative = (Prior.relativeCurvature prior (byProducts curvature)).ToMatrix()
                  let logDeterminant (t: Tensor) = float (snd (t.slogdet ()))

                  close
                      1e-12
                      "ratio of determinants"
                      (logDeterminant (curvature + matrix) - logDeterminant matrix)
                      (logDeterminant relative))

          testCase "precisions that are none" (fun () ->
              for lambda in [ 0.0; -1.0; nan; infinity ] do
                  refuses [ "lambda"; $"{lambda}" ] (fun () -> Prior.OfPrecision lambda)

              refuses [ "the least is 0" ] (fun () -> Prior.OfDiagonal(vector [ 1.0; 0.0 ]))
              refuses [ "precisions" ] (fun () -> Prior.OfDiagonal(vector [ 1.0; nan ]))
              refuses [ "vector" ] (fun () -> Prior.OfDiagonal(normal 1 [ 2; 2 ]))
              refuses [ "positive definite"; "-1" ] (fun () -> Prior.OfMatrix(vector([ 2.0; -1.0 ]).diag()))
              refuses [ "over 4 parameters; there are 5" ] (fun () -> Prior.requireSize 5 (Prior.OfDiagonal scales))) ]
