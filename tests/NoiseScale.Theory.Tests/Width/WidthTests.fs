/// The same training in other coordinates, exponents of outputs, and how sure a fitted exponent is.
module NoiseScale.Theory.Tests.Width.WidthTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Width
open NoiseScale.Theory.Tests.Property

let private vector (values: float list) = dsharp.tensor (values, dtype = Dtype.Float64, device = Device.CPU)

// ---- w = σθ, ε ↔ ε/σ² ------------------------------------------------------------------------------------------------------------

/// A loss with curvature, coupling and a third derivative.
let private loss: Loss =
    fun w -> (w[0] ** 4).sum() / 4.0 + (w[0] * w[1].sum()).sum() + (w[1] * w[1]).sum() * 0.5

let private problems =
    let number = Gen.choose (-150, 150) |> Gen.map (fun n -> float n / 100.0)

    gen {
        let! first = Gen.listOfLength 3 number
        let! second = Gen.listOfLength 2 number
        let! sizes = Gen.listOfLength 2 (Gen.elements [ 0.25; 0.5; 0.8; 1.0; 1.7; 3.0 ])
        let! signs = Gen.listOfLength 2 (Gen.elements [ 1.0; -1.0 ])
        return [| vector first; vector second |], List.map2 (*) sizes signs |> List.toArray
    }
    |> Arb.fromGen

/// v ← mv + g, w ← w − εv, a rate for each tensor.
let private heavyBall m (rates: float[]) (loss: Loss) (w: Tensor[]) steps =
    let mutable w, v = w, Parameters.zerosLike w

    for _ in 1..steps do
        v <- Parameters.addScaled m (dsharp.grads loss w) v
        w <- Array.map3 (fun rate (w: Tensor) (v: Tensor) -> w - v * rate) rates w v

    w

let private largest (a: Tensor[]) (b: Tensor[]) = Array.map2 (fun (a: Tensor) (b: Tensor) -> float ((a - b).abs().max())) a b |> Array.max

let private sameTraining name m =
    property 40 name problems (fun (w, factors) ->
        let epsilon = 0.01
        let rates = Reparametrisation.learningRates RateFamily.Sgd factors epsilon
        let theta = Reparametrisation.coordinates factors w
        let inWeights = heavyBall m rates loss w 12
        let inTheta = heavyBall m [| epsilon; epsilon |] (Reparametrisation.loss factors loss) theta 12
        // twelve contracting or gently growing steps in double precision
        Expect.isLessThan (largest inWeights (Reparametrisation.weights factors inTheta)) 1e-10 "the same weights")

/// Adam without ε_Adam, from g and the averages' corrected roots: two steps.
let private adam (rates: float[]) (loss: Loss) (w: Tensor[]) =
    let beta1, beta2 = 0.9, 0.999
    let mutable w, first, second = w, Parameters.zerosLike w, Parameters.zerosLike w

    for t in 1..3 do
        let g = dsharp.grads loss w
        first <- Array.map2 (fun (m: Tensor) (g: Tensor) -> m * beta1 + g * (1.0 - beta1)) first g
        second <- Array.map2 (fun (v: Tensor) (g: Tensor) -> v * beta2 + g * g * (1.0 - beta2)) second g
        let c1, c2 = 1.0 - beta1 ** float t, 1.0 - beta2 ** float t

        w <-
            Array.map3
                (fun rate (w: Tensor) (m: Tensor, v: Tensor) -> w - (m / c1) / (v / c2).sqrt() * rate)
                rates
                w
                (Array.zip first second)

    w

let private reparametrisation =
    testList
        "reparametrisation"
        [ sameTraining "SGD at ε on θ is SGD at σ²ε on W" 0.0
          sameTraining "and so with momentum" 0.9
          testCase "Adam at ε on θ is Adam at |σ|ε on W, where ε_Adam is 0" (fun () ->
              let w, factors = [| vector [ 0.7; -0.4; 1.1 ]; vector [ 0.3; -0.9 ] |], [| 0.5; -3.0 |]
              let rates = Reparametrisation.learningRates RateFamily.Adam factors 0.01
              let theta = Reparametrisation.coordinates factors w
              let inTheta = adam [| 0.01; 0.01 |] (Reparametrisation.loss factors loss) theta
              Expect.isLessThan (largest (adam rates loss w) (Reparametrisation.weights factors inTheta)) 1e-12 "the same weights")
          testCase "factors that are none are refused by name" (fun () ->
              let w = [| vector [ 1.0 ]; vector [ 2.0 ] |]

              for factors, words in
                  [ [| 1.0 |], "one factor for each"; [| 1.0; 0.0 |], "factor 1 is 0"; [| nan; 1.0 |], "factor 0 is NaN" ] do
                  Expect.throwsC (fun () -> Reparametrisation.weights factors w |> ignore) (fun e ->
                      Expect.stringContains e.Message words "the message")) ]

// ---- exponents of outputs ----------------------------------------------------------------------------------------------------------

let private coordinates =
    testList
        "coordinates"
        [ testCase "under the maximal update no change depends on the width, of SGD or Adam" (fun () ->
              for family in [ RateFamily.Sgd; RateFamily.Adam ] do
                  for depth in [ 1; 2; 5 ] do
                      for role in [ LayerRole.Input; LayerRole.Output ] @ (if depth > 1 then [ LayerRole.Hidden ] else []) do
                          Expect.equal (Coordinates.expected family Parameterisation.MuP depth role).Update 0.0 $"{family} {role}")
          testCase "Standard's logits move as w, and NTK's features freeze as 1/√w" (fun () ->
              let update p role = (Coordinates.expected RateFamily.Sgd p 3 role).Update
              Expect.equal (update Parameterisation.Standard LayerRole.Output) 1.0 "logits of Standard"
              Expect.equal (update Parameterisation.Standard LayerRole.Hidden) 0.5 "features of Standard"
              Expect.equal (update Parameterisation.Ntk LayerRole.Output) 0.0 "logits of NTK"
              Expect.equal (update Parameterisation.Ntk LayerRole.Hidden) -0.5 "features of NTK")
          testCase "ε_max is where the logits' first change no longer depends on the width" (fun () ->
              for p in [ Parameterisation.Standard; Parameterisation.Ntk; Parameterisation.MuP ] do
                  let update = (Coordinates.expected RateFamily.Sgd p 2 LayerRole.Output).Update
                  Expect.equal (Parameterisation.largestLearningRate p) -update $"{p}")
          testCase "layers that are none are refused" (fun () ->
              let ask depth role () = Coordinates.expected RateFamily.Sgd Parameterisation.Ntk depth role |> ignore
              Expect.throwsT<ArgumentException> (ask 0 LayerRole.Input) "no hidden layer"
              Expect.throwsT<ArgumentException> (ask 1 LayerRole.Hidden) "nothing between hidden layers"
              Expect.throwsT<ArgumentException> (ask 2 LayerRole.Fixed) "no such layer") ]

// ---- a power law's exponent --------------------------------------------------------------------------------------------------------

/// Curves whose tops lie at ln optimum = a + p·ln w, seen with noise on a grid of factors √2.
let private sweeps (noise: float) (p: float) (seed: int) =
    let random = Random seed

    let normal () = sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

    [| for width in [ 64.0; 128.0; 256.0; 512.0; 1024.0 ] do
           let top = 0.3 + p * log width
           let logs = [| for k in -8 .. 8 -> top + 0.1 + 0.3466 * float k |]

           { Width = width
             Logs = logs
             Scores = [| for _ in 1..5 -> [| for x in logs -> 0.9 - 0.02 * (x - top) ** 2.0 + noise * normal () |] |] } |]

let private powerLaw =
    testList
        "power law"
        [ testCase "without noise the exponent is exact, and so are the tops" (fun () ->
              for p in [ -1.0; 0.0; 0.5; 1.0 ] do
                  let fit = PowerLaw.fit 1 200 0.95 (sweeps 0.0 p 1)
                  Expect.floatClose Accuracy.high fit.Exponent p "p"
                  Expect.isTrue (Array.forall id fit.Interior) "within the grid"

                  for i, width in Array.indexed [| 64.0; 128.0; 256.0; 512.0; 1024.0 |] do
                      Expect.floatClose Accuracy.high fit.Optima[i] (0.3 + p * log width) "top")
          testCase "intervals of 95 % cover p in at least 90 % of 100 draws, and are not idle" (fun () ->
              // a cover of 95 % falls below 90 of 100 with probability 0.012; resampling few seeds and a grid has errors of its own, so 85 is what is asked
              let fits = [| for seed in 1..100 -> PowerLaw.fit seed 200 0.95 (sweeps 0.01 1.0 (1000 + seed)) |]
              let covered = fits |> Array.filter (fun fit -> fit.Low <= 1.0 && 1.0 <= fit.High) |> Array.length
              Expect.isGreaterThanOrEqual covered 85 "covered"
              let width = fits |> Array.averageBy (fun fit -> fit.High - fit.Low)
              Expect.isLessThan width 0.6 "an interval that says something")
          testCase "the same seed, the same bits; another, another interval" (fun () ->
              let fit seed = PowerLaw.fit seed 200 0.95 (sweeps 0.01 1.0 7)
              Expect.equal (fit 3).Low (fit 3).Low "the same"
              Expect.notEqual (fit 3).Low (fit 4).Low "another")
          testCase "a top at the end of the grid is said to be there" (fun () ->
              let rising = sweeps 0.0 1.0 1 |> Array.map (fun one -> { one with Scores = [| one.Logs |] })
              let fit = PowerLaw.fit 1 100 0.9 rising
              Expect.isFalse (Array.exists id fit.Interior) "not within")
          testCase "the order of the grid does not matter" (fun () ->
              let turned =
                  sweeps 0.01 1.0 7
                  |> Array.map (fun one -> { one with Logs = Array.rev one.Logs; Scores = Array.map Array.rev one.Scores })

              Expect.floatClose
                  Accuracy.high
                  (PowerLaw.fit 1 100 0.9 turned).Exponent
                  (PowerLaw.fit 1 100 0.9 (sweeps 0.01 1.0 7)).Exponent
                  "p")
          testCase "sweeps that say nothing are refused by name" (fun () ->
              let all = sweeps 0.01 1.0 1

              let refused words sweeps =
                  Expect.throwsC (fun () -> PowerLaw.fit 1 100 0.95 sweeps |> ignore) (fun e ->
                      Expect.stringContains e.Message words "words")

              refused "at least 2 different" all[..0]
              refused "at least 3 points" [| { all[0] with Logs = [| 1.0; 2.0 |]; Scores = [| [| 1.0; 2.0 |] |] }; all[1] |]
              refused "a score for each" [| { all[0] with Scores = [| [| 1.0 |] |] }; all[1] |]
              refused "not finite" [| { all[0] with Scores = [| Array.map (fun _ -> nan) all[0].Logs |] }; all[1] |]
              refused "greater than 0" [| { all[0] with Width = 0.0 }; all[1] |]) ]

let tests = testList "widths" [ reparametrisation; coordinates; powerLaw ]
