namespace NoiseScale.Theory.BackwardError

open System
open System.Numerics
open NoiseScale.Sources

/// <summary>A rooted tree whose nodes have colours: the index of a B-series. A node is an occurrence of a vector field, its colour says which
/// one, its children are what the field's derivative is applied to: •  is f, [•] is f′f, [••] is f″(f, f).</summary>
/// <remarks>Canonical: two trees that differ by the order of children are the same value. Uncoloured trees have colour 0 throughout.
/// (Hairer, Lubich, Wanner, Geometric Numerical Integration, chapter III.)</remarks>
[<Source(Paper.Hairer, "chapter III")>]
type Tree =
    private
        { order: int
          colour: int
          children: Tree list }

    /// The number of nodes, |τ|.
    member t.Order = t.order
    /// The colour of the root.
    member t.Colour = t.colour
    /// The subtrees of the root, in canonical order, repeated as often as they occur.
    member t.Children = t.children

    /// In brackets: • is ∙, and [τ₁τ₂] a root with two subtrees. A colour other than 0 follows its node as an index.
    override t.ToString() =
        let index =
            if t.colour = 0 then
                ""
            else
                t.colour |> string |> String.map (fun digit -> "₀₁₂₃₄₅₆₇₈₉"[int digit - int '0'])

        if t.children.IsEmpty then
            "∙" + index
        else
            $"""[{String.Join("", t.children)}]{index}"""

/// Rooted trees: building, counting, cutting.
[<RequireQualifiedAccess>]
module Tree =

    /// <summary>A root of a colour (0 or more) over subtrees.</summary>
    let node colour (children: Tree list) =
        if colour < 0 then
            invalidArg (nameof colour) $"a colour is 0 or more, not {colour}"

        { order = 1 + List.sumBy (fun (t: Tree) -> t.Order) children
          colour = colour
          children = List.sortDescending children }

    /// The tree of one node of a colour.
    let leaf colour = node colour []

    let private groups (tree: Tree) = tree.Children |> List.countBy id

    /// <summary>σ(τ): the number of symmetries; σ = ∏ nᵢ!·σ(τᵢ)^nᵢ over the distinct subtrees τᵢ, each occurring nᵢ times.</summary>
    let rec symmetry (tree: Tree) : BigInteger =
        groups tree
        |> List.fold
            (fun product (child, count) ->
                let factorial = Seq.fold (fun f (k: int) -> f * BigInteger k) BigInteger.One (seq { 1..count })
                product * factorial * BigInteger.Pow(symmetry child, count))
            BigInteger.One

    /// <summary>γ(τ) = |τ|·∏ γ(τᵢ): the density; the exact flow has the coefficient 1/γ.</summary>
    let rec density (tree: Tree) : BigInteger =
        tree.Children |> List.fold (fun product child -> product * density child) (BigInteger tree.Order)

    /// The tree with other colours.
    let rec recolour (colour: int -> int) (tree: Tree) = node (colour tree.Colour) (List.map (recolour colour) tree.Children)

    /// The colours of its nodes, each once, in increasing order.
    let colours (tree: Tree) =
        let rec all (t: Tree) = t.Colour :: List.collect all t.Children
        all tree |> List.distinct |> List.sort

    /// <summary>All trees of an order with colours 0 … colours−1, each once: 1, 1, 2, 4, 9, 20, 48, 115, 286, 719, … of one colour.</summary>
    /// <param name="colours">the number of colours, at least 1</param>
    /// <param name="order">the number of nodes, at least 1</param>
    let ofOrder (colours: int) (order: int) : Tree list =
        if colours < 1 then
            invalidArg (nameof colours) $"there is at least one colour, not {colours}"

        if order < 1 then
            invalidArg (nameof order) $"a tree has at least one node, not {order}"

        let known = System.Collections.Generic.Dictionary<int, Tree list>()

        let rec ofOrder n =
            match known.TryGetValue n with
            | true, trees -> trees
            | _ ->
                let trees =
                    [ for forest in forests (n - 1) None do
                          for c in 0 .. colours - 1 -> node c forest ]

                known[n] <- trees
                trees

        /// multisets of trees of total order n, none greater than the bound
        and forests n (bound: Tree option) : Tree list list =
            if n = 0 then
                [ [] ]
            else
                [ for size in min n (bound |> Option.map _.Order |> Option.defaultValue n) .. -1 .. 1 do
                      for tree in ofOrder size do
                          if bound |> Option.forall (fun b -> tree <= b) then
                              for rest in forests (n - size) (Some tree) -> tree :: rest ]

        ofOrder order

    /// <summary>All ways of cutting a tree: the part left with the root (None where all is cut away) and the forest cut off, each as often as it
    /// occurs. (The ordered subtrees of Hairer, Lubich and Wanner, III.1.4.)</summary>
    let cuts (tree: Tree) : (Tree option * Tree list) list =
        let rec kept (t: Tree) : (Tree * Tree list) list =
            let choices =
                t.Children |> List.map (fun child -> (None, [ child ]) :: (kept child |> List.map (fun (k, cut) -> Some k, cut)))

            List.foldBack
                (fun options rest ->
                    [ for keep, cut in options do
                          for keeps, cuts in rest -> Option.toList keep @ keeps, cut @ cuts ])
                choices
                [ [], [] ]
            |> List.map (fun (children, cut) -> node t.Colour children, cut)

        (None, [ tree ]) :: (kept tree |> List.map (fun (k, cut) -> Some k, cut))

    /// <summary>All ways of cutting one edge: the part with the root and the part cut off, one pair for each edge.</summary>
    let splits (tree: Tree) : (Tree * Tree) list =
        let rec below (t: Tree) =
            t.Children
            |> List.mapi (fun i child ->
                let others = List.removeAt i t.Children

                (node t.Colour others, child)
                :: (below child |> List.map (fun (trunk, branch) -> node t.Colour (trunk :: others), branch)))
            |> List.concat

        below tree

    /// <summary>The Butcher product u∘v: v becomes one more subtree of u's root.</summary>
    let graft (u: Tree) (v: Tree) = node u.Colour (v :: u.Children)
