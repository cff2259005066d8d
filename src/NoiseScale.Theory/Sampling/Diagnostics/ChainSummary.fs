namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources

/// <summary>What there is to know of a quantity's chains before its mean is believed.</summary>
type ChainSummary =
    {
        /// E x, with its Monte Carlo standard error
        Mean: MonteCarloEstimate
        /// var x, with its own
        Variance: MonteCarloEstimate
        /// R̂ of ranks and folded ranks
        Rhat: float
        /// effective sample size of the bulk
        BulkSize: float
        /// effective sample size of the tails
        TailSize: float
    }

    /// <summary>Whether the usual demands are met: R̂ below 1.01, and bulk and tail ESS above 100 a chain. (Vehtari et al. 2021)</summary>
    /// <param name="chains">the number of chains</param>
    [<Source(Paper.Vehtari2021)>]
    member this.IsTrusted(chains: int) = this.Rhat < 1.01 && min this.BulkSize this.TailSize > 100.0 * float chains

/// Summaries of chains.
[<RequireQualifiedAccess>]
module ChainSummary =

    /// <summary>All diagnostics of one quantity.</summary>
    /// <param name="draws">at least 8 of every chain</param>
    /// <returns>the summary, or the first reason why there is none</returns>
    let ofDraws (draws: Draws) : Result<ChainSummary, DiagnosticError> =
        MonteCarlo.mean draws
        |> Result.bind (fun mean ->
            match
                MonteCarlo.variance draws,
                PotentialScaleReduction.rankNormalised draws,
                EffectiveSampleSize.bulk draws,
                EffectiveSampleSize.tail draws
            with
            | Ok variance, Ok rhat, Ok bulk, Ok tail ->
                Ok
                    { Mean = mean
                      Variance = variance
                      Rhat = rhat
                      BulkSize = bulk
                      TailSize = tail }
            | Error e, _, _, _
            | _, Error e, _, _
            | _, _, Error e, _
            | _, _, _, Error e -> Error e)
