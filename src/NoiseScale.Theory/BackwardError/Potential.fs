namespace NoiseScale.Theory.BackwardError

/// <summary>One term of a modified loss: coefficient·ε^(nodes−1)·S(t), S(t) the contraction of derivatives of the loss along the edges of a
/// tree without root: the loss itself, ‖∇C‖², ∇C·∇∇C·∇C, …</summary>
type LossTerm =
    {
        /// the tree, rooted where it is most convenient to write and to compute
        Tree: Tree
        /// what S(t) is multiplied by, besides ε^(nodes−1)
        Coefficient: Coefficient
    }

/// <summary>Two rootings of one tree that would have to have the same coefficient if the field were a gradient, and have not.</summary>
type Asymmetry =
    {
        /// one rooting, and its coefficient for each of its occurrences
        First: Tree * Coefficient
        /// another of the same tree
        Second: Tree * Coefficient
    }

/// When a modified equation is a gradient flow, and of which loss.
[<RequireQualifiedAccess>]
module Potential =

    /// The tree rooted at each of its nodes.
    let private rootings (tree: Tree) =
        let rec walk (t: Tree) (above: Tree option) =
            let here = Tree.node t.Colour (Option.toList above @ t.Children)

            here
            :: (t.Children
                |> List.mapi (fun i child -> walk child (Some(Tree.node t.Colour (Option.toList above @ List.removeAt i t.Children))))
                |> List.concat)

        walk tree None

    /// The number of levels below the root: low trees are quick to evaluate and short to write.
    let rec private height (tree: Tree) =
        if tree.Children.IsEmpty then
            0
        else
            1 + (tree.Children |> Seq.map height |> Seq.max)

    /// <summary>The loss C̃ with −∇C̃ the terms of an order, or what keeps them from being a gradient.</summary>
    /// <remarks>With f = −∇C, ∇S(t) is the sum of (−1)^|τ|·F(τ) over the rootings τ of t at each of its nodes. So the terms are a gradient
    /// for every loss if and only if, for each t, the coefficients divided by the number of nodes that give that rooting are all equal;
    /// C̃ has (−1)^(|t|+1) times that number. At order 3 those of gradient descent are (1/3)/2 = 1/6 and 1/12: it has no modified loss there.</remarks>
    let ofTerms (fields: Fields) (terms: Term list) : Result<LossTerm list, Asymmetry> =
        let canonical tree = if fields = Fields.Exchangeable then Partitions.canonical tree else tree
        let coefficients = terms |> Seq.map (fun term -> term.Tree, term.Coefficient) |> dict

        let coefficient tree =
            match coefficients.TryGetValue tree with
            | true, value -> value
            | _ -> Coefficient.Zero

        let free tree = rootings tree |> List.map canonical

        let rec collect (seen: Set<Tree>) found terms =
            match terms with
            | [] -> Ok(List.rev found)
            | (term: Term) :: rest when seen.Contains term.Tree -> collect seen found rest
            | term :: rest ->
                let all = free term.Tree

                let shares =
                    all |> List.countBy id |> List.map (fun (tree, count) -> tree, coefficient tree / Coefficient.OfInt count)

                let _, share = shares.Head

                match shares |> List.tryFind (fun (_, other) -> other <> share) with
                | Some different -> Error { First = shares.Head; Second = different }
                | None ->
                    let root = all |> List.minBy (fun tree -> height tree, tree)
                    let sign = if term.Tree.Order % 2 = 0 then -Coefficient.One else Coefficient.One
                    collect (Set.union seen (Set.ofList all)) ({ Tree = root; Coefficient = sign * share } :: found) rest

        collect Set.empty [] terms

    /// <summary>The modified loss to an order: its terms in 1, ε, …, ε^(order−1).</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The equation is not known to that order.</exception>
    let ofEquation (order: int) (equation: ModifiedEquation) : Result<LossTerm list, Asymmetry> =
        let rec collect n found =
            if n > order then
                Ok(List.rev found |> List.concat)
            else
                equation.Terms n |> ofTerms equation.Fields |> Result.bind (fun terms -> collect (n + 1) (terms :: found))

        collect 1 []
