namespace DiffSharp

open System
open TorchSharp

/// <summary>Losses, by example or summed up, and normalisation.</summary>
[<AutoOpen>]
module Losses =

    let private reductionOf operation (reduction: string option) =
        match defaultArg reduction "mean" with
        | "mean" -> torch.nn.Reduction.Mean
        | "sum" -> torch.nn.Reduction.Sum
        | "none" -> torch.nn.Reduction.None
        | other -> Guard.refuse operation "" $"the reduction is \"{other}\"; it has to be \"mean\", \"sum\" or \"none\""

    let private reduce (reduction: torch.nn.Reduction) (losses: Tensor) =
        match reduction with
        | torch.nn.Reduction.Mean -> losses.mean ()
        | torch.nn.Reduction.Sum -> losses.sum ()
        | _ -> losses

    let private sameShape operation (input: Tensor) (target: Tensor) =
        if input.shape <> target.shape then
            Guard.refuse operation (Describe.tensors [| input.Native; target.Native |]) "their shapes have to agree"

    /// Classes as integers: one for each example, and for each place where there are more dimensions.
    let private classes operation (input: Tensor) (target: Tensor) : Tensor =
        if input.dim < 2 then
            Guard.refuse operation (Describe.tensors [| input.Native; target.Native |]) "the input has to be of examples and classes"

        if not target.dtype.IsIntegral then
            Guard.refuse
                operation
                (Describe.tensors [| input.Native; target.Native |])
                "the target has to be of integers: the classes' numbers"

        if target.shape <> Array.removeAt 1 input.shape then
            Guard.refuse
                operation
                (Describe.tensors [| input.Native; target.Native |])
                "the target has to have a class for each example, and for each place in it"

        let count = input.shape[1]

        if target.nelement > 0 then
            // a GPU's own check would end all use of the GPU, and libtorch leaves out class −100
            let struct (least, most) = target.Native.aminmax ()
            use least = least.to_type torch.ScalarType.Int64
            use most = most.to_type torch.ScalarType.Int64

            if least.item<int64>() < 0L || most.item<int64>() >= int64 count then
                Guard.refuse operation (Describe.tensors [| input.Native; target.Native |]) $"a class is outside [0, {count - 1}]"

        target.cast Dtype.Int64

    /// −w a[class], by operations that dual numbers go through twice.
    let private pickedLoss (a: Tensor) (target: Tensor) (weight: Tensor option) reduction : Tensor =
        let losses = -((a.gather (1, target.unsqueeze 1)).squeeze 1)

        match weight with
        | None -> reduce reduction losses
        | Some weight ->
            let weights = (weight.indexSelect (0, target.view -1)).viewAs target

            match reduction with
            | torch.nn.Reduction.Mean -> (losses * weights).sum() / weights.sum ()
            | _ -> reduce reduction (losses * weights)

    /// Shifted to mean 0, scaled to variance 1 over some dimensions. Of elementary operations: the third derivatives of libtorch's own are wrong.
    let private standard (over: int[]) (epsilon: float) (a: torch.Tensor) : torch.Tensor =
        use _ = torch.NewDisposeScope()
        use epsilon = epsilon.ToScalar()
        let over = Array.map int64 over
        let centred = a.sub (a.mean (over, true))
        let variance = centred.mul(centred).mean(over, true)
        let result = centred.mul((Number.addNumber variance epsilon).rsqrt()).MoveToOuterDisposeScope()
        GC.KeepAlive epsilon
        result

    let private weightOf (weight: Tensor option) : torch.Tensor | null =
        match weight with
        | None -> null
        | Some weight -> weight.Native

    type Tensor with

        /// <summary>The squared error (a − t)².</summary>
        /// <param name="target">What it should be.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes differ, or the reduction is none of the three.</exception>
        member a.mseLoss(target: Tensor, ?reduction: string) : Tensor =
            let reduction = reductionOf "mseLoss" reduction
            sameShape "mseLoss" a target

            if ForwardMode.IsOn then
                reduce reduction ((a - target).square())
            else
                Tensor.Binary("mseLoss", a, target, (fun a t -> torch.nn.functional.mse_loss (a, t, reduction)))

        /// <summary>The cross entropy −w(t log a + (1 − t) log(1 − a)) of probabilities; logarithms are cut at −100.</summary>
        /// <param name="target">Probabilities.</param>
        /// <param name="weight">A weight for each element, broadcast.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes differ, or the reduction is none of the three.</exception>
        member a.bceLoss(target: Tensor, ?weight: Tensor, ?reduction: string) : Tensor =
            let reduction = reductionOf "bceLoss" reduction
            sameShape "bceLoss" a target

            let inside (probabilities: Tensor) =
                probabilities.nelement = 0 || ((probabilities.ge (0: scalar)).all() && (probabilities.le (1: scalar)).all())

            if not (inside a && inside target) then
                Guard.refuse "bceLoss" (Describe.tensors [| a.Native; target.Native |]) "probabilities have to be in [0, 1]"

            let weight = weightOf weight
            Tensor.Binary("bceLoss", a, target, (fun a t -> torch.nn.functional.binary_cross_entropy (a, t, weight, reduction)))

        /// <summary>The negative log likelihood −w a[class] of logarithms of probabilities (examples, classes, …); the mean is weighted.</summary>
        /// <param name="target">The classes, as integers from 0.</param>
        /// <param name="weight">A weight for each class.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The target is not of integers, a class is out of range, the shapes do not agree, or the reduction is none of the three.</exception>
        member a.nllLoss(target: Tensor, ?weight: Tensor, ?reduction: string) : Tensor =
            let reduction = reductionOf "nllLoss" reduction
            let target = classes "nllLoss" a target

            if ForwardMode.IsOn then
                pickedLoss a target weight reduction
            else
                let weight = weightOf weight
                Tensor.Binary("nllLoss", a, target, (fun a t -> torch.nn.functional.nll_loss (a, t, weight, reduction)))

        /// <summary>The negative log likelihood of the softmax of scores (examples, classes, …); the mean is weighted.</summary>
        /// <param name="target">The classes, as integers from 0.</param>
        /// <param name="weight">A weight for each class.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The target is not of integers, a class is out of range, the shapes do not agree, or the reduction is none of the three.</exception>
        member a.crossEntropyLoss(target: Tensor, ?weight: Tensor, ?reduction: string) : Tensor =
            let reduction = reductionOf "crossEntropyLoss" reduction
            let target = classes "crossEntropyLoss" a target

            if ForwardMode.IsOn then
                pickedLoss (a.logsoftmax 1) target weight reduction
            else
                let weight = weightOf weight

                Tensor.Binary(
                    "crossEntropyLoss",
                    a,
                    target,
                    (fun a t -> torch.nn.functional.cross_entropy (a, t, weight, reduction = reduction))
                )

        /// <summary>The cross entropy of the sigmoid of scores with probabilities, without overflow: max(a, 0) − a t + log(1 + e^−|a|).</summary>
        /// <param name="target">What it should be.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes differ, or the reduction is none of the three.</exception>
        member a.bceWithLogitsLoss(target: Tensor, ?reduction: string) : Tensor =
            let reduction = reductionOf "bceWithLogitsLoss" reduction
            sameShape "bceWithLogitsLoss" a target

            Tensor.Binary(
                "bceWithLogitsLoss",
                a,
                target,
                (fun a t -> torch.nn.functional.binary_cross_entropy_with_logits (a, t, null, reduction))
            )

        /// <summary>Each example's last dimensions shifted and scaled to mean 0 and variance 1; ε is added to the variance.</summary>
        /// <param name="normalizedShape">The last lengths, over which each example is normalised.</param>
        /// <param name="epsilon">ε, 1e-5 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">These are not its last lengths.</exception>
        member a.layerNorm(normalizedShape: seq<int>, ?epsilon: float) : Tensor =
            let shape = Create.lengths "layerNorm" normalizedShape
            let epsilon = defaultArg epsilon 1e-5
            let lengths = a.shape |> Array.map int64

            if shape.Length = 0 || shape.Length > lengths.Length || lengths[lengths.Length - shape.Length ..] <> shape then
                Guard.refuse "layerNorm" (Describe.tensor a.Native) $"its last lengths are not {Describe.dimensions shape}"

            Tensor.UnaryFloat("layerNorm", a, standard [| lengths.Length - shape.Length .. lengths.Length - 1 |] epsilon)

        /// <summary>Each channel of (examples, channels, …) shifted and scaled to mean 0 and variance 1 over the batch; ε is added to the variance.</summary>
        /// <param name="epsilon">ε, 1e-5 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">There are fewer than two values for each channel.</exception>
        member a.batchNorm(?epsilon: float) : Tensor =
            let epsilon = defaultArg epsilon 1e-5

            let count = a.dim

            if count < 2 || a.nelement / max 1 a.shape[1] < 2 then
                Guard.refuse
                    "batchNorm"
                    (Describe.tensor a.Native)
                    "it has to be of examples and channels, with two values or more for each channel"

            Tensor.UnaryFloat("batchNorm", a, standard [| 0; yield! seq { 2 .. count - 1 } |] epsilon)

    type dsharp with

        /// <summary>The squared error (a − t)².</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="target">What it should be.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes differ, or the reduction is none of the three.</exception>
        static member mseLoss(a: Tensor, target: Tensor, ?reduction: string) : Tensor = a.mseLoss (target, ?reduction = reduction)

        /// <summary>The squared error (a − t)², as a function of a: for pipelines.</summary>
        /// <param name="target">What it should be.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes differ, or the reduction is none of the three.</exception>
        static member mseLoss(target: Tensor) : Tensor -> Tensor = fun a -> a.mseLoss (target)

        /// <summary>The cross entropy −w(t log a + (1 − t) log(1 − a)) of probabilities; logarithms are cut at −100.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="target">Probabilities.</param>
        /// <param name="weight">A weight for each element, broadcast.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes differ, or the reduction is none of the three.</exception>
        static member bceLoss(a: Tensor, target: Tensor, ?weight: Tensor, ?reduction: string) : Tensor =
            a.bceLoss (target, ?weight = weight, ?reduction = reduction)

        /// <summary>The cross entropy −w(t log a + (1 − t) log(1 − a)) of probabilities; logarithms are cut at −100, as a function of a: for pipelines.</summary>
        /// <param name="target">Probabilities.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes differ, or the reduction is none of the three.</exception>
        static member bceLoss(target: Tensor) : Tensor -> Tensor = fun a -> a.bceLoss (target)

        /// <summary>The negative log likelihood −w a[class] of logarithms of probabilities (examples, classes, …); the mean is weighted.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="target">The classes, as integers from 0.</param>
        /// <param name="weight">A weight for each class.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The target is not of integers, a class is out of range, the shapes do not agree, or the reduction is none of the three.</exception>
        static member nllLoss(a: Tensor, target: Tensor, ?weight: Tensor, ?reduction: string) : Tensor =
            a.nllLoss (target, ?weight = weight, ?reduction = reduction)

        /// <summary>The negative log likelihood −w a[class] of logarithms of probabilities (examples, classes, …); the mean is weighted, as a function of a: for pipelines.</summary>
        /// <param name="target">The classes, as integers from 0.</param>
        /// <exception cref="T:DiffSharp.TensorException">The target is not of integers, a class is out of range, the shapes do not agree, or the reduction is none of the three.</exception>
        static member nllLoss(target: Tensor) : Tensor -> Tensor = fun a -> a.nllLoss (target)

        /// <summary>The negative log likelihood of the softmax of scores (examples, classes, …); the mean is weighted.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="target">The classes, as integers from 0.</param>
        /// <param name="weight">A weight for each class.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The target is not of integers, a class is out of range, the shapes do not agree, or the reduction is none of the three.</exception>
        static member crossEntropyLoss(a: Tensor, target: Tensor, ?weight: Tensor, ?reduction: string) : Tensor =
            a.crossEntropyLoss (target, ?weight = weight, ?reduction = reduction)

        /// <summary>The negative log likelihood of the softmax of scores (examples, classes, …); the mean is weighted, as a function of a: for pipelines.</summary>
        /// <param name="target">The classes, as integers from 0.</param>
        /// <exception cref="T:DiffSharp.TensorException">The target is not of integers, a class is out of range, the shapes do not agree, or the reduction is none of the three.</exception>
        static member crossEntropyLoss(target: Tensor) : Tensor -> Tensor = fun a -> a.crossEntropyLoss (target)

        /// <summary>The cross entropy of the sigmoid of scores with probabilities, without overflow: max(a, 0) − a t + log(1 + e^−|a|).</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="target">What it should be.</param>
        /// <param name="reduction">"mean" (unless given), "sum", or "none" for the losses themselves.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes differ, or the reduction is none of the three.</exception>
        static member bceWithLogitsLoss(a: Tensor, target: Tensor, ?reduction: string) : Tensor =
            a.bceWithLogitsLoss (target, ?reduction = reduction)

        /// <summary>Each example's last dimensions shifted and scaled to mean 0 and variance 1; ε is added to the variance.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="normalizedShape">The last lengths, over which each example is normalised.</param>
        /// <param name="epsilon">ε, 1e-5 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">These are not its last lengths.</exception>
        static member layerNorm(a: Tensor, normalizedShape: seq<int>, ?epsilon: float) : Tensor =
            a.layerNorm (normalizedShape, ?epsilon = epsilon)

        /// <summary>Each channel of (examples, channels, …) shifted and scaled to mean 0 and variance 1 over the batch; ε is added to the variance.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="epsilon">ε, 1e-5 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">There are fewer than two values for each channel.</exception>
        static member batchNorm(a: Tensor, ?epsilon: float) : Tensor = a.batchNorm (?epsilon = epsilon)
