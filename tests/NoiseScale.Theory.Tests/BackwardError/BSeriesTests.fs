module NoiseScale.Theory.Tests.BSeriesTests

open System.Numerics
open Expecto
open FsCheck.FSharp
open Fractions
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError
open NoiseScale.Theory.Tests.Property

let private fraction (a: int) (b: int) = Fraction(BigInteger a, BigInteger b)

let private trees =
    [ for n in 1..5 do
          yield! Tree.ofOrder 1 n ]

let private coloured =
    [ for n in 1..4 do
          yield! Tree.ofOrder 2 n ]

let private agree what (trees: Tree list) (a: BSeries) (b: BSeries) =
    for tree in trees do
        if a[tree] <> b[tree] then
            failtest $"{what}: {tree} has {a[tree]} and {b[tree]}"

/// Coefficients drawn for each tree, as a function of the tree and a seed.
let private random (seed: int) (tree: Tree) =
    let generator = System.Random(seed ^^^ (string tree |> Seq.fold (fun h c -> h * 31 + int c) 17))
    fraction (generator.Next(-9, 10)) (generator.Next(1, 6)) |> Coefficient.OfFraction

let private maps =
    Gen.choose (0, 1000000)
    |> Gen.listOfLength 3
    |> Gen.map (List.map (fun seed -> BSeries.map (random seed)))
    |> Arb.fromGen

let private fields =
    Gen.choose (0, 1000000) |> Gen.map (fun seed -> BSeries.field (random seed)) |> Arb.fromGen

let private implicitMidpoint = BSeries.rungeKutta [| [| fraction 1 2 |] |] [| fraction 1 1 |]

let private classical =
    let row = Array.map (fun (a, b) -> fraction a b)

    BSeries.rungeKutta
        [| row [| 0, 1; 0, 1; 0, 1; 0, 1 |]
           row [| 1, 2; 0, 1; 0, 1; 0, 1 |]
           row [| 0, 1; 1, 2; 0, 1; 0, 1 |]
           row [| 0, 1; 0, 1; 1, 1; 0, 1 |] |]
        (row [| 1, 6; 1, 3; 1, 3; 1, 6 |])

let private orderOf (map: BSeries) =
    Seq.initInfinite (fun n -> n + 1)
    |> Seq.takeWhile (fun n -> Tree.ofOrder 1 n |> List.forall (fun t -> map[t] = BSeries.exactFlow[t]))
    |> Seq.length

let private leaf = Tree.leaf 0
let private tall = Tree.node 0 [ Tree.node 0 [ leaf ] ]
let private broad = Tree.node 0 [ leaf; leaf ]

let tests =
    testList
        "B-series"
        [ property 20 "composition associates" maps (fun abc ->
              match abc with
              | [ a; b; c ] ->
                  let left = BSeries.compose (BSeries.compose a b) c
                  let right = BSeries.compose a (BSeries.compose b c)
                  agree "one colour" trees left right
                  agree "two colours" coloured left right
              | _ -> failtest "three maps")

          property 20 "the identity changes nothing, the inverse undoes" maps (fun abc ->
              let a = abc.Head
              agree "a·1" coloured (BSeries.compose a BSeries.identity) a
              agree "1·a" coloured (BSeries.compose BSeries.identity a) a
              agree "a·a⁻¹" coloured (BSeries.compose a (BSeries.inverse a)) BSeries.identity
              agree "a⁻¹·a" coloured (BSeries.compose (BSeries.inverse a) a) BSeries.identity)

          property 20 "the modified equation and the flow undo each other" maps (fun abc ->
              let a = abc.Head
              agree "flow of the modified equation" coloured (BSeries.flow (BSeries.modifiedEquation a)) a)

          property 20 "the modified equation of a flow is the field; flows for twice the time are flows composed" fields (fun beta ->
              let flow = BSeries.flow beta
              agree "modified equation of the flow" coloured (BSeries.modifiedEquation flow) beta
              let twice = BSeries.flow (BSeries.field (fun t -> Coefficient.OfInt 2 * beta[t]))
              agree "twice" coloured twice (BSeries.compose flow flow)
              let back = BSeries.flow (BSeries.field (fun t -> -beta[t]))
              agree "back" coloured back (BSeries.inverse flow))

          testCase "the exact flow is the flow of f" (fun () ->
              let f = BSeries.field (fun t -> if t = leaf then Coefficient.One else Coefficient.Zero)

              agree
                  "flow"
                  [ for n in 1..8 do
                        yield! Tree.ofOrder 1 n ]
                  (BSeries.flow f)
                  BSeries.exactFlow)

          testCase "Runge–Kutta methods have their orders" (fun () ->
              Expect.equal (orderOf (BSeries.euler Coefficient.One 0)) 1 "Euler"
              Expect.equal (orderOf implicitMidpoint) 2 "implicit midpoint"
              Expect.equal (orderOf classical) 4 "the classical one")

          testCase "two steps of a Runge–Kutta method are one of the composed tableau" (fun () ->
              // Euler, then the implicit midpoint rule
              let zero, one, half = fraction 0 1, fraction 1 1, fraction 1 2
              let composed = BSeries.rungeKutta [| [| zero; zero |]; [| one; half |] |] [| one; one |]
              agree "tableau" trees (BSeries.compose (BSeries.euler Coefficient.One 0) implicitMidpoint) composed)

          testCase "gradient descent: −1/2, then 1/3 and 1/12; the implicit midpoint rule: 1/12 and −1/24" (fun () ->
              let beta = BSeries.modifiedEquation (BSeries.euler Coefficient.One 0)
              Expect.equal (beta[Tree.node 0 [ leaf ]]).Value (fraction -1 2) "f′f"
              Expect.equal beta[tall].Value (fraction 1 3) "f′f′f"
              Expect.equal (beta[broad].Value / Fraction(Tree.symmetry broad)) (fraction 1 12) "f″(f, f)"
              // on f(y) = λy it is 2 artanh(hλ/2) = hλ + (hλ)³/12 + …
              let midpoint = BSeries.modifiedEquation implicitMidpoint
              Expect.isTrue (midpoint[Tree.node 0 [ leaf ]]).IsZero "symmetric: no odd powers of h"
              Expect.equal midpoint[tall].Value (fraction 1 12) "f′f′f"
              Expect.equal (midpoint[broad].Value / Fraction(Tree.symmetry broad)) (fraction -1 24) "f″(f, f)"
              Expect.all (Tree.ofOrder 1 4) (fun t -> midpoint[t].IsZero) "no h³")

          testCase "on f(y) = λy the modified equation is log(1 + hλ)" (fun () ->
              let beta = BSeries.modifiedEquation (BSeries.euler Coefficient.One 0)
              let mutable chain = leaf

              for n in 1..10 do
                  Expect.equal beta[chain].Value (fraction (if n % 2 = 1 then 1 else -1) n) $"order {n}"
                  chain <- Tree.node 0 [ chain ])

          testCase "repeating a map n times is composing it n times, n a number or a symbol" (fun () ->
              let n = Coefficient.Symbol "n"
              let symbolic = OneStep.repeat n OneStep.gradientDescent

              for count in 1..4 do
                  let composed = BSeries.inTurn (Seq.replicate count OneStep.gradientDescent)
                  agree $"{count} times" trees (OneStep.repeat (Coefficient.OfInt count) OneStep.gradientDescent) composed

                  for tree in trees do
                      Expect.equal (symbolic[tree].At(Fraction count)) composed[tree].Value $"{tree}, n = {count}")

          testCase "heavy ball and Nesterov satisfy their two-step recursions, and log of the root on f(y) = λy" (fun () ->
              let momentum = Coefficient.Symbol "β"
              let one = Coefficient.One
              let delta = BSeries.field (fun t -> if t = leaf then one else Coefficient.Zero)
              let heavy, nesterov = OneStep.heavyBall momentum, OneStep.nesterov momentum
              let back = BSeries.inverse heavy

              for tree in trees do
                  // Φ = w + εf + β(w − Φ⁻¹)
                  Expect.equal heavy[tree] (delta[tree] - momentum * back[tree]) $"heavy ball, {tree}"

              let back = BSeries.inverse nesterov
              // f∘Φ⁻¹ as a B-series: its coefficient of [τ₁…τ_k] is ∏ a⁻¹(τᵢ)
              let before (tree: Tree) = tree.Children |> Seq.fold (fun p c -> p * back[c]) one

              for tree in trees do
                  Expect.equal
                      nesterov[tree]
                      (delta[tree] - momentum * back[tree] + momentum * (delta[tree] - before tree))
                      $"Nesterov, {tree}"

              // the chains: Φ = z with z² − (1 + β + hλ)z + β = 0 (heavy ball), the root that is 1 at h = 0
              let at = 0.5
              let hLambda = -0.001
              let b = 1.0 + at + hLambda
              let root = (b + sqrt (b * b - 4.0 * at)) / 2.0
              let mutable chain, sum = leaf, 1.0

              for n in 1..9 do
                  sum <- sum + heavy[chain].At at * pown hLambda n
                  chain <- Tree.node 0 [ chain ]

              close 1e-13 "heavy ball's root" root sum

              let b = 1.0 + at + (1.0 + at) * hLambda
              let root = (b + sqrt (b * b - 4.0 * at * (1.0 + hLambda))) / 2.0
              chain <- leaf
              sum <- 1.0

              for n in 1..9 do
                  sum <- sum + nesterov[chain].At at * pown hLambda n
                  chain <- Tree.node 0 [ chain ]

              close 1e-13 "Nesterov's root" root sum)

          testCase "the bands of momentum: two real roots inside, complex ones outside" (fun () ->
              for beta in [ 0.1; 0.5; 0.9; 0.99 ] do
                  // z² − (1 + β − x)z + β, and z² − (1 + β)(1 − x)z + β(1 − x), x = ε·λ
                  let heavy x = (1.0 + beta - x) ** 2.0 - 4.0 * beta
                  let nesterov x = ((1.0 + beta) * (1.0 - x)) ** 2.0 - 4.0 * beta * (1.0 - x)

                  for discriminant, edge in [ heavy, (1.0 - sqrt beta) ** 2.0; nesterov, ((1.0 - beta) / (1.0 + beta)) ** 2.0 ] do
                      Expect.isGreaterThan (discriminant (0.999 * edge)) 0.0 $"inside, β = {beta}"
                      Expect.isLessThan (discriminant (1.001 * edge)) 0.0 $"outside, β = {beta}")

          testCase "closed forms in β" (fun () ->
              let terms (equation: ModifiedEquation) = [ for t in equation.UpTo 2 -> string t.Tree, string t.Coefficient ]
              let momentum = Coefficient.Symbol "β"

              Expect.equal
                  (terms (ModifiedEquation.heavyBall momentum))
                  [ "∙", "1/(1 − β)"; "[∙]", "−(1 + β)/(2(1 − β)³)" ]
                  "Kovachki and Stuart; Ghosh et al.: (1 + β)/(1 − β) times gradient descent's, at the rate ε/(1 − β)"

              Expect.equal
                  (terms (ModifiedEquation.nesterov momentum))
                  [ "∙", "1/(1 − β)"; "[∙]", "−(1 − β + 2β²)/(2(1 − β)³)" ]
                  "Nesterov's, derived here"

              for equation in [ ModifiedEquation.heavyBall Coefficient.Zero; ModifiedEquation.nesterov Coefficient.Zero ] do
                  Expect.equal (equation.UpTo 4) (ModifiedEquation.gradientDescent.UpTo 4) "no momentum: gradient descent")

          testCase "bad input is named" (fun () ->
              Expect.throwsT<System.ArgumentException> (fun () -> BSeries.rungeKutta [| [| Fraction.Zero |] |] [||] |> ignore) "tableau"

              Expect.throwsT<System.ArgumentException>
                  (fun () -> BSeries.modifiedEquation (BSeries.field (fun _ -> Coefficient.One)) |> ignore)
                  "a field"

              Expect.throwsT<System.ArgumentException> (fun () -> OneStep.heavyBall (Coefficient.OfInt 2) |> ignore) "β = 2"
              Expect.throwsT<System.ArgumentException> (fun () -> OneStep.nesterov Coefficient.One |> ignore) "β = 1"
              Expect.throwsT<System.ArgumentOutOfRangeException> (fun () -> ModifiedEquation.gradientDescent.Terms 0 |> ignore) "order 0"

              Expect.throwsT<System.ArgumentOutOfRangeException>
                  (fun () -> (ModifiedEquation.shuffledHeavyBall 4 Coefficient.Zero).Terms 3 |> ignore)
                  "order 3 with momentum and shuffling") ]
