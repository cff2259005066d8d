namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp

/// <summary>How labels came about, p(y | f) of C logits f with p = softmax f: what a likelihood has to say to match the labels.</summary>
[<RequireQualifiedAccess>]
type LabelModel =
    /// p_y
    | Softmax
    /// a label is flipped with that probability, to one of the other C − 1 alike: (1 − ρ) p_y + ρ (1 − p_y)/(C − 1)
    | Flipped of rate: float
    /// S labellers draw from p by themselves, and y is what all of them say, p_y^S; or they do not agree, the label C, with 1 − Σ p_c^S (Aitchison 2021)
    | [<Source(Paper.Aitchison2021)>] Agreement of labellers: int
    /// S labellers, given that they agree: p_y^S/Σ p_c^S, which is softmax_y(Sf)
    | GivenAgreement of labellers: int
    /// the logits are log-gamma variables of a Dirichlet with α_c = 1[c = y] + a, as normal ones: N(f_c; ln α_c − v_c/2, v_c), v_c = ln(1/α_c + 1) (Kapoor et al. 2022)
    | [<Source(Paper.Kapoor2022)>] NoisyDirichlet of concentration: float

/// Log-likelihoods of labels, and labels drawn.
[<RequireQualifiedAccess>]
module LabelModel =

    /// <summary>How many labels there are for C classes: C + 1 where labellers may disagree.</summary>
    /// <param name="classes">C</param>
    /// <param name="model">how labels came about</param>
    let labels (classes: int) (model: LabelModel) : int =
        match model with
        | LabelModel.Agreement _ -> classes + 1
        | _ -> classes

    /// <summary>Refuses a model with a number out of range.</summary>
    /// <param name="classes">C, at least 2</param>
    /// <param name="model">how labels came about</param>
    /// <exception cref="T:System.ArgumentException">Names the number and its rule.</exception>
    let check (classes: int) (model: LabelModel) : unit =
        if classes < 2 then
            invalidArg (nameof classes) $"there are at least two classes, not {classes}"

        match model with
        | LabelModel.Flipped rate when not (rate >= 0.0 && rate < 1.0) ->
            invalidArg (nameof model) $"a rate of flipped labels is in [0, 1), not {rate}"
        | LabelModel.Agreement count
        | LabelModel.GivenAgreement count when count < 1 -> invalidArg (nameof model) $"there is at least one labeller, not {count}"
        | LabelModel.NoisyDirichlet a when not (Double.IsFinite a && a > 0.0) ->
            invalidArg (nameof model) $"a concentration is positive and finite, not {a}"
        | _ -> ()

    /// <summary>Refuses labels that are no integers 0 … C − 1 (C too where labellers may disagree), one an example.</summary>
    /// <param name="classes">C</param>
    /// <param name="examples">n</param>
    /// <param name="model">how labels came about</param>
    /// <param name="y">[n]</param>
    /// <exception cref="T:System.ArgumentException">Names the first example that breaks the rule, its label and the rule.</exception>
    let checkLabels (classes: int) (examples: int) (model: LabelModel) (y: Tensor) : unit =
        check classes model

        if y.dim <> 1 || y.shape[0] <> examples || not y.dtype.IsIntegral then
            invalidArg (nameof y) $"labels are integers, one for each of {examples} inputs, not {y.dtype} {List.ofArray y.shape}"

        let most = labels classes model - 1
        let values = (y.cast Dtype.Int64).toFlatArray<int64>()

        match values |> Array.tryFindIndex (fun label -> label < 0L || label > int64 most) with
        | Some i -> invalidArg (nameof y) $"example {i} has the label {values[i]}; the labels are 0 to {most}"
        | None -> ()

    /// ln(1 − e^a), a ≤ 0, without loss at either end.
    let private log1mexp (a: Tensor) =
        let near = a.gt (-(log 2.0))
        // the branch that is not taken is given an argument at which its derivative is finite
        let small = a.where (near, a.zerosLike () - 0.5)
        let large = a.where (a.le (-(log 2.0)), a.zerosLike () - 1.0)
        let ofSmall = (-((small.clamp (high = -1e-300)).expm1())).log()
        ofSmall.where (near, (-(large.exp ())).log1p())

    /// <summary>ln p(y | f) of every label, […, labels]. Differentiable.</summary>
    /// <param name="model">how labels came about</param>
    /// <param name="f">logits, […, C]</param>
    /// <returns>the logarithms; those of a noisy Dirichlet are densities of the logits, and do not add up to 1</returns>
    let logLikelihoods (model: LabelModel) (f: Tensor) : Tensor =
        let classes = f.shape[f.dim - 1]

        match model with
        | LabelModel.Softmax -> f.logsoftmax -1
        | LabelModel.Flipped 0.0 -> f.logsoftmax -1
        | LabelModel.Flipped rate ->
            let spread = rate / float (classes - 1)
            (f.softmax -1 * (1.0 - rate - spread) + spread).log()
        | LabelModel.GivenAgreement count -> (f * float count).logsoftmax -1
        | LabelModel.Agreement count ->
            let agreed = (f.logsoftmax -1) * float count
            dsharp.cat ([ agreed; log1mexp (agreed.logsumexp (-1, keepDim = true)) ], -1)
        | LabelModel.NoisyDirichlet a ->
            let normal alpha =
                let variance = log (1.0 / alpha + 1.0)
                let off = f - (log alpha - variance / 2.0)
                off * off * (-0.5 / variance) - 0.5 * log (2.0 * Math.PI * variance)

            let others, chosen = normal a, normal (1.0 + a)
            chosen - others + others.sum (-1, keepDim = true)

    /// <summary>Labels drawn from logits, [n]; a noisy Dirichlet has no labels to draw, its classes are drawn from the softmax.</summary>
    /// <param name="generator">where the draws come from; it moves on</param>
    /// <param name="model">how labels came about</param>
    /// <param name="f">logits, [n, C]</param>
    /// <exception cref="T:System.ArgumentException">The logits are no matrix, or a number of the model is out of range.</exception>
    let draw (generator: Generator) (model: LabelModel) (f: Tensor) : Tensor =
        if f.dim <> 2 then
            invalidArg (nameof f) $"logits are [n, C], not {List.ofArray f.shape}"

        check f.shape[1] model

        let drawn =
            match model with
            | LabelModel.NoisyDirichlet _ -> LabelModel.Softmax
            | other -> other

        dsharp.scope (fun () -> (logLikelihoods drawn f).exp().multinomial(1, generator = generator).squeeze(1).cast Dtype.Int64)
