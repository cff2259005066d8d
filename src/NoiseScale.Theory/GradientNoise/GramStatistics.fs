namespace NoiseScale.Theory.GradientNoise

open System
open DiffSharp

/// <summary>Estimates with their uncertainty from a single look: from all products G_kl = g_kᵀMg_l of K gradients at one point.</summary>
/// <remarks>The gradients are of single examples, or of micro-batches of equal size. Parameters do not move between them, so no drift enters.</remarks>
[<RequireQualifiedAccess>]
module GramStatistics =

    /// <summary>G = X M Xᵀ of gradients in the rows of X.</summary>
    /// <param name="form">M</param>
    /// <param name="gradients">X, [K, p]</param>
    /// <exception cref="T:System.ArgumentException">It is not a matrix.</exception>
    let gram (form: QuadraticForm) (gradients: Tensor) : float[,] =
        if gradients.dim <> 2 then
            invalidArg (nameof gradients) $"gradients are [K, p], not in {gradients.dim} dimensions"

        dsharp.scope (fun () ->
            let images =
                match form with
                | QuadraticForm.Identity -> gradients
                | QuadraticForm.Operator apply -> gradients.unstack 0 |> Array.map apply |> dsharp.stack

            (gradients.matmul(images.transpose ()).cast Dtype.Float64).toArray2D<float>())

    /// The sum of products over pairs of pairs without a common index, Σ h_ij·k_lm with i ≠ j ≠ l ≠ m all different, in O(K²).
    let private disjoint (h: float[,]) (k: float[,]) =
        let count = Array2D.length1 h

        let rows (m: float[,]) =
            Array.init count (fun i -> Seq.sum (seq { for j in 0 .. count - 1 -> if i = j then 0.0 else m[i, j] }))

        let hRows, kRows = rows h, rows k

        let both =
            seq {
                for i in 0 .. count - 1 do
                    for j in 0 .. count - 1 -> if i = j then 0.0 else h[i, j] * k[i, j]
            }
            |> Seq.sum

        // all pairs of pairs, without those that share one index (in four ways) or both (in two)
        Array.sum hRows * Array.sum kRows - 4.0 * (Array.map2 (*) hRows kRows |> Array.sum) + 2.0 * both

    /// <summary>The U-statistics tr(MΣ)^ = b·mean_{k≠l} ½(g_k − g_l)ᵀM(g_k − g_l) and GᵀMG^ = mean_{k≠l} g_kᵀMg_l with the unbiased
    /// estimate of their covariance, Ûᵢ·Ûⱼ minus the mean of hᵢ·hⱼ over pairs of pairs that share no gradient (whose mean is UᵢUⱼ).</summary>
    /// <remarks>Where this estimate is no covariance matrix (a negative eigenvalue, with few gradients), the delete-one jackknife takes its place, which is one,
    /// and which is too large by a factor between 1 and 2.</remarks>
    /// <param name="batchSize">b, the examples of each gradient; 1 for single examples</param>
    /// <param name="gram">G, [K, K], K at least 4</param>
    /// <exception cref="T:System.ArgumentException">G is not square, K is below 4, or b below 1.</exception>
    let parts (batchSize: int64) (gram: float[,]) : Result<NoiseParts, NoiseError> =
        let count = Array2D.length1 gram

        if Array2D.length2 gram <> count then
            invalidArg (nameof gram) $"products of K gradients are [K, K], not [{count}, {Array2D.length2 gram}]"

        if batchSize < 1L then
            invalidArg (nameof batchSize) $"a batch has at least one example, not {batchSize}"

        if count < 2 then
            Error(NoiseError.TooFew count)
        elif count < 4 then
            invalidArg (nameof gram) $"the covariance of the estimates takes at least 4 gradients, not {count}"
        elif gram |> Seq.cast<float> |> Seq.exists (Double.IsFinite >> not) then
            Error(NoiseError.NotFinite "a product of gradients")
        else
            let b, k = float batchSize, float count

            let noise =
                Array2D.init count count (fun i j -> b * (0.5 * (gram[i, i] + gram[j, j]) - 0.5 * (gram[i, j] + gram[j, i])))

            let pairs = k * (k - 1.0)
            let quadruples = pairs * (k - 2.0) * (k - 3.0)

            let rows (m: float[,]) =
                Array.init count (fun i -> Seq.sum (seq { for j in 0 .. count - 1 -> if i = j then 0.0 else m[i, j] }))

            let noiseRows, signalRows = rows noise, rows gram
            let meanNoise, meanSignal = Array.sum noiseRows / pairs, Array.sum signalRows / pairs
            let unbiased (h: float[,]) (g: float[,]) mean other = mean * other - disjoint h g / quadruples
            let vNoise, vSignal = unbiased noise noise meanNoise meanNoise, unbiased gram gram meanSignal meanSignal
            let cov = unbiased noise gram meanNoise meanSignal

            // the jackknife: U without gradient i is (Σ h − 2·row i)/((K − 1)(K − 2))
            let jackknife (x: float[]) (y: float[]) =
                let mx, my = Array.average x, Array.average y
                let sum = Array.map2 (fun a b -> (a - mx) * (b - my)) x y |> Array.sum
                4.0 * sum / (k * (k - 1.0) * (k - 2.0) * (k - 2.0))

            let isCovariance = vNoise >= 0.0 && vSignal >= 0.0 && cov * cov <= vNoise * vSignal

            let vNoise, cov, vSignal =
                if isCovariance then
                    vNoise, cov, vSignal
                else
                    jackknife noiseRows noiseRows, jackknife noiseRows signalRows, jackknife signalRows signalRows

            Ok
                { Noise = meanNoise
                  Signal = meanSignal
                  NoiseVariance = vNoise
                  Covariance = cov
                  SignalVariance = vSignal
                  DegreesOfFreedom = k - 1.0 }
