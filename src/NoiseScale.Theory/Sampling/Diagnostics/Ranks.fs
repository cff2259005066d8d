namespace NoiseScale.Theory.Sampling

open MathNet.Numerics.Distributions
open MathNet.Numerics.Statistics

/// Ranks of draws among those of all chains. (Vehtari et al. 2021, section 4.1)
module internal Ranks =

    /// Blom's scores z = Φ⁻¹((r − 3/8)/(S + 1/4)), r the rank among all S draws; equal draws share their mean rank.
    let normalised (draws: Draws) : Draws =
        let ranks = ArrayStatistics.RanksInplace(draws.All, RankDefinition.Average)
        let size = float ranks.Length
        let scores = ranks |> Array.map (fun r -> Normal.InvCDF(0.0, 1.0, (r - 0.375) / (size + 0.25)))
        scores |> Array.chunkBySize draws.Count |> Draws.ofArrays

    /// |x − median|.
    let folded (draws: Draws) : Draws =
        let median = ArrayStatistics.MedianInplace draws.All
        draws |> Draws.map (fun x -> abs (x - median))
