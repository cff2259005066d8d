namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open MathNet.Numerics.Statistics

/// <summary>R̂, by how much a deviation could still shrink if the chains went on: 1 where all chains, and both halves of each, have the same law.</summary>
/// <remarks>R̂ = √(V/W), V = W(n − 1)/n + var(chain means), W the mean variance within chains. (Gelman and Rubin 1992; Vehtari et al. 2021, Eqs. 1–4)</remarks>
[<Source(Paper.Vehtari2021, "Eqs. 1–4")>]
[<RequireQualifiedAccess>]
module PotentialScaleReduction =

    let private ofSplit (draws: Draws) =
        let chains = draws |> Draws.split |> Draws.values
        let n = float chains[0].Length
        let within = chains |> Array.averageBy ArrayStatistics.Variance
        let between = chains |> Array.map Array.average |> ArrayStatistics.Variance
        if within = 0.0 then infinity else sqrt ((n - 1.0) / n + between / within)

    // chains stuck at different places are the worst disagreement there is, and no error
    let private unlessOne (draws: Draws) result =
        match result with
        | Error(DiagnosticError.Constant value) when draws.All |> Array.exists ((<>) value) -> Ok infinity
        | _ -> result

    /// <summary>Split R̂ of the draws themselves.</summary>
    /// <param name="draws">at least 4 of every chain</param>
    /// <returns>R̂; infinite where no chain moves and they are at different places; or why there is none</returns>
    let split (draws: Draws) : Result<float, DiagnosticError> = draws |> Draws.check 4 |> Result.map ofSplit |> unlessOne draws

    /// <summary>The larger of split R̂ of the normalised ranks, which sees places, and of those of |x − median|, which sees spreads: the one to report. Below 1.01 is
    /// the usual demand. (Vehtari et al. 2021, sections 4.1 and 4.2)</summary>
    /// <param name="draws">at least 4 of every chain</param>
    /// <returns>R̂; infinite where no chain moves and they are at different places; or why there is none</returns>
    [<Source(Paper.Vehtari2021, "sections 4.1 and 4.2")>]
    let rankNormalised (draws: Draws) : Result<float, DiagnosticError> =
        draws
        |> Draws.check 4
        |> Result.map (fun draws ->
            let ofRanks = Ranks.normalised >> ofSplit
            let folded = Ranks.folded draws
            // two places at one distance from the median have no folded spread
            let spread = if Draws.check 4 folded |> Result.isOk then ofRanks folded else 1.0
            max (ofRanks draws) spread)
        |> unlessOne draws
