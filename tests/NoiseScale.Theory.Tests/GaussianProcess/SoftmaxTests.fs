/// Tempered softmax likelihoods, why no prior does the same, and models of labels.
module NoiseScale.Theory.Tests.SoftmaxTests

open System
open Expecto
open FsCheck.FSharp
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Processes
open NoiseScale.Theory.Tests.Property

let private logits =
    gen {
        let! classes = Gen.choose (2, 6)
        let! seed = Gen.choose (0, 100000)
        let! width = Gen.elements [ 0.1; 1.0; 10.0; 100.0 ]
        let! temperature = Gen.elements [ 0.05; 0.3; 0.5; 1.0; 1.7; 20.0 ]
        return normal seed [ 4; classes ] * width, temperature
    }
    |> Arb.fromGen

let private at t = LikelihoodTemperature t

let private identity =
    testList
        "softmax_y(f)^(1/T) = softmax_y(f/T) Z_T(f)"
        [ property 100 "for every class; Z is Σ softmax^(1/T)" logits (fun (f, t) ->
              let p = f.softmax 1
              let z = ((p.log () / t).exp()).sum 1
              let logZ = SoftmaxTempering.logZ (at t) f
              // where a probability underflows its power is 0: the sum holds those that do not
              Expect.isLessThan (float ((z.log () - logZ).abs().max())) 1e-10 "Z"
              let left = SoftmaxTempering.logLikelihoods (at t) f
              let right = (f / t).logsoftmax 1 + logZ.unsqueeze 1
              Expect.isLessThan (float ((left - right).abs().max())) (1e-11 * (1.0 + float (left.abs().max()))) "the identity")

          property 100 "Z is 1 at T = 1, between C^(1−1/T) and 1 elsewhere, and 1 where a class is certain" logits (fun (f, t) ->
              let logZ = SoftmaxTempering.logZ (at t) f
              let even = (1.0 - 1.0 / t) * log (float f.shape[1])
              Expect.isTrue ((logZ.le (max 0.0 even + 1e-10)).all()) "at most"
              Expect.isTrue ((logZ.ge (min 0.0 even - 1e-10)).all()) "at least"

              same
                  1e-10
                  "certain"
                  (dsharp.zeros ([], dtype = Dtype.Float64) + 1.0)
                  (SoftmaxTempering.logZ (at t) (vector [ 0.0; -5000.0 ]) + 1.0))

          testCase "even logits: C^(1 − 1/T)" (fun () ->
              for classes in [ 2; 5 ] do
                  for t in [ 0.25; 4.0 ] do
                      close
                          1e-12
                          "ln Z"
                          ((1.0 - 1.0 / t) * log (float classes))
                          (float (SoftmaxTempering.logZ (at t) (dsharp.ones (classes, dtype = Dtype.Float64) * 3.0)))) ]

/// Two points whose functions are correlated, and the difference of the logits at each, of variance 2.
let private kernel = Kernel.RadialBasis(1.0, [ 1.0 ])
let private here, there = matrix (array2D [ [ 0.0 ] ]), matrix (array2D [ [ 0.7 ] ])

let private noPrior =
    // Σ over a grid of δ′ of the "prior" p(δ, δ′) Z(δ) Z(δ′), over p(δ) Z(δ): what leaving out x′ makes of the density at δ
    let marginalOverOwn t delta =
        let z d = let p = 1.0 / (1.0 + exp -d) in p ** (1.0 / t) + (1.0 - p) ** (1.0 / t)
        let rho = exp (-0.5 * 0.49)
        let own d = exp (-d * d / 4.0)

        let joint d e =
            let determinant = 4.0 * (1.0 - rho * rho)
            exp (-0.5 * (2.0 * d * d - 4.0 * rho * d * e + 2.0 * e * e) / determinant) / sqrt (2.0 * Math.PI * determinant / 2.0)

        let step = 0.01

        let marginal =
            step * Seq.sum (seq { for i in -2000 .. 2000 -> let e = float i * step in joint delta e * z delta * z e })

        marginal / (own delta * z delta)

    testList
        "no prior does this"
        [ testCase "an implied prior with Z at the training inputs: one more input changes the marginal at the others" (fun () ->
              for t in [ 0.25; 0.5; 3.0 ] do
                  let factor delta = SoftmaxTempering.marginalLogFactor (at t) kernel here there delta

                  for delta in [ 0.0; 1.0; -2.5 ] do
                      close 1e-8 "the integral over the grid" (marginalOverOwn t delta) (exp (factor delta))

                  Expect.isGreaterThan (abs (factor 4.0 - factor 0.0)) 0.1 "it depends on the logits at x: no process has such marginals"
                  close 1e-9 "symmetric" (factor 2.0) (factor -2.0)
                  Expect.isTrue ((factor 4.0 > factor 0.0) = (t < 1.0)) "cold ones favour sure functions")

          testCase "where it would be one: T = 1, and inputs that know nothing of each other" (fun () ->
              for delta in [ 0.0; 1.0; 7.0 ] do
                  Expect.isLessThan (abs (SoftmaxTempering.marginalLogFactor (at 1.0) kernel here there delta)) 1e-12 "Z = 1"

              let apart delta = SoftmaxTempering.marginalLogFactor (at 0.3) (Kernel.White 1.0) here there delta
              close 1e-12 "the same for every f" (apart 0.0) (apart 5.0)
              // regression has no such factor: N^(1/T) integrates to a number without f
              refuses [ "temperature" ] (fun () -> SoftmaxTempering.marginalLogFactor (at 0.0) kernel here there 0.0)) ]

let private models classes =
    [ LabelModel.Softmax
      LabelModel.Flipped 0.2
      LabelModel.Flipped 0.0
      LabelModel.Agreement 1
      LabelModel.Agreement 3
      LabelModel.GivenAgreement 4 ]
    |> List.map (fun model -> model, classes)

let private labelModels =
    testList
        "models of labels"
        [ property 60 "probabilities of all labels add up to 1, in as many labels as it says" logits (fun (f, _) ->
              for model, classes in models f.shape[1] do
                  let p = (LabelModel.logLikelihoods model f).exp()
                  Expect.equal p.shape[1] (LabelModel.labels classes model) "labels"
                  same 1e-12 $"{model}" (dsharp.ones (4, dtype = Dtype.Float64)) (p.sum 1))

          property
              60
              "S labellers who agreed are a likelihood tempered at T = 1/S; given that they agree it is softmax(S f)"
              logits
              (fun (f, _) ->
                  for s in [ 1; 2; 5 ] do
                      let classes = f.shape[1]
                      let agreement = LabelModel.logLikelihoods (LabelModel.Agreement s) f
                      let agreed = agreement[*, .. classes - 1]
                      let tempered = SoftmaxTempering.logLikelihoods (at (1.0 / float s)) f
                      same 1e-13 "p^S" tempered agreed
                      let given = LabelModel.logLikelihoods (LabelModel.GivenAgreement s) f
                      // Bayes: divide by the probability that they agree, which is Z at T = 1/S
                      let expected = agreed - (agreed.logsumexp 1).unsqueeze 1
                      Expect.isLessThan (float ((expected - given).abs().max())) (1e-12 * (1.0 + float (given.abs().max()))) "p^S/Σp^S"
                      same 1e-10 "Σp^S" (SoftmaxTempering.logZ (at (1.0 / float s)) f + 1.0) (agreed.logsumexp 1 + 1.0))

          testCase "flipped labels: (1 − ρ) p + ρ (1 − p)/(C − 1)" (fun () ->
              let f = normal 1 [ 5; 4 ]
              let p = f.softmax 1
              let found = (LabelModel.logLikelihoods (LabelModel.Flipped 0.3) f).exp()
              same 1e-13 "two ways to a label" (p * 0.7 + (1.0 - p) * (0.3 / 3.0)) found)

          testCase "a noisy Dirichlet: log-normal variables with the mean and the variance of gamma ones, α and α" (fun () ->
              let f = normal 2 [ 5; 3 ] * 3.0

              for a in [ 1e-6; 0.01; 0.5 ] do
                  let found = LabelModel.logLikelihoods (LabelModel.NoisyDirichlet a) f

                  for label in 0..2 do
                      let expected =
                          [ for c in 0..2 do
                                let alpha = a + (if c = label then 1.0 else 0.0)
                                let variance = log (1.0 / alpha + 1.0)
                                let mean = log alpha - variance / 2.0
                                close 1e-12 "mean" alpha (exp (mean + variance / 2.0))
                                close 1e-9 "variance" alpha ((exp variance - 1.0) * alpha * alpha)
                                let z = (f[*, c] - mean) / sqrt variance
                                z * z * -0.5 - 0.5 * log (2.0 * Math.PI * variance) ]
                          |> List.reduce (+)

                      same 1e-12 $"label {label}" expected found[*, label])

          testCase "certain logits: finite logarithms and derivatives, in every model" (fun () ->
              for f in [ vector [ 300.0; -300.0 ]; vector [ 1e-9; 0.0 ]; vector [ 40.0; 0.0 ]; vector [ 0.0; 1e4 ] ] do
                  for model, _ in models 2 do
                      let value, slope = dsharp.fgrad (fun f -> (LabelModel.logLikelihoods model f).clamp(low = -1e6).sum()) f
                      Expect.isFalse (value.hasnan () || value.hasinf ()) $"{model} at {f}"
                      Expect.isFalse (slope.hasnan () || slope.hasinf ()) $"{model} at {f}, derivative")

          testCase "the derivative of disagreement, on both sides of one half" (fun () ->
              for difference in [ 0.05; 0.8; 1.7; 4.0 ] do
                  let f (d: Tensor) = (LabelModel.logLikelihoods (LabelModel.Agreement 3) (dsharp.stack [ d; d * 0.0 ]))[2]
                  let at d = let p = 1.0 / (1.0 + exp -d) in log (1.0 - p ** 3.0 - (1.0 - p) ** 3.0)
                  let value, slope = dsharp.fgrad f (dsharp.tensor (difference, dtype = Dtype.Float64))
                  close 1e-12 "value" (at difference) (float value)
                  Expect.isLessThan (abs ((at (difference + 1e-5) - at (difference - 1e-5)) / 2e-5 - float slope)) 1e-7 "slope")

          testCase "draws have the probabilities" (fun () ->
              let count = 40000
              let f = (vector [ 0.5; -0.3; 0.9 ]).unsqueeze(0).expand [ count; 3 ]

              for model, _ in models 3 do
                  let p = floats ((LabelModel.logLikelihoods model f[..0]).exp())
                  let drawn = (LabelModel.draw (generator 5) model f).toArray1D<int64>()

                  p
                  |> Array.iteri (fun label p ->
                      let seen = drawn |> Array.filter ((=) (int64 label)) |> _.Length |> float
                      // 22 comparisons at 4.9 deviations: a false alarm in 5e4 seeds
                      Expect.isLessThanOrEqual
                          (abs (seen - p * float count))
                          (4.9 * sqrt (float count * p * (1.0 - p)) + 1e-9)
                          $"{model}, {label}"))

          testCase "refusals" (fun () ->
              let check model y = fun () -> LabelModel.checkLabels 3 4 model (integers y)
              refuses [ "example 2"; "label 3"; "0 to 2" ] (check LabelModel.Softmax [ 0; 2; 3; 1 ])
              refuses [ "example 0"; "label -1" ] (check LabelModel.Softmax [ -1; 2; 3; 1 ])
              refuses [ "label 4"; "0 to 3" ] (check (LabelModel.Agreement 2) [ 0; 3; 4; 1 ])
              refuses [ "4 inputs"; "[3]" ] (check LabelModel.Softmax [ 0; 1; 2 ])
              refuses [ "integers"; "Float64" ] (fun () -> LabelModel.checkLabels 3 4 LabelModel.Softmax (vector [ 0.0; 1.0; 2.0; 1.0 ]))
              refuses [ "two classes"; "1" ] (fun () -> LabelModel.check 1 LabelModel.Softmax)
              refuses [ "rate"; "1.5" ] (fun () -> LabelModel.check 3 (LabelModel.Flipped 1.5))
              refuses [ "labeller"; "0" ] (fun () -> LabelModel.check 3 (LabelModel.Agreement 0))
              refuses [ "concentration"; "0" ] (fun () -> LabelModel.check 3 (LabelModel.NoisyDirichlet 0.0))
              refuses [ "[n, C]" ] (fun () -> LabelModel.draw (generator 1) LabelModel.Softmax (vector [ 1.0; 2.0 ]))
              refuses [ "two classes" ] (fun () -> SoftmaxTempering.logZ (at 1.0) (vector [ 1.0 ]))
              refuses [ "temperature" ] (fun () -> SoftmaxTempering.logLikelihoods (at -1.0) (vector [ 1.0; 2.0 ]))) ]

let tests = testList "softmax" [ identity; noPrior; labelModels ]
