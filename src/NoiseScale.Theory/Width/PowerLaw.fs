namespace NoiseScale.Theory.Width

open System
open MathNet.Numerics
open MathNet.Numerics.Random
open MathNet.Numerics.Statistics

/// Scores over a grid of noise scales at one width: what a sweep measured.
type WidthScores =
    {
        /// w
        Width: float
        /// the grid: ln ḡ, or ln of whatever the optimum is sought in, in any order
        Logs: float[]
        /// by seed, then by point of the grid: larger is better, such as test accuracies
        Scores: float[][]
    }

/// An optimum ∝ w^p, and how sure p is.
type PowerLawFit =
    {
        /// p, of the optima of the mean curves
        Exponent: float
        /// lower end of the percentile interval of p over resampled seeds and grids
        Low: float
        /// its upper end
        High: float
        /// the probability with which such intervals are to cover p
        Confidence: float
        /// ln of the optimum at every width, in their order, of the mean curves
        Optima: float[]
        /// lower and upper ends of their percentile intervals
        Intervals: (float * float)[]
        /// whether the best point of the mean curve lies within the grid, at every width
        Interior: bool[]
    }

/// <summary>Where a curve has its top and how that moves with the width: log w against log ḡ_opt, with an interval by resampling.</summary>
[<RequireQualifiedAccess>]
module PowerLaw =
    /// <summary>The top of a parabola through (x, y) by least squares, of the best point and its two neighbours on either side, no farther than those reach; the best point
    /// itself where there is no such top.</summary>
    /// <param name="xs">distinct places, in any order, at least 1</param>
    /// <param name="ys">a value for each</param>
    let vertex (xs: float[]) (ys: float[]) : float =
        let points = Array.zip xs ys |> Array.sortBy fst
        let best = points |> Array.indexed |> Array.maxBy (fun (_, (_, y)) -> y) |> fst
        let near = points[max 0 (best - 2) .. min (points.Length - 1) (best + 2)]

        if near.Length < 3 then
            fst points[best]
        else
            // about the best point, or squares of large numbers cancel
            let about = fst points[best]
            let fit = Fit.Polynomial(near |> Array.map (fun (x, _) -> x - about), Array.map snd near, 2)

            if fit[2] < 0.0 then
                Math.Clamp(about - fit[1] / (2.0 * fit[2]), near |> Array.map fst |> Array.min, near |> Array.map fst |> Array.max)
            else
                about

    let private slope (widths: float[]) (optima: float[]) =
        let struct (_, slope) = Fit.Line(Array.map log widths, optima)
        slope

    let private meanCurve (seeds: int[]) (points: int[]) (scores: float[][]) =
        points |> Array.map (fun point -> seeds |> Array.averageBy (fun seed -> scores[seed][point]))

    let private optimum seeds points (one: WidthScores) =
        vertex (points |> Array.map (fun point -> one.Logs[point])) (meanCurve seeds points one.Scores)

    let private require (sweeps: WidthScores[]) confidence replicates =
        if (sweeps |> Array.distinctBy _.Width).Length < 2 then
            invalidArg (nameof sweeps) $"{sweeps.Length} widths: an exponent needs at least 2 different ones"

        for one in sweeps do
            if not (one.Width > 0.0 && Double.IsFinite one.Width) then
                invalidArg (nameof sweeps) $"width {one.Width}: it must be finite and greater than 0"

            if one.Logs.Length < 3 || Array.distinct one.Logs <> one.Logs then
                invalidArg (nameof sweeps) $"width {one.Width}: its grid must have at least 3 points, none twice"

            if one.Scores.Length < 1 || one.Scores |> Array.exists (fun scores -> scores.Length <> one.Logs.Length) then
                invalidArg
                    (nameof sweeps)
                    $"width {one.Width}: it must have a seed, and every seed a score for each of {one.Logs.Length} points"

            if one.Scores |> Array.exists (Array.exists (Double.IsFinite >> not)) then
                invalidArg (nameof sweeps) $"width {one.Width}: a score is not finite; count a diverged run as a guess"

        if not (confidence > 0.0 && confidence < 1.0) then
            invalidArg (nameof confidence) $"confidence {confidence}: it lies in (0, 1)"

        if replicates < 100 then
            invalidArg (nameof replicates) $"{replicates} replicates: an interval needs at least 100"

    /// <summary>p of optimum ∝ w^p: at every width the top of the mean curve, a line through (ln w, ln optimum) by least squares, and a percentile interval over replicates that draw
    /// seeds and points of the grid anew, with replacement, at every width by itself.</summary>
    /// <param name="seed">of the replicates</param>
    /// <param name="replicates">how many, at least 100</param>
    /// <param name="confidence">in (0, 1)</param>
    /// <param name="sweeps">at least 2 widths</param>
    /// <exception cref="T:System.ArgumentException">An argument breaks its rule; says which.</exception>
    /// <remarks>The bootstrap of Efron (1979). Drawing the grid anew says how much of p is owed to where its points happen to lie; with few seeds intervals are too narrow.</remarks>
    let fit (seed: int) (replicates: int) (confidence: float) (sweeps: WidthScores[]) : PowerLawFit =
        require sweeps confidence replicates
        let random = Xoshiro256StarStar(seed, false)
        let widths = sweeps |> Array.map _.Width
        let all (one: WidthScores) = [| 0 .. one.Scores.Length - 1 |], [| 0 .. one.Logs.Length - 1 |]
        let optima = sweeps |> Array.map (fun one -> all one ||> fun seeds points -> optimum seeds points one)
        let draw count = Array.init count (fun _ -> random.Next count)

        let replicate () =
            sweeps
            |> Array.map (fun one ->
                let seeds = draw one.Scores.Length
                optimum seeds (Array.distinct (draw one.Logs.Length)) one)

        let resampled = Array.init replicates (fun _ -> replicate ())

        let percentiles (values: float[]) =
            Statistics.Quantile(values, (1.0 - confidence) / 2.0), Statistics.Quantile(values, (1.0 + confidence) / 2.0)

        let low, high = resampled |> Array.map (slope widths) |> percentiles

        { Exponent = slope widths optima
          Low = low
          High = high
          Confidence = confidence
          Optima = optima
          Intervals = Array.init sweeps.Length (fun i -> resampled |> Array.map (fun optima -> optima[i]) |> percentiles)
          Interior =
            sweeps
            |> Array.map (fun one ->
                let seeds, points = all one
                let sorted = Array.zip one.Logs (meanCurve seeds points one.Scores) |> Array.sortBy fst
                let best = sorted |> Array.indexed |> Array.maxBy (fun (_, (_, y)) -> y) |> fst
                best > 0 && best < sorted.Length - 1) }
