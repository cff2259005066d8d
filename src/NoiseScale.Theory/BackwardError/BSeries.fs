namespace NoiseScale.Theory.BackwardError

open System.Collections.Concurrent
open NoiseScale.Sources
open Fractions

/// <summary>A B-series in vector fields f₀, f₁, …: a(∅)·y + Σ_τ h^|τ|/σ(τ)·a(τ)·F(τ)(y), F(τ) the elementary differential of a tree. Maps have
/// a(∅) = 1, vector fields (times h) a(∅) = 0.</summary>
/// <remarks>Coefficients are computed when asked for and kept: a series has all orders. Composition, inverse and logarithm are exact.
/// (Hairer, Lubich, Wanner, Geometric Numerical Integration, III.1 and IX.9.)</remarks>
[<Source(Paper.Hairer, "III.1 and IX.9")>]
[<Sealed>]
type BSeries internal (atEmpty: Coefficient, compute: BSeries -> Tree -> Coefficient) =
    let known = ConcurrentDictionary<Tree, Coefficient>()

    /// a(∅): 1 for a map, 0 for a vector field.
    member _.AtEmpty = atEmpty

    /// a(τ).
    member series.Item(tree: Tree) : Coefficient =
        match known.TryGetValue tree with
        | true, value -> value
        | _ ->
            let value = compute series tree
            known[tree] <- value
            value

/// Maps and vector fields as B-series, their composition, and the modified equation.
[<RequireQualifiedAccess>]
module BSeries =

    let private zero, private one = Coefficient.Zero, Coefficient.One
    let private ofFraction (value: Fraction) = Coefficient.OfFraction value
    let private sum terms = Seq.fold (+) zero terms
    let private product factors = Seq.fold (*) one factors

    /// A map from its coefficients.
    let map (coefficient: Tree -> Coefficient) = BSeries(one, (fun _ tree -> coefficient tree))

    /// A vector field (times h) from its coefficients.
    let field (coefficient: Tree -> Coefficient) = BSeries(zero, (fun _ tree -> coefficient tree))

    /// y ↦ y.
    let identity = map (fun _ -> zero)

    /// <summary>One step of gradient descent on the field of a colour: y ↦ y + step·h·f_c(y).</summary>
    let euler (step: Coefficient) colour = map (fun tree -> if tree = Tree.leaf colour then step else zero)

    /// <summary>The exact flow of Σ_c f_c for time h: a(τ) = 1/γ(τ).</summary>
    let exactFlow =
        map (fun tree -> ofFraction (Fraction(System.Numerics.BigInteger.One, Tree.density tree)))

    /// <summary>One step of a Runge–Kutta method on an uncoloured field: a(τ) = Σᵢ bᵢ ∏ₖ (A-weights of the subtrees)ᵢ.</summary>
    /// <param name="a">its matrix, s rows of s</param>
    /// <param name="b">its weights, s of them</param>
    let rungeKutta (a: Fraction[][]) (b: Fraction[]) =
        if a.Length <> b.Length || a |> Array.exists (fun row -> row.Length <> b.Length) then
            invalidArg (nameof a) $"the matrix must be {b.Length} by {b.Length}, as there are {b.Length} weights"

        let rec stages (tree: Tree) : Fraction[] =
            let below =
                tree.Children
                |> List.map (fun child -> let g = stages child in a |> Array.map (fun row -> Array.map2 (*) row g |> Array.sum))

            Array.init b.Length (fun i -> below |> List.fold (fun p values -> p * values[i]) Fraction.One)

        map (fun tree -> Array.map2 (*) b (stages tree) |> Array.sum |> ofFraction)

    /// <summary>First one map, then another: (first·next)(τ) = Σ next(trunk)·∏ first(branch), over all cuts of τ.</summary>
    let compose (first: BSeries) (next: BSeries) =
        map (fun tree ->
            Tree.cuts tree
            |> Seq.map (fun (trunk, branches) ->
                match trunk |> Option.map (fun t -> next[t]) with
                | Some weight when weight.IsZero -> zero
                | weight -> Option.defaultValue one weight * (branches |> Seq.map (fun t -> first[t]) |> product))
            |> sum)

    /// The map of maps one after the other, first to last.
    let inTurn (maps: BSeries seq) = Seq.fold compose identity maps

    /// <summary>What the inverse's coefficient is beside −a(τ): a⁻¹(τ) = −a(τ) − rest, the rest from smaller trees.</summary>
    let internal inverseRest (a: Tree -> Coefficient) (inverse: Tree -> Coefficient) (tree: Tree) =
        Tree.cuts tree
        |> Seq.map (fun (trunk, branches) ->
            match trunk with
            | None -> zero
            | Some trunk when trunk.Order = tree.Order -> zero
            | Some trunk -> inverse trunk * (branches |> Seq.map a |> product))
        |> sum

    /// The inverse of a map.
    let inverse (map: BSeries) =
        BSeries(one, (fun self tree -> -(map[tree] + inverseRest (fun t -> map[t]) (fun t -> self[t]) tree)))

    /// <summary>The derivative of a B-series along a vector field: (∂_β c)(τ) = c(∅)·β(τ) + Σ c(trunk)·β(branch), over the edges of τ.</summary>
    let lieDerivative (beta: BSeries) (c: BSeries) =
        field (fun tree ->
            let whole = if c.AtEmpty.IsZero then zero else c.AtEmpty * beta[tree]
            whole + (Tree.splits tree |> Seq.map (fun (trunk, branch) -> c[trunk] * beta[branch]) |> sum))

    /// Σ_{j ≥ 2} (∂_β^{j−1} β)(τ)/j!: what the flow of a field adds to it, from smaller trees.
    let private higherDerivatives () =
        let repeated = ConcurrentDictionary<int, BSeries>()

        fun (beta: BSeries) (tree: Tree) ->
            let rec derivative j =
                if j = 0 then
                    beta
                else
                    repeated.GetOrAdd(j, (fun j -> lieDerivative beta (derivative (j - 1))))

            let mutable factorial = Fraction.One

            [ for j in 2 .. tree.Order do
                  factorial <- factorial * Fraction j
                  derivative (j - 1), Fraction.One / factorial ]
            |> Seq.map (fun (d, weight) -> ofFraction weight * d[tree])
            |> sum

    /// <summary>The flow for time h of a field given times h: a(τ) = Σ_j (∂_β^{j−1} β)(τ)/j!.</summary>
    let flow (beta: BSeries) =
        let higher = higherDerivatives ()
        map (fun tree -> beta[tree] + higher beta tree)

    /// <summary>The modified equation of a map: the field (times h) whose flow for time h is the map, to every order; the inverse of
    /// <c>flow</c>. (Backward error analysis; Hairer, Lubich, Wanner IX.9.2.)</summary>
    /// <exception cref="T:System.ArgumentException">It is a field, not a map.</exception>
    [<Source(Paper.Hairer, "IX.9.2")>]
    let modifiedEquation (map: BSeries) =
        if map.AtEmpty <> one then
            invalidArg (nameof map) "only a map, with a(∅) = 1, has a modified equation"

        let higher = higherDerivatives ()
        BSeries(zero, (fun beta tree -> map[tree] - higher beta tree))
