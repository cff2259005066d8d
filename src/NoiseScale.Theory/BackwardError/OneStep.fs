namespace NoiseScale.Theory.BackwardError

open NoiseScale.Sources

/// <summary>Optimizers on one loss as one-step maps: h is the learning rate, the field is f = −∇C.</summary>
[<RequireQualifiedAccess>]
module OneStep =

    let private one = Coefficient.One
    let private delta tree = if tree = Tree.leaf tree.Colour then one else Coefficient.Zero

    /// <summary>w ↦ w + ε·f(w).</summary>
    let gradientDescent = BSeries.euler one 0

    /// <summary>A map repeated n times; n may be a symbol: the flow of n times its modified equation.</summary>
    let repeat (n: Coefficient) (map: BSeries) =
        let beta = BSeries.modifiedEquation map
        BSeries.flow (BSeries.field (fun tree -> n * beta[tree]))

    // A two-step method w₊ = w + ε·g + β(w − w₋) has an underlying one-step map Φ, on whose slow manifold w₋ = Φ⁻¹(w):
    // Φ(w) = w + ε·g + β(w − Φ⁻¹(w)). Every tree's coefficient occurs on both sides, a⁻¹(τ) = −a(τ) − rest, so that
    // (1 − β)·a(τ) = ε·g(τ) + β·rest. (Kirchgraber 1986; Hairer, Lubich, Wanner XV.2; for optimizers Kovachki and Stuart 2021.)
    let private underlying (momentum: Coefficient) (gradient: BSeries -> Tree -> Coefficient) =
        if momentum.SymbolName.IsNone && (momentum.Value < Fractions.Fraction.Zero || momentum.Value >= Fractions.Fraction.One) then
            invalidArg (nameof momentum) $"momentum lies in [0, 1); it is {momentum}"

        let inverses = System.Runtime.CompilerServices.ConditionalWeakTable<BSeries, BSeries>()
        let inverse (map: BSeries) = inverses.GetValue(map, (fun map -> BSeries.inverse map))

        BSeries(
            one,
            (fun map tree ->
                let inverse = inverse map
                let rest = BSeries.inverseRest (fun t -> map[t]) (fun t -> inverse[t]) tree
                (gradient inverse tree + momentum * rest) / (one - momentum))
        )

    /// <summary>Heavy ball, w₊ = w + ε·f(w) + β(w − w₋), as PyTorch's SGD with dampening 0 at a constant learning rate: its underlying
    /// one-step map.</summary>
    /// <param name="momentum">β, a number in [0, 1) or a symbol</param>
    /// <remarks>The map describes the iterates once they have reached the slow manifold: they do at about the rate β^k, slower near the edge of the
    /// band ε·λ &lt; (1 − √β)², λ the largest curvature (η·λ &lt; (1 − √β)/(1 + √β) with η = ε/(1 − β): 0.026 at β = 0.9). Beyond it the
    /// eigenvalues are complex, and no one-step map underlies the method. (Ghosh et al. 2023)</remarks>
    [<Source(Paper.Ghosh2023)>]
    let heavyBall momentum = underlying momentum (fun _ tree -> delta tree)

    /// <summary>Nesterov's accelerated gradient as PyTorch writes it, in terms of the parameters at which gradients are taken:
    /// w₊ = w + ε·f(w) + β(w − w₋) + βε(f(w) − f(w₋)): its underlying one-step map.</summary>
    /// <param name="momentum">β, a number in [0, 1) or a symbol</param>
    /// <remarks>On the slow manifold, for ε·λ &lt; ((1 − β)/(1 + β))² (η·λ &lt; (1 − β)/(1 + β)²: 0.028 at β = 0.9): beyond it the eigenvalues are
    /// complex.</remarks>
    let nesterov momentum =
        underlying momentum (fun inverse tree ->
            let before = tree.Children |> Seq.fold (fun product child -> product * inverse[child]) one // of f(w₋)
            delta tree + momentum * (delta tree - before))
