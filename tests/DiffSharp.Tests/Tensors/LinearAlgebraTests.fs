/// Identities of linear algebra, and of shapes, for matrices that FsCheck chooses.
module LinearAlgebraTests

open Expecto
open FsCheck
open FsCheck.FSharp
open DiffSharp
open Approx

/// Square matrices of 1 to 6 rows, with a diagonal that keeps them well conditioned: elements in (−1, 1), plus 2n on the diagonal.
type Matrices =
    static member Tensor() : Arbitrary<Tensor> =
        gen {
            let! n = Gen.choose (1, 6)
            let! elements = Gen.listOfLength (n * n) (Gen.choose (-1000, 1000))
            let a = tensor [ for e in elements -> float e / 1000.0 ]
            return a.view [ n; n ] + 2.0 * float n * dsharp.eye (n, dtype = Dtype.Float64, device = device.Value)
        }
        |> Arb.fromGen

/// A few hundred roundings, in matrices whose condition number is below 10.
let private tolerance = 1e-12

let private config =
    { FsCheckConfig.defaultConfig with
        arbitrary = [ typeof<Matrices> ]
        maxTest = 60 }

let private law name (property: Tensor -> bool) = testPropertyWithConfig config name property
let private identity (a: Tensor) = dsharp.eye (a.shape[0], dtype = Dtype.Float64, device = a.device)
let private definite (a: Tensor) = a.matmul (a.transpose ()) + identity a

[<Tests>]
let tests =
    testList
        "linear algebra"
        [ law "a⁻¹ a = 1" (fun a -> isClose tolerance (a.inv().matmul a) (identity a))
          law "solve solves" (fun a -> let b = a[0] in isClose tolerance (a.matmul (a.solve b)) b)
          law "solve of many right sides" (fun a -> isClose tolerance (a.matmul (a.solve (a * a))) (a * a))
          law "solveTriangular solves with the triangle alone, of many too" (fun a ->
              let b = a * a
              let many = dsharp.stack [ a; a * 2.0 ]
              let lower, upper = a.tril (), a.triu ()

              isClose tolerance (lower.matmul (a.solveTriangular b)) b
              && isClose tolerance (upper.matmul (a.solveTriangular (b, upper = true))) b
              && isClose tolerance ((lower.transpose ()).matmul(a.solveTriangular (b, transpose = true))) b
              && isClose tolerance ((upper.transpose ()).matmul(a.solveTriangular (b, upper = true, transpose = true))) b
              && isClose tolerance (lower.matmul (a.solveTriangular b[0])) b[0]
              && isClose tolerance ((many.tril ()).matmul(many.solveTriangular b)) (b.expandAs many)
              && isClose
                  tolerance
                  ((many.tril ()).matmul(many.solveTriangular(b[0]).unsqueeze -1))
                  (b[0].expand([ 2; b.shape[0] ]).unsqueeze -1)
              && isClose tolerance (lower.matmul (dsharp.solveTriangular (a, many))) many)
          law "det (a aᵀ) = (det a)²" (fun a -> isClose 1e-10 ((a.matmul (a.transpose ())).det() / a.det().square()) (tensor 1.0))
          law "slogdet is det's sign and logarithm" (fun a ->
              let sign, logarithm = (-a).slogdet()
              isClose 1e-10 (sign * logarithm.exp () / (-a).det()) (tensor 1.0))
          law "l lᵀ = a, l lower triangular" (fun a ->
              let s = definite a
              let l = s.cholesky ()
              isClose tolerance (l.matmul (l.transpose ())) s && isClose 0.0 (l.triu 1) (dsharp.zerosLike l))
          law "cholesky of many is each one's" (fun a ->
              let s = definite a
              let many = (dsharp.stack [ s; s * 3.0 ]).cholesky()
              isClose tolerance many[0] (s.cholesky ()) && isClose tolerance many[1] ((s * 3.0).cholesky()))
          law "a q = q diag λ, q orthogonal, λ in order" (fun a ->
              let s = definite a
              let values, vectors = s.eigh ()

              isClose tolerance (s.matmul vectors) (vectors * values)
              && isClose tolerance (vectors.transpose().matmul vectors) (identity a)
              && isClose 0.0 (values.sort 0 |> fst) values)
          law "u diag s vᵀ = a, s in order" (fun a ->
              let a = a[0..0] * 1.0 + a
              let u, s, v = a.svd ()
              isClose tolerance ((u * s).matmul v) a && isClose 0.0 (s.sort (0, descending = true) |> fst) s)
          law "the trace is the sum of the eigenvalues" (fun a ->
              let s = definite a
              isClose tolerance (s.trace ()) ((s.eigh () |> fst).sum()))
          law "matmul is associative, and transposes" (fun a ->
              let b = a.flip [ 0 ]

              isClose tolerance ((a.matmul b).matmul a) (a.matmul (b.matmul a))
              && isClose tolerance (a.matmul(b).transpose()) (b.transpose().matmul(a.transpose ())))
          law "matmul of every number of dimensions is its definition by sums" (fun a ->
              let many = dsharp.stack [ a; a * 0.5; -a ]
              let v = a[0]
              // Σⱼ aᵢⱼ bⱼₖ, by broadcasting
              let bySums (a: Tensor) (b: Tensor) = (a.unsqueeze -1 * b.unsqueeze -3).sum -2

              isClose tolerance (a.matmul a) (bySums a a)
              && isClose tolerance (many.matmul a) (bySums many a)
              && isClose tolerance (a.matmul many) (bySums (a.expandAs many) many)
              && isClose tolerance (many.matmul many) (bySums many many)
              && isClose
                  tolerance
                  ((many.unsqueeze 1).matmul many)
                  (bySums ((many.unsqueeze 1).expand [ 3; 3; -1; -1 ]) (many.expand [ 3; 3; -1; -1 ]))
              && isClose tolerance (many.matmul v) ((many * v).sum -1)
              && isClose tolerance (v.matmul many) ((v.unsqueeze -1 * many).sum -2)
              && isClose tolerance (v.matmul a) ((v.unsqueeze -1 * a).sum 0)
              && isClose tolerance (v.dot v) ((v * v).sum()))
          law "outer and trace: trace (v wᵀ) = v·w" (fun a ->
              let v, w = a[0], a[-1]
              isClose tolerance ((v.outer w).trace()) (v.dot w))
          law "a permutation undone" (fun a -> (a.unsqueeze 0).permute([ 2; 0; 1 ]).permute [ 1; 2; 0 ] = a.unsqueeze 0)
          law "what is split is what was put together" (fun a -> dsharp.cat (a.split [ 1; a.shape[0] - 1 ]) = a)
          law "what is unstacked is what was stacked" (fun a -> dsharp.stack (a.unstack 1, 1) = a)
          law "padding is undone by a slice" (fun a ->
              let n = a.shape[0]
              (a.pad [ 2; 1 ])[2 .. n + 1, 1..n] = a)
          law "flip, flip" (fun a -> (a.flip [ 0; 1 ]).flip [ 1; 0 ] = a)
          law "triangles add up" (fun a -> isClose 0.0 (a.tril () + a.triu 1) a) ]
