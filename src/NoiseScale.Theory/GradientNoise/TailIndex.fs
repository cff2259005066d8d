namespace NoiseScale.Theory.GradientNoise

open System
open MathNet.Numerics.Distributions

/// <summary>An estimate of a tail index α, P(|x| > t) ∝ t^(−α), with its interval.</summary>
type TailEstimate =
    {
        /// α
        Index: float
        /// the interval's lower end
        Low: float
        /// the interval's upper end
        High: float
        /// how many numbers it rests on: the k largest, or the blocks
        Used: int
    }

/// <summary>How heavy the tails of gradient noise are. Two indices that agree for α-stable laws below 2 only: Hill's looks at the largest numbers alone, the other
/// at how sums grow, which for any law of finite variance is as for the normal one, α = 2.</summary>
[<RequireQualifiedAccess>]
module TailIndex =

    let private requireFinite (sample: float[]) =
        if sample |> Array.exists (Double.IsFinite >> not) then
            invalidArg (nameof sample) "a number is not finite"

    let private requireLevel level =
        if not (level > 0.0 && level < 1.0) then
            invalidArg (nameof level) $"a level lies between 0 and 1, not {level}"

    let private descending (sample: float[]) = sample |> Array.map abs |> Array.sortDescending

    /// 1/α from the k largest of numbers in descending order.
    let private inverseHill k (sorted: float[]) =
        let threshold = log sorted[k]
        let mutable sum = 0.0

        for i in 0 .. k - 1 do
            sum <- sum + log sorted[i] - threshold

        sum / float k

    /// <summary>Hill's estimator, α̂ = k/Σ_{i≤k} ln(x_(i)/x_(k+1)) of the k largest |x|, with the interval α̂·χ²_{2k}/2k, exact for Pareto tails.
    /// (Hill 1975)</summary>
    /// <param name="level">the confidence level, in (0, 1)</param>
    /// <param name="k">how many of the largest numbers, 2 … n − 1; the (k + 1)-th is not 0</param>
    /// <param name="sample">n numbers; their signs do not matter</param>
    /// <exception cref="T:System.ArgumentException">k or the level is out of range, a number not finite, or the k + 1 largest are equal or 0.</exception>
    let hill (level: float) (k: int) (sample: float[]) : TailEstimate =
        requireLevel level
        requireFinite sample

        if k < 2 || k > sample.Length - 1 then
            invalidArg (nameof k) $"is 2 … {sample.Length - 1} for {sample.Length} numbers, not {k}"

        let sorted = descending sample

        if sorted[k] = 0.0 || sorted[0] = sorted[k] then
            invalidArg (nameof sample) $"the {k + 1} largest numbers are all equal, or one of them is 0: they have no tail"

        let index = 1.0 / inverseHill k sorted
        let degrees = 2.0 * float k

        { Index = index
          Low = index * ChiSquared.InvCDF(degrees, (1.0 - level) / 2.0) / degrees
          High = index * ChiSquared.InvCDF(degrees, (1.0 + level) / 2.0) / degrees
          Used = k }

    /// <summary>The k at which the tail is most like a Pareto one: least Kolmogorov–Smirnov distance of x_(i)/x_(k+1) to t^(−α̂), among k from 10 to n/2
    /// in steps of a tenth. (Clauset, Shalizi and Newman 2009)</summary>
    /// <remarks>The interval of <c>hill</c> does not know that k was chosen on the same numbers, and is then too short.</remarks>
    /// <param name="sample">n numbers, at least 22; their signs do not matter</param>
    /// <exception cref="T:System.ArgumentException">There are too few numbers, one is not finite, or half of them are 0.</exception>
    let chooseTail (sample: float[]) : int =
        requireFinite sample

        if sample.Length < 22 then
            invalidArg (nameof sample) $"the choice of a tail takes at least 22 numbers, not {sample.Length}"

        let sorted = descending sample

        let distance k =
            if sorted[k] = 0.0 || sorted[0] = sorted[k] then
                infinity
            else
                let index = 1.0 / inverseHill k sorted
                let mutable largest = 0.0

                for i in 0 .. k - 1 do
                    // of the k numbers above the threshold, i + 1 are at least x_(i)
                    let survival = (sorted[i] / sorted[k]) ** (-index)
                    largest <- max largest (max (abs (survival - float i / float k)) (abs (survival - float (i + 1) / float k)))

                largest

        let candidates =
            10 |> List.unfold (fun k -> if k > sample.Length / 2 then None else Some(k, max (k + 1) (k * 11 / 10)))

        let best = candidates |> List.minBy distance

        if Double.IsInfinity(distance best) then
            invalidArg (nameof sample) "half of the numbers are 0 or equal: they have no tail"

        best

    /// <summary>The index of the α-stable law whose sums grow as these do: 1/α̂ = (1/ln K₁)·mean(ln|Σ of K₁ numbers| − mean ln|number|) over blocks of K₁,
    /// with Student's interval over the blocks. (Mohammadi et al. 2015, Theorem 2.3; used on gradients by Şimşekli et al. 2019)</summary>
    /// <remarks>For numbers of an α-stable law about 0 it is exact for every K₁; 2 for the normal. For others, Pareto's among them, it is a limit of large K₁, and
    /// 2 wherever the variance is finite: it tells infinite variance, not heavy tails. The noise of a gradient is to be centred first.</remarks>
    /// <param name="level">the confidence level, in (0, 1)</param>
    /// <param name="blockSize">K₁, at least 2</param>
    /// <param name="sample">numbers in random order, at least four blocks of them, about 0; those that fill no block are left out</param>
    /// <returns>α, above 2 only by chance; the upper end is ∞ where 1/α cannot be told from 0</returns>
    /// <exception cref="T:System.ArgumentException">A number is 0 or not finite, the level or block size out of range, or there are fewer than four blocks.</exception>
    let stable (level: float) (blockSize: int) (sample: float[]) : TailEstimate =
        requireLevel level
        requireFinite sample

        if blockSize < 2 then
            invalidArg (nameof blockSize) $"a block has at least two numbers, not {blockSize}"

        let blocks = sample |> Array.chunkBySize blockSize |> Array.filter (fun b -> b.Length = blockSize)

        if blocks.Length < 4 then
            invalidArg (nameof sample) $"{sample.Length} numbers are {blocks.Length} blocks of {blockSize}; it takes four"

        if sample |> Array.contains 0.0 || blocks |> Array.exists (fun b -> Array.sum b = 0.0) then
            invalidArg (nameof sample) "a number or the sum of a block is 0, which has no logarithm; leave zeros out"

        let growth =
            blocks
            |> Array.map (fun block -> (log (abs (Array.sum block)) - (block |> Array.averageBy (abs >> log))) / log (float blockSize))

        let count = float blocks.Length
        let mean = Array.average growth
        let error = sqrt ((growth |> Array.sumBy (fun g -> (g - mean) ** 2.0)) / (count - 1.0) / count)
        let margin = StudentT.InvCDF(0.0, 1.0, count - 1.0, 0.5 + level / 2.0) * error
        let inverse value = if value <= 0.0 then infinity else 1.0 / value

        { Index = inverse mean
          Low = inverse (mean + margin)
          High = inverse (mean - margin)
          Used = blocks.Length }
