/// Epochs of minibatch steps: the library's sums against exhaustive ones.
module NoiseScale.Theory.Tests.SamplingTests

open System.Numerics
open Expecto
open FsCheck.FSharp
open Fractions
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError
open NoiseScale.Theory.Tests.Property

let private euler = BSeries.euler Coefficient.One
let private fraction (a: int) (b: int) = Fraction(BigInteger a, BigInteger b)

/// The mean of the maps of some orders.
let private average step (orders: int list list) (tree: Tree) =
    let maps = orders |> List.map (Sampling.inOrder step)
    (maps |> Seq.fold (fun sum map -> sum + map[tree]) Coefficient.Zero) / Coefficient.OfInt maps.Length

let private agree what (trees: Tree list) (expected: Tree -> Coefficient) (actual: BSeries) =
    for tree in trees do
        if expected tree <> actual[tree] then
            failtest $"{what}: {tree} should have {expected tree}, has {actual[tree]}"

let private upTo colours order =
    [ for n in 1..order do
          yield! Tree.ofOrder colours n ]

let tests =
    testList
        "sampling"
        [ testCase "an order's coefficient: 1 where every node's minibatch comes after its children's, else 0" (fun () ->
              let map = Sampling.inOrder euler [ 0; 1; 2 ]

              let rec chronological (t: Tree) = t.Children |> List.forall (fun c -> c.Colour < t.Colour && chronological c)
              agree "0, 1, 2" (upTo 3 4) (fun t -> if chronological t then Coefficient.One else Coefficient.Zero) map)

          testCase "shuffling is the mean over all m! orders, whatever m" (fun () ->
              let map = Sampling.shuffled euler

              for m, order in [ 2, 5; 3, 4; 4, 3 ] do
                  agree $"m = {m}" (upTo m order) (average euler (permutations [ 0 .. m - 1 ])) map)

          testCase "shuffling distinct minibatches: 1/γ, the chance that a random order respects a tree" (fun () ->
              let map = Sampling.shuffled euler

              for shape in upTo 1 6 do
                  let tree = Partitions.colour shape [| 0 .. shape.Order - 1 |]
                  Expect.equal map[tree].Value (Fraction(BigInteger.One, Tree.density shape)) $"{shape}")

          testCase "two steps on each minibatch, shuffled: the mean over all orders" (fun () ->
              let twice colour = OneStep.repeat (Coefficient.OfInt 2) (euler colour)
              let doubled order = order |> List.collect (fun c -> [ c; c ])
              let expected = average euler (permutations [ 0..2 ] |> List.map doubled)
              agree "n = 2" (upTo 3 3) expected (Sampling.shuffled twice))

          testCase "with replacement is the mean over all m^s sequences" (fun () ->
              for m, steps, order in [ 1, 3, 4; 2, 2, 4; 2, 3, 4; 3, 3, 3; 2, 5, 3 ] do
                  let map = Sampling.withReplacement (Coefficient.OfInt m) (Coefficient.OfInt steps) euler
                  agree $"m = {m}, {steps} steps" (upTo m order) (average euler (sequences m steps)) map)

          testCase "with replacement, m as a symbol" (fun () ->
              let m = Coefficient.Symbol "m"
              let symbolic = Sampling.withReplacement m m euler

              for count in 1..3 do
                  let map = Sampling.withReplacement (Coefficient.OfInt count) (Coefficient.OfInt count) euler

                  for tree in upTo count 4 do
                      Expect.equal (symbolic[tree].At(Fraction count)) map[tree].Value $"{tree}, m = {count}")

          testCase "P6: shuffling shows ε/4m·Σ‖∇Ĉ_i‖², replacement only ε/4·‖∇C‖²" (fun () ->
              let m = Coefficient.Symbol "m"
              let terms (equation: ModifiedEquation) = [ for t in equation.UpTo 2 -> string t.Tree, string t.Coefficient ]
              Expect.equal (terms (ModifiedEquation.shuffled m)) [ "∙", "1"; "[∙₁]₁", "−1/2" ] "shuffling"
              Expect.equal (terms (ModifiedEquation.withReplacement m)) [ "∙", "1"; "[∙]", "−1/2" ] "replacement"
              // n steps of α on each minibatch: α/4m, not nα/4m
              let steps = ModifiedEquation.shuffledSteps (Coefficient.Symbol "n") (Coefficient.OfInt 5)
              Expect.equal (terms steps) [ "∙", "1"; "[∙₁]₁", "−1/2" ] "n-step SGD")

          testCase "one minibatch: every sampling is gradient descent" (fun () ->
              let one = Coefficient.One
              let gd = ModifiedEquation.gradientDescent

              for n in 1..4 do
                  for equation in [ ModifiedEquation.shuffled one; ModifiedEquation.withReplacement one ] do
                      // one minibatch: every colour is the mean
                      let merged =
                          equation.Terms n
                          |> List.map (fun t -> Tree.recolour (fun _ -> 0) t.Tree, t.Coefficient)
                          |> List.groupBy fst
                          |> List.map (fun (tree, terms) -> tree, terms |> Seq.map snd |> Seq.fold (+) Coefficient.Zero)
                          |> List.filter (fun (_, c) -> not c.IsZero)
                          |> Map.ofList
                          |> Map.map (fun _ c -> c.Value)

                      Expect.equal
                          merged
                          (gd.Terms n |> List.map (fun t -> t.Tree, t.Coefficient.Value) |> Map.ofList)
                          $"{equation.Name}, order {n}")

          testCase "an order and then its reverse leave no interaction of two minibatches at order ε (P6 section 3)" (fun () ->
              for m in 2..4 do
                  let pair = ModifiedEquation.inOrder m ([ 0 .. m - 1 ] @ [ m - 1 .. -1 .. 0 ])

                  for term in pair.Terms 2 do
                      Expect.equal (Tree.colours term.Tree).Length 1 $"m = {m}: {term.Tree}"
                      Expect.equal term.Coefficient.Value (fraction -1 (2 * m)) "−1/2m each")

          testCase "with momentum: no momentum is plain shuffling; much momentum hides it" (fun () ->
              let coefficient tree (equation: ModifiedEquation) =
                  equation.Terms 2
                  |> List.tryFind (fun t -> string t.Tree = tree)
                  |> Option.map (fun t -> t.Coefficient.Value.ToDouble())
                  |> Option.defaultValue 0.0

              for m in [ 2; 3; 10 ] do
                  let plain = ModifiedEquation.shuffledHeavyBall m Coefficient.Zero
                  Expect.equal (coefficient "[∙₁]₁" plain) -0.5 "β = 0"
                  Expect.equal (coefficient "[∙]" plain) 0.0 "β = 0"
                  // (1−β)²·coefficient falls from 1/2 to 0 as the memory 1/(1−β) outgrows the epoch
                  let share (b: Fraction) =
                      -(coefficient "[∙₁]₁" (ModifiedEquation.shuffledHeavyBall m (Coefficient.OfFraction b)))
                      * (1.0 - b.ToDouble()) ** 2.0

                  let shares = [ 0, 1; 1, 2; 9, 10; 99, 100 ] |> List.map (fun (a, b) -> share (fraction a b))
                  Expect.equal shares (List.sortDescending shares) "falls"
                  Expect.isLessThan shares[3] 0.03 "to nothing")

          testCase "the modified loss of a schedule: a and b are those of the derivations" (fun () ->
              let n, b = 60L, 12L

              for name, optimizer, momentum, derived in
                  [ "SGD", Optimizer.Sgd, 0.0, fun m -> ModifiedEquation.shuffled m
                    "heavy ball",
                    Optimizer.HeavyBall MomentumConvention.LearningRateOutside,
                    0.9,
                    fun _ -> ModifiedEquation.shuffledHeavyBall 5 (Coefficient.OfFraction(fraction 9 10))
                    "Nesterov",
                    Optimizer.Nesterov MomentumConvention.LearningRateInside,
                    0.5,
                    fun _ -> ModifiedEquation.shuffledNesterov 5 (Coefficient.OfFraction(fraction 1 2)) ] do
                  let schedule =
                      Schedule.create
                          optimizer
                          (n * 1L<example>)
                          3.0<epoch>
                          (Curve.constant 0.2)
                          (Curve.constant (float b))
                          (Curve.constant momentum)
                      |> ScheduleError.orFail

                  let loss = ModifiedLoss.derive 2 (derived (Coefficient.OfInt 5))

                  let term shared =
                      loss.Terms
                      |> List.tryFind (fun t -> t.Tree.Order = 2 && (Tree.colours t.Tree = [ 0 ]) <> shared)
                      |> Option.map (fun t -> t.Coefficient.At 0.0)
                      |> Option.defaultValue 0.0

                  let first = loss.Terms.Head.Coefficient.At 0.0
                  // mean ‖∇Ĉ_i‖² is ‖∇C‖² + (N−B)/(N−1)·Γ/B over the composition of the minibatches
                  let norm = (term false + term true) / first * 0.2
                  let variance = term true / first * 0.2 * float (n - b) / float (n - 1L) / float b

                  match ScheduledLoss.at MinibatchSampling.Shuffled 1.0<epoch> schedule with
                  | Error e -> failtest $"{e}"
                  | Ok found ->
                      close 1e-12 $"{name}: η" (0.2 / (1.0 - momentum)) found.EffectiveLearningRate
                      close 1e-12 $"{name}: a" norm found.GradientNormCoefficient
                      close 1e-12 $"{name}: b" variance found.VarianceCoefficient

                  match ScheduledLoss.at MinibatchSampling.WithReplacement 1.0<epoch> schedule with
                  | Error e -> failtest $"{e}"
                  | Ok found -> Expect.equal found.VarianceCoefficient 0.0 "with replacement"

              // momentum near 1: S is of the order of 1 − β, and is summed without cancellation
              for m, beta in [ 2, 0.999999; 50, 0.9999; 2, 0.5; 50, 0.99 ] do
                  let n = int64 (m * 4)

                  for lag, optimizer in
                      [ 0, Optimizer.HeavyBall MomentumConvention.Dampened; 1, Optimizer.Nesterov MomentumConvention.Dampened ] do
                      let schedule =
                          Schedule.create
                              optimizer
                              (n * 1L<example>)
                              3.0<epoch>
                              (Curve.constant 0.2)
                              (Curve.constant 4.0)
                              (Curve.constant beta)
                          |> ScheduleError.orFail

                      let exact = Sampling.pairsOfOneEpoch m lag (Coefficient.OfFloat beta) |> fun s -> s.Value.ToDouble()

                      match ScheduledLoss.at MinibatchSampling.Shuffled 1.0<epoch> schedule with
                      | Error e -> failtest $"{e}"
                      | Ok found ->
                          close 1e-9 $"m = {m}, β = {beta}" (0.1 * exact * float (n - 4L) / float (n - 1L) / 4.0) found.VarianceCoefficient

              let adam =
                  Schedule.create
                      (Optimizer.Adam AdamConstants.Default)
                      (n * 1L<example>)
                      3.0<epoch>
                      (Curve.constant 0.2)
                      (Curve.constant 12.0)
                      (Curve.constant 0.0)
                  |> ScheduleError.orFail

              Expect.isError (ScheduledLoss.at MinibatchSampling.Shuffled 1.0<epoch> adam) "Adam"

              let full =
                  Schedule.create
                      Optimizer.Sgd
                      (n * 1L<example>)
                      3.0<epoch>
                      (Curve.constant 0.2)
                      (Curve.constant 60.0)
                      (Curve.constant 0.0)
                  |> ScheduleError.orFail

              Expect.equal
                  (ScheduledLoss.at MinibatchSampling.Shuffled 1.0<epoch> full |> Result.map _.VarianceCoefficient)
                  (Ok 0.0)
                  "full batch")

          testCase "bad input is named" (fun () ->
              Expect.throwsT<System.ArgumentException>
                  (fun () -> ModifiedEquation.inOrder 2 [ 0; 2 ] |> ignore)
                  "a minibatch that is not there"

              Expect.throwsT<System.ArgumentException> (fun () -> ModifiedEquation.inOrder 2 [] |> ignore) "no update"

              Expect.throwsT<System.ArgumentException>
                  (fun () -> ModifiedEquation.shuffledHeavyBall 1 Coefficient.Zero |> ignore)
                  "one minibatch") ]
