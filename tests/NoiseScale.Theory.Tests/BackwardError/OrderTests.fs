/// Order by slope: iterates of real optimizers against their modified flows, over halvings of the learning rate.
module NoiseScale.Theory.Tests.OrderTests

open Expecto
open FsCheck.FSharp
open Fractions
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError
open NoiseScale.Theory.Tests.Polynomials
open NoiseScale.Theory.Tests.Property

let private one = loss |> Arb.fromGen
let private three = loss |> Gen.listOfLength 3 |> Arb.fromGen

let private rates = 7

let private step rate loss x = add x (scale -rate (gradient loss x))

/// Errors below this are those of rounding, and say nothing.
let private floor = 2e-13

/// The slope of the error between the last two of four rates, each half of the one before, has to be within 0.1 of the order. Slopes approach it as ε does
/// 0, by halves: extrapolation takes the first term of that away. Where slopes have not settled there, up to three halvings more, above rounding, decide.
let private expectSlope what (order: float) (errors: float seq) =
    let slopesOf (errors: float list) = List.pairwise errors |> List.map (fun (a, b) -> System.Math.Log2(a / b))

    let agree (slopes: float list) =
        let last = List.last slopes
        let extrapolated = 2.0 * last - slopes[slopes.Length - 2]
        min (abs (last - order)) (abs (extrapolated - order)) <= 0.1

    let rec settle count =
        let found = errors |> Seq.truncate count |> List.ofSeq

        if List.last found < floor && count = 4 then
            failtest $"{what}: errors at the level of rounding: %A{found}"

        if not (agree (slopesOf found)) then
            match Seq.tryItem count errors with
            | Some next when next >= floor -> settle (count + 1)
            | _ -> failtest $"{what}: slopes %A{slopesOf found}, not {order}; errors %A{found}"

    settle 4

/// Errors at a fixed time, for rates that halve, from an eighth of the time on; each found when asked for.
let private afterTime time (equation: ModifiedEquation) order losses (run: float -> int -> float[]) =
    Seq.init rates (pown 2 >> (*) 8)
    |> Seq.map (fun count ->
        let rate = time / float count
        let flowed = integrate 200 (modifiedFlow equation order 0.0 rate losses) time start
        distance (run rate count) flowed)
    |> Seq.cache

let private half = Coefficient.OfFraction(Fraction(1, 2))

/// Momentum needs a start on the slow manifold: the step before is one of the modified flow of the next order, backwards. What that
/// misses, ε^(p+2), is forgotten at rate β^k.
let private momentum (equation: ModifiedEquation) order loss (next: float -> float[] -> float[] -> float[]) rate count =
    let mutable before = integrate 10 (modifiedFlow equation (order + 1) 0.0 rate [ loss ]) -rate start
    let mutable x = start

    for _ in 1..count do
        let after = next rate before x
        before <- x
        x <- after

    x

let private walk rate (losses: Polynomial list) order x = order |> List.fold (fun x c -> step rate losses[c] x) x

/// What the flow misses of the mean over some orders after one pass.
let private meanMiss (equation: ModifiedEquation) order (losses: Polynomial list) (orders: int list list) rate =
    let reached =
        orders |> List.map (fun o -> walk rate losses o start) |> List.reduce add |> scale (1.0 / float orders.Length)

    let time = rate * float orders.Head.Length
    add reached (scale -1.0 (integrate 30 (modifiedFlow equation order 0.0 rate losses) time start))

let private meanErrors equation order losses orders rates =
    rates |> Seq.map (fun rate -> distance (meanMiss equation order losses orders rate) [| 0.0; 0.0 |]) |> Seq.cache

/// Smaller ones for low orders; for high ones such that the last error is not lost in rounding.
let private ratesFor order = [ for k in 0 .. rates - 1 -> (if order >= 4 then 0.06 else 0.03) * 2.0 ** float -k ]

let tests =
    testList
        "order by slope"
        [ property 12 "gradient descent, orders 1 to 4: error ε^p after a fixed time" one (fun loss ->
              for order in 1..4 do
                  let run rate count = Seq.fold (fun x _ -> step rate loss x) start (seq { 1..count })
                  let errors = afterTime 0.5 ModifiedEquation.gradientDescent order [ loss ] run
                  expectSlope $"order {order}" (float order) errors)

          property 8 "heavy ball on its slow manifold, orders 1 to 3" one (fun loss ->
              let next rate before x = add (step rate loss x) (scale 0.5 (add x (scale -1.0 before)))

              for order in 1..3 do
                  let equation = ModifiedEquation.heavyBall half

                  let errors = afterTime 0.12 equation order [ loss ] (momentum equation order loss next)

                  expectSlope $"order {order}" (float order) errors)

          property 8 "Nesterov's method on its slow manifold, orders 1 to 3" one (fun loss ->
              let next rate before x =
                  let change = add x (scale -1.0 before)
                  let gradients = add (gradient loss x) (scale -1.0 (gradient loss before))
                  add (step rate loss x) (add (scale 0.5 change) (scale (-0.5 * rate) gradients))

              for order in 1..3 do
                  let equation = ModifiedEquation.nesterov half

                  let errors = afterTime 0.12 equation order [ loss ] (momentum equation order loss next)

                  expectSlope $"order {order}" (float order) errors)

          property 5 "an epoch in a given order, orders 1 to 3: error ε^(p+1) after one pass" three (fun losses ->
              for order in 1..3 do
                  let equation = ModifiedEquation.inOrder 3 [ 1; 0; 2 ]
                  expectSlope $"order {order}" (float order + 1.0) (meanErrors equation order losses [ [ 1; 0; 2 ] ] (ratesFor order)))

          property 5 "random shuffling, the mean over all m! orders, orders 1 to 4" three (fun losses ->
              for order in 1..4 do
                  let equation = ModifiedEquation.shuffled (Coefficient.OfInt 3)

                  expectSlope
                      $"order {order}"
                      (float order + 1.0)
                      (meanErrors equation order losses (permutations [ 0..2 ]) (ratesFor order)))

          property 5 "with replacement, the mean over all m^m draws, orders 1 to 4" three (fun losses ->
              for order in 1..4 do
                  let equation = ModifiedEquation.withReplacement (Coefficient.OfInt 3)
                  expectSlope $"order {order}" (float order + 1.0) (meanErrors equation order losses (sequences 3 3) (ratesFor order)))

          property 5 "replacement follows the flow of C + ε/4·‖∇C‖², shuffling does not; shuffling its own" three (fun losses ->
              let shuffled = ModifiedEquation.shuffled (Coefficient.OfInt 3)
              let replaced = ModifiedEquation.withReplacement (Coefficient.OfInt 3)
              let orders, draws = permutations [ 0..2 ], sequences 3 3
              expectSlope "shuffling against its flow" 3.0 (meanErrors shuffled 2 losses orders (ratesFor 2))
              expectSlope "replacement against its flow" 3.0 (meanErrors replaced 2 losses draws (ratesFor 2))
              // the other's flow misses by what the variance of the gradients is worth: ε²·m/2·(mean f_i′f_i − f′f), in opposite directions
              let variance =
                  let at equation order = modifiedFlow equation order 0.0 1.0 losses start
                  add (at shuffled 2) (scale -1.0 (at replaced 2)) |> scale 3.0

              for equation, taken, expected in [ replaced, orders, variance; shuffled, draws, scale -1.0 variance ] do
                  let missed rate = meanMiss equation 2 losses taken rate |> scale (1.0 / (rate * rate))
                  // without the terms of orders ε and ε²
                  let limit =
                      add (scale (8.0 / 3.0) (missed 1e-3)) (add (scale -2.0 (missed 2e-3)) (scale (1.0 / 3.0) (missed 4e-3)))

                  let apart = distance limit expected
                  Expect.isLessThan apart (1e-3 * (0.1 + distance expected [| 0.0; 0.0 |])) $"{equation.Name}: %A{limit}, %A{expected}")

          property 4 "two steps on each minibatch, shuffled" three (fun losses ->
              let orders = permutations [ 0..2 ] |> List.map (List.collect (fun c -> [ c; c ]))

              for order in 1..3 do
                  let equation = ModifiedEquation.shuffledSteps (Coefficient.OfInt 2) (Coefficient.OfInt 3)
                  expectSlope $"order {order}" (float order + 1.0) (meanErrors equation order losses orders (ratesFor order)))

          property 4 "forward and back: the interaction of two minibatches cancels to order 2" three (fun losses ->
              let order = [ 0; 1; 2; 2; 1; 0 ]
              let shuffled = ModifiedEquation.shuffled (Coefficient.OfInt 3)
              // without any mean over orders, the pair follows shuffling's modified loss
              expectSlope "one pair" 3.0 (meanErrors shuffled 2 losses [ order ] (ratesFor 2)))

          property
              4
              "momentum and shuffling: the mean over an epoch, once the start is forgotten, follows the flow to order 2"
              three
              (fun losses ->
                  let b, quarter = 0.25, Coefficient.OfFraction(Fraction(1, 4))

                  // v ← βv + f, w ← w + ε·v; and Nesterov's w ← w + ε(f + βv)
                  for nesterov, equation in
                      [ false, ModifiedEquation.shuffledHeavyBall 3 quarter; true, ModifiedEquation.shuffledNesterov 3 quarter ] do
                      let update rate (v, x) c =
                          let field = scale -1.0 (gradient losses[c] x)
                          let v = add (scale b v) field
                          v, add x (scale rate (if nesterov then add field (scale b v) else v))

                      // all 6⁴ orders of four epochs: after three, the start counts for β⁹ = 4·10⁻⁶ of what it was, and the same in both
                      let missed rate =
                          let after states =
                              [ for state in states do
                                    for order in permutations [ 0..2 ] -> List.fold (update rate) state order ]

                          let mean states = states |> List.map snd |> List.reduce add |> scale (1.0 / float states.Length)
                          let third = [ [| 0.0; 0.0 |], start ] |> after |> after |> after
                          let flowed = integrate 20 (modifiedFlow equation 2 0.0 rate losses) (3.0 * rate) (mean third)
                          distance (mean (after third)) flowed

                      Seq.init rates (fun k -> missed (0.02 * 2.0 ** float -k)) |> Seq.cache |> expectSlope equation.Name 3.0)

          testCase "over many epochs shuffling's mean keeps orders 1 and 2; with replacement the noise leaves order 1" (fun () ->
              // one dimension, two minibatches with opposite gradients and a third derivative: the mean over all paths is exact
              let minibatch slope : Polynomial = [ 0.5, [| 2; 0 |]; slope, [| 1; 0 |]; 0.5, [| 3; 0 |] ]
              let losses = [ minibatch 1.0; minibatch -1.0 ]
              let point x = [| x; 0.0 |]

              let mean orders epochs rate =
                  let rec walk n x : float =
                      if n = 0 then
                          x
                      else
                          orders
                          |> List.averageBy (fun order ->
                              walk (n - 1) (order |> List.fold (fun x c -> (step rate losses[c] (point x))[0]) x))

                  walk epochs 0.3

              let missed equation order orders epochs =
                  let rate = 0.25 / float epochs
                  let flowed = integrate 100 (modifiedFlow equation order 0.0 rate losses) 0.5 (point 0.3)
                  abs (mean orders epochs rate - flowed[0])

              let shuffled = ModifiedEquation.shuffled (Coefficient.OfInt 2)
              let replaced = ModifiedEquation.withReplacement (Coefficient.OfInt 2)
              let shuffles = [ for epochs in [ 2; 4; 8 ] -> missed shuffled 2 (permutations [ 0; 1 ]) epochs ]
              expectSlope "shuffled, order 2" 2.0 shuffles
              let first = [ for epochs in [ 2; 4; 8 ] -> missed shuffled 1 (permutations [ 0; 1 ]) epochs ]
              expectSlope "shuffled, order 1" 1.0 first
              // ½f″·Var is of order ε, whatever the flow takes account of
              let draws = [ for epochs in [ 2; 4; 8 ] -> missed replaced 2 (sequences 2 2) epochs ]
              expectSlope "with replacement, order 2" 1.0 draws) ]
