/// Lanczos against all eigenvalues, breakdowns, residuals that bound.
module NoiseScale.Theory.Tests.LanczosTests

open System
open Expecto
open FsCheck.FSharp
open DiffSharp
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.OperatorTests
open NoiseScale.Theory.Tests.Property

let private eye k = dsharp.eye (k, dtype = Dtype.Float64)

let private full (t: Tridiagonal) =
    let k = t.Diagonal.Length

    matrix (
        Array2D.init k k (fun i j ->
            if i = j then t.Diagonal[i]
            elif abs (i - j) = 1 then t.OffDiagonal[min i j]
            else 0.0)
    )

// a handful of eigenvalues well apart, each once or often: with many, rounding splits what repeats before the space is invariant
let private spectra =
    Gen.elements [ -4.0; -1.5; 0.0; 2.0; 5.0 ]
    |> Gen.listOf
    |> Gen.filter (fun values -> values.Length >= 2 && values.Length <= 25)
    |> Arb.fromGen

let private basis =
    testList
        "basis"
        [ testCase "orthonormal, and AQ = QT + the residual" (fun () ->
              // eigenvalues over ten orders: plain Lanczos loses orthogonality within 20 steps here
              let a = withSpectrum 1 [ for i in 0..59 -> 10.0 ** (-float i / 6.0) ]
              let found = Lanczos.from 30 (normal 2 [ 60 ]) (byProducts a)
              let q = found.Vectors
              same 1e-13 "QᵀQ" (eye 30) (q.transpose().matmul q)
              let rest = a.matmul q - q.matmul (full found.Tridiagonal)
              Expect.isLessThan (float (rest[*, ..28].abs().max())) 1e-13 "all but the last column"
              close 1e-3 "residual" (float (rest[*, 29].norm())) found.Residual)

          property 40 "all steps give all of the spectrum that a random start sees, whatever repeats" spectra (fun spectrum ->
              let a = withSpectrum 3 spectrum
              let found = Lanczos.from spectrum.Length (normal 4 [ spectrum.Length ]) (byProducts a)
              let values, _ = Tridiagonal.eigen found.Tridiagonal
              let apart (many: float seq) (one: float) = many |> Seq.map (fun other -> abs (other - one)) |> Seq.min
              // where the start has little of an eigenvector rounding may add a direction or two before the space is seen to be invariant
              Expect.isLessThan found.Residual 1e-9 "the space is invariant"
              Expect.all spectrum (fun value -> apart values value < 1e-9) "each is found"
              Expect.all values (fun value -> apart spectrum value < 1e-9) "and nothing else")

          testCase "many starts at once are each alone" (fun () ->
              let a = withSpectrum 13 [ for i in 1..20 -> if i <= 17 then 2.0 else 10.0 * float (i - 17) ]
              // the second start sees three eigenvalues, the others four
              let values, vectors = a.eigh ()
              let special = vectors[*, 0] + vectors[*, 18] + vectors[*, 19] * 2.0
              Expect.isLessThan (float values[0]) 2.1 "the smallest is 2"
              let starts = dsharp.stack ([ normal 14 [ 20 ]; special; normal 15 [ 20 ] * 5.0 ], 1)
              let together = Lanczos.fromEach 8 starts (byProducts a)
              Expect.equal (together |> Array.map _.Diagonal.Length) [| 4; 3; 4 |] "steps"

              for i in 0..2 do
                  let alone = (Lanczos.from 8 starts[*, i] (byProducts a)).Tridiagonal
                  same 1e-8 "diagonal" (vector alone.Diagonal) (vector together[i].Diagonal)
                  same 1e-8 "beside it" (vector alone.OffDiagonal) (vector together[i].OffDiagonal)

              refuses [ "length above 0" ] (fun () -> Lanczos.fromEach 2 (starts * 0.0) (byProducts a))
              refuses [ "[20, m]" ] (fun () -> Lanczos.fromEach 2 (normal 1 [ 20 ]) (byProducts a))
              refuses [ "not finite" ] (fun () -> Lanczos.fromEach 2 starts (byProducts (a / 0.0))))

          testCase "an operator that is 0, and one of size 1" (fun () ->
              let nothing = Lanczos.from 5 (normal 5 [ 4 ]) (byProducts (eye 4 * 0.0))
              Expect.equal nothing.Tridiagonal.Diagonal [| 0.0 |] "one step, eigenvalue 0"
              let single = Lanczos.from 5 (vector [ 2.0 ]) (byProducts (matrix (array2D [ [ -3.0 ] ])))
              Expect.equal single.Tridiagonal.Diagonal [| -3.0 |] "one step, its element") ]

let private check (a: Tensor) (expected: float list) (found: EigenPair list) =
    Expect.equal found.Length expected.Length "as many as were asked for"

    for value, pair in List.zip expected found do
        let y = pair.Vector
        close 1e-12 "norm" 1.0 (float (y.norm ()))
        let residual = float ((a.matmul y - y * pair.Value).norm())
        Expect.isLessThan residual (pair.Residual * (1.0 + 1e-3) + 1e-12) "the residual is as reported"
        Expect.isLessThan (abs (pair.Value - value)) (pair.Residual + 1e-11) "an eigenvalue lies within it"

let private extremes =
    testList
        "outermost eigenvalues"
        [ testCase "both ends, with vectors and residuals" (fun () ->
              let spectrum = [ for i in 1..80 -> float i ** 1.5 - 100.0 ]
              let a = withSpectrum 6 spectrum
              let largest = Eigenpairs.outermost SpectrumEnd.Largest 4 1e-9 80 1L (byProducts a)
              let smallest = Eigenpairs.outermost SpectrumEnd.Smallest 3 1e-9 80 1L (byProducts a)
              check a (List.rev spectrum |> List.take 4) largest
              check a (List.take 3 spectrum) smallest)

          testCase "stopped early, the residuals say how far it came" (fun () ->
              let spectrum = [ for i in 1..200 -> float i ]
              let a = withSpectrum 7 spectrum
              let found = Eigenpairs.outermost SpectrumEnd.Largest 1 1e-12 8 1L (byProducts a)
              Expect.isGreaterThan found[0].Residual 0.1 "far from an eigenvector"
              check a [ found[0].Value ] found)

          testCase "an eigenvalue that repeats is found as often, though a start sees one direction of it" (fun () ->
              let spectrum = [ 1.0; 1.0; 2.0; 5.0; 5.0; 5.0 ]
              let a = withSpectrum 8 spectrum
              let found = Eigenpairs.outermost SpectrumEnd.Largest 6 1e-9 20 1L (byProducts a)
              check a (List.rev spectrum) found
              let vectors = dsharp.stack ([ for pair in found -> pair.Vector ], 1)
              same 1e-10 "orthonormal" (eye 6) (vectors.transpose().matmul vectors)
              check (eye 5) [ 1.0; 1.0; 1.0 ] (Eigenpairs.outermost SpectrumEnd.Smallest 3 1e-9 5 1L (byProducts (eye 5)))

              // far from invariant when the first three have converged: 9, 9, 9 and not 9, 8.9, 8.8
              let long = [ 9.0; 9.0; 9.0; yield! [ for i in 0..96 -> 8.9 - 0.09 * float i ] ]
              let a = withSpectrum 16 long
              check a [ 9.0; 9.0; 9.0; 8.9 ] (Eigenpairs.outermost SpectrumEnd.Largest 4 1e-9 1000 1L (byProducts a))
              // what a prior does to a Hessian of low rank
              let low = withSpectrum 17 [ for i in 1..40 -> if i <= 35 then 0.5 else float i ]
              check low (List.replicate 4 0.5) (Eigenpairs.outermost SpectrumEnd.Smallest 4 1e-9 200 1L (byProducts low)))

          testCase "all eigenvalues where most are 0: in the null space every product is rounding" (fun () ->
              let spectrum = [ yield! List.replicate 28 0.0; yield! [ for i in 1..12 -> 3.0 * float i ] ]
              let a = withSpectrum 19 spectrum
              check a (List.rev spectrum) (Eigenpairs.outermost SpectrumEnd.Largest 40 1e-9 1000 3L (byProducts a)))

          testCase "all eigenvalues of a small matrix" (fun () ->
              let spectrum = [ -3.0; -1.0; 0.0; 0.0; 2.0; 7.0 ]
              let a = withSpectrum 18 spectrum
              check a spectrum (Eigenpairs.outermost SpectrumEnd.Smallest 6 1e-9 100 1L (byProducts a)))

          testCase "refusals" (fun () ->
              let a = byProducts (eye 5)
              refuses [ "1 to 5"; "6" ] (fun () -> Eigenpairs.outermost SpectrumEnd.Largest 6 1e-9 10 1L a)
              refuses [ "at least one step" ] (fun () -> Lanczos.from 0 (normal 1 [ 5 ]) a)
              refuses [ "length above 0" ] (fun () -> Lanczos.from 2 (normal 1 [ 5 ] * 0.0) a)
              refuses [ "vector of 5" ] (fun () -> Lanczos.from 2 (normal 1 [ 4 ]) a)
              refuses [ "product number 1"; "not finite" ] (fun () -> Lanczos.from 2 (normal 1 [ 5 ]) (byProducts (eye 5 / 0.0)))) ]

let private quadratures =
    testList
        "quadrature"
        [ testCase "k Gauss nodes are exact to degree 2k − 1, k with one fixed to 2k − 2" (fun () ->
              let a = withSpectrum 9 [ for i in 1..40 -> 0.5 + float i / 20.0 ]
              let v = normal 10 [ 40 ]
              let v = v / v.norm ()
              let t = (Lanczos.from 5 v (byProducts a)).Tridiagonal

              let moment degree =
                  let mutable x = v

                  for _ in 1..degree do
                      x <- a.matmul x

                  float (v.dot x)

              let integral (rule: Quadrature) degree = rule.Integrate(fun x -> pown x degree)

              for degree in 0..9 do
                  close 1e-12 $"Gauss, degree {degree}" (moment degree) (integral (Tridiagonal.gauss t) degree)

              for degree in 0..8 do
                  close 1e-12 $"Radau, degree {degree}" (moment degree) (integral (Tridiagonal.radau 0.4 t) degree)

              Expect.isGreaterThan (abs (moment 10 / integral (Tridiagonal.gauss t) 10 - 1.0)) 1e-9 "and no further"
              close 1e-10 "the fixed node" 0.4 (Tridiagonal.radau 0.4 t).Nodes[0])

          testCase "weights are positive and sum to 1; fewer steps are the leading part" (fun () ->
              let a = byProducts (withSpectrum 11 [ for i in 1..30 -> float i ])
              let six, three = Lanczos.from 6 (normal 12 [ 30 ]) a, Lanczos.from 3 (normal 12 [ 30 ]) a
              let rule = Tridiagonal.gauss six.Tridiagonal
              close 1e-13 "sum" 1.0 (Array.sum rule.Weights)
              Expect.isTrue (rule.Weights |> Array.forall (fun weight -> weight > 0.0)) "positive"
              Expect.equal (Tridiagonal.leading 3 six.Tridiagonal) three.Tridiagonal "leading") ]

let tests = testList "Lanczos" [ basis; extremes; quadratures ]
