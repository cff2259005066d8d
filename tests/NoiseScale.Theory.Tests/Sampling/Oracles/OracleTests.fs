/// The oracles on cases of which the answer is known by hand.
module NoiseScale.Theory.Tests.Sampling.OracleTests

open System
open Expecto
open MathNet.Numerics.Distributions
open NoiseScale.Theory.Tests.Sampling
open NoiseScale.Theory.Tests.Property

let private refused (word: string) (f: unit -> 'a) =
    try
        f () |> ignore
        failtest "expected an ArgumentException"
    with :? ArgumentException as e ->
        Expect.stringContains e.Message word "the message"

let private equal tolerance what (expected: float[,]) (actual: float[,]) =
    expected
    |> Array2D.iteri (fun i j e -> Expect.isLessThan (abs (actual[i, j] - e)) (tolerance * (1.0 + abs e)) $"{what} [{i}, {j}]")

let private fluxes =
    testList
        "Fokker–Planck"
        [ testCase "the difference of order 8" (fun () ->
              close
                  1e-13
                  "∂ sin(x)y² by y"
                  (2.0 * sin 0.3 * 0.7)
                  (FokkerPlanck.derivative 1e-2 (fun w -> sin w[0] * w[1] * w[1]) 1 [| 0.3; 0.7 |])

              close 1e-12 "cos" (cos 0.3) (FokkerPlanck.derivative 1e-2 (fun w -> sin w[0]) 0 [| 0.3 |]))

          testCase "a diffusion that depends on its place: −D U' + D' leaves exp(−U), −D U' does not" (fun () ->
              let g (w: float[]) = 1.0 + 0.8 * w[0] * w[0]
              let slope (w: float[]) = -1.6 * w[0] / g w ** 2.0

              let claim drift : FokkerPlanck.Diffusion =
                  { Drift = fun w -> [| drift w |]
                    Diffusion = fun w -> array2D [ [ 1.0 / g w ] ]
                    LogDensity = fun w -> -w[0] * w[0] / 2.0 }

              let at = FokkerPlanck.points 1 200 1 2.0
              let right = claim (fun w -> -w[0] / g w + slope w)
              Expect.isLessThan (FokkerPlanck.largestFlux right at) 1e-9 "right"
              let uncorrected = claim (fun w -> -w[0] / g w)
              let wrong = FokkerPlanck.largestFlux uncorrected at
              Expect.isGreaterThan wrong 0.1 "uncorrected"
              // the flux is the missing term itself
              close 1e-9 "−D'" (at |> Array.map (slope >> abs) |> Array.max) wrong)

          testCase "a circulating diffusion has flux and is stationary all the same" (fun () ->
              let circulating: FokkerPlanck.Diffusion =
                  { Drift = fun w -> [| -w[0] + 2.0 * w[1]; -w[1] - 2.0 * w[0] |]
                    Diffusion = fun _ -> array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ]
                    LogDensity = fun w -> -(w[0] * w[0] + w[1] * w[1]) / 2.0 }

              let at = FokkerPlanck.points 2 50 2 2.0
              Expect.isGreaterThan (FokkerPlanck.largestFlux circulating at) 1.0 "flux"
              Expect.isLessThan (FokkerPlanck.largestDivergence circulating at) 1e-9 "divergence"
              let tooWide = { circulating with LogDensity = fun w -> -(w[0] * w[0] + w[1] * w[1]) / 4.0 }
              Expect.isGreaterThan (FokkerPlanck.largestDivergence tooWide at) 0.1 "another law") ]

let private recursions =
    testList
        "Lyapunov"
        [ testCase "one dimension: q/(1 − a²), and SGD's εσ²/(λ(2 − ελ))" (fun () ->
              equal 1e-14 "scalar" (array2D [ [ 0.5 / (1.0 - 0.81) ] ]) (Lyapunov.stationary (array2D [ [ 0.9 ] ]) (array2D [ [ 0.5 ] ]))
              let step, curvature, noise = 0.1, 3.0, 0.7

              equal
                  1e-13
                  "SGD"
                  (array2D [ [ step * noise / (curvature * (2.0 - step * curvature)) ] ])
                  (Lyapunov.preconditioned (array2D [ [ step ] ]) (array2D [ [ curvature ] ]) (array2D [ [ noise ] ])))

          testCase "by Kronecker product and by doubling" (fun () ->
              let random = Random 3
              let a = Array2D.init 4 4 (fun _ _ -> 0.4 * (random.NextDouble() - 0.5))
              let b = Array2D.init 4 4 (fun _ _ -> random.NextDouble() - 0.5)
              let q = Array2D.init 4 4 (fun i j -> Seq.sum [ for k in 0..3 -> b[i, k] * b[j, k] ])
              equal 1e-12 "S" (Lyapunov.stationary a q) (Lyapunov.stationaryByDoubling a q))

          testCase "SGD with momentum in one dimension: q(1 + m)/(εh(1 − m)(2(1 + m) − εh))" (fun () ->
              for m in [ 0.0; 0.5; 0.9 ] do
                  let step, h, q = 0.2, 1.7, 0.3
                  let found = Lyapunov.momentum m step (array2D [ [ h ] ]) (array2D [ [ q ] ])
                  let e = step * h
                  close 1e-11 $"m = {m}" (q * (1.0 + m) / (e * (1.0 - m) * (2.0 * (1.0 + m) - e))) found[0, 0])

          testCase "random maps: the recursion of the moments, run to its end" (fun () ->
              let maps =
                  [ array2D [ [ 0.9; 0.1 ]; [ -0.2; 0.7 ] ], [| 0.1; -0.3 |]
                    array2D [ [ 0.5; 0.0 ]; [ 0.3; 0.8 ] ], [| -0.4; 0.2 |]
                    array2D [ [ 1.1; -0.2 ]; [ 0.0; 0.6 ] ], [| 0.3; 0.3 |] ]

              let apply (a: float[,]) (w: float[]) = Array.init 2 (fun i -> a[i, 0] * w[0] + a[i, 1] * w[1])
              let mean3 f = (maps |> List.map f |> List.sum) / 3.0
              let mutable m = [| 0.0; 0.0 |]
              let mutable s = Array2D.zeroCreate 2 2

              for _ in 1..2000 do
                  let old = m
                  let second = s

                  s <-
                      Array2D.init 2 2 (fun i j ->
                          mean3 (fun (a, b) ->
                              let am = apply a old

                              Seq.sum
                                  [ for k in 0..1 do
                                        for l in 0..1 -> a[i, k] * a[j, l] * second[k, l] ]
                              + am[i] * b[j]
                              + b[i] * am[j]
                              + b[i] * b[j]))

                  m <- Array.init 2 (fun i -> mean3 (fun (a, b) -> (apply a old)[i] + b[i]))

              let mean, covariance = Lyapunov.randomAffine maps
              Array.iter2 (fun e f -> close 1e-12 "mean" e f) m mean
              equal 1e-11 "covariance" (Array2D.init 2 2 (fun i j -> s[i, j] - m[i] * m[j])) covariance)

          testCase "without a stationary law there is none" (fun () ->
              refused "spectral radius" (fun () -> Lyapunov.stationary (array2D [ [ 1.0 ] ]) (array2D [ [ 1.0 ] ]))

              refused "spectral radius" (fun () ->
                  Lyapunov.randomAffine [ array2D [ [ 1.5 ] ], [| 0.0 |]; array2D [ [ 0.2 ] ], [| 0.0 |] ])) ]

let private integrals =
    testList
        "quadrature"
        [ testCase "the law of ln Γ(k): ln Γ(k), ψ(k) and ψ'(k)" (fun () ->
              let k = 3.0
              let found = Quadrature.moments 1e-12 (fun w -> k * w[0] - exp w[0]) [| -20.0, 6.0 |]
              close 1e-11 "ln Γ(3)" (log 2.0) found.LogNormaliser
              close 1e-11 "ψ(3)" (1.5 - 0.57721566490153286) found.Mean[0]
              close 1e-11 "ψ'(3)" (Math.PI * Math.PI / 6.0 - 1.25) found.Covariance[0, 0])

          testCase "a normal law in two dimensions" (fun () ->
              // precision [[2, −0.8], [−0.8, 1]]: covariance its inverse, determinant 1.36
              let log (w: float[]) =
                  let x, y = w[0] - 0.3, w[1] + 0.5
                  -(2.0 * x * x - 1.6 * x * y + y * y) / 2.0

              let found = Quadrature.moments 1e-10 log [| -8.0, 8.0; -11.0, 11.0 |]
              equal 1e-9 "covariance" (array2D [ [ 1.0 / 1.36; 0.8 / 1.36 ]; [ 0.8 / 1.36; 2.0 / 1.36 ] ]) found.Covariance
              close 1e-9 "mean" 0.3 found.Mean[0]
              close 1e-9 "normaliser" (Math.Log(2.0 * Math.PI) - 0.5 * Math.Log 1.36) found.LogNormaliser)

          testCase "a distribution function" (fun () ->
              for x, below in Quadrature.distribution 4000 (fun w -> -w * w / 2.0) (-9.0, 9.0) do
                  Expect.isLessThan (abs (below - Normal.CDF(0.0, 1.0, x))) 1e-6 $"at {x}")

          testCase "a box that cuts the density off, and a density too rough for the grid, are refused" (fun () ->
              refused "edge of the box" (fun () -> Quadrature.moments 1e-9 (fun w -> -w[0] * w[0] / 2.0) [| -3.0, 9.0 |])
              refused "points a side" (fun () -> Quadrature.moments 1e-12 (fun w -> -50.0 * abs w[0]) [| -20.0, 20.5 |])) ]

let private calibrations =
    testList
        "calibration"
        [ testCase "a conjugate normal model: its posterior passes, one twice as wide, or shifted, does not" (fun () ->
              let draws, simulations = 99, 2000

              let simulate widen shift seed =
                  let law = Normal(0.0, 1.0, Random seed)
                  let truth = law.Sample()
                  let y = truth + law.Sample()
                  // posterior of a unit prior and unit noise: mean y/2, variance 1/2
                  truth, Array.init draws (fun _ -> y / 2.0 + shift + widen * sqrt 0.5 * law.Sample())

              let p widen shift = Calibration.ranks simulations (simulate widen shift) |> Calibration.chiSquared 20 draws |> snd
              Expect.isGreaterThan (p 1.0 0.0) 1e-3 "right"
              Expect.isLessThan (p 1.4 0.0) 1e-6 "too wide"
              Expect.isLessThan (p 1.0 0.2) 1e-6 "shifted")

          testCase "χ² by hand, bins of unequal numbers of ranks, and refusals" (fun () ->
              // ranks 0 … 4 in 2 bins: 3 and 2 values; of 20 ranks 12 and 8 are expected
              let ranks = [| yield! Array.replicate 14 1; yield! Array.replicate 6 4 |]
              let statistic, p = Calibration.chiSquared 2 4 ranks
              close 1e-12 "χ²" (4.0 / 12.0 + 4.0 / 8.0) statistic
              close 1e-6 "p of 1 degree" 0.3613104 p
              refused "at least 100 ranks" (fun () -> Calibration.chiSquared 20 99 ranks)
              refused "one is 5" (fun () -> Calibration.chiSquared 2 4 (Array.replicate 20 5))) ]

let tests = testList "oracles" [ fluxes; recursions; integrals; calibrations ]
