namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// <summary>How well predictions do on examples.</summary>
type Score =
    {
        /// the part of examples whose most probable label is right; none for a Gaussian likelihood
        Accuracy: float option
        /// −ln p of an example's target, on average, in nats
        CrossEntropy: float
    }

/// <summary>The posterior's average prediction beside those of single samples.</summary>
type EnsembleScore =
    {
        /// of the mean over samples of p(y | x, w)
        Ensemble: Score
        /// the mean of single samples' scores
        Single: Score
        /// how many samples there were
        Samples: int
    }

/// Predictions with all samples of chains.
[<RequireQualifiedAccess>]
module Ensemble =

    let private rowsOf (samples: Tensor) = samples.reshape [ -1; samples.shape[samples.dim - 1] ]

    let private probabilities likelihood (z: Tensor) =
        match likelihood with
        | Likelihood.Categorical _ -> Some(z.softmax 2)
        | Likelihood.Bernoulli -> Some(z.sigmoid ())
        | Likelihood.Gaussian _ -> None

    let private right likelihood (p: Tensor) (y: Tensor) =
        match likelihood with
        | Likelihood.Bernoulli -> ((p.squeeze -1).gt 0.5).cast(Dtype.Float64).eq(y.cast Dtype.Float64)
        | _ -> (p.argmax (p.dim - 1)).eq y

    let private meanOf (flags: Tensor) = float ((flags.cast Dtype.Float64).mean())

    let private chunks size count = [ for first in 0..size .. count - 1 -> first, min count (first + size) - 1 ]

    /// <summary>p(y | x, all samples) = (1/R)·Σ_r p(y | x, w_r), [n, K] (one column, p(1), for logistic models). (P3 section 5; P2 Eq. 2)</summary>
    /// <param name="model">the model</param>
    /// <param name="chunk">how many samples at a time, at least 1</param>
    /// <param name="samples">[…, p]</param>
    /// <param name="inputs">x [n, …]</param>
    /// <exception cref="T:System.ArgumentException">The likelihood is Gaussian, there is no sample, or no chunk.</exception>
    [<Source(Paper.P3, "section 5")>]
    [<Source(Paper.P2, "Eq. 2")>]
    let predict (model: ChainModel) (chunk: int) (samples: Tensor) (inputs: Tensor) : Tensor =
        let w = rowsOf samples

        if chunk < 1 || w.shape[0] < 1 then
            invalidArg (nameof samples) $"there is at least one sample, and one in a chunk, not {w.shape[0]} and {chunk}"

        dsharp.scope (fun () ->
            let sums =
                chunks chunk w.shape[0]
                |> List.map (fun (first, last) ->
                    dsharp.scope (fun () ->
                        match probabilities model.Likelihood (ChainModel.outputs model w[first..last] inputs) with
                        | Some p -> p.sum 0
                        | None -> invalidArg (nameof model) "a Gaussian likelihood has no probabilities of labels"))

            (sums |> List.reduce (+)) / float w.shape[0])

    /// <summary>Accuracy and cross-entropy of the ensemble and, on average, of its single members.</summary>
    /// <param name="model">the model</param>
    /// <param name="chunk">how many samples at a time, at least 1</param>
    /// <param name="samples">[…, p]</param>
    /// <param name="inputs">x [n, …]</param>
    /// <param name="targets">y of the same examples</param>
    /// <exception cref="T:System.ArgumentException">There is no sample, or no chunk.</exception>
    let score (model: ChainModel) (chunk: int) (samples: Tensor) (inputs: Tensor) (targets: Tensor) : EnsembleScore =
        let w, likelihood = rowsOf samples, model.Likelihood
        let count = w.shape[0]

        if chunk < 1 || count < 1 then
            invalidArg (nameof samples) $"there is at least one sample, and one in a chunk, not {count} and {chunk}"

        Likelihood.check likelihood targets

        dsharp.scope (fun () ->
            let parts =
                chunks chunk count
                |> List.map (fun (first, last) ->
                    dsharp.scope (fun () ->
                        let z = ChainModel.outputs model w[first..last] inputs
                        let costs = ManyOutputs.costs likelihood z (Rows.Shared(inputs, targets))

                        let rights =
                            probabilities likelihood z
                            |> Option.map (fun p -> (right likelihood p (targets.unsqueeze 0)).cast(Dtype.Float64).mean())

                        -costs, (last - first + 1), rights))

            let logs = dsharp.cat ([| for logs, _, _ in parts -> logs |], dim = 0)
            let mixed = (logs.logsumexp 0) - log (float count)

            let singleAccuracy =
                parts
                |> List.map (fun (_, size, rights) -> rights |> Option.map (fun r -> float r * float size))
                |> List.reduce (Option.map2 (+))
                |> Option.map (fun sum -> sum / float count)

            let ensembleAccuracy =
                singleAccuracy |> Option.map (fun _ -> meanOf (right likelihood (predict model chunk w inputs) targets))

            { Ensemble = { Accuracy = ensembleAccuracy; CrossEntropy = -(float (mixed.mean ())) }
              Single = { Accuracy = singleAccuracy; CrossEntropy = -(float (logs.mean ())) }
              Samples = count })
