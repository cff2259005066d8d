module NoiseScale.Theory.Tests.TreeTests

open System.Numerics
open Expecto
open FsCheck.FSharp
open Fractions
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError
open NoiseScale.Theory.Tests.Property

let private factorial (n: int) = Seq.fold (fun f (k: int) -> f * BigInteger k) BigInteger.One (seq { 1..n })

/// The number of rooted trees of each order with c colours: T(x) = c·x·exp(Σ_k T(x^k)/k), by the Euler transform.
let private counts colours most =
    let trees = Array.create (most + 1) BigInteger.Zero
    trees[1] <- BigInteger(colours: int)

    for n in 1 .. most - 1 do
        // n·trees[n+1] = Σ_{k=1..n} (Σ_{d|k} d·trees[d])·trees[n−k+1]
        let sums =
            [| for k in 0..n ->
                   seq {
                       for d in 1 .. max 1 k do
                           if k > 0 && k % d = 0 then
                               BigInteger d * trees[d]
                   }
                   |> Seq.fold (+) BigInteger.Zero |]

        let total = Seq.fold (+) BigInteger.Zero (seq { for k in 1..n -> sums[k] * trees[n - k + 1] })
        trees[n + 1] <- total / BigInteger n

    trees

let tests =
    testList
        "rooted trees"
        [ testCase "1, 1, 2, 4, 9, 20, 48, 115, 286, 719 of orders 1 to 10" (fun () ->
              Expect.equal [ for n in 1..10 -> (Tree.ofOrder 1 n).Length ] [ 1; 1; 2; 4; 9; 20; 48; 115; 286; 719 ] "uncoloured")

          testCase "coloured ones are counted by the Euler transform" (fun () ->
              for colours, most in [ 1, 11; 2, 7; 3, 6; 4, 5 ] do
                  let expected = counts colours most

                  for n in 1..most do
                      let trees = Tree.ofOrder colours n
                      Expect.equal (BigInteger trees.Length) expected[n] $"{colours} colours, order {n}"
                      Expect.equal (List.distinct trees).Length trees.Length "each once"
                      Expect.all trees (fun t -> t.Order = n) "all of the order")

          testCase "Σ n!/σ = c^n·n^(n−1), the labelled rooted trees (Cayley)" (fun () ->
              for colours, most in [ 1, 9; 2, 6; 3, 5 ] do
                  for n in 1..most do
                      let sum =
                          Tree.ofOrder colours n |> Seq.fold (fun s t -> s + factorial n / Tree.symmetry t) BigInteger.Zero

                      Expect.equal sum (BigInteger.Pow(BigInteger colours, n) * BigInteger.Pow(BigInteger n, n - 1)) $"order {n}")

          testCase "Σ n!/(σγ) = (n−1)!, the increasing trees" (fun () ->
              for n in 1..10 do
                  let sum =
                      Tree.ofOrder 1 n
                      |> Seq.fold (fun s t -> s + Fraction(factorial n) / Fraction(Tree.symmetry t * Tree.density t)) Fraction.Zero

                  Expect.equal sum (Fraction(factorial (n - 1))) $"order {n}")

          testCase "the order of children does not matter" (fun () ->
              let a, b = Tree.node 0 [ Tree.leaf 1 ], Tree.leaf 0
              Expect.equal (Tree.node 2 [ a; b; a ]) (Tree.node 2 [ b; a; a ]) "equal"
              Expect.equal (Tree.symmetry (Tree.node 2 [ a; b; a ])) (BigInteger 2) "two equal subtrees"
              Expect.equal (Tree.symmetry (Tree.node 0 [ Tree.leaf 0; Tree.leaf 1 ])) BigInteger.One "colours tell nodes apart")

          testCase "cuts and splits" (fun () ->
              for n in 1..6 do
                  for tree in Tree.ofOrder 1 n do
                      Expect.equal (Tree.splits tree).Length (n - 1) "one split for each edge"

                      for trunk, branches in Tree.cuts tree do
                          let left = trunk |> Option.map _.Order |> Option.defaultValue 0
                          Expect.equal (left + List.sumBy (fun (t: Tree) -> t.Order) branches) n "nothing is lost"

                  // a tall tree of n nodes can be cut above each node, or not at all; a broom keeps any set of its leaves
                  let tall = Seq.fold (fun t _ -> Tree.node 0 [ t ]) (Tree.leaf 0) (seq { 2..n })
                  let broom = Tree.node 0 (List.replicate (n - 1) (Tree.leaf 0))
                  Expect.equal (Tree.cuts tall).Length (n + 1) "tall"
                  Expect.equal (Tree.cuts broom).Length (pown 2 (n - 1) + 1) "broom")

          testCase "bad input is named" (fun () ->
              Expect.throwsT<System.ArgumentException> (fun () -> Tree.leaf -1 |> ignore) "colour"
              Expect.throwsT<System.ArgumentException> (fun () -> Tree.ofOrder 1 0 |> ignore) "order"
              Expect.throwsT<System.ArgumentException> (fun () -> Tree.ofOrder 0 1 |> ignore) "colours") ]
