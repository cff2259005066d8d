namespace NoiseScale.Theory.Sampling

open System
open DiffSharp

/// Why draws give no diagnostic.
[<RequireQualifiedAccess>]
type DiagnosticError =
    /// a chain has fewer draws than the diagnostic needs; how many it has, and the least number
    | TooFewDraws of draws: int * least: int
    /// a draw is NaN or infinite, as of a chain that diverged; which
    | NotFinite of chain: int * draw: int
    /// no chain ever moves: every draw of every chain is its first; the first chain's value
    | Constant of value: float

    /// The error as a sentence.
    override this.ToString() =
        match this with
        | TooFewDraws(draws, least) -> $"every chain needs at least {least} draws, not {draws}"
        | NotFinite(chain, draw) ->
            $"draw {draw} of chain {chain} is not finite: the chain diverged; a smaller learning rate or more damping can help"
        | Constant value -> $"no chain ever moves (the first stays at {value}), so there is no autocorrelation and no effective sample size"

/// <summary>Draws of one quantity from one or more chains of equal length.</summary>
type Draws =
    private
        { Values: float[][] }

    /// The number of chains.
    member this.Chains = this.Values.Length
    /// The number of draws of each.
    member this.Count = this.Values[0].Length
    /// The number of all draws.
    member this.Total = this.Chains * this.Count
    /// <summary>The draws of a chain, in their order; a copy.</summary>
    /// <param name="chain">0 … chains − 1</param>
    member this.OfChain(chain: int) = Array.copy this.Values[chain]
    /// All draws, chain after chain; a copy.
    member this.All = Array.concat this.Values

/// Draws made, split and mapped.
[<RequireQualifiedAccess>]
module Draws =

    /// <summary>Draws of one quantity.</summary>
    /// <param name="values">[chains][draws]; at least one of each, every chain as long</param>
    /// <exception cref="T:System.ArgumentException">There is no chain, no draw, or a chain is longer than another.</exception>
    let ofArrays (values: float[][]) : Draws =
        if values.Length = 0 || values[0].Length = 0 then
            invalidArg (nameof values) "there is at least one chain, and one draw in it"

        values
        |> Array.iteri (fun i chain ->
            if chain.Length <> values[0].Length then
                invalidArg (nameof values) $"every chain has as many draws: chain 0 has {values[0].Length}, chain {i} has {chain.Length}")

        { Values = values |> Array.map Array.copy }

    /// <summary>Draws of one quantity.</summary>
    /// <param name="values">[chains, draws]</param>
    /// <exception cref="T:System.ArgumentException">It is no such tensor.</exception>
    let ofTensor (values: Tensor) : Draws =
        if values.dim <> 2 then
            invalidArg (nameof values) $"draws of one quantity are [chains, draws], not {List.ofArray values.shape}"

        let table = dsharp.scope (fun () -> (values.cast Dtype.Float64).toArray2D<float>())
        ofArrays [| for chain in 0 .. Array2D.length1 table - 1 -> table[chain, *] |]

    /// <summary>Draws of p quantities, such as the parameters, one at a time.</summary>
    /// <param name="values">[draws, chains, p], as batched chains leave them</param>
    /// <returns>p times the draws of all chains</returns>
    /// <exception cref="T:System.ArgumentException">It is no such tensor.</exception>
    let ofSeries (values: Tensor) : Draws[] =
        if values.dim <> 3 then
            invalidArg (nameof values) $"draws of p quantities are [draws, chains, p], not {List.ofArray values.shape}"

        let table = dsharp.scope (fun () -> (values.cast Dtype.Float64).toArray3D<float>())

        [| for i in 0 .. Array3D.length3 table - 1 ->
               ofArrays
                   [| for chain in 0 .. Array3D.length2 table - 1 -> [| for t in 0 .. Array3D.length1 table - 1 -> table[t, chain, i] |] |] |]

    /// <summary>A function of every draw.</summary>
    let map (f: float -> float) (draws: Draws) : Draws = { Values = draws.Values |> Array.map (Array.map f) }

    /// <summary>A function of two quantities' draws, draw by draw.</summary>
    /// <exception cref="T:System.ArgumentException">The numbers of chains or of draws differ.</exception>
    let map2 (f: float -> float -> float) (a: Draws) (b: Draws) : Draws =
        if a.Chains <> b.Chains || a.Count <> b.Count then
            invalidArg
                (nameof b)
                $"both quantities have as many chains and draws: {a.Chains} chains of {a.Count}, and {b.Chains} of {b.Count}"

        { Values = Array.map2 (Array.map2 f) a.Values b.Values }

    /// <summary>Every chain's first and second half as chains of their own, so that a drift within a chain shows as a difference between chains; of an odd number
    /// of draws the middle one is left out.</summary>
    let split (draws: Draws) : Draws =
        let half = draws.Count / 2

        { Values =
            [| for chain in draws.Values do
                   chain[.. half - 1]
                   chain[draws.Count - half ..] |] }

    let internal values (draws: Draws) = draws.Values

    /// The draws, or why there are no diagnostics of them: too few, not finite, or every chain constant.
    let internal check least (draws: Draws) : Result<Draws, DiagnosticError> =
        if draws.Count < least then
            Error(DiagnosticError.TooFewDraws(draws.Count, least))
        else
            let wrong =
                draws.Values
                |> Seq.indexed
                |> Seq.tryPick (fun (i, chain) -> chain |> Array.tryFindIndex (Double.IsFinite >> not) |> Option.map (fun t -> i, t))

            match wrong with
            | Some place -> Error(DiagnosticError.NotFinite place)
            | None when draws.Values |> Array.forall (fun chain -> chain |> Array.forall ((=) chain[0])) ->
                Error(DiagnosticError.Constant(draws.Values[0][0]))
            | None -> Ok draws
