namespace NoiseScale.Theory.BackwardError

open System.Collections.Generic
open DiffSharp
open NoiseScale.Theory

/// Elementary differentials of a loss by nested derivatives: no tensor of third or higher derivatives is ever formed.
module internal ElementaryDifferential =

    /// DC[v]: the derivative along v, as a function of the parameters.
    let private along (v: Tensor[]) (loss: Loss) : Loss = fun w -> Parameters.dot (dsharp.grads loss w) v

    /// G(τ) = ∇D^kC[G(τ₁), …, G(τ_k)] = (−1)^|τ|·F(τ), for the losses of the colours. Each tree is evaluated once.
    /// Differentiable in w where w is being differentiated.
    let vectors (losses: int -> Loss) (w: Tensor[]) : Tree -> Tensor[] =
        let known = Dictionary<Tree, Tensor[]>()

        let rec vector (tree: Tree) =
            match known.TryGetValue tree with
            | true, value -> value
            | _ ->
                let below = tree.Children |> List.map vector
                let value = dsharp.grads (List.fold (fun loss v -> along v loss) (losses tree.Colour) below) w
                known[tree] <- value
                value

        vector

    /// S(t) = D^kC[G(τ₁), …, G(τ_k)], t rooted where it has the subtrees τ₁ … τ_k.
    let scalar (losses: int -> Loss) (vector: Tree -> Tensor[]) (w: Tensor[]) (tree: Tree) : Tensor =
        match tree.Children with
        | [] -> losses tree.Colour w
        | [ child ] -> Parameters.dot (vector (Tree.leaf tree.Colour)) (vector child)
        | first :: rest ->
            let loss = rest |> List.fold (fun loss child -> along (vector child) loss) (losses tree.Colour)
            Parameters.dot (dsharp.grads loss w) (vector first)

/// How the terms of a modified equation meet the losses of minibatches.
module internal Terms =

    /// The number that a coefficient is, m being the number of minibatches.
    let number name (minibatches: int) (coefficient: Coefficient) =
        match coefficient.SymbolName with
        | None -> coefficient.Value.ToDouble()
        | Some "m" -> coefficient.At(Fractions.Fraction minibatches).ToDouble()
        | Some symbol ->
            invalidArg "equation" $"the modified equation of {name} depends on {symbol}: to evaluate it, derive it with a number"

    let check (equation: ModifiedEquation) (losses: Loss[]) =
        match equation.Fields with
        | Fields.One when losses.Length <> 1 -> invalidArg "losses" $"{equation.Name} has one loss, not {losses.Length}"
        | Fields.Minibatches m when losses.Length <> m -> invalidArg "losses" $"{equation.Name} has {m} minibatches, not {losses.Length}"
        | Fields.Exchangeable when losses.Length = 0 -> invalidArg "losses" "there is at least one minibatch"
        | _ -> ()

    /// All assignments of minibatches to the shared colours 1, 2, … of a tree: the concrete colour (minibatch + 1) of each colour, 0 the mean.
    let private draws minibatches (tree: Tree) : (int -> int) seq =
        let rec assignments colours : Map<int, int> seq =
            match colours with
            | [] -> Seq.singleton Map.empty
            | c :: rest ->
                seq {
                    for map in assignments rest do
                        for i in 1..minibatches -> Map.add c i map
                }

        assignments (Tree.colours tree |> List.filter (fun c -> c > 0))
        |> Seq.map (fun assigned c -> if c = 0 then 0 else assigned[c])

    /// The sum over draws (the mean, if the fields are exchangeable) of what `evaluate` gives for each tree with concrete colours, `losses` for
    /// those colours. Vectors of the mean loss alone are kept for all; those of a draw are dropped with it, so that memory does not grow with m.
    let sum (equation: ModifiedEquation) (losses: Loss[]) (w: Tensor[]) (trees: (Tree * float) list) evaluate add zero =
        let lossOf =
            match equation.Fields with
            | Fields.Exchangeable ->
                let mean = Parameters.mean losses
                fun c -> if c = 0 then mean else losses[c - 1]
            | _ -> fun c -> losses[c]

        let shared = ElementaryDifferential.vectors lossOf w

        trees
        |> List.fold
            (fun total (tree, weight) ->
                match equation.Fields with
                | Fields.Exchangeable when Tree.colours tree <> [ 0 ] ->
                    let all = draws losses.Length tree |> Array.ofSeq

                    all
                    |> Array.fold
                        (fun total draw ->
                            let own = ElementaryDifferential.vectors lossOf w
                            let vector (t: Tree) = if Tree.colours t = [ 0 ] then shared t else own t
                            add total (weight / float all.Length) (evaluate lossOf vector (Tree.recolour draw tree)))
                        total
                | _ -> add total weight (evaluate lossOf shared tree))
            zero
