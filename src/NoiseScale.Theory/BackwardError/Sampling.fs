namespace NoiseScale.Theory.BackwardError

open System.Collections.Concurrent
open NoiseScale.Sources
open Fractions

/// <summary>Many steps on minibatches: colour c is the field f_c = −∇Ĉ_c of minibatch c. The map is the mean over the order of the data, where
/// that is random.</summary>
[<Source(Paper.P6, "Eqs. 14–20")>]
[<RequireQualifiedAccess>]
module Sampling =

    let private zero, private one = Coefficient.Zero, Coefficient.One

    /// <summary>The minibatches in a given order, each by a step map of its colour.</summary>
    let inOrder (step: int -> BSeries) (order: int seq) =
        let steps = ConcurrentDictionary<int, BSeries>()
        order |> Seq.map (fun colour -> steps.GetOrAdd(colour, step)) |> BSeries.inTurn

    /// All orders of some items.
    let rec internal permutations items =
        match items with
        | [] -> [ [] ]
        | _ ->
            [ for item in items do
                  for rest in permutations (List.except [ item ] items) -> item :: rest ]

    /// <summary>Every minibatch once, in random order: the mean over all orders. A tree asks only about the minibatches it names, so the
    /// coefficients do not depend on their number.</summary>
    let shuffled (step: int -> BSeries) =
        let known = ConcurrentDictionary<int list, BSeries>()
        let epoch order = known.GetOrAdd(order, (fun order -> inOrder step order))

        BSeries.map (fun tree ->
            let orders = permutations (Tree.colours tree)
            let total = orders |> Seq.fold (fun sum order -> sum + (epoch order)[tree]) zero
            total / Coefficient.OfInt orders.Length)

    /// All ways of cutting every tree of a forest at once.
    let private cutsOf (forest: Tree list) =
        List.foldBack
            (fun tree rest ->
                [ for trunk, branches in Tree.cuts tree do
                      for trunks, cut in rest -> Option.toList trunk @ trunks, branches @ cut ])
            forest
            [ [], [] ]

    /// <summary>Independent uniform draws of a minibatch at every step: the mean over all draws.</summary>
    /// <param name="minibatches">m, the number of minibatches; a number or a symbol</param>
    /// <param name="steps">the number of steps; a number or the same symbol</param>
    /// <param name="step">the step map of a colour</param>
    /// <remarks>The mean of a product is not the product of means, so the mean map is a functional on forests of trees; with φ the one of a
    /// single step, that of s steps is its convolution power φ^s = Σ_k C(s, k)·(φ − 1)^k, a polynomial in s.</remarks>
    let withReplacement (minibatches: Coefficient) (steps: Coefficient) (step: int -> BSeries) =
        let maps = ConcurrentDictionary<int, BSeries>()

        // φ − 1: nothing from no tree; else all nodes have to be of the minibatch drawn, which has the probability 1/m
        let once (forest: Tree list) =
            match forest |> List.collect Tree.colours |> List.distinct with
            | [ colour ] -> forest |> List.fold (fun product tree -> product * maps.GetOrAdd(colour, step)[tree]) (one / minibatches)
            | _ -> zero

        let known = ConcurrentDictionary<struct (int * Tree list), Coefficient>()

        let rec power k (forest: Tree list) =
            if k = 0 then
                (if forest.IsEmpty then one else zero)
            elif List.sumBy (fun (t: Tree) -> t.Order) forest < k then
                zero
            else
                let forest = List.sort forest

                match known.TryGetValue(struct (k, forest)) with
                | true, value -> value
                | _ ->
                    let value =
                        cutsOf forest
                        |> Seq.filter (fun (trunks, _) -> not trunks.IsEmpty)
                        |> Seq.fold
                            (fun sum (trunks, branches) ->
                                let last = once trunks
                                if last.IsZero then sum else sum + last * power (k - 1) branches)
                            zero

                    known[struct (k, forest)] <- value
                    value

        BSeries.map (fun tree ->
            let mutable binomial, sum = one, zero

            for k in 1 .. tree.Order do
                binomial <- binomial * (steps - Coefficient.OfInt(k - 1)) / Coefficient.OfInt k
                sum <- sum + binomial * power k [ tree ]

            sum)

    /// <summary>What momentum leaves of the mean product of a later and an earlier step of one epoch, summed over its pairs of steps and
    /// divided by the number of steps times m − 1: S = Σ_{d=1}^{m−1} (m−d)(1 − β^(d+lag))/(m(m−1)); ½ without momentum.</summary>
    /// <remarks>A gradient moves the parameters by ε(1 − β^d)/(1 − β) within d steps (heavy ball, lag 0), ε(1 − β^(d+1))/(1 − β) (Nesterov, lag 1).</remarks>
    let internal pairsOfOneEpoch (m: int) (lag: int) (momentum: Coefficient) =
        let mutable power, sum = Seq.fold (*) one (Seq.replicate lag momentum), zero

        for d in 1 .. m - 1 do
            power <- power * momentum
            sum <- sum + Coefficient.OfInt(m - d) * (one - power)

        sum / Coefficient.OfInt(m * (m - 1))
