namespace NoiseScale.Theory.Curvature

open System
open MathNet.Numerics.Distributions

/// <summary>A number found by averaging independent unbiased samples, with what that leaves uncertain.</summary>
type Estimate =
    {
        /// the mean of the samples
        Value: float
        /// the samples' standard deviation (denominator samples − 1) over √samples; 0 for a number that is exact
        StandardError: float
        /// how many independent samples; 0 for a number that is exact
        Samples: int
        /// how many products of the operator with a vector it cost
        Products: int
    }

    /// <summary>The interval value ± t·standardError of Student's t distribution with samples − 1 degrees of freedom.</summary>
    /// <param name="level">the probability that it covers what is estimated, in (0, 1): 0.95 for 95 %</param>
    /// <returns>its ends, the lower one first</returns>
    /// <exception cref="T:System.ArgumentException">The level is not in (0, 1).</exception>
    member this.Interval(level: float) : struct (float * float) =
        if not (level > 0.0 && level < 1.0) then
            invalidArg (nameof level) $"a level is in (0, 1), not {level}"

        if this.StandardError = 0.0 then
            struct (this.Value, this.Value)
        else
            let half = this.StandardError * StudentT.InvCDF(0.0, 1.0, float (this.Samples - 1), 0.5 + level / 2.0)

            struct (this.Value - half, this.Value + half)

/// Estimates from samples, and arithmetic of them with numbers.
[<RequireQualifiedAccess>]
module Estimate =

    /// <summary>A number that is exact.</summary>
    /// <param name="value">the number</param>
    let exact (value: float) : Estimate = { Value = value; StandardError = 0.0; Samples = 0; Products = 0 }

    /// <summary>The mean of independent samples with its standard error.</summary>
    /// <param name="products">what they cost</param>
    /// <param name="samples">at least two</param>
    /// <exception cref="T:System.ArgumentException">There are fewer than two: one sample has no standard error.</exception>
    let ofSamples (products: int) (samples: float[]) : Estimate =
        if samples.Length < 2 then
            invalidArg (nameof samples) $"a standard error takes at least two samples, not {samples.Length}"

        let mean = Array.average samples
        let squares = samples |> Array.sumBy (fun sample -> (sample - mean) * (sample - mean))

        { Value = mean
          StandardError = sqrt (squares / float (samples.Length - 1) / float samples.Length)
          Samples = samples.Length
          Products = products }

    /// <summary>offset + factor·estimate.</summary>
    /// <param name="offset">what is added</param>
    /// <param name="factor">what it is multiplied by</param>
    /// <param name="estimate">the estimate</param>
    let affine (offset: float) (factor: float) (estimate: Estimate) : Estimate =
        { estimate with
            Value = offset + factor * estimate.Value
            StandardError = abs factor * estimate.StandardError }
