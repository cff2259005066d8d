namespace NoiseScale.Theory

open System
open NoiseScale.Sources
open DiffSharp

/// <summary>How the outputs z of a model and its targets y give a cost, −ln p(y | z) of every example.</summary>
/// <remarks>Outputs are [N, K] for N examples: K classes' logits, one logit (K = 1), or K means.</remarks>
[<RequireQualifiedAccess>]
type Likelihood =
    /// softmax over that many classes; targets are integers [N], 0 … classes − 1
    | Categorical of classes: int
    /// logistic: p(1 | z) = 1/(1 + e^(−z)); targets [N] are 0 or 1
    | Bernoulli
    /// independent normal errors of that variance, in squared units of the targets; targets [N, K]
    | Gaussian of variance: float

/// Costs of examples, their derivatives with respect to the outputs, and targets drawn from a model.
[<RequireQualifiedAccess>]
module Likelihood =

    /// <summary>K, the number of outputs of one example; none where any number will do.</summary>
    let outputs (likelihood: Likelihood) : int option =
        match likelihood with
        | Likelihood.Categorical classes -> Some classes
        | Likelihood.Bernoulli -> Some 1
        | Likelihood.Gaussian _ -> None

    /// <summary>The cost of an example under a model that knows nothing, −ln(1/n) = ln n for n equally likely classes; none for a Gaussian. (P2 section 2)</summary>
    [<Source(Paper.P2, "section 2")>]
    let nullCost (likelihood: Likelihood) : float option =
        match likelihood with
        | Likelihood.Categorical classes -> Some(log (float classes))
        | Likelihood.Bernoulli -> Some(log 2.0)
        | Likelihood.Gaussian _ -> None

    let private refuse name (rule: string) = invalidArg name rule

    let private outside (targets: Tensor) least most =
        let wrong = (targets.lt (least: float)) + (targets.gt (most: float)) |> fun t -> t.gt 0.0

        if float (wrong.cast(Dtype.Float64).sum()) > 0.0 then
            Some((wrong.cast(Dtype.Float64).argmax())[0])
        else
            None

    let private requireRange likelihood (targets: Tensor) least most =
        match outside (targets.cast Dtype.Float64) least most with
        | Some i ->
            let value = float (targets[i].cast Dtype.Float64)
            refuse "targets" $"example {i} has the label {value}; {likelihood} has labels {least} to {most}"
        | None -> ()

    /// <summary>Refuses targets that the likelihood has no place for.</summary>
    /// <param name="likelihood">the likelihood</param>
    /// <param name="targets">of N examples</param>
    /// <exception cref="T:System.ArgumentException">Names the first example that breaks the rule, its label and the rule.</exception>
    let check (likelihood: Likelihood) (targets: Tensor) : unit =
        if targets.dim = 0 || targets.nelement = 0 then
            refuse "targets" "there is at least one example"

        match likelihood with
        | Likelihood.Categorical classes ->
            if classes < 2 then
                refuse "likelihood" $"there are at least two classes, not {classes}"

            if targets.dim <> 1 || not targets.dtype.IsIntegral then
                refuse "targets" $"classes are integers, one an example, not {targets.dtype} in {targets.dim} dimensions"

            requireRange "this softmax" targets 0.0 (float (classes - 1))
        | Likelihood.Bernoulli ->
            if targets.dim <> 1 then
                refuse "targets" $"labels are one an example, not in {targets.dim} dimensions"

            requireRange "a logistic likelihood" targets 0.0 1.0
            let halves = targets.cast Dtype.Float64 |> fun t -> t * (1.0 - t)

            if float (halves.abs().max()) > 0.0 then
                let i = (halves.abs().argmax())[0]

                refuse
                    "targets"
                    $"example {i} has the label {float (targets[i].cast Dtype.Float64)}; a logistic likelihood has labels 0 and 1"
        | Likelihood.Gaussian variance ->
            if not (Double.IsFinite variance && variance > 0.0) then
                refuse "likelihood" $"a variance is positive and finite, not {variance}"

            if targets.dim <> 2 then
                refuse "targets" $"targets are [N, K], not in {targets.dim} dimensions"

            if targets.hasnan () || targets.hasinf () then
                refuse "targets" "a target is not finite"

    let private requireOutputs likelihood (z: Tensor) (y: Tensor) =
        if z.dim <> 2 || z.shape[0] <> y.shape[0] then
            refuse "outputs" $"{y.shape[0]} targets need outputs [{y.shape[0]}, K], not {z.shape |> Array.toList}"

        match outputs likelihood with
        | Some k when k <> z.shape[1] -> refuse "outputs" $"{likelihood} needs {k} outputs an example, not {z.shape[1]}"
        | _ -> ()

    /// <summary>−ln p(yᵢ | zᵢ) of every example, in nats.</summary>
    /// <param name="likelihood">the likelihood</param>
    /// <param name="z">outputs [N, K]</param>
    /// <param name="y">targets of N examples</param>
    /// <returns>[N]</returns>
    /// <exception cref="T:System.ArgumentException">The shapes do not fit the likelihood.</exception>
    let costs (likelihood: Likelihood) (z: Tensor) (y: Tensor) : Tensor =
        requireOutputs likelihood z y

        match likelihood with
        | Likelihood.Categorical _ -> z.crossEntropyLoss (y, reduction = "none")
        | Likelihood.Bernoulli -> (z.squeeze 1).bceWithLogitsLoss(y.cast z.dtype, reduction = "none")
        | Likelihood.Gaussian variance ->
            let difference = z - y
            (difference * difference).sum(1) * (0.5 / variance) + 0.5 * float z.shape[1] * log (2.0 * Math.PI * variance)

    /// <summary>Λᵢ·vᵢ of every example, Λ = ∂²(−ln p(y | z))/∂z∂z: diag p − ppᵀ, p(1−p), or 1/variance. No target enters: the likelihoods are of the exponential
    /// family in their natural parameters, so Λ is also the covariance of the cost's gradient under targets drawn from the model.</summary>
    /// <param name="likelihood">the likelihood</param>
    /// <param name="z">outputs [N, K]</param>
    /// <param name="v">[N, K]</param>
    let curvatureTimes (likelihood: Likelihood) (z: Tensor) (v: Tensor) : Tensor =
        match likelihood with
        | Likelihood.Categorical _ ->
            let p = z.softmax 1
            p * (v - (p * v).sum(1, keepDim = true))
        | Likelihood.Bernoulli ->
            let p = z.sigmoid ()
            p * (1.0 - p) * v
        | Likelihood.Gaussian variance -> v / variance

    /// <summary>Targets drawn from the model: y ~ p(y | z).</summary>
    /// <param name="likelihood">the likelihood</param>
    /// <param name="generator">where the draws come from; it moves on</param>
    /// <param name="z">outputs [N, K]</param>
    /// <returns>targets as <c>costs</c> takes them</returns>
    let sample (likelihood: Likelihood) (generator: Generator) (z: Tensor) : Tensor =
        match likelihood with
        | Likelihood.Categorical _ -> (z.softmax 1).multinomial(1, generator = generator).squeeze(1).cast Dtype.Int64
        | Likelihood.Bernoulli -> (z.sigmoid ()).bernoulli(generator = generator).squeeze 1
        | Likelihood.Gaussian variance ->
            z + (dsharp.randn (z.shape, dtype = z.dtype, device = z.device, generator = generator)) * sqrt variance
