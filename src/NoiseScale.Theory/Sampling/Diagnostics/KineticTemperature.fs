namespace NoiseScale.Theory.Sampling

open MathNet.Numerics.Distributions

/// <summary>The temperature that momenta show: vᵀM⁻¹v/p is T on average where the momenta have the law exp(−vᵀM⁻¹v/2T).</summary>
type KineticTemperature =
    {
        /// T̂ = E vᵀM⁻¹v/p
        Temperature: float
        /// its standard error, by the effective sample size of vᵀM⁻¹v/p
        StandardError: float
        /// that effective sample size
        EffectiveSampleSize: float
        /// p
        Dimension: int
    }

    /// <summary>The interval of the temperature: T̂ is taken as T·χ²_ν/ν with the ν that gives its standard error, which is p·n exactly for n independent normal momenta.</summary>
    /// <param name="confidence">such as 0.95, between 0 and 1</param>
    /// <returns>its lower and upper end</returns>
    /// <exception cref="T:System.ArgumentException">The confidence is not between 0 and 1.</exception>
    member this.Interval(confidence: float) : struct (float * float) =
        if not (confidence > 0.0 && confidence < 1.0) then
            invalidArg (nameof confidence) $"a confidence is between 0 and 1, not {confidence}"

        let freedom = 2.0 * (this.Temperature / this.StandardError) ** 2.0
        let quantile q = ChiSquared.InvCDF(freedom, q)

        struct (this.Temperature * freedom / quantile (0.5 + confidence / 2.0),
                this.Temperature * freedom / quantile (0.5 - confidence / 2.0))

/// Kinetic temperatures of samplers with momenta.
[<RequireQualifiedAccess>]
module KineticTemperature =

    /// <summary>The kinetic temperature of chains.</summary>
    /// <param name="masses">M's diagonal, [p], positive; all 1 where the sampler has no mass</param>
    /// <param name="momenta">p times the draws of v, as <c>Draws.ofSeries</c> makes them; at least 8 of every chain</param>
    /// <returns>the temperature, or why there is none</returns>
    /// <exception cref="T:System.ArgumentException">There is no momentum, a mass is not positive, or their numbers differ.</exception>
    let ofMomenta (masses: float[]) (momenta: Draws[]) : Result<KineticTemperature, DiagnosticError> =
        if momenta.Length = 0 || masses.Length <> momenta.Length then
            invalidArg (nameof masses) $"{momenta.Length} momenta have as many masses, and there is at least one; not {masses.Length}"

        match masses |> Array.tryFindIndex (fun m -> not (m > 0.0 && m < infinity)) with
        | Some i -> invalidArg (nameof masses) $"a mass is positive and finite; mass {i} is {masses[i]}"
        | None -> ()

        let p = float momenta.Length

        Array.map2 (fun m -> Draws.map (fun v -> v * v / (m * p))) masses momenta
        |> Array.reduce (Draws.map2 (+))
        |> MonteCarlo.mean
        |> Result.map (fun estimate ->
            { Temperature = estimate.Value
              StandardError = estimate.StandardError
              EffectiveSampleSize = estimate.EffectiveSampleSize
              Dimension = momenta.Length })

    /// <summary>Where the kinetic temperature vᵀM⁻¹v/p of a single draw lies, with the stated probability and equal tails, at temperature T: T·χ²_p/p.</summary>
    /// <param name="dimension">p, at least 1</param>
    /// <param name="temperature">T, positive</param>
    /// <param name="probability">such as 0.999, between 0 and 1</param>
    /// <exception cref="T:System.ArgumentException">A number is out of range.</exception>
    let ofOneDraw (dimension: int) (temperature: float) (probability: float) : struct (float * float) =
        if dimension < 1 then
            invalidArg (nameof dimension) $"there is at least one dimension, not {dimension}"

        if not (temperature > 0.0 && temperature < infinity) then
            invalidArg (nameof temperature) $"a temperature is positive and finite, not {temperature}"

        if not (probability > 0.0 && probability < 1.0) then
            invalidArg (nameof probability) $"a probability is between 0 and 1, not {probability}"

        let at q = temperature * ChiSquared.InvCDF(float dimension, q) / float dimension
        struct (at (0.5 - probability / 2.0), at (0.5 + probability / 2.0))
