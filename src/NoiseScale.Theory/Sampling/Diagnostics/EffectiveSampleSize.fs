namespace NoiseScale.Theory.Sampling

open System
open System.Numerics
open NoiseScale.Sources
open MathNet.Numerics.IntegralTransforms

/// The autocovariance of a chain.
module internal Autocovariance =

    /// γ_t = (1/n) Σ_s (x_s − x̄)(x_{s+t} − x̄), t = 0 … n − 1, by the Fourier transform of the chain padded with zeros.
    let ofChain (chain: float[]) : float[] =
        let n = chain.Length
        let mean = Array.average chain
        let padded = Array.zeroCreate<Complex>(int (BitOperations.RoundUpToPowerOf2(uint32 (2 * n))))
        chain |> Array.iteri (fun t x -> padded[t] <- Complex(x - mean, 0.0))
        Fourier.Forward(padded, FourierOptions.AsymmetricScaling)

        for i in 0 .. padded.Length - 1 do
            padded[i] <- Complex(padded[i].Real * padded[i].Real + padded[i].Imaginary * padded[i].Imaginary, 0.0)

        Fourier.Inverse(padded, FourierOptions.AsymmetricScaling)
        Array.init n (fun t -> padded[t].Real / float n)

/// <summary>How many independent draws a chain's draws are worth.</summary>
/// <remarks>
/// ESS = S/τ, τ = 1 + 2 Σ ρ_t, of S draws in all. ρ_t = 1 − (W − γ̄_t)/V joins the chains: W is the mean variance within them, V = W(n − 1)/n + var(chain means), so
/// chains that disagree count for little. The sum stops where two neighbouring ρ first sum to less than 0 (Geyer 1992, initial positive sequence), and sums of neighbours
/// never rise (his initial monotone sequence). Chains are split in halves first. (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, Eqs. 10–14; Stan)
/// </remarks>
[<Source(Paper.Vehtari2021, "Eqs. 10–14")>]
[<RequireQualifiedAccess>]
module EffectiveSampleSize =

    /// ρ̂_t of chains as they are, cut off and monotone, as in the remarks.
    let private autocorrelations (draws: Draws) : float[] =
        let n = draws.Count
        let covariances = draws |> Draws.values |> Array.map Autocovariance.ofChain
        let gamma t = covariances |> Array.averageBy (fun c -> c[t])
        let within = gamma 0 * float n / float (n - 1)
        let means = draws |> Draws.values |> Array.map Array.average

        let between =
            if means.Length = 1 then
                0.0
            else
                MathNet.Numerics.Statistics.ArrayStatistics.Variance means

        let total = gamma 0 + between
        let rho t = if t = 0 then 1.0 else 1.0 - (within - gamma t) / total

        // sums of neighbours: positive, none above the one before
        let pairs = ResizeArray()
        let mutable t = 0
        let mutable going = true

        while going && t + 1 < n do
            let even, odd = rho t, rho (t + 1)

            if even + odd < 0.0 then
                // the first even one alone lessens the bias of antithetic chains
                (if even > 0.0 then
                     pairs.Add(even, 0.0))

                going <- false
            else
                let above =
                    if pairs.Count = 0 then
                        infinity
                    else
                        fst pairs[pairs.Count - 1] + snd pairs[pairs.Count - 1]

                if even + odd > above then
                    pairs.Add(above / 2.0, above / 2.0)
                else
                    pairs.Add(even, odd)

                t <- t + 2

        [| for even, odd in pairs do
               even
               odd |]

    let private ofChecked (draws: Draws) =
        let size = float draws.Total
        let tau = 2.0 * Array.sum (autocorrelations draws) - 1.0
        // antithetic chains are worth more than their draws, but no more than this can be told from so many (Stan)
        size / max tau (1.0 / log10 size)

    /// <summary>τ and ESS for the mean of the draws.</summary>
    /// <param name="draws">at least 8 of every chain</param>
    /// <returns>ESS, in draws; or why there is none</returns>
    let mean (draws: Draws) : Result<float, DiagnosticError> = draws |> Draws.check 8 |> Result.map (Draws.split >> ofChecked)

    /// <summary>τ = 1 + 2 Σ ρ_t, in draws: how many draws are worth one. Below 1 of antithetic chains.</summary>
    /// <param name="draws">at least 8 of every chain</param>
    let autocorrelationTime (draws: Draws) : Result<float, DiagnosticError> = mean draws |> Result.map (fun ess -> float draws.Total / ess)

    /// <summary>ESS of the draws' normalised ranks, which exists where the quantity has no variance: for the bulk of the law. (Vehtari et al. 2021, section 4.1)</summary>
    /// <param name="draws">at least 8 of every chain</param>
    [<Source(Paper.Vehtari2021, "section 4.1")>]
    let bulk (draws: Draws) : Result<float, DiagnosticError> =
        draws |> Draws.check 8 |> Result.map (Ranks.normalised >> Draws.split >> ofChecked)

    /// <summary>The smaller ESS of the shares of draws at most the 5 % and at most the 95 % quantile: for the tails. (Vehtari et al. 2021, section 4.3)</summary>
    /// <param name="draws">at least 8 of every chain</param>
    [<Source(Paper.Vehtari2021, "section 4.3")>]
    let tail (draws: Draws) : Result<float, DiagnosticError> =
        let below quantile (draws: Draws) =
            let edge = MathNet.Numerics.Statistics.SortedArrayStatistics.Quantile(Array.sort draws.All, quantile)
            draws |> Draws.map (fun x -> if x <= edge then 1.0 else 0.0) |> Draws.check 8 |> Result.map (Draws.split >> ofChecked)

        match Draws.check 8 draws |> Result.bind (below 0.05), below 0.95 draws with
        | Ok low, Ok high -> Ok(min low high)
        | Error e, _
        | _, Error e -> Error e
