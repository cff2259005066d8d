namespace NoiseScale.Theory.GradientNoise

open System
open NoiseScale.Sources

/// <summary>Training to some loss costs S updates and E = S·B examples: (S/S_min − 1)·(E/E_min − 1) = 1. (McCandlish et al. 2018, Eq. 2.11)</summary>
[<Source(Paper.McCandlish2018, "Eq. 2.11")>]
type CriticalBatch =
    {
        /// S_min, updates: with a batch without end
        MinimumUpdates: float
        /// E_min, examples: with a batch of next to nothing
        MinimumExamples: float
    }

    /// <summary>B_crit = E_min/S_min, examples: twice S_min updates and twice E_min examples.</summary>
    member this.BatchSize = this.MinimumExamples / this.MinimumUpdates

    /// <summary>S = S_min·(1 + B_crit/B), updates.</summary>
    /// <param name="batchSize">B, examples, positive</param>
    member this.Updates(batchSize: float) = this.MinimumUpdates * (1.0 + this.BatchSize / batchSize)

    /// <summary>E = E_min·(1 + B/B_crit), examples.</summary>
    /// <param name="batchSize">B, examples, positive</param>
    member this.Examples(batchSize: float) = this.MinimumExamples * (1.0 + batchSize / this.BatchSize)

/// <summary>S_min, E_min and B_crit fitted to runs at several batch sizes.</summary>
type CriticalBatchFit =
    {
        /// the values that fit best
        Fitted: CriticalBatch
        /// the interval of S_min, updates
        MinimumUpdates: float * float
        /// the interval of E_min, examples
        MinimumExamples: float * float
        /// the interval of B_crit, examples
        BatchSize: float * float
        /// the standard deviation of ln S about the fit
        RelativeError: float
        /// the level of each interval by itself
        Level: float
    }

/// What a batch size costs and gains, given the noise scale.
[<RequireQualifiedAccess>]
module CriticalBatch =

    let private requirePositive name (value: float) =
        if not (Double.IsFinite value && value > 0.0) then
            invalidArg name $"is positive and finite, not {value}"

    /// <summary>The trade-off with a given critical batch and number of updates.</summary>
    /// <param name="minimumUpdates">S_min, positive</param>
    /// <param name="minimumExamples">E_min, positive</param>
    /// <exception cref="T:System.ArgumentException">One is not positive and finite.</exception>
    let create (minimumUpdates: float) (minimumExamples: float) : CriticalBatch =
        requirePositive (nameof minimumUpdates) minimumUpdates
        requirePositive (nameof minimumExamples) minimumExamples

        { MinimumUpdates = minimumUpdates; MinimumExamples = minimumExamples }

    let private fraction noiseScale batchSize =
        requirePositive "batchSize" batchSize

        if not (noiseScale >= 0.0) then
            invalidArg "noiseScale" $"is 0 or more, not {noiseScale}"

        1.0 / (1.0 + noiseScale / batchSize)

    /// <summary>ε_max = ‖G‖²/(GᵀHG), the learning rate that lowers a quadratic loss most along its gradient G. (McCandlish et al. 2018, Eq. 2.5)</summary>
    /// <param name="squaredNorm">‖G‖², positive</param>
    /// <param name="curvature">GᵀHG, positive</param>
    [<Source(Paper.McCandlish2018, "Eq. 2.5")>]
    let largestLearningRate (squaredNorm: float) (curvature: float) : float =
        requirePositive (nameof squaredNorm) squaredNorm
        requirePositive (nameof curvature) curvature
        squaredNorm / curvature

    /// <summary>ε_opt(B) = ε_max/(1 + B_noise/B), the learning rate at which a step along a minibatch's gradient lowers a quadratic loss most in the mean.
    /// (McCandlish et al. 2018, Eq. 2.6)</summary>
    /// <param name="largest">ε_max</param>
    /// <param name="noiseScale">B_noise = tr(HΣ)/(GᵀHG), examples, 0 or more</param>
    /// <param name="batchSize">B, examples, positive</param>
    [<Source(Paper.McCandlish2018, "Eq. 2.6")>]
    let optimalLearningRate (largest: float) (noiseScale: float) (batchSize: float) : float =
        requirePositive (nameof largest) largest
        largest * fraction noiseScale batchSize

    /// <summary>ΔL_opt(B) = ½·‖G‖⁴/(GᵀHG)/(1 + B_noise/B), by how much that step lowers the loss in the mean. (McCandlish et al. 2018, Eq. 2.7)</summary>
    /// <param name="squaredNorm">‖G‖², positive</param>
    /// <param name="curvature">GᵀHG, positive</param>
    /// <param name="noiseScale">B_noise, examples, 0 or more</param>
    /// <param name="batchSize">B, examples, positive</param>
    [<Source(Paper.McCandlish2018, "Eq. 2.7")>]
    let optimalDecrease (squaredNorm: float) (curvature: float) (noiseScale: float) (batchSize: float) : float =
        0.5 * squaredNorm * largestLearningRate squaredNorm curvature * fraction noiseScale batchSize

    /// <summary>Fits ln S = ln S_min + ln(1 + B_crit/B) by least squares to runs that reached one loss, with intervals from the linearised fit and
    /// Student's distribution with n − 2 degrees of freedom. Errors are taken to be relative and of one size.</summary>
    /// <param name="level">the confidence level, in (0, 1)</param>
    /// <param name="runs">updates S and examples E of each run; at least three, at two or more batch sizes E/S</param>
    /// <exception cref="T:System.ArgumentException">There are too few runs, a number is not positive, or the batch sizes do not tell B_crit: all lie
    /// far above or far below it.</exception>
    let fit (level: float) (runs: (float * float) seq) : CriticalBatchFit =
        let runs = Array.ofSeq runs

        if not (level > 0.0 && level < 1.0) then
            invalidArg (nameof level) $"a level lies between 0 and 1, not {level}"

        for updates, examples in runs do
            requirePositive "runs" updates
            requirePositive "runs" examples

        let batches = runs |> Array.map (fun (updates, examples) -> examples / updates)

        if runs.Length < 3 || Array.max batches < Array.min batches * (1.0 + 1e-9) then
            invalidArg (nameof runs) "a fit takes at least three runs, at two or more batch sizes"

        let logs = runs |> Array.map (fst >> log)
        let n = float runs.Length

        // given θ = ln B_crit the best ln S_min is a mean: one number is left to search
        let centre theta =
            let model = batches |> Array.map (fun b -> Math.Log(1.0 + exp theta / b))
            let offset = Array.average (Array.map2 (-) logs model)
            offset, Array.map2 (fun y m -> (y - m - offset) ** 2.0) logs model |> Array.sum

        let low, high = log (Array.min batches) - 12.0, log (Array.max batches) + 12.0
        let grid = [| for i in 0..480 -> low + (high - low) * float i / 480.0 |]
        let best = grid |> Array.minBy (centre >> snd)

        let rec golden a b count =
            if count = 0 then
                (a + b) / 2.0
            else
                let third = (b - a) * 0.381966011250105

                if snd (centre (a + third)) < snd (centre (b - third)) then
                    golden a (b - third) (count - 1)
                else
                    golden (a + third) b (count - 1)

        let spacing = (high - low) / 480.0
        let theta = golden (best - spacing) (best + spacing) 60

        if best = grid[0] || best = grid[480] then
            invalidArg (nameof runs) "the batch sizes do not tell the critical one: all lie far above or far below it"

        let offset, squares = centre theta
        // ∂ model/∂θ = B_crit/(B + B_crit); the other derivative is 1
        let slopes = batches |> Array.map (fun b -> exp theta / (b + exp theta))
        let meanSlope = Array.average slopes
        let scatter = slopes |> Array.sumBy (fun s -> (s - meanSlope) ** 2.0)
        let variance = squares / (n - 2.0)
        let q = MathNet.Numerics.Distributions.StudentT.InvCDF(0.0, 1.0, n - 2.0, 0.5 + level / 2.0)
        let vTheta = variance / scatter
        let vOffset = variance / n + meanSlope * meanSlope * vTheta
        let cov = -meanSlope * vTheta
        let interval centre (v: float) = exp (centre - q * sqrt v), exp (centre + q * sqrt v)

        { Fitted = create (exp offset) (exp (offset + theta))
          MinimumUpdates = interval offset vOffset
          MinimumExamples = interval (offset + theta) (max 0.0 (vOffset + vTheta + 2.0 * cov))
          BatchSize = interval theta vTheta
          RelativeError = sqrt variance
          Level = level }
