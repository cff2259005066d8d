/// Simulation-based calibration: draw w from the prior, data from w, samples from the posterior; the rank of w among them is uniform if and only if the sampler is
/// right. (Talts, Betancourt, Simpson, Vehtari and Gelman 2018; Cook, Gelman and Rubin 2006)
module NoiseScale.Theory.Tests.Sampling.Calibration

open MathNet.Numerics.Distributions

/// How many of the posterior's draws lie below the truth: 0 … L. The draws have to be nearly independent: thin them by their autocorrelation time.
let rank (truth: float) (draws: float[]) = draws |> Array.filter (fun x -> x < truth) |> Array.length

/// The ranks of many simulations: `simulate seed` answers a truth and the posterior's draws for the data that it gave.
let ranks simulations (simulate: int -> float * float[]) = Array.init simulations (fun seed -> simulate seed ||> rank)

/// χ² of ranks 0 … draws against the uniform law in bins as equal as L + 1 values allow, and its p-value. Five expected in every bin, or an error.
let chiSquared bins draws (ranks: int[]) : float * float =
    if ranks.Length < 5 * bins then
        invalidArg (nameof ranks) $"{bins} bins need at least {5 * bins} ranks, not {ranks.Length}"

    if bins < 2 || bins > draws + 1 then
        invalidArg (nameof bins) $"there are 2 to {draws + 1} bins of {draws + 1} possible ranks, not {bins}"

    match ranks |> Array.tryFind (fun r -> r < 0 || r > draws) with
    | Some wrong -> invalidArg (nameof ranks) $"ranks lie in 0 … {draws}; one is {wrong}"
    | None -> ()

    let binOf rank = rank * bins / (draws + 1)
    let values = Array.init (draws + 1) binOf |> Array.countBy id |> dict
    let counts = Array.zeroCreate<float> bins
    ranks |> Array.iter (fun r -> counts[binOf r] <- counts[binOf r] + 1.0)

    let statistic =
        counts
        |> Array.mapi (fun bin count ->
            let expected = float (ranks.Length * values[bin]) / float (draws + 1)
            (count - expected) ** 2.0 / expected)
        |> Array.sum

    statistic, ChiSquared(float (bins - 1)).CumulativeDistribution statistic |> fun below -> 1.0 - below
