namespace NoiseScale.Theory.GradientNoise

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// <summary>A quadratic form vᵀMv of gradients: the identity for B_simple = tr Σ/‖G‖², the Hessian for B_noise = tr(HΣ)/(GᵀHG).
/// (McCandlish et al. 2018)</summary>
/// <remarks>Noise scales want vᵀMv ≥ 0. Where a Hessian has negative eigenvalues tr(HΣ) or GᵀHG may be negative; estimates say so.</remarks>
[<Source(Paper.McCandlish2018)>]
[<RequireQualifiedAccess>]
type QuadraticForm =
    /// M = 1
    | Identity
    /// v ↦ Mv, M symmetric; vectors are [p]
    | Operator of (Tensor -> Tensor)

/// Forms to measure noise in.
[<RequireQualifiedAccess>]
module QuadraticForm =

    /// <summary>M = H = ∇∇L(w), by products with vectors; for B_noise.</summary>
    /// <param name="loss">L</param>
    /// <param name="w">the parameters; vectors are as long as all of them together</param>
    let hessian (loss: Loss) (w: Tensor[]) : QuadraticForm =
        QuadraticForm.Operator(fun v -> dsharp.scope (fun () -> dsharp.hessiansv loss w (Parameters.unflatten w v) |> Parameters.flatten))

/// <summary>A pair of unbiased estimates from one look at the gradients.</summary>
/// <remarks>Their ratio is a poor estimate of the noise scale: it is biased, and heavy-tailed where the signal is weak. Average each over measurements first.</remarks>
[<Struct>]
type NoiseMeasurement =
    {
        /// of tr(MΣ): tr Σ for the identity
        Noise: float
        /// of GᵀMG: ‖G‖² for the identity; may be negative where little is known
        Signal: float
    }

/// <summary>Unbiased measurements of tr(MΣ) and GᵀMG from what training has at hand.</summary>
/// <remarks>Given a training set's size N, batches are drawn from it without replacement, Σ has the denominator N − 1 and G is the mean over the
/// training set; without it N is infinite. The estimates of noise do not depend on it.</remarks>
[<RequireQualifiedAccess>]
module NoiseMeasurement =

    let private finite what value = if Double.IsFinite value then Ok value else Error(NoiseError.NotFinite what)

    let private measured noise signal =
        finite "the estimate of tr(MΣ)" noise
        |> Result.bind (fun noise -> finite "the estimate of GᵀMG" signal |> Result.map (fun signal -> { Noise = noise; Signal = signal }))

    let private requireSizes (trainingSetSize: int64 option) (sizes: int64[]) =
        for size in sizes do
            if size < 1L then
                invalidArg (nameof sizes) $"a micro-batch has at least one example, not {size}"

        match trainingSetSize with
        | Some n when n < Array.sum sizes ->
            invalidArg (nameof trainingSetSize) $"{Array.sum sizes} examples cannot be drawn from {n} without replacement"
        | _ -> ()

    /// 1/N, and 0 without N.
    let private inverse (trainingSetSize: int64 option) = trainingSetSize |> Option.map (fun n -> 1.0 / float n) |> Option.defaultValue 0.0

    /// <summary>From two batch sizes: tr Σ̂ = (‖g_b‖² − ‖g_B‖²)/(1/b − 1/B), ‖Ĝ‖² = (B‖g_B‖² − b‖g_b‖²)/(B − b). (McCandlish et al. 2018, App. A.1)</summary>
    /// <remarks>The batches may overlap, and norms may be means over several batches of their size; unbiased all the same.</remarks>
    /// <param name="trainingSetSize">N, if batches are drawn from a training set</param>
    /// <param name="small">b in examples, and ‖g_b‖²</param>
    /// <param name="big">B in examples, larger, and ‖g_B‖²</param>
    /// <exception cref="T:System.ArgumentException">b is below 1, B not larger, or B more than N.</exception>
    [<Source(Paper.McCandlish2018, "App. A.1")>]
    let ofTwoBatches (trainingSetSize: int64 option) (small: int64 * float) (big: int64 * float) : Result<NoiseMeasurement, NoiseError> =
        let b, smallNorm = small
        let B, bigNorm = big
        requireSizes trainingSetSize [| b |]
        requireSizes trainingSetSize [| B |]

        if b >= B then
            invalidArg (nameof big) $"the big batch has to be larger than the small one: {B} and {b}"

        let noise = (smallNorm - bigNorm) / (1.0 / float b - 1.0 / float B)
        let signal = (float B * bigNorm - float b * smallNorm) / float (B - b)
        measured noise (signal + noise * inverse trainingSetSize)

    let private ofScatter trainingSetSize (sizes: int64[]) scatter normOfMean =
        if sizes.Length < 2 then
            Error(NoiseError.TooFew sizes.Length)
        else
            let noise = scatter / float (sizes.Length - 1)
            measured noise (normOfMean - noise * (1.0 / float (Array.sum sizes) - inverse trainingSetSize))

    /// <summary>From the norms of K micro-batches of an accumulation step: tr Σ̂ = (Σ_k b_k‖g_k‖² − n‖ḡ‖²)/(K − 1),
    /// ‖Ĝ‖² = ‖ḡ‖² − (1/n − 1/N)·tr Σ̂, with n = Σ b_k and ḡ = Σ_k (b_k/n)·g_k. Sizes may differ.</summary>
    /// <param name="trainingSetSize">N, if batches are drawn from a training set</param>
    /// <param name="sizes">b_k, examples, at least two of them</param>
    /// <param name="squaredNorms">‖g_k‖² (with a form M, g_kᵀMg_k) of the mean gradient of each micro-batch</param>
    /// <param name="squaredNormOfMean">‖ḡ‖², of the gradient that the optimizer gets</param>
    /// <returns>the measurement, or that there are fewer than two micro-batches, or a norm is not finite</returns>
    /// <exception cref="T:System.ArgumentException">The numbers of sizes and norms differ, a size is below 1, or there are more examples than N.</exception>
    let ofMicroBatchNorms
        (trainingSetSize: int64 option)
        (sizes: int64[])
        (squaredNorms: float[])
        (squaredNormOfMean: float)
        : Result<NoiseMeasurement, NoiseError> =
        if sizes.Length <> squaredNorms.Length then
            invalidArg (nameof squaredNorms) $"{sizes.Length} micro-batches have {squaredNorms.Length} norms"

        requireSizes trainingSetSize sizes
        let weighted = Array.map2 (fun (b: int64) norm -> float b * norm) sizes squaredNorms |> Array.sum
        ofScatter trainingSetSize sizes (weighted - float (Array.sum sizes) * squaredNormOfMean) squaredNormOfMean

    /// <summary>From the gradients of K micro-batches of an accumulation step, as <c>ofMicroBatchNorms</c> but centred before they are squared, and with
    /// any quadratic form: tr(MΣ)^ = Σ_k b_k (g_k − ḡ)ᵀM(g_k − ḡ)/(K − 1).</summary>
    /// <param name="form">M</param>
    /// <param name="trainingSetSize">N, if batches are drawn from a training set</param>
    /// <param name="sizes">b_k, examples, at least two of them; all 1 for gradients of single examples</param>
    /// <param name="gradients">g_k in the rows, [K, p]</param>
    /// <exception cref="T:System.ArgumentException">The numbers of sizes and gradients differ, a size is below 1, or there are more examples than N.</exception>
    let ofMicroBatches
        (form: QuadraticForm)
        (trainingSetSize: int64 option)
        (sizes: int64[])
        (gradients: Tensor)
        : Result<NoiseMeasurement, NoiseError> =
        if gradients.dim <> 2 || gradients.shape[0] <> sizes.Length then
            invalidArg
                (nameof gradients)
                $"{sizes.Length} micro-batches have gradients [{sizes.Length}, p], not {List.ofArray gradients.shape}"

        requireSizes trainingSetSize sizes

        if sizes.Length < 2 then
            Error(NoiseError.TooFew sizes.Length)
        else
            let scatter, normOfMean =
                dsharp.scope (fun () ->
                    let weights =
                        dsharp.tensor (Array.map float sizes, dtype = gradients.dtype, device = gradients.device) |> fun w -> w.unsqueeze 1

                    let mean = (gradients * weights).sum(0, keepDim = true) / float (Array.sum sizes)
                    let centred = gradients - mean

                    let quadratic (rows: Tensor) =
                        match form with
                        | QuadraticForm.Identity -> (rows * rows).sum(1)
                        | QuadraticForm.Operator apply ->
                            // one row at a time: an operator is given vectors
                            rows.unstack 0 |> Array.map (fun row -> (row * apply row).sum()) |> dsharp.stack

                    float ((quadratic centred * weights.squeeze 1).sum()), float ((quadratic mean).sum()))

            ofScatter trainingSetSize sizes scatter normOfMean

    /// <summary>From the norms of single examples: tr Σ̂ = (Σ_i ‖g_i‖² − n‖ḡ‖²)/(n − 1).</summary>
    /// <param name="trainingSetSize">N, if the n examples are drawn from a training set</param>
    /// <param name="squaredNorms">‖g_i‖², n ≥ 2</param>
    /// <param name="squaredNormOfMean">‖ḡ‖²</param>
    let ofExampleNorms
        (trainingSetSize: int64 option)
        (squaredNorms: float[])
        (squaredNormOfMean: float)
        : Result<NoiseMeasurement, NoiseError> =
        ofMicroBatchNorms trainingSetSize (Array.create squaredNorms.Length 1L) squaredNorms squaredNormOfMean

    /// <summary>The values themselves, tr Σ = N/(N−1)·Γ and ‖G‖², from all N examples of the training set.</summary>
    let ofFullData (moments: GradientMoments) : NoiseMeasurement = { Noise = moments.TraceOfCovariance; Signal = moments.SquaredNorm }
