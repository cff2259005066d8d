namespace NoiseScale.Theory.GradientNoise

open System
open NoiseScale.Sources
open MathNet.Numerics.Distributions

/// <summary>What to report where the denominator GᵀMG cannot be told from 0 at the level asked for: where it is at most t standard errors.</summary>
[<RequireQualifiedAccess>]
type DenominatorPolicy =
    /// an error that names the estimate and its standard error
    | Refuse
    /// Fieller's set as it is: [low, ∞), or [0, ∞) where the noise cannot be told from 0 either
    | Unbounded
    /// [low, ∞) with all of the error on one side: a one-sided bound at the same level, larger than that of Unbounded
    | LowerBound

/// What kind of result an estimate is.
[<RequireQualifiedAccess>]
type EstimateKind =
    /// both parts are positive: a value and an interval of finite length
    | Bounded
    /// all gradients are equal, so the noise scale is 0
    | NoNoise
    /// the average of the noise came out negative, which a true one is not: the value is 0, the interval stands
    | NoiseNotPositive
    /// the denominator cannot be told from 0: no value, and an interval without upper end
    | DenominatorNotSignificant

/// <summary>A noise scale B = tr(MΣ)/GᵀMG, in examples, with its confidence interval.</summary>
type NoiseScaleEstimate =
    {
        /// the parts and their covariance
        Parts: NoiseParts
        /// what kind of result this is
        Kind: EstimateKind
        /// the ratio with its first-order bias taken out; none where the denominator cannot be told from 0
        Value: float option
        /// the interval's lower end, 0 or more
        Low: float
        /// the interval's upper end; ∞ where there is none
        High: float
        /// the level that the interval is for, such as 0.95
        Level: float
    }

/// Noise scales as ratios of two uncertain averages.
[<Source(Paper.McCandlish2018, "Eq. 2.9")>]
[<RequireQualifiedAccess>]
module NoiseScaleEstimate =

    let private requireLevel level =
        if not (level > 0.0 && level < 1.0) then
            invalidArg (nameof level) $"a level lies between 0 and 1, not {level}"

    let private quantile degrees probability =
        if Double.IsPositiveInfinity degrees then
            Normal.InvCDF(0.0, 1.0, probability)
        else
            StudentT.InvCDF(0.0, 1.0, degrees, probability)

    /// <summary>Beale's estimator of a ratio, T/D·(1 + c_TD/(TD))/(1 + v_D/D²): its bias is of second order in the variances, where that of T/D is of
    /// first order. (Beale 1962; Tin 1965)</summary>
    /// <param name="parts">T = Noise and D = Signal, which is not 0</param>
    let beale (parts: NoiseParts) : float =
        let t, d = parts.Noise, parts.Signal
        // (T·D + c)/(D² + v), in which neither T nor D divides
        (t * d + parts.Covariance) / (d * d + parts.SignalVariance)

    /// The roots of a·ρ² − 2b·ρ + c, in order; none where they are not real.
    let private roots a b c =
        let square = b * b - a * c

        if square < 0.0 || a = 0.0 then
            None
        else
            // the root of larger size first: the other follows from the product c/a without cancellation
            let larger = if b >= 0.0 then b + sqrt square else b - sqrt square
            let first, second = larger / a, (if larger = 0.0 then 0.0 else c / larger)
            Some(min first second, max first second)

    /// <summary>The lower end of {ρ ≥ 0: (T − ρD)² ≤ q²·Var(T − ρD)} for a denominator that is not significant: the set is [low, ∞).</summary>
    let private lowerEnd q (parts: NoiseParts) =
        // a denominator that came out negative stands for one near 0
        let t, d = parts.Noise, max 0.0 parts.Signal
        let a = d * d - q * q * parts.SignalVariance
        let b = t * d - q * q * parts.Covariance
        let c = t * t - q * q * parts.NoiseVariance
        // noise that cannot be told from 0 either excludes nothing
        if t <= 0.0 || c <= 0.0 then
            0.0
        else
            match roots a b c with
            | None -> 0.0
            | Some(first, second) -> if first > 0.0 then first else max 0.0 second

    /// <summary>The noise scale with its interval: Fieller's set {ρ: (T − ρD)² ≤ t²(v_T − 2ρc_TD + ρ²v_D)}, t the quantile of Student's distribution,
    /// cut to ρ ≥ 0. Unlike T/D ± a standard error it stays right where D is a few standard errors or less. (Fieller 1954)</summary>
    /// <remarks>At a nominal 95 % it covers 93 to 97 % of simulated cases with ten or more measurements, noise in five or more directions ((tr Σ)²/tr Σ² ≥ 5), p = 10
    /// to 1000, 2 to 16 micro-batches, and D at least three standard errors; normal gradients, and Student's with 5 degrees of freedom in micro-batches of four.
    /// Nearer to 0 it mostly has no upper end and covers 92 to 99.9 %, since a D that came out negative stands for 0. With noise in one or two
    /// directions it has come out at 91.8 %; with five measurements at 92.5 %.</remarks>
    /// <param name="level">the confidence level, in (0, 1), such as 0.95</param>
    /// <param name="policy">what to report where D is not significantly positive</param>
    /// <param name="parts">T = Noise and D = Signal with their covariance</param>
    /// <returns>the estimate; or that all gradients are 0, a part is not finite, or the policy refuses. Never NaN, never negative.</returns>
    /// <exception cref="T:System.ArgumentException">The level is outside (0, 1).</exception>
    let create (level: float) (policy: DenominatorPolicy) (parts: NoiseParts) : Result<NoiseScaleEstimate, NoiseError> =
        requireLevel level
        let t, d = parts.Noise, parts.Signal
        let all = [ t; d; parts.NoiseVariance; parts.Covariance; parts.SignalVariance ]

        let result kind value low high =
            Ok
                { Parts = parts
                  Kind = kind
                  Value = value
                  Low = low
                  High = high
                  Level = level }

        let standardError = sqrt (max 0.0 parts.SignalVariance)
        let q = quantile parts.DegreesOfFreedom (0.5 + level / 2.0)

        if all |> List.exists (Double.IsFinite >> not) then
            Error(NoiseError.NotFinite "an average of tr(MΣ) or GᵀMG")
        elif List.forall ((=) 0.0) all then
            Error NoiseError.ZeroGradient
        elif d <= q * standardError || d <= 0.0 then
            match policy with
            | DenominatorPolicy.Refuse -> Error(NoiseError.DenominatorNotPositive(d, standardError))
            | DenominatorPolicy.Unbounded
            | DenominatorPolicy.LowerBound ->
                let q = if policy.IsLowerBound then quantile parts.DegreesOfFreedom level else q
                // noise over no signal at all, with no uncertainty, is infinite
                let low =
                    if standardError = 0.0 && t > 0.0 then
                        Double.PositiveInfinity
                    else
                        lowerEnd (max 0.0 q) parts

                result EstimateKind.DenominatorNotSignificant None low Double.PositiveInfinity
        elif t = 0.0 && parts.NoiseVariance = 0.0 then
            result EstimateKind.NoNoise (Some 0.0) 0.0 0.0
        elif t > 0.0 && parts.NoiseVariance = 0.0 && parts.SignalVariance = 0.0 then
            // nothing is uncertain, and rounding shall not make it look so
            result EstimateKind.Bounded (Some(t / d)) (t / d) (t / d)
        else
            let a = d * d - q * q * parts.SignalVariance
            let b = t * d - q * q * parts.Covariance
            let c = t * t - q * q * parts.NoiseVariance
            // a > 0, and T/D is in the set: the roots are real but for rounding
            let low, high = roots a b c |> Option.defaultValue (t / d, t / d)
            let value = beale parts

            if t <= 0.0 then
                result EstimateKind.NoiseNotPositive (Some 0.0) 0.0 (max 0.0 high)
            else
                result EstimateKind.Bounded (Some(max 0.0 value)) (max 0.0 low) (max 0.0 high)

    /// <summary>The noise scale from independent measurements of equal weight.</summary>
    /// <param name="level">the confidence level, in (0, 1)</param>
    /// <param name="policy">what to report where the denominator is not significantly positive</param>
    /// <param name="measurements">at least two</param>
    let ofMeasurements level policy (measurements: NoiseMeasurement seq) : Result<NoiseScaleEstimate, NoiseError> =
        NoiseParts.ofMeasurements measurements |> Result.bind (create level policy)

    /// <summary>The noise scale of the whole training set, exactly: tr Σ/‖G‖² with the denominator N − 1 in Σ.</summary>
    /// <param name="moments">of all N examples</param>
    /// <returns>the value, an interval of no length; ∞ where G = 0 but Σ is not; or that all gradients are 0</returns>
    let exact (moments: GradientMoments) : Result<NoiseScaleEstimate, NoiseError> =
        NoiseMeasurement.ofFullData moments |> NoiseParts.exact |> create 0.95 DenominatorPolicy.Unbounded
