/// Which modified equations are gradient flows, against the asymmetry of their Jacobians.
module NoiseScale.Theory.Tests.PotentialTests

open Expecto
open FsCheck.FSharp
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError
open NoiseScale.Theory.Tests.Polynomials
open NoiseScale.Theory.Tests.Property

/// The field of one order alone, at minibatch losses.
let private fieldOf (equation: ModifiedEquation) order losses x =
    let upTo n = modifiedFlow equation n 0.0 1.0 losses x
    if order = 1 then upTo 1 else add (upTo order) (scale -1.0 (upTo (order - 1)))

let private jacobian (field: float[] -> float[]) (x: float[]) =
    let h = 1e-5
    let shifted k by = Array.mapi (fun j xj -> if j = k then xj + by else xj) x
    Array.init x.Length (fun k -> scale (0.5 / h) (add (field (shifted k h)) (scale -1.0 (field (shifted k -h)))))

/// S(t) with its minibatches, the mean over shared ones.
let private scalar (losses: int -> Polynomial) (tree: Tree) (x: float[]) =
    // S(t) = D^kC(G₁, …, G_k), G = (−1)^|τ|·F(τ)
    let rec along directions p =
        match directions with
        | [] -> value p x
        | (v: float[]) :: rest -> Seq.sum (seq { for k in 0 .. x.Length - 1 -> v[k] * along rest (partial k p) })

    let vectors =
        tree.Children |> List.map (fun child -> scale (if child.Order % 2 = 0 then 1.0 else -1.0) (elementary losses child x))

    along vectors (losses tree.Colour)

let private modifiedLoss (terms: LossTerm list) fields (losses: Polynomial list) x =
    let all, average = Array.ofList losses, mean losses

    terms
    |> List.sumBy (fun term ->
        let value =
            match fields with
            | Fields.Exchangeable ->
                let draws = assignments all.Length (Tree.colours term.Tree |> List.filter (fun c -> c > 0))
                draws |> List.averageBy (fun draw -> scalar (fun c -> if c = 0 then average else all[draw[c]]) term.Tree x)
            | _ -> scalar (fun c -> all[c]) term.Tree x

        term.Coefficient.At 0.0 * value)

let private three = loss |> Gen.listOfLength 3 |> Arb.fromGen
let private m3 = Coefficient.OfInt 3

let private equations =
    [ ModifiedEquation.gradientDescent
      ModifiedEquation.heavyBall (Coefficient.OfFraction(Fractions.Fraction(1, 2)))
      ModifiedEquation.shuffled m3
      ModifiedEquation.withReplacement m3
      ModifiedEquation.shuffledHeavyBall 3 (Coefficient.OfFraction(Fractions.Fraction(1, 2)))
      ModifiedEquation.inOrder 3 [ 0; 1; 2 ]
      ModifiedEquation.inOrder 3 [ 0; 1; 2; 2; 1; 0 ] ]

let tests =
    testList
        "potentials"
        [ property 15 "where the library gives a loss, the field is minus its gradient (central differences)" three (fun losses ->
              for equation in equations do
                  let losses = if equation.Fields = Fields.One then [ losses.Head ] else losses

                  for order in 1..2 do
                      match Potential.ofTerms equation.Fields (equation.Terms order) with
                      | Error _ -> ()
                      | Ok terms ->
                          let h = 1e-5
                          let value x = modifiedLoss terms equation.Fields losses x
                          let shifted k by = Array.mapi (fun j xj -> if j = k then xj + by else xj) start
                          let expected = Array.init 2 (fun k -> -(value (shifted k h) - value (shifted k -h)) / (2.0 * h))
                          let found = fieldOf equation order losses start
                          // central differences of a polynomial: h² of the third derivative, and rounding of 1e-16/h
                          Expect.isLessThan
                              (distance expected found)
                              (1e-8 * (1.0 + distance found [| 0.0; 0.0 |]))
                              $"{equation.Name}, order {order}")

          property 15 "it gives one exactly where the Jacobian of every field is symmetric" three (fun losses ->
              for equation in equations do
                  let losses = if equation.Fields = Fields.One then [ losses.Head ] else losses

                  for order in 1 .. defaultArg equation.HighestOrder 3 do
                      let j = jacobian (fieldOf equation order losses) start
                      let upper, lower = j[0][1], j[1][0]
                      let asymmetry = abs (upper - lower) / (abs upper + abs lower + 1e-3)

                      match Potential.ofTerms equation.Fields (equation.Terms order) with
                      | Ok _ -> Expect.isLessThan asymmetry 1e-6 $"{equation.Name}, order {order} is a gradient"
                      | Error _ -> Expect.isGreaterThan asymmetry 1e-6 $"{equation.Name}, order {order} is none")

          testCase "gradient descent has a modified loss to O(ε) and none at O(ε²)" (fun () ->
              match Potential.ofEquation 2 ModifiedEquation.gradientDescent with
              | Ok [ first; second ] ->
                  Expect.equal (string first.Coefficient) "1" "C"
                  Expect.equal (string second.Coefficient) "1/4" "ε/4·‖∇C‖² (Barrett and Dherin 2021)"
              | other -> failtest $"{other}"

              Expect.isError (Potential.ofEquation 3 ModifiedEquation.gradientDescent) "O(ε²)")

          testCase "a true gradient of higher order is recognised: ½∇(∇Cᵀ∇∇C∇C)" (fun () ->
              // F: f′f′f twice over two ends, f″(f, f) once at the middle
              let leaf = Tree.leaf 0

              let terms =
                  [ { Tree = Tree.node 0 [ Tree.node 0 [ leaf ] ]
                      Coefficient = Coefficient.OfInt 2 }
                    { Tree = Tree.node 0 [ leaf; leaf ]; Coefficient = Coefficient.One } ]

              match Potential.ofTerms Fields.One terms with
              | Ok [ term ] ->
                  Expect.equal (string term.Coefficient) "1" "∇∇C(∇C, ∇C)"
                  Expect.equal term.Tree (Tree.node 0 [ leaf; leaf ]) "rooted at the middle"
              | other -> failtest $"{other}") ]
