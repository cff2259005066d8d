/// Moments of a density in one or two dimensions by the trapezium rule on a box, which for smooth densities that vanish at its edges converges faster than any power.
module NoiseScale.Theory.Tests.Sampling.Quadrature

open System

/// Moments, and how far they still moved at the last doubling of the grid.
type Moments =
    {
        /// ln ∫ exp(ln p)
        LogNormaliser: float
        /// E w, [p]
        Mean: float[]
        /// cov w, [p, p]
        Covariance: float[,]
        /// the largest change at the last doubling, relative to a standard deviation or a variance
        Error: float
    }

let private grid (low: float, high: float) points = Array.init points (fun i -> low + (high - low) * (float i + 0.5) / float points)

let private onGrid (logDensity: float[] -> float) (box: (float * float)[]) points =
    let axes = box |> Array.map (fun range -> grid range points)

    let nodes =
        match axes with
        | [| x |] -> x |> Array.map Array.singleton
        | [| x; y |] -> Array.allPairs x y |> Array.map (fun (x, y) -> [| x; y |])
        | _ -> invalidArg (nameof box) $"a box has one or two dimensions, not {box.Length}"

    let logs = nodes |> Array.map logDensity
    let highest = Array.max logs

    // a box that cuts the density off gives wrong moments, and no doubling shows it
    let edge =
        Array.map2
            (fun (node: float[]) log ->
                (if Array.exists2 (fun x (axis: float[]) -> x = axis[0] || x = axis[points - 1]) node axes then
                     log
                 else
                     -infinity))
            nodes
            logs
        |> Array.max

    if edge > highest - 30.0 then
        invalidArg
            (nameof box)
            $"the density at the edge of the box is exp({edge - highest:F1}) of its largest; it has to be below exp(-30)"

    let weights = logs |> Array.map (fun log -> exp (log - highest))
    let total = Array.sum weights

    let mean =
        Array.init box.Length (fun i -> Array.sum (Array.map2 (fun (w: float[]) q -> w[i] * q) nodes weights) / total)

    let covariance =
        Array2D.init box.Length box.Length (fun i j ->
            Array.sum (Array.map2 (fun (w: float[]) q -> (w[i] - mean[i]) * (w[j] - mean[j]) * q) nodes weights) / total)

    let cell = box |> Array.fold (fun volume (low, high) -> volume * (high - low) / float points) 1.0

    { LogNormaliser = highest + log (total * cell)
      Mean = mean
      Covariance = covariance
      Error = nan }

let private distance (a: Moments) (b: Moments) =
    let deviation i = sqrt b.Covariance[i, i]
    let p = b.Mean.Length

    Seq.max
        [ abs (a.LogNormaliser - b.LogNormaliser)
          for i in 0 .. p - 1 do
              abs (a.Mean[i] - b.Mean[i]) / deviation i

              for j in 0 .. p - 1 do
                  abs (a.Covariance[i, j] - b.Covariance[i, j]) / (deviation i * deviation j) ]

/// The moments of a density on a box, the grid doubled until they stay: relative change at most `tolerance`.
let moments tolerance (logDensity: float[] -> float) (box: (float * float)[]) : Moments =
    let most = if box.Length = 1 then 1 <<< 16 else 1 <<< 11

    let rec refine points (coarse: Moments) =
        let fine = onGrid logDensity box points
        let error = distance coarse fine

        if error <= tolerance then
            { fine with Error = error }
        elif 2 * points > most then
            invalidArg (nameof tolerance) $"{points} points a side still change the moments by {error}, more than {tolerance}"
        else
            refine (2 * points) fine

    refine 128 (onGrid logDensity box 64)

/// The distribution function of a one-dimensional density, by its cells: (x, P(w ≤ x)).
let distribution points (logDensity: float -> float) (low: float, high: float) : (float * float)[] =
    let nodes = grid (low, high) points
    let logs = nodes |> Array.map logDensity
    let weights = logs |> Array.map (fun log -> exp (log - Array.max logs))
    let total = Array.sum weights
    let width = (high - low) / float points
    let sums = weights |> Array.scan (+) 0.0
    Array.init (points + 1) (fun i -> low + float i * width, sums[i] / total)
