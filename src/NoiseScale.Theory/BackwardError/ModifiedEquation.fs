namespace NoiseScale.Theory.BackwardError

open System
open NoiseScale.Sources

/// What the colours of a modified equation's trees stand for.
[<RequireQualifiedAccess>]
type Fields =
    /// colour 0: the field f = −∇C of the one loss
    | One
    /// colour c: f_c = −∇Ĉ_c of minibatch c = 0 … m−1, taken in a given order
    | Minibatches of int
    /// colour 0: the mean f of the minibatches' fields; nodes of one colour i ≥ 1: the same minibatch, with the mean over it
    | Exchangeable

/// One term of a modified equation: coefficient·ε^(|τ|−1)·F(τ).
type Term =
    {
        /// its tree
        Tree: Tree
        /// what F(τ) is multiplied by, besides ε^(|τ|−1); symmetries are included
        Coefficient: Coefficient
    }

/// <summary>The modified equation of an optimizer: the differential equation dw/dt = Σ coefficient·ε^(|τ|−1)·F(τ)(w) whose solution passes
/// through the iterates, t = ε times the number of updates, to all orders in the learning rate ε.</summary>
/// <remarks>
/// <para>Where the order of the data is random: of the mean of the iterates after one pass (an epoch, or the given number of draws) from a given
/// start. Over many passes the iterates spread, and the mean of a function is not the function of the mean: with replacement their variance
/// enters the mean at order ε, so that the flow over a fixed time is right to order 1 only; with shuffling it enters at order ε³, so that orders 1
/// to 3 hold over any time. Slopes over many epochs show both.</para>
/// <para>(P6 sections 2 and 3; Hairer, Lubich, Wanner IX.)</para>
/// </remarks>
[<Source(Paper.P6, "sections 2 and 3")>]
[<Source(Paper.Hairer, "IX")>]
type ModifiedEquation =
    private
        {
            name: string
            fields: Fields
            /// the terms of an order
            terms: int -> Term list
            highest: int option
        }

    /// The optimizer.
    member e.Name = e.name
    /// What its colours stand for.
    member e.Fields = e.fields
    /// The highest order for which it is known; None where it is known to every order.
    member e.HighestOrder = e.highest

    /// <summary>The terms in ε^(order−1), those that vanish left out.</summary>
    /// <param name="order">1 or more</param>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The order is below 1, or above the highest known.</exception>
    member e.Terms(order: int) =
        if order < 1 then
            raise (ArgumentOutOfRangeException(nameof order, order, "an order is 1 or more"))

        match e.highest with
        | Some highest when order > highest ->
            raise (ArgumentOutOfRangeException(nameof order, order, $"the modified equation of {e.name} is known to order {highest}"))
        | _ -> e.terms order

    /// <summary>All terms up to an order.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The order is below 1, or above the highest known.</exception>
    member e.UpTo(order: int) =
        e.Terms order |> ignore // which refuses an order that is none

        [ for n in 1..order do
              yield! e.Terms n ]

/// Partitions of the nodes of a tree: which of them draw the same minibatch.
module internal Partitions =

    /// All partitions of n labelled nodes, as the block number of each: 0, then at most one more than any before.
    let all n =
        let rec extend k (blocks: int list) used =
            if k = n then
                [ List.rev blocks |> Array.ofList ]
            else
                [ for b in 0..used do
                      yield! extend (k + 1) (b :: blocks) (max used (b + 1)) ]

        extend 0 [] 0

    /// The tree with its nodes, in a fixed order, coloured.
    let colour (shape: Tree) (colours: int[]) =
        let mutable next = -1

        let rec walk (t: Tree) =
            next <- next + 1
            let own = colours[next]
            Tree.node own (List.map walk t.Children)

        walk shape

    /// The partition whose blocks are unions of another's, or None; with the Möbius function ∏ (−1)^(k−1)·(k−1)! over the unions of k blocks.
    let moebius (fine: int[]) (coarse: int[]) =
        let images = Array.zip fine coarse |> Array.distinct

        if images |> Array.countBy fst |> Array.exists (fun (_, count) -> count > 1) then
            None
        else
            images
            |> Array.countBy snd
            |> Array.fold (fun product (_, k) -> product * (if k % 2 = 0 then -1 else 1) * Seq.fold (*) 1 (seq { 1 .. k - 1 })) 1
            |> Some

    /// The canonical one of the trees that differ by the names of the colours 1, 2, …; colour 0 stays.
    let canonical (tree: Tree) =
        let shared = Tree.colours tree |> List.filter (fun c -> c > 0)

        Sampling.permutations [ 1 .. shared.Length ]
        |> List.map (fun names ->
            let name = List.zip shared names |> Map.ofList
            Tree.recolour (fun c -> if c = 0 then 0 else name[c]) tree)
        |> List.max

/// Modified equations of the optimizers.
[<RequireQualifiedAccess>]
module ModifiedEquation =

    let private zero, private one = Coefficient.Zero, Coefficient.One
    let private ofSymmetry tree = Coefficient.OfFraction(Fractions.Fraction(System.Numerics.BigInteger.One, Tree.symmetry tree))
    let private ofTerms terms = terms |> List.filter (fun term -> not term.Coefficient.IsZero)

    let private make name fields terms = { name = name; fields = fields; terms = terms; highest = None }

    /// <summary>Of a one-step map on one loss.</summary>
    /// <param name="name">what to call it</param>
    /// <param name="map">the map, in trees of colour 0</param>
    let ofMap name (map: BSeries) =
        let beta = BSeries.modifiedEquation map

        make name Fields.One (fun order ->
            Tree.ofOrder 1 order |> List.map (fun tree -> { Tree = tree; Coefficient = beta[tree] * ofSymmetry tree }) |> ofTerms)

    /// <summary>Of a map of several steps on m minibatches in a given order.</summary>
    /// <param name="name">what to call it</param>
    /// <param name="minibatches">m; the colours are 0 … m−1</param>
    /// <param name="steps">the number of updates that the map stands for</param>
    /// <param name="map">the map</param>
    let ofSequence name minibatches (steps: Coefficient) (map: BSeries) =
        let beta = BSeries.modifiedEquation map

        make name (Fields.Minibatches minibatches) (fun order ->
            Tree.ofOrder minibatches order
            |> List.map (fun tree -> { Tree = tree; Coefficient = beta[tree] * ofSymmetry tree / steps })
            |> ofTerms)

    /// <summary>Of the mean map of several steps on m minibatches whose order is random, all minibatches being treated alike.</summary>
    /// <param name="name">what to call it</param>
    /// <param name="minibatches">m, a number or a symbol</param>
    /// <param name="steps">the number of updates that the map stands for</param>
    /// <param name="map">the map; its coefficients depend only on which nodes share a colour</param>
    /// <remarks>A sum over distinct minibatches becomes sums over independent ones (Möbius inversion over the partitions of the nodes), and
    /// a minibatch that occurs once becomes the mean field: so the terms are moments of the minibatches' fields.</remarks>
    let ofMeanMap name (minibatches: Coefficient) (steps: Coefficient) (map: BSeries) =
        let beta = BSeries.modifiedEquation map

        make name Fields.Exchangeable (fun order ->
            let partitions = Partitions.all order

            [ for shape in Tree.ofOrder 1 order do
                  let coefficients =
                      partitions |> List.map (fun p -> p, beta[Partitions.colour shape p] * ofSymmetry shape)

                  for coarse in partitions do
                      let total =
                          coefficients
                          |> List.fold
                              (fun sum (fine, coefficient) ->
                                  match Partitions.moebius fine coarse with
                                  | Some weight when not coefficient.IsZero -> sum + Coefficient.OfInt weight * coefficient
                                  | _ -> sum)
                              zero

                      if not total.IsZero then
                          let sizes = Array.countBy id coarse |> Map.ofArray
                          let named = coarse |> Array.map (fun block -> if sizes[block] = 1 then 0 else block + 1)
                          let draws = Seq.fold (*) one (Seq.replicate sizes.Count minibatches)
                          Partitions.canonical (Partitions.colour shape named), total * draws / steps ]
            |> List.groupBy fst
            |> List.map (fun (tree, terms) -> { Tree = tree; Coefficient = terms |> Seq.map snd |> Seq.fold (+) zero })
            |> ofTerms)

    let private euler = BSeries.euler one

    /// <summary>Gradient descent: dw/dt = f − (ε/2)f′f + ε²(⅓f′f′f + ¹⁄₁₂f″(f, f)) − …  (P6 Eqs. 8–11 to second order.)</summary>
    [<Source(Paper.P6, "Eqs. 8–11")>]
    let gradientDescent = ofMap "gradient descent" OneStep.gradientDescent

    /// <summary>Heavy ball, on its slow manifold: dw/dt = f/(1−β) − (ε/2)(1+β)/(1−β)³·f′f + …  (Kovachki and Stuart 2021; Ghosh et al. 2023.)</summary>
    /// <param name="momentum">β, a number or a symbol</param>
    [<Source(Paper.Kovachki2021)>]
    [<Source(Paper.Ghosh2023)>]
    let heavyBall momentum = ofMap "heavy ball" (OneStep.heavyBall momentum)

    /// <summary>Nesterov's method as PyTorch writes it, on its slow manifold.</summary>
    /// <param name="momentum">β, a number or a symbol</param>
    let nesterov momentum = ofMap "Nesterov's method" (OneStep.nesterov momentum)

    /// <summary>One epoch of SGD on m minibatches in a given order (an order may also repeat or leave out minibatches).</summary>
    /// <param name="minibatches">m</param>
    /// <param name="order">the minibatch of each update, 0 … m−1</param>
    let inOrder minibatches (order: int seq) =
        let order = List.ofSeq order

        if order.IsEmpty || order |> List.exists (fun c -> c < 0 || c >= minibatches) then
            invalidArg (nameof order) $"an order has at least one update, and names minibatches 0 … {minibatches - 1}"

        Sampling.inOrder euler order |> ofSequence "SGD in a given order" minibatches (Coefficient.OfInt order.Length)

    /// <summary>SGD with random shuffling: dw/dt = f − (ε/2)·mean_i f_i′f_i + …, the gradient flow of C + (ε/4)·mean_i ‖∇Ĉ_i‖².
    /// (P6 Eqs. 1, 14–20)</summary>
    /// <param name="minibatches">m, a number or a symbol</param>
    [<Source(Paper.P6, "Eqs. 1, 14–20")>]
    let shuffled minibatches = Sampling.shuffled euler |> ofMeanMap "SGD with random shuffling" minibatches minibatches

    /// <summary>SGD that draws every minibatch anew: no term of the gradients' variance at order ε. (Li, Tai, E 2017; P6 section 2.2)</summary>
    /// <param name="minibatches">m, a number or a symbol; also the number of steps over which the mean is taken</param>
    /// <remarks>After these m draws from a given start. Over many the noise of the gradients enters the mean at order ε through f″.</remarks>
    [<Source(Paper.Li2017)>]
    [<Source(Paper.P6, "section 2.2")>]
    let withReplacement minibatches =
        Sampling.withReplacement minibatches minibatches euler |> ofMeanMap "SGD with replacement" minibatches minibatches

    /// <summary>n-step SGD with random shuffling: n steps of gradient descent on each minibatch; ε is the step of each. (P6 Eqs. 38–39)</summary>
    /// <param name="steps">n, a number or a symbol</param>
    /// <param name="minibatches">m, a number (or the same symbol)</param>
    [<Source(Paper.P6, "Eqs. 38–39")>]
    let shuffledSteps (steps: Coefficient) minibatches =
        let step colour = OneStep.repeat steps (euler colour)
        Sampling.shuffled step |> ofMeanMap $"{steps}-step SGD with random shuffling" minibatches (steps * minibatches)

    let private shuffledMomentum name (minibatches: int) (momentum: Coefficient) lag map =
        if minibatches < 2 then
            invalidArg (nameof minibatches) $"shuffling takes at least 2 minibatches, not {minibatches}"

        let beta = BSeries.modifiedEquation map
        let chain c = Tree.node c [ Tree.leaf c ]
        let less = one - momentum
        let correlated = Sampling.pairsOfOneEpoch minibatches lag momentum / (less * less)

        let terms order =
            match order with
            | 1 -> [ { Tree = Tree.leaf 0; Coefficient = beta[Tree.leaf 0] } ]
            | _ ->
                [ { Tree = chain 0; Coefficient = beta[chain 0] + correlated }; { Tree = chain 1; Coefficient = -correlated } ]
                |> ofTerms

        { make name Fields.Exchangeable terms with highest = Some 2 }

    /// <summary>SGD with heavy-ball momentum and random shuffling, to order 2: dw/dt = f/(1−β) − (ε/2)(1+β)/(1−β)³·f′f
    /// − ε·S/(1−β)²·(mean_i f_i′f_i − f′f), S = Σ_{d=1}^{m−1}(m−d)(1−β^d)/(m(m−1)).</summary>
    /// <param name="minibatches">m, at least 2</param>
    /// <param name="momentum">β, a number or a symbol</param>
    /// <remarks>Two steps of one epoch never take the same minibatch; momentum spreads each gradient over later steps, so that a part of them
    /// meets the next epoch's, which is independent. To order 2 only: beyond it the mean after two epochs is no function of the mean after
    /// one.</remarks>
    let shuffledHeavyBall (minibatches: int) (momentum: Coefficient) =
        shuffledMomentum "SGD with heavy-ball momentum and random shuffling" minibatches momentum 0 (OneStep.heavyBall momentum)

    /// <summary>SGD with Nesterov's momentum, as PyTorch writes it, and random shuffling, to order 2: as <c>shuffledHeavyBall</c> with Nesterov's
    /// terms and S = Σ_{d=1}^{m−1}(m−d)(1−β^(d+1))/(m(m−1)).</summary>
    /// <param name="minibatches">m, at least 2</param>
    /// <param name="momentum">β, a number or a symbol</param>
    let shuffledNesterov (minibatches: int) (momentum: Coefficient) =
        shuffledMomentum "SGD with Nesterov's momentum and random shuffling" minibatches momentum 1 (OneStep.nesterov momentum)
