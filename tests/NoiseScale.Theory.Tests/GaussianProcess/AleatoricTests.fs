/// How much chance a prior expects in labels: limits, expansions, other integrals, draws.
module NoiseScale.Theory.Tests.AleatoricTests

open System
open Expecto
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Processes
open NoiseScale.Theory.Tests.Property

let private quadrature classes variance = Aleatoric.content AleatoricMethod.Quadrature classes variance
let private draws seed = AleatoricMethod.MonteCarlo(4000, int64 seed)

/// E g(δ) for δ ~ N(0, 2v), by a fine sum.
let private mean (variance: float) (g: float -> float) =
    let count = 400001
    let step = 20.0 / float (count - 1)
    let mutable total, weights = 0.0, 0.0

    for i in 0 .. count - 1 do
        let u = -10.0 + step * float i
        let w = exp (-0.5 * u * u)
        total <- total + w * g (u * sqrt (2.0 * variance))
        weights <- weights + w

    total / weights

let private binaryEntropy p = if p <= 0.0 || p >= 1.0 then 0.0 else -p * log p - (1.0 - p) * log (1.0 - p)
let private sigmoid d = 1.0 / (1.0 + exp -d)

let private quadratures =
    testList
        "quadrature"
        [ testCase "two classes: a fine sum over the difference of logits" (fun () ->
              for variance in [ 0.01; 0.5; 1.0; 4.0; 30.0; 1000.0 ] do
                  let found = quadrature 2 variance
                  close 1e-9 $"H at {variance}" (mean variance (sigmoid >> binaryEntropy)) found.Entropy.Value
                  // the sum's own error at the kink of max
                  close 1e-7 $"max at {variance}" (mean variance (fun d -> max (sigmoid d) (sigmoid -d))) found.MaxProbability.Value

                  close
                      1e-9
                      $"agreement at {variance}"
                      (mean variance (fun d -> sigmoid d ** 2.0 + sigmoid -d ** 2.0))
                      found.Agreement.Value

                  Expect.equal found.Entropy.StandardError 0.0 "no standard error")

          testCase "three classes: a grid over two contrasts" (fun () ->
              for variance in [ 0.3; 2.0; 10.0 ] do
                  let sums =
                      normalMean2 (fun u ->
                          let root = sqrt variance
                          let a, b = u[*, 0] * (root / sqrt 2.0), u[*, 1] * (root / sqrt 6.0)
                          let p = (dsharp.stack ([ a + b; b - a; b * -2.0 ], 1)).softmax 1
                          let one = dsharp.ones (u.shape[0], dtype = Dtype.Float64)
                          dsharp.stack ([ one; -(p * p.log ()).sum 1; (p * p).sum 1; p.max 1 ], 1))

                  let found = quadrature 3 variance
                  close 1e-8 "H" (float sums[1] / float sums[0]) found.Entropy.Value
                  close 1e-8 "agreement" (float sums[2] / float sums[0]) found.Agreement.Value
                  // kinks of max on the grid
                  close 1e-3 "max" (float sums[3] / float sums[0]) found.MaxProbability.Value)

          testCase "no variance: pure chance, ln C" (fun () ->
              for classes in [ 2; 3 ] do
                  let found = quadrature classes 0.0
                  let c = float classes
                  close 1e-15 "H" (log c) found.Entropy.Value
                  close 1e-15 "max" (1.0 / c) found.MaxProbability.Value
                  close 1e-15 "agreement" (1.0 / c) found.Agreement.Value
                  Expect.isLessThan (abs found.LabelInformation.Value) 1e-15 "labels say nothing"
                  Expect.isLessThan (abs found.RelabellingGain) 1e-15 "nor does relabelling")

          testCase "little variance: H = ln C − v(C−1)/2C, agreement 1/C + v(C−1)/C², to second order" (fun () ->
              for classes in [ 2; 3 ] do
                  let c, v = float classes, 1e-4
                  let found = quadrature classes v
                  close 1e-3 "H" (v * (c - 1.0) / (2.0 * c)) found.FirstLabelGain
                  close 1e-3 "agreement" (v * (c - 1.0) / (c * c)) (found.Agreement.Value - 1.0 / c))

          testCase
              "much variance: two classes within 1/√v of certainty, by the integrals of H, of p(1 − p) and of 1 − max over δ"
              (fun () ->
                  for v in [ 1e4; 1e6; 1e9 ] do
                      let found = quadrature 2 v
                      let density = 1.0 / sqrt (4.0 * Math.PI * v)
                      close 1e-3 "H" (Math.PI * Math.PI / 3.0 * density) found.Entropy.Value
                      close 1e-3 "1 − agreement" (2.0 * density) (1.0 - found.Agreement.Value)
                      close 1e-3 "1 − max" (2.0 * log 2.0 * density) (1.0 - found.MaxProbability.Value)

                  let three = quadrature 3 1e10
                  Expect.isLessThan three.Entropy.Value 1e-4 "0"
                  close 1e-3 "a label says all of the next" (log 3.0) three.LabelInformation.Value
                  Expect.isLessThan three.RelabellingGain 1e-3 "and relabelling nothing")

          testCase "with growing variance labels become surer; relabelling gains most in between" (fun () ->
              for classes in [ 2; 3 ] do
                  let all = [ for i in -8 .. 16 -> quadrature classes (2.0 ** float i) ]
                  let rising (values: float list) = Expect.equal (List.sort values) values "rising"
                  rising (all |> List.map (fun c -> -c.Entropy.Value))
                  rising (all |> List.map _.MaxProbability.Value)
                  rising (all |> List.map _.Agreement.Value)
                  rising (all |> List.map _.LabelInformation.Value)
                  let gains = all |> List.map _.RelabellingGain
                  Expect.isTrue (gains |> List.forall (fun gain -> gain > 0.0)) "never negative: I(f; y₂ | y₁)"
                  let best = gains |> List.findIndex ((=) (List.max gains))
                  Expect.isTrue (best > 3 && best < 20) "inside"

                  for content in all do
                      Expect.isLessThan content.RelabellingGain content.FirstLabelGain "the second label says less than the first"
                      Expect.isLessThanOrEqual content.MaxProbability.Value 1.0 "a probability") ]

let private byDraws =
    testList
        "Monte Carlo"
        [ testCase "unbiased, with honest standard errors: z-scores of 60 seeds against quadrature" (fun () ->
              for classes, variance in [ 2, 1.0; 3, 4.0 ] do
                  let exact = quadrature classes variance

                  for name, part in
                      [ "H", (fun (c: AleatoricContent) -> c.Entropy)
                        "max", _.MaxProbability
                        "agreement", _.Agreement
                        "information", _.LabelInformation ] do
                      let z =
                          [| for seed in 1..60 ->
                                 let found = part (Aleatoric.content (draws seed) classes variance)
                                 (found.Value - (part exact).Value) / found.StandardError |]

                      // mean within 4.9/√60; Σz² is χ²₆₀, in [29, 107] with probability 1 − 4e-4
                      Expect.isLessThan (abs (Array.average z)) (4.9 / sqrt 60.0) $"{name}: bias"
                      let spread = z |> Array.sumBy (fun z -> z * z)
                      Expect.isTrue (spread > 29.0 && spread < 107.0) $"{name}: {spread}")

          testCase "ten classes: between the limits; the information is that of the table of two labels" (fun () ->
              let v = 3.0
              let found = Aleatoric.content (AleatoricMethod.MonteCarlo(200000, 4L)) 10 v
              let p = (normal 77 [ 200000; 10 ] * sqrt v).softmax 1
              let table = p.transpose().matmul p / 200000.0
              // a table of 10 × 10 whose rows are alike by symmetry
              let information = (table * (table * 100.0).log()).sum()
              close 0.01 "I(y₂; y₁)" (float information) found.LabelInformation.Value
              Expect.isGreaterThan found.Entropy.Value 0.0 "above 0"
              Expect.isLessThan found.Entropy.Value (log 10.0) "below ln C"
              Expect.isGreaterThan found.RelabellingGain 0.0 "a gain")

          testCase "the same seed draws the same" (fun () ->
              Expect.equal (Aleatoric.content (draws 3) 5 1.0) (Aleatoric.content (draws 3) 5 1.0) "equal"
              Expect.notEqual (Aleatoric.content (draws 3) 5 1.0).Entropy (Aleatoric.content (draws 4) 5 1.0).Entropy "another") ]

let private kernels =
    testCase "of a kernel: the variance at each input, times T where the prior is tempered too" (fun () ->
        let kernel = Kernel.ArcCosine(2, 3.0, 0.1)
        let variances = floats (KernelMatrix.diagonal kernel inputs)
        let plain = Aleatoric.ofKernel AleatoricMethod.Quadrature 2 Temper.Untempered kernel inputs
        Expect.equal (plain |> Array.map _.LogitVariance) variances "variances"

        let cold =
            Aleatoric.ofKernel AleatoricMethod.Quadrature 2 (Temper.Posterior(PosteriorTemperature 0.5)) kernel inputs

        Expect.equal (cold |> Array.map _.LogitVariance) (variances |> Array.map ((*) 0.5)) "half"

        let other =
            Aleatoric.ofKernel AleatoricMethod.Quadrature 2 (Temper.Likelihood(LikelihoodTemperature 0.5)) kernel inputs

        Expect.equal other plain "the prior as it is")

let private refusals =
    testCase "refusals" (fun () ->
        refuses [ "two classes"; "1" ] (fun () -> quadrature 1 1.0)
        refuses [ "variance"; "-1" ] (fun () -> quadrature 2 -1.0)
        refuses [ "variance"; "NaN" ] (fun () -> quadrature 2 nan)
        refuses [ "two or three"; "4"; "Monte Carlo" ] (fun () -> quadrature 4 1.0)
        refuses [ "at least two samples" ] (fun () -> Aleatoric.content (AleatoricMethod.MonteCarlo(1, 1L)) 4 1.0)

        refuses [ "temperature" ] (fun () ->
            Aleatoric.ofKernel AleatoricMethod.Quadrature 2 (Temper.Posterior(PosteriorTemperature 0.0)) (Kernel.Constant 1.0) inputs))

let tests = testList "aleatoric content" [ quadratures; byDraws; kernels; refusals ]
