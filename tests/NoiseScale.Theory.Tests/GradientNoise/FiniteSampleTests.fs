/// The relations between N examples' gradients and those of minibatches, against sums over every batch there is.
module NoiseScale.Theory.Tests.FiniteSampleTests

open System
open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.GradientNoise
open NoiseScale.Theory.Tests.Property

/// N gradients in R^p, without pattern.
let population n p =
    Array.init n (fun i -> Array.init p (fun j -> sin (float (3 * i + 7 * j + 1)) + 0.3 * float j - 0.1 * float (i * j)))

let meanOf (rows: float[] list) = Array.init rows.Head.Length (fun j -> rows |> List.averageBy (fun row -> row[j]))

let dot (a: float[]) (b: float[]) = Array.map2 (*) a b |> Array.sum
let norm2 a = dot a a

let rec subsets size items =
    match size, items with
    | 0, _ -> [ [] ]
    | _, [] -> []
    | _, first :: rest -> (subsets (size - 1) rest |> List.map (fun s -> first :: s)) @ subsets size rest

let moments (rows: float[][]) =
    match FiniteSample.ofGradients (dsharp.tensor (array2D rows, dtype = Dtype.Float64)) with
    | Ok found -> found
    | Error e -> failtest $"{e}"

/// All batches, each as the list of its gradients.
let batches draw (rows: float[][]) size =
    match draw with
    | BatchDraw.WithoutReplacement -> subsets size (List.ofArray rows)
    | BatchDraw.WithReplacement -> sequences rows.Length size |> List.map (List.map (fun i -> rows[i]))

let tests =
    testList
        "finite sample"
        [ testCase "‖G‖², Γ and tr Σ are what their definitions say" (fun () ->
              for n, p in [ 2, 1; 3, 2; 6, 4 ] do
                  let rows = population n p
                  let found = moments rows
                  let mean = meanOf (List.ofArray rows)
                  let scatter = rows |> Array.sumBy (fun g -> norm2 (Array.map2 (-) g mean))
                  close 1e-12 "‖G‖²" (norm2 mean) found.SquaredNorm
                  close 1e-12 "Γ" (scatter / float n) found.Gamma
                  close 1e-12 "tr Σ" (scatter / float (n - 1)) found.TraceOfCovariance
                  close 1e-12 "mean square" (rows |> Array.averageBy norm2) found.MeanSquaredNorm
                  // from norms alone
                  match FiniteSample.ofNorms (rows |> Array.map norm2) (norm2 mean) with
                  | Ok other ->
                      close 1e-11 "Γ from norms" found.Gamma other.Gamma
                      Expect.equal other.Count n "N"
                  | Error e -> failtest $"{e}")

          testCase "E‖ĝ_B‖² and every element of Cov(ĝ_B), over all batches" (fun () ->
              for draw in [ BatchDraw.WithoutReplacement; BatchDraw.WithReplacement ] do
                  for n, sizes in [ 5, [ 1..5 ]; 4, [ 1; 3; 4 ]; 2, [ 1; 2 ] ] do
                      for size in sizes do
                          let rows = population n 3
                          let found = moments rows
                          let all = batches draw rows size |> List.map meanOf
                          let what = $"{draw}, N = {n}, B = {size}"
                          close 1e-12 what (all |> List.averageBy norm2) (FiniteSample.minibatchSquaredNorm draw (int64 size) found)
                          let mean = meanOf (List.ofArray rows)
                          let factor = FiniteSample.covarianceFactor draw (int64 n) (int64 size)

                          for a in 0..2 do
                              for b in 0..2 do
                                  let covariance (of': float[] list) = of' |> List.averageBy (fun g -> (g[a] - mean[a]) * (g[b] - mean[b]))

                                  let expected = factor * covariance (List.ofArray rows)
                                  Expect.isLessThan (abs (covariance all - expected)) 1e-13 what)

          testCase "with the denominator N − 1 the factor is (1/B)(1 − B/N)" (fun () ->
              for n, b in [ 10L, 1L; 10L, 3L; 10L, 10L; 1000L, 32L ] do
                  let factor = FiniteSample.covarianceFactor BatchDraw.WithoutReplacement n b
                  close 1e-12 "P2" ((1.0 - float b / float n) / float b) (factor * float (n - 1L) / float n))

          testCase "one gradient after the other gives the same moments" (fun () ->
              let rows = population 6 4

              let losses: Loss[] =
                  rows |> Array.map (fun g w -> (w[0] * dsharp.tensor (g, dtype = Dtype.Float64)).sum())

              match FiniteSample.ofLosses losses [| dsharp.zeros (4, dtype = Dtype.Float64) |] with
              | Ok found ->
                  close 1e-12 "Γ" (moments rows).Gamma found.Gamma
                  close 1e-12 "‖G‖²" (moments rows).SquaredNorm found.SquaredNorm
              | Error e -> failtest $"{e}")

          testCase "bad input is named" (fun () ->
              let one = dsharp.ones ([ 1; 3 ], dtype = Dtype.Float64)
              Expect.equal (FiniteSample.ofGradients one) (Error(NoiseError.TooFew 1)) "one example"
              Expect.equal (FiniteSample.ofNorms [||] 0.0) (Error(NoiseError.TooFew 0)) "none"
              Expect.equal (FiniteSample.ofLosses [||] [||]) (Error(NoiseError.TooFew 0)) "no loss"
              let bad = dsharp.tensor (array2D [ [ 1.0 ]; [ nan ] ], dtype = Dtype.Float64)
              Expect.equal (FiniteSample.ofGradients bad) (Error(NoiseError.NotFinite "‖G‖²")) "NaN"

              for body in
                  [ fun () -> FiniteSample.ofGradients (dsharp.ones 3) |> ignore
                    fun () -> FiniteSample.covarianceFactor BatchDraw.WithoutReplacement 3L 4L |> ignore
                    fun () -> FiniteSample.covarianceFactor BatchDraw.WithReplacement 3L 0L |> ignore
                    fun () -> FiniteSample.covarianceFactor BatchDraw.WithoutReplacement 0L 1L |> ignore ] do
                  Expect.throwsT<ArgumentException> body "out of range"

              // more draws than examples are no mistake with replacement
              Expect.equal (FiniteSample.covarianceFactor BatchDraw.WithReplacement 3L 4L) 0.25 "1/B") ]
