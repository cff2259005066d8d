/// The spectrum of the gradients' covariance, the noise in the Hessian's form, tails, and the approach to a normal law.
module NoiseScale.Theory.Tests.SpectrumTests

open System
open Expecto
open DiffSharp
open MathNet.Numerics.Distributions
open NoiseScale.Theory
open NoiseScale.Theory.GradientNoise
open NoiseScale.Theory.Tests.Property
open NoiseScale.Theory.Tests.FiniteSampleTests

let private ok result =
    match result with
    | Ok value -> value
    | Error(e: NoiseError) -> failtest $"{e}"

let private matrix (rows: float[] seq) = dsharp.tensor (array2D rows, dtype = Dtype.Float64)

/// The eigenvalues of Σ itself, [p, p], largest first.
let private dense (gradients: Tensor) =
    let centred = gradients - gradients.mean (0, keepDim = true)
    let values, _ = ((centred.transpose ()).matmul centred / float (gradients.shape[0] - 1)).eigh()
    values.toArray1D<float>() |> Array.rev

let private network = Layer.dense 6 5 @ [ Layer.tanh ] @ Layer.dense 5 3

let private examples n =
    let generator = Generator 12
    let x = dsharp.randn ([ n; 6 ], dtype = Dtype.Float64, generator = generator)
    let y = dsharp.randint (0, 3, [ n ], dtype = Dtype.Int64, generator = generator)
    let w = Network.initialise network generator
    PerExample.ofNetwork (Likelihood.Categorical 3) network x y, w

/// Numbers of a symmetric α-stable law (Chambers, Mallows and Stuck 1976).
let private stable (random: Random) alpha count =
    Array.init count (fun _ ->
        let angle = Math.PI * (random.NextDouble() - 0.5)
        let wait = -log(1.0 - random.NextDouble())

        sin (alpha * angle) / (cos angle ** (1.0 / alpha)) * (cos (angle - alpha * angle) / wait) ** ((1.0 - alpha) / alpha))

let private pareto (random: Random) alpha count = Array.init count (fun _ -> (1.0 - random.NextDouble()) ** (-1.0 / alpha))

let private percent f all = 100.0 * float (Array.filter f all |> Array.length) / float (Array.length all)

let private refused what (body: unit -> unit) = Expect.throwsT<ArgumentException> body what

let private covariance =
    testList
        "covariance spectrum"
        [ testCase "all eigenvalues and the largest few, against the dense matrix; their sum is tr Σ" (fun () ->
              for n, p in [ 2, 3; 8, 5; 6, 20; 40, 12 ] do
                  let generator = Generator 1
                  let scales = dsharp.tensor ([| for j in 1..p -> 1.0 / float j |], dtype = Dtype.Float64)
                  let gradients = (dsharp.randn ([ n; p ], dtype = Dtype.Float64, generator = generator)) * scales + 3.0
                  let expected = Array.append (dense gradients) (Array.zeroCreate n)

                  for count in [ 1; min 3 n; n ] do
                      let found = CovarianceSpectrum.ofGradients count 4L gradients |> ok
                      Expect.equal found.Eigenvalues.Length count "as many as asked for"

                      Array.iteri
                          (fun i value ->
                              Expect.isLessThan (abs (value - expected[i])) (1e-9 * expected[0]) $"eigenvalue {i} of {n} × {p}")
                          found.Eigenvalues

                      close 1e-10 "tr Σ" (Array.sum expected) found.Total

                      if count = n then
                          close 1e-9 "all of tr Σ" 1.0 found.Share)

          testCase "equal eigenvalues are found as often as they are there" (fun () ->
              // gradients ±e_j·s: Σ has the eigenvalue 2s²/(N − 1) for every direction
              let rows =
                  [| for j in 0..4 do
                         for sign in [ 1.0; -1.0 ] -> Array.init 5 (fun i -> if i = j then sign * 2.0 else 0.0) |]

              let found = CovarianceSpectrum.ofGradients 7 2L (matrix rows) |> ok

              for i in 0..6 do
                  Expect.isLessThan (abs (found.Eigenvalues[i] - (if i < 5 then 8.0 / 9.0 else 0.0))) 1e-12 $"eigenvalue {i}")

          testCase "without the gradients in memory: the same, from backward passes and products" (fun () ->
              let examples, w = examples 30
              let direct = CovarianceSpectrum.ofGradients 5 3L (PerExample.gradients 30 examples w) |> ok

              for problem in [ examples; PerExample.byLoop examples ] do
                  let found = CovarianceSpectrum.ofExamples 5 3L 8 problem w |> ok
                  Array.iter2 (close 1e-6 "eigenvalue") direct.Eigenvalues found.Eigenvalues
                  close 1e-9 "tr Σ" direct.Total found.Total
                  Expect.isLessThan (Array.max found.Errors) (1e-6 * found.Eigenvalues[0]) "error bounds")

          testCase "no spread, too few, not finite, too many asked for" (fun () ->
              let equal = CovarianceSpectrum.ofGradients 2 1L (dsharp.ones ([ 4; 3 ], dtype = Dtype.Float64)) |> ok
              Expect.equal (equal.Eigenvalues, equal.Total) ([| 0.0; 0.0 |], 0.0) "all gradients equal"
              Expect.equal (CovarianceSpectrum.ofGradients 1 1L (dsharp.ones ([ 1; 3 ]))) (Error(NoiseError.TooFew 1)) "one"
              Expect.isError (CovarianceSpectrum.ofGradients 1 1L (dsharp.ones ([ 2; 3 ]) * nan)) "NaN"
              refused "5 of 4" (fun () -> CovarianceSpectrum.ofGradients 5 1L (dsharp.ones ([ 4; 3 ])) |> ignore)
              refused "none" (fun () -> CovarianceSpectrum.ofGradients 0 1L (dsharp.ones ([ 4; 3 ])) |> ignore))

          testCase "in the Hessian's form: tr(HΣ) and GᵀHG of a network, against the dense Hessian" (fun () ->
              let examples, w = examples 12
              let gradients = PerExample.gradients 12 examples w
              let loss = Problem.meanLoss examples.AsProblem
              let flat = Parameters.flatten w
              let h = dsharp.hessian (fun v -> loss (Parameters.unflatten w v)) flat
              let mean = gradients.mean 0
              let centred = gradients - mean
              let sigma = (centred.transpose ()).matmul centred / 11.0

              let found =
                  NoiseMeasurement.ofMicroBatches (QuadraticForm.hessian loss w) (Some 12L) (Array.create 12 1L) gradients |> ok

              close 1e-9 "tr(HΣ)" (float ((h * sigma).sum())) found.Noise
              close 1e-9 "GᵀHG" (float ((mean * h.matmul mean).sum())) found.Signal) ]

let private tails =
    testList
        "tail index"
        [ testCase "Hill's and the stable index on numbers one can check by hand" (fun () ->
              // logarithms over the fourth largest: 3, 2 and 1 times ln 2
              let found = TailIndex.hill 0.95 3 [| -8.0; 2.0; 1.0; 0.5; 4.0 |]
              close 1e-12 "α" (3.0 / (6.0 * log 2.0)) found.Index
              // χ² at 6 degrees of freedom: 2.5 % at 1.237, 97.5 % at 14.449
              close 1e-3 "low" (found.Index * 1.2373 / 6.0) found.Low
              close 1e-3 "high" (found.Index * 14.4494 / 6.0) found.High
              // four blocks of two equal numbers: sums twice as large, so ln 2/ln 2
              let found = TailIndex.stable 0.95 2 [| 1.0; 1.0; 3.0; 3.0; -2.0; -2.0; 0.5; 0.5 |]
              close 1e-12 "1/α = 1" 1.0 found.Index)

          testCase "Hill's interval holds α of Pareto tails in 95 % of samples" (fun () ->
              let random = Random 5

              for alpha in [ 0.8; 1.5; 3.0 ] do
                  let all = Array.init 1500 (fun _ -> TailIndex.hill 0.95 40 (pareto random alpha 200))
                  let covered = all |> percent (fun e -> e.Low <= alpha && alpha <= e.High)
                  Expect.isTrue (93.0 <= covered && covered <= 97.0) $"α = {alpha}: {covered} %%")

          testCase "Hill's index of Student's law with its k chosen: the degrees of freedom" (fun () ->
              let random = Random 6

              for degrees in [ 1.0; 2.0; 3.0 ] do
                  let sample = Array.init 20000 (fun _ -> StudentT.Sample(random, 0.0, 1.0, degrees))
                  let k = TailIndex.chooseTail sample
                  let found = TailIndex.hill 0.95 k sample
                  Expect.isTrue (k >= 10 && k <= 10000) "k"
                  Expect.isLessThan (abs (found.Index / degrees - 1.0)) 0.2 $"{degrees}: {found}"

              // and a normal law has no power tail: the index grows into the tail
              let normal = Array.init 20000 (fun _ -> Normal.Sample(random, 0.0, 1.0))
              Expect.isGreaterThan (TailIndex.hill 0.95 50 normal).Index 5.0 "normal")

          testCase "a Pareto tail on a body of another law: the chosen k stays in the tail" (fun () ->
              let random = Random 7
              let tail = pareto random 1.5 500
              let body = Array.init 4500 (fun _ -> random.NextDouble())
              let sample = Array.append tail body
              let k = TailIndex.chooseTail sample
              Expect.isTrue (k > 100 && k < 700) $"k = {k}"
              let found = TailIndex.hill 0.95 k sample
              Expect.isLessThan (abs (found.Index / 1.5 - 1.0)) 0.2 $"{found}")

          testCase "the stable index: interval and value, for stable laws from 0.8 to the normal" (fun () ->
              let random = Random 8

              for alpha in [ 0.8; 1.0; 1.3; 1.7; 2.0 ] do
                  let sample count =
                      if alpha = 2.0 then
                          Array.init count (fun _ -> Normal.Sample(random, 0.0, 1.0))
                      else
                          stable random alpha count

                  let all = Array.init 2500 (fun _ -> TailIndex.stable 0.95 20 (sample 1200))
                  let covered = all |> percent (fun e -> e.Low <= alpha && alpha <= e.High)
                  Expect.isTrue (93.0 <= covered && covered <= 97.0) $"α = {alpha}: {covered} %%"
                  let one = TailIndex.stable 0.95 100 (sample 100000)
                  Expect.isLessThan (abs (one.Index / alpha - 1.0)) 0.08 $"α = {alpha}: {one}"
                  Expect.equal one.Used 1000 "blocks")

          testCase "laws of finite variance have stable index 2, whatever their tails" (fun () ->
              let random = Random 9
              let uniform = Array.init 200000 (fun _ -> random.NextDouble() - 0.5)
              let student = Array.init 200000 (fun _ -> StudentT.Sample(random, 0.0, 1.0, 5.0))

              for name, sample in [ "uniform", uniform; "Student", student ] do
                  let found = TailIndex.stable 0.95 200 sample
                  Expect.isLessThan (abs (found.Index - 2.0)) 0.2 $"{name}: {found}"

              let heavy = Array.init 200000 (fun _ -> StudentT.Sample(random, 0.0, 1.0, 1.2))
              Expect.isLessThan (TailIndex.stable 0.95 200 heavy).Index 1.4 "infinite variance")

          testCase "bad input is named" (fun () ->
              let good = [| 1.0 .. 100.0 |]
              refused "k" (fun () -> TailIndex.hill 0.95 100 good |> ignore)
              refused "k = 1" (fun () -> TailIndex.hill 0.95 1 good |> ignore)
              refused "level" (fun () -> TailIndex.hill 1.0 10 good |> ignore)
              refused "NaN" (fun () -> TailIndex.hill 0.95 10 [| yield! good; nan |] |> ignore)
              refused "equal" (fun () -> TailIndex.hill 0.95 10 (Array.create 50 2.0) |> ignore)
              refused "zeros" (fun () -> TailIndex.hill 0.95 10 (Array.zeroCreate 50) |> ignore)
              refused "few" (fun () -> TailIndex.chooseTail good[0..20] |> ignore)
              refused "zeros" (fun () -> TailIndex.chooseTail (Array.zeroCreate 50) |> ignore)
              refused "zero" (fun () -> TailIndex.stable 0.95 5 (Array.append [| 0.0 |] good) |> ignore)
              refused "blocks" (fun () -> TailIndex.stable 0.95 30 good |> ignore)
              refused "block size" (fun () -> TailIndex.stable 0.95 1 good |> ignore)
              refused "∞" (fun () -> TailIndex.stable 0.95 5 [| yield! good; infinity |] |> ignore)) ]

let private normality =
    testList
        "gaussianity"
        [ testCase "moments and distances, by their definitions" (fun () ->
              let sample = [| 0.1; -2.0; 3.5; 0.7; 0.7; 9.0; -0.4; 1.2; 2.2 |]
              let found = Gaussianity.ofSample sample |> ok
              let mean = Array.average sample
              let m k = sample |> Array.averageBy (fun x -> (x - mean) ** float k)
              close 1e-12 "mean" mean found.Mean
              close 1e-12 "deviation" (sqrt (m 2)) found.StandardDeviation
              close 1e-12 "skewness" (m 3 / m 2 ** 1.5) found.Skewness
              close 1e-12 "kurtosis" (m 4 / m 2 ** 2.0 - 3.0) found.ExcessKurtosis
              // the two distances by numbers: sup over a fine grid, and ∫(F_n − F)²/(F(1 − F)) dF
              let s = sqrt (m 2 * 9.0 / 8.0)
              let f x = Normal.CDF(mean, s, x)
              let step x = float (sample |> Array.filter (fun y -> y <= x) |> Array.length) / 9.0
              let grid = [| for i in -200000 .. 200000 -> mean + s * float i * 4e-5 |]
              let ks = grid |> Array.map (fun x -> abs (step x - f x)) |> Array.max
              close 1e-3 "Kolmogorov–Smirnov" ks found.KolmogorovSmirnov
              let width = 4e-5 * s

              let a =
                  grid |> Array.sumBy (fun x -> (step x - f x) ** 2.0 / (f x * (1.0 - f x)) * Normal.PDF(mean, s, x) * width)

              close 1e-3 "Anderson–Darling" (9.0 * a) found.AndersonDarling)

          testCase "the p-value is uniform for normal numbers, and small for others" (fun () ->
              let random = Random 3

              for n in [ 10; 100 ] do
                  let all =
                      Array.init 3000 (fun _ ->
                          (Gaussianity.ofSample (Array.init n (fun _ -> Normal.Sample(random, 5.0, 2.0))) |> ok).PValue)

                  for level in [ 0.01; 0.05; 0.2; 0.5 ] do
                      let found = percent (fun p -> p < level) all / 100.0
                      let error = sqrt (level * (1.0 - level) / 3000.0)
                      Expect.isLessThan (abs (found - level)) (4.0 * error + 0.05 * level) $"n = {n}: {found} below {level}"

              let exponential = Array.init 200 (fun _ -> Exponential.Sample(random, 1.0))
              Expect.isLessThan (Gaussianity.ofSample exponential |> ok).PValue 1e-6 "exponential"
              let far = Array.append (Array.init 500 float) [| 1e9 |]
              Expect.equal (Gaussianity.ofSample far |> ok).PValue 0.0 "one far out")

          testCase "over all minibatches: skewness ∝ 1/√B and excess kurtosis ∝ 1/B, exactly" (fun () ->
              let gradients = [| 1.0; -0.5; 4.0; 0.2; -1.0 |]

              let moments (values: float list) =
                  let mean = List.average values
                  let m k = values |> List.averageBy (fun x -> (x - mean) ** k)
                  m 3.0 / m 2.0 ** 1.5, m 4.0 / m 2.0 ** 2.0 - 3.0

              let skewness, kurtosis = moments (List.ofArray gradients)

              for size in 1..5 do
                  let means = sequences 5 size |> List.map (fun batch -> batch |> List.averageBy (fun i -> gradients[i]))
                  let s, k = moments means
                  close 1e-10 $"skewness, B = {size}" s (Gaussianity.skewnessOfMean size skewness)
                  close 1e-10 $"kurtosis, B = {size}" k (Gaussianity.excessKurtosisOfMean size kurtosis))

          testCase "drawn minibatches: mean, variance and the laws within their error; B = N without replacement is the mean" (fun () ->
              let random = Random 4
              let gradients = Array.init 50 (fun _ -> Exponential.Sample(random, 1.0))
              let single = Gaussianity.ofSample gradients |> ok

              for draw in [ BatchDraw.WithReplacement; BatchDraw.WithoutReplacement ] do
                  let found = Gaussianity.minibatchGradients draw 7 10 20000 gradients |> Gaussianity.ofSample |> ok
                  let factor = FiniteSample.covarianceFactor draw 50L 10L
                  close 0.03 "variance" (factor * single.StandardDeviation ** 2.0) (found.StandardDeviation ** 2.0)
                  Expect.isLessThan (abs (found.Mean - single.Mean)) (4.0 * found.StandardDeviation / sqrt 20000.0) "mean"

              let found =
                  Gaussianity.minibatchGradients BatchDraw.WithReplacement 8 10 20000 gradients |> Gaussianity.ofSample |> ok

              Expect.isLessThan (abs (found.Skewness - Gaussianity.skewnessOfMean 10 single.Skewness)) 0.08 "skewness"
              Expect.isLessThan (abs (found.ExcessKurtosis - Gaussianity.excessKurtosisOfMean 10 single.ExcessKurtosis)) 0.2 "kurtosis"

              for mean in Gaussianity.minibatchGradients BatchDraw.WithoutReplacement 9 50 5 gradients do
                  close 1e-12 "full batch" (Array.average gradients) mean

              Expect.equal
                  (Gaussianity.minibatchGradients BatchDraw.WithoutReplacement 9 3 5 gradients)
                  (Gaussianity.minibatchGradients BatchDraw.WithoutReplacement 9 3 5 gradients)
                  "a seed")

          testCase "P2 Fig 9: a softmax weight's gradient at initialisation is nearer to normal over minibatches of 30" (fun () ->
              let examples, w = examples 400
              let all = PerExample.gradients 100 examples w
              let gradients = all[0.., 0].toArray1D<float>()

              let at size =
                  Gaussianity.minibatchGradients BatchDraw.WithoutReplacement 1 size 2000 gradients |> Gaussianity.ofSample |> ok

              let one, thirty = at 1, at 30
              Expect.isLessThan thirty.KolmogorovSmirnov (one.KolmogorovSmirnov / 2.0) "distance"
              Expect.isLessThan (abs thirty.ExcessKurtosis) (abs one.ExcessKurtosis / 5.0) "kurtosis"
              Expect.isLessThan one.PValue 1e-6 "single examples are not normal")

          testCase "bad input is named" (fun () ->
              Expect.equal (Gaussianity.ofSample [| 1.0; 2.0 |]) (Error(NoiseError.TooFew 2)) "two numbers"
              Expect.isError (Gaussianity.ofSample [| yield! [ 1.0 .. 9.0 ]; nan |]) "NaN"
              refused "equal" (fun () -> Gaussianity.ofSample (Array.create 9 0.1) |> ignore)
              refused "B" (fun () -> Gaussianity.minibatchGradients BatchDraw.WithoutReplacement 1 4 1 [| 1.0 .. 3.0 |] |> ignore)
              refused "none" (fun () -> Gaussianity.minibatchGradients BatchDraw.WithReplacement 1 4 0 [| 1.0 .. 3.0 |] |> ignore)) ]

let tests = testList "noise" [ covariance; tails; normality ]
