namespace NoiseScale.Theory.GradientNoise

open System
open NoiseScale.Sources
open MathNet.Numerics.Distributions

/// <summary>How far numbers are from a normal law: one parameter's gradient over many minibatches. (P2 Fig 9)</summary>
[<Source(Paper.P2, "Fig 9")>]
type Gaussianity =
    {
        /// n
        Count: int
        /// m₁
        Mean: float
        /// √m₂, with denominator n
        StandardDeviation: float
        /// m₃/m₂^(3/2); 0 for a normal law
        Skewness: float
        /// m₄/m₂² − 3; 0 for a normal law
        ExcessKurtosis: float
        /// the largest distance between the distribution functions of the numbers and of the normal law with their mean and variance (n − 1)
        KolmogorovSmirnov: float
        /// A², Anderson and Darling's distance to the same normal law, which weighs the tails more
        AndersonDarling: float
        /// the chance of such an A² or a larger one for normal numbers; small: not normal
        PValue: float
    }

/// The approach of minibatch gradients to a normal law.
[<RequireQualifiedAccess>]
module Gaussianity =

    /// <summary>The skewness of the mean of B independent numbers, s/√B.</summary>
    /// <param name="batchSize">B, at least 1</param>
    /// <param name="skewness">s, of one number</param>
    let skewnessOfMean (batchSize: int) (skewness: float) : float = skewness / sqrt (float batchSize)

    /// <summary>The excess kurtosis of the mean of B independent numbers, κ/B.</summary>
    /// <param name="batchSize">B, at least 1</param>
    /// <param name="excessKurtosis">κ, of one number</param>
    let excessKurtosisOfMean (batchSize: int) (excessKurtosis: float) : float = excessKurtosis / float batchSize

    /// P(A² ≥ a) with mean and variance fitted, a already corrected for n. (D'Agostino and Stephens 1986, table 4.9)
    let private pValue a =
        let p =
            if a >= 0.6 then exp (1.2937 - 5.709 * a + 0.0186 * a * a)
            elif a > 0.34 then exp (0.9177 - 4.279 * a - 1.38 * a * a)
            elif a > 0.2 then 1.0 - exp (-8.318 + 42.796 * a - 59.938 * a * a)
            else 1.0 - exp (-13.436 + 101.14 * a - 223.73 * a * a)
        // the parabola of the first piece turns up beyond all tables
        if a > 13.0 then 0.0 else min 1.0 (max 0.0 p)

    /// <summary>Moments of some numbers, and their distances to the normal law fitted to them. The p-value is that of Stephens' A²·(1 + 0.75/n + 2.25/n²).</summary>
    /// <param name="sample">n numbers, at least 8</param>
    /// <returns>the figures, or that there are too few numbers or one is not finite</returns>
    /// <exception cref="T:System.ArgumentException">All numbers are equal: no normal law can be fitted.</exception>
    let ofSample (sample: float[]) : Result<Gaussianity, NoiseError> =
        if sample.Length < 8 then
            Error(NoiseError.TooFew sample.Length)
        elif sample |> Array.exists (Double.IsFinite >> not) then
            Error(NoiseError.NotFinite "a number")
        else
            let n = float sample.Length
            let mean = Array.average sample
            let moment k = sample |> Array.averageBy (fun x -> pown (x - mean) k)
            let variance = moment 2

            if variance = 0.0 || Array.forall ((=) sample[0]) sample then
                invalidArg (nameof sample) $"all numbers are {sample[0]}; a normal law has a variance"

            let fitted = sqrt (variance * n / (n - 1.0))
            let z = sample |> Array.sort |> Array.map (fun x -> (x - mean) / fitted)
            let below = z |> Array.map (fun z -> Normal.CDF(0.0, 1.0, z))
            // upper tails from the other side, where 1 − CDF would be 0
            let above = z |> Array.map (fun z -> Normal.CDF(0.0, 1.0, -z))

            let distance =
                below |> Array.mapi (fun i p -> max (abs (float (i + 1) / n - p)) (abs (p - float i / n))) |> Array.max

            let safeLog p = log (max p 1e-300)

            let sum =
                Array.init sample.Length (fun i -> float (2 * i + 1) * (safeLog below[i] + safeLog above[sample.Length - 1 - i]))
                |> Array.sum

            let a = -n - sum / n

            Ok
                { Count = sample.Length
                  Mean = mean
                  StandardDeviation = sqrt variance
                  Skewness = moment 3 / variance ** 1.5
                  ExcessKurtosis = moment 4 / (variance * variance) - 3.0
                  KolmogorovSmirnov = distance
                  AndersonDarling = a
                  PValue = pValue (a * (1.0 + 0.75 / n + 2.25 / (n * n))) }

    /// <summary>The gradients of one parameter over minibatches: means of B of the examples' gradients.</summary>
    /// <param name="draw">how a minibatch is drawn; without replacement, minibatches are independent of each other all the same</param>
    /// <param name="seed">of the draws</param>
    /// <param name="batchSize">B, at least 1, at most N without replacement</param>
    /// <param name="count">how many minibatches</param>
    /// <param name="gradients">of N single examples</param>
    /// <exception cref="T:System.ArgumentException">B or the count is out of range.</exception>
    let minibatchGradients (draw: BatchDraw) (seed: int) (batchSize: int) (count: int) (gradients: float[]) : float[] =
        FiniteSample.covarianceFactor draw (int64 gradients.Length) (int64 batchSize) |> ignore

        if count < 1 then
            invalidArg (nameof count) $"there is at least one minibatch, not {count}"

        let random = Random seed
        let order = Array.copy gradients

        Array.init count (fun _ ->
            let mutable sum = 0.0

            for i in 0 .. batchSize - 1 do
                match draw with
                | BatchDraw.WithReplacement -> sum <- sum + gradients[random.Next gradients.Length]
                | BatchDraw.WithoutReplacement ->
                    // the first B steps of a shuffle, from wherever the last one stopped
                    let j = random.Next(i, order.Length)
                    let chosen = order[j]
                    order[j] <- order[i]
                    order[i] <- chosen
                    sum <- sum + chosen

            sum / float batchSize)
