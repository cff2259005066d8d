/// Equations, factors and Gram matrices against dense linear algebra.
module NoiseScale.Theory.Tests.SolveTests

open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.OperatorTests
open NoiseScale.Theory.Tests.Property

let private a = withSpectrum 1 [ for i in 1..40 -> float i / 4.0 ]
let private b = normal 2 [ 40 ]

let private solved result =
    match result with
    | Ok(solution: LinearSolution) -> solution
    | Error(error: LinearSolveError) -> failtest $"%A{error}"

let private gradients =
    testList
        "conjugate gradients"
        [ testCase "the solution, with the residual that it has" (fun () ->
              let found = solved (ConjugateGradients.solve 1e-10 100 (byProducts a) b)
              same 1e-9 "solution" (a.solve b) found.Solution
              let residual = float ((b - a.matmul found.Solution).norm())
              close 1e-12 "residual" residual found.ResidualNorm
              Expect.isLessThan residual (1e-10 * float (b.norm ()) * 1.00001) "within the tolerance"
              Expect.isLessThanOrEqual found.Iterations 45 "about as many steps as dimensions")

          testCase "as many steps as distinct eigenvalues" (fun () ->
              let three = withSpectrum 3 [ for i in 1..40 -> [ 1.0; 4.0; 9.0 ][i % 3] ]
              Expect.equal (solved (ConjugateGradients.solve 1e-10 100 (byProducts three) b)).Iterations 3 "steps")

          testCase "the inverse as preconditioner takes one step, the diagonal fewer than none" (fun () ->
              let once = solved (ConjugateGradients.solveWith (fun r -> a.solve r) 1e-8 100 (byProducts a) b)
              Expect.equal once.Iterations 1 "steps"
              let scales = vector [ for i in 1..40 -> 10.0 ** (float i / 10.0) ]
              let scaled = (a * scales).transpose() * scales
              let operator, diagonal = byProducts scaled, scaled.diagonal ()
              let without = solved (ConjugateGradients.solve 1e-8 2000 operator b)
              let with' = solved (ConjugateGradients.solveWith (fun r -> r / diagonal) 1e-8 2000 operator b)
              Expect.isLessThan (2 * with'.Iterations) without.Iterations "half the steps"
              same 1e-4 "solution" (scaled.solve b) with'.Solution)

          testCase "a right-hand side of 0" (fun () ->
              let found = solved (ConjugateGradients.solve 1e-8 10 (byProducts a) (b * 0.0))
              Expect.equal (found.Iterations, float (found.Solution.norm ())) (0, 0.0) "nothing to do")

          testCase "negative curvature is named, with its direction" (fun () ->
              let indefinite = a - dsharp.eye (40, dtype = Dtype.Float64) * 3.0

              match ConjugateGradients.solve 1e-10 100 (byProducts indefinite) b with
              | Error(LinearSolveError.NegativeCurvature(curvature, direction, reached)) ->
                  Expect.isLessThan curvature 0.0 "negative"
                  close 1e-9 "along it" curvature (float (direction.dot (indefinite.matmul direction)) / float (direction.dot direction))
                  Expect.isGreaterThan reached.Iterations 0 "after some steps"
              | other -> failtest $"%A{other}"

              match ConjugateGradients.solve 1e-10 100 (byProducts (a * 0.0)) b with
              | Error(LinearSolveError.NegativeCurvature(0.0, _, _)) -> ()
              | other -> failtest $"a matrix that is 0 is not positive definite: %A{other}")

          testCase "steps run out: how far it came" (fun () ->
              match ConjugateGradients.solve 1e-10 5 (byProducts a) b with
              | Error(LinearSolveError.NotConverged reached) ->
                  Expect.equal reached.Iterations 5 "steps"
                  close 1e-12 "residual" (float ((b - a.matmul reached.Solution).norm())) reached.ResidualNorm
              | other -> failtest $"%A{other}")

          testCase "refusals" (fun () ->
              refuses [ "vector of 40" ] (fun () -> ConjugateGradients.solve 1e-8 5 (byProducts a) (normal 1 [ 39 ]))
              refuses [ "tolerance" ] (fun () -> ConjugateGradients.solve 0.0 5 (byProducts a) b)
              refuses [ "at least one step" ] (fun () -> ConjugateGradients.solve 0.1 0 (byProducts a) b)
              refuses [ "not finite" ] (fun () -> ConjugateGradients.solve 0.1 5 (byProducts a) (b / 0.0))) ]

let private dense =
    testList
        "dense"
        [ testCase "factor, solution, ln det, eigenvalues" (fun () ->
              match Dense.cholesky a with
              | Ok factor ->
                  same 1e-13 "LLᵀ" a (factor.Factor.matmul (factor.Factor.transpose ()))
                  same 1e-12 "solution" b (a.matmul (factor.Solve b))
                  close 1e-12 "ln det" (Seq.sum [ for i in 1..40 -> log (float i / 4.0) ]) factor.LogDeterminant
              | Error fault -> failtest $"{fault}"

              let values, vectors = Dense.eigen a
              same 1e-12 "values" (vector [ for i in 1..40 -> float i / 4.0 ]) values
              same 1e-12 "vectors" (a.matmul vectors) (vectors * values))

          testCase "without a factor: the least eigenvalue, and how many" (fun () ->
              match Dense.cholesky (withSpectrum 4 [ -2.0; -1.0; 1.0; 5.0 ]) with
              | Error fault ->
                  close 1e-12 "least" -2.0 fault.Least
                  Expect.equal fault.Count 2 "how many"
              | Ok _ -> failtest "a factor"

              match Dense.cholesky (matrix (array2D [ [ 1.0; 1.0 ]; [ 1.0; 1.0 ] ])) with
              | Error fault ->
                  Expect.isLessThan (abs fault.Least) 1e-15 "singular"
                  Expect.equal fault.Count 1 "how many"
              | Ok _ -> failtest "a singular matrix has no factor")

          testCase "refusals" (fun () ->
              refuses [ "square" ] (fun () -> Dense.cholesky (normal 1 [ 2; 3 ]))
              refuses [ "not symmetric" ] (fun () -> Dense.eigen (normal 1 [ 3; 3 ]))
              refuses [ "not finite" ] (fun () -> Dense.eigen (matrix (array2D [ [ nan ] ])))) ]

let private gram =
    testList
        "per-example Gram matrix"
        [ forEach "of gradients, of products and of a problem, centred and not" (fun problem w ->
              let at = Parameters.flatten w

              let gradients =
                  dsharp.stack
                      [ for i in 0 .. problem.Count - 1 ->
                            dsharp.grad (fun v -> Problem.exampleLoss i problem (Parameters.unflatten w v)) at ]

              let mean = gradients.mean (0, keepDim = true)

              for centring, g in [ Centring.None, gradients; Centring.Mean, gradients - mean ] do
                  let expected = g.matmul (g.transpose ())
                  isMatrix 1e-12 "gradients" expected (PerExampleGram.ofGradients centring gradients)
                  isMatrix 1e-11 "problem" expected (PerExampleGram.ofProblem centring problem w)

                  isMatrix
                      1e-12
                      "products"
                      expected
                      (PerExampleGram.ofProducts
                          centring
                          problem.Count
                          Dtype.Float64
                          Device.CPU
                          (gradients.transpose ()).matmul
                          gradients.matmul)

                  // the same eigenvalues as Σ ggᵀ, as far as they are not 0
                  let values, _ = Dense.eigen expected
                  let other, _ = Dense.eigen (g.transpose().matmul g)
                  let largest (t: Tensor) = floats t |> Array.sortDescending |> Array.truncate (problem.Count - 1)
                  same 1e-11 "eigenvalues" (vector (largest other)) (vector (largest values)))

          testCase "gradients that are all equal have no covariance" (fun () ->
              let one = (normal 5 [ 1; 6 ]).expand [ 4; 6 ]
              let gram = (PerExampleGram.ofGradients Centring.Mean one).ToMatrix()
              Expect.isLessThan (float (gram.abs().max())) 1e-28 "0, but for rounding")

          testCase "refusals" (fun () -> refuses [ "[N, p]" ] (fun () -> PerExampleGram.ofGradients Centring.None b)) ]

let tests = testList "solving" [ gradients; dense; gram ]
