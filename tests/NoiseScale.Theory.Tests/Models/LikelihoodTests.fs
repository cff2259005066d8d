/// Costs against closed forms, curvatures against differences, draws against frequencies.
module NoiseScale.Theory.Tests.LikelihoodTests

open System
open Expecto
open DiffSharp
open MathNet.Numerics.Distributions
open NoiseScale.Theory
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Property

let private likelihoods =
    [ Likelihood.Categorical 4, 4; Likelihood.Bernoulli, 1; Likelihood.Gaussian 0.3, 3 ]

let private targets seed likelihood k count =
    match likelihood with
    | Likelihood.Categorical classes -> labels seed classes count
    | Likelihood.Bernoulli -> labels seed 2 count
    | Likelihood.Gaussian _ -> normal seed [ count; k ]

let private closedForms =
    testList
        "costs"
        [ testCase "softmax: ln Σ e^z − z_y" (fun () ->
              let z, y = normal 1 [ 6; 4 ] * 3.0, labels 2 4 6
              let costs = floats (Likelihood.costs (Likelihood.Categorical 4) z y)

              for i in 0..5 do
                  let row = floats z[i]
                  close 1e-13 "cost" (log (row |> Array.sumBy exp) - row[int y[i]]) costs[i])

          testCase "logistic: ln(1 + e^(∓z)), without overflow" (fun () ->
              let z = [ -800.0; -3.0; 0.0; 0.5; 800.0 ]
              let column = (vector z).unsqueeze 1
              let ones = floats (Likelihood.costs Likelihood.Bernoulli column (integers [ 1; 1; 1; 1; 1 ]))
              let zeros = floats (Likelihood.costs Likelihood.Bernoulli column (integers [ 0; 0; 0; 0; 0 ]))

              for i in 1..3 do
                  close 1e-13 "label 1" (log (1.0 + exp -z[i])) ones[i]
                  close 1e-13 "label 0" (log (1.0 + exp z[i])) zeros[i]

              close 1e-13 "far wrong" 800.0 ones[0]
              close 1e-13 "far wrong" 800.0 zeros[4]
              Expect.isLessThan ones[4] 1e-300 "far right")

          testCase "normal errors: a library's normal density, over all outputs" (fun () ->
              let z, y = normal 3 [ 5; 2 ], normal 4 [ 5; 2 ]
              let costs = floats (Likelihood.costs (Likelihood.Gaussian 0.3) z y)

              for i in 0..4 do
                  let density k = Normal.PDFLn(float z[i, k], sqrt 0.3, float y[i, k])
                  close 1e-13 "cost" -(density 0 + density 1) costs[i])

          testCase "two classes are a logistic likelihood of the difference of logits" (fun () ->
              let z, y = normal 5 [ 8; 2 ], labels 6 2 8
              let difference = (z[*, 1] - z[*, 0]).unsqueeze 1

              same 1e-13 "costs" (Likelihood.costs (Likelihood.Categorical 2) z y) (Likelihood.costs Likelihood.Bernoulli difference y))

          testCase "knowing nothing costs ln n" (fun () ->
              for likelihood, k in [ Likelihood.Categorical 5, 5; Likelihood.Bernoulli, 1 ] do
                  let cost = Likelihood.costs likelihood (dsharp.zeros ([ 1; k ], dtype = Dtype.Float64)) (integers [ 0 ])
                  close 1e-14 $"{likelihood}" (float (cost.sum ())) (Option.get (Likelihood.nullCost likelihood))

              close 1e-15 "five classes" (log 5.0) (Option.get (Likelihood.nullCost (Likelihood.Categorical 5)))
              Expect.isNone (Likelihood.nullCost (Likelihood.Gaussian 1.0)) "numbers are not equally likely") ]

let private curvatures =
    testList
        "curvature in the outputs"
        [ for likelihood, k in likelihoods do
              testCase $"{likelihood}: the Hessian of an example's cost" (fun () ->
                  let z, y, v = normal 7 [ 5; k ], targets 8 likelihood k 5, normal 9 [ 5; k ]
                  let product = Likelihood.curvatureTimes likelihood z v

                  for i in 0..4 do
                      let row = dsharp.tensor ([| int64 i |], dtype = Dtype.Int64)
                      let cost (z: Tensor) = (Likelihood.costs likelihood (z.unsqueeze 0) (y.indexSelect (0, row))).sum()
                      same 1e-12 "against a nested derivative" ((dsharp.hessian cost z[i]).matmul v[i]) product[i]

                      // central differences: error h² = 1e-8 and rounding 1e-16/1e-4
                      let h = 1e-4
                      let gradient (z: Tensor) = dsharp.grad cost z
                      let difference = (gradient (z[i] + v[i] * h) - gradient (z[i] - v[i] * h)) / (2.0 * h)
                      same 1e-6 "against differences" difference product[i])

          testCase "it is the covariance of the gradient under the model's own targets" (fun () ->
              let z = normal 10 [ 1; 4 ]
              let p = floats ((z.softmax 1)[0])

              let gradient (y: int) =
                  dsharp.grad (fun (z: Tensor) -> (Likelihood.costs (Likelihood.Categorical 4) z (integers [ y ])).sum()) z
                  |> fun g -> g[0]

              let covariance =
                  [ 0..3 ] |> List.map (fun y -> (gradient y).outer(gradient y) * p[y]) |> List.reduce (+)

              for k in 0..3 do
                  let unit = dsharp.onehot (4, k, Dtype.Float64, Device.CPU)
                  let product = Likelihood.curvatureTimes (Likelihood.Categorical 4) z (unit.unsqueeze 0)
                  same 1e-12 "column" covariance[k] product[0]) ]

// 20,000 draws: a frequency is off by more than 4.9 standard errors with probability 1e-6
let private draws =
    let count = 20000

    let repeated (row: Tensor) = (row.unsqueeze 0).expand [ count; row.nelement ]

    testList
        "draws"
        [ testCase "classes come as often as they are probable" (fun () ->
              let z = normal 11 [ 4 ]
              let p = floats (z.softmax 0)
              let drawn = Likelihood.sample (Likelihood.Categorical 4) (generator 12) (repeated z)
              Expect.equal drawn.shape [| count |] "one an example"
              let found = drawn.toArray1D<int64>() |> Array.countBy id |> Map.ofArray

              for k in 0..3 do
                  let error = (float found[int64 k] - float count * p[k]) / sqrt (float count * p[k] * (1.0 - p[k]))
                  Expect.isLessThan (abs error) 4.9 $"class {k}, in standard errors")

          testCase "labels come as often as they are probable" (fun () ->
              let p = 1.0 / (1.0 + exp -0.7)
              let drawn = Likelihood.sample Likelihood.Bernoulli (generator 13) (repeated (vector [ 0.7 ]))
              Expect.equal drawn.shape [| count |] "one an example"
              Likelihood.check Likelihood.Bernoulli drawn
              let error = (float (drawn.sum ()) - float count * p) / sqrt (float count * p * (1.0 - p))
              Expect.isLessThan (abs error) 4.9 "in standard errors")

          testCase "numbers have the mean and the variance" (fun () ->
              let drawn = Likelihood.sample (Likelihood.Gaussian 0.3) (generator 14) (repeated (vector [ 1.5; -2.0 ]))
              expectUnbiased "mean" 1.5 (floats drawn[*, 0])
              expectUnbiased "mean" -2.0 (floats drawn[*, 1])
              expectUnbiased "variance" 0.3 (floats drawn[*, 0] |> Array.map (fun y -> (y - 1.5) ** 2.0))
              expectUnbiased "covariance" 0.0 (Array.map2 (fun a b -> (a - 1.5) * (b + 2.0)) (floats drawn[*, 0]) (floats drawn[*, 1])))

          testCase "the same seed gives the same draws" (fun () ->
              for likelihood, k in likelihoods do
                  let z = normal 15 [ 50; k ]
                  let draw seed = floats (Likelihood.sample likelihood (generator seed) z)
                  Expect.equal (draw 1) (draw 1) "one seed"
                  Expect.notEqual (draw 1) (draw 2) "two seeds") ]

let private refusals =
    testList
        "refusals"
        [ testCase "a label out of range, with its example" (fun () ->
              refuses [ "example 2"; "label 3"; "0 to 2" ] (fun () ->
                  Likelihood.check (Likelihood.Categorical 3) (integers [ 0; 2; 3; 1 ]))

              refuses [ "example 1"; "label -1" ] (fun () -> Likelihood.check (Likelihood.Categorical 3) (integers [ 0; -1 ]))
              refuses [ "example 3"; "label 2" ] (fun () -> Likelihood.check Likelihood.Bernoulli (integers [ 0; 1; 1; 2 ]))
              refuses [ "example 1"; "0.5" ] (fun () -> Likelihood.check Likelihood.Bernoulli (vector [ 0.0; 0.5 ])))

          testCase "labels that are no integers, one class, no variance, no example" (fun () ->
              refuses [ "integers" ] (fun () -> Likelihood.check (Likelihood.Categorical 3) (vector [ 0.0; 1.0 ]))
              refuses [ "at least two classes"; "1" ] (fun () -> Likelihood.check (Likelihood.Categorical 1) (integers [ 0 ]))
              refuses [ "variance"; "0" ] (fun () -> Likelihood.check (Likelihood.Gaussian 0.0) (normal 1 [ 2; 1 ]))
              refuses [ "variance" ] (fun () -> Likelihood.check (Likelihood.Gaussian nan) (normal 1 [ 2; 1 ]))
              refuses [ "not finite" ] (fun () -> Likelihood.check (Likelihood.Gaussian 1.0) (matrix (array2D [ [ nan ] ])))
              refuses [ "[N, K]" ] (fun () -> Likelihood.check (Likelihood.Gaussian 1.0) (vector [ 1.0 ]))
              refuses [ "at least one example" ] (fun () -> Likelihood.check Likelihood.Bernoulli (vector [])))

          testCase "outputs that do not fit" (fun () ->
              refuses [ "needs 3 outputs"; "not 2" ] (fun () ->
                  Likelihood.costs (Likelihood.Categorical 3) (normal 1 [ 2; 2 ]) (integers [ 0; 1 ]))

              refuses [ "2 targets" ] (fun () -> Likelihood.costs Likelihood.Bernoulli (normal 1 [ 3; 1 ]) (integers [ 0; 1 ]))) ]

let tests = testList "likelihood" [ closedForms; curvatures; draws; refusals ]
