namespace NoiseScale.Theory.Sampling

open System
open NoiseScale.Sources
open MathNet.Numerics.Distributions

/// <summary>A number estimated from chains, with what their correlation leaves of its precision.</summary>
type MonteCarloEstimate =
    {
        /// the estimate
        Value: float
        /// its standard error: deviation/√ESS
        StandardError: float
        /// the draws' worth in independent draws, for this estimate
        EffectiveSampleSize: float
    }

    /// <summary>The estimate's interval, by Student's t with ESS − 1 degrees of freedom.</summary>
    /// <param name="confidence">such as 0.95, between 0 and 1</param>
    /// <returns>its lower and upper end</returns>
    /// <exception cref="T:System.ArgumentException">The confidence is not between 0 and 1.</exception>
    member this.Interval(confidence: float) : struct (float * float) =
        if not (confidence > 0.0 && confidence < 1.0) then
            invalidArg (nameof confidence) $"a confidence is between 0 and 1, not {confidence}"

        let t = StudentT.InvCDF(0.0, 1.0, max 1.0 (this.EffectiveSampleSize - 1.0), 0.5 + confidence / 2.0)
        struct (this.Value - t * this.StandardError, this.Value + t * this.StandardError)

    /// <summary>How far a claimed value is off, in standard errors: about normal where the claim holds and ESS is some hundreds.</summary>
    /// <param name="claimed">the value claimed</param>
    member this.ZScore(claimed: float) = (this.Value - claimed) / this.StandardError

/// <summary>Means, variances and covariances of chains with their Monte Carlo standard errors.</summary>
/// <remarks>
/// A variance is the mean of y = (x − x̄)², a covariance that of y = (x − x̄)(x' − x̄'), and each has the ESS of its own y: chains forget squares faster than the
/// numbers themselves, or slower. The mean being estimated makes them too small by 1/ESS, which is taken back. (Vehtari et al. 2021, section 4.4; Flegal, Haran and Jones 2008)
/// </remarks>
[<Source(Paper.Vehtari2021, "section 4.4")>]
[<RequireQualifiedAccess>]
module MonteCarlo =

    let private ofValues scale (draws: Draws) =
        EffectiveSampleSize.mean draws
        |> Result.map (fun ess ->
            let all = draws.All

            { Value = scale * Array.average all
              StandardError = scale * MathNet.Numerics.Statistics.ArrayStatistics.StandardDeviation all / sqrt ess
              EffectiveSampleSize = ess })

    /// <summary>E x.</summary>
    /// <param name="draws">at least 8 of every chain</param>
    let mean (draws: Draws) : Result<MonteCarloEstimate, DiagnosticError> = ofValues 1.0 draws

    /// <summary>E (x − c)², about a place that is known.</summary>
    /// <param name="centre">c</param>
    /// <param name="draws">at least 8 of every chain</param>
    let varianceAbout (centre: float) (draws: Draws) : Result<MonteCarloEstimate, DiagnosticError> =
        draws |> Draws.map (fun x -> (x - centre) * (x - centre)) |> ofValues 1.0

    /// <summary>cov(x, x').</summary>
    /// <param name="a">draws of x, at least 8 of every chain</param>
    /// <param name="b">draws of x' at the same updates</param>
    /// <exception cref="T:System.ArgumentException">The numbers of chains or of draws differ.</exception>
    let covariance (a: Draws) (b: Draws) : Result<MonteCarloEstimate, DiagnosticError> =
        let meanA, meanB = Array.average a.All, Array.average b.All

        match EffectiveSampleSize.mean a, EffectiveSampleSize.mean b with
        | Error e, _
        | _, Error e -> Error e
        | Ok essA, Ok essB ->
            let ess = max 2.0 (min essA essB)
            Draws.map2 (fun x y -> (x - meanA) * (y - meanB)) a b |> ofValues (ess / (ess - 1.0))

    /// <summary>var x.</summary>
    /// <param name="draws">at least 8 of every chain</param>
    let variance (draws: Draws) : Result<MonteCarloEstimate, DiagnosticError> = covariance draws draws

    /// <summary>The covariance matrix of p quantities, [p, p].</summary>
    /// <param name="quantities">p times the draws of the same chains, as <c>Draws.ofSeries</c> makes them</param>
    /// <exception cref="T:System.ArgumentException">The numbers of chains or of draws differ.</exception>
    let covariances (quantities: Draws[]) : Result<MonteCarloEstimate[,], DiagnosticError> =
        let p = quantities.Length
        let found = [| for i in 0 .. p - 1 -> [| for j in 0..i -> covariance quantities[i] quantities[j] |] |]

        match
            found
            |> Seq.concat
            |> Seq.tryPick (function
                | Error e -> Some e
                | Ok _ -> None)
        with
        | Some e -> Error e
        | None ->
            let value i j =
                match found[max i j][min i j] with
                | Ok estimate -> estimate
                | Error e -> invalidOp $"{e}"

            Ok(Array2D.init p p value)
