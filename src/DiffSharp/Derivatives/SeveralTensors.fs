namespace DiffSharp

/// <summary>Derivatives of functions of several tensors: networks, whose weights stay as they are.</summary>
[<AutoOpen>]
module SeveralTensors =

    let private requireSome name (xs: Tensor[]) =
        if xs.Length = 0 then
            Tracking.refuse name "xs is empty; there must be a tensor to differentiate with respect to"

    let private requireScalarValue name (value: Tensor) =
        if value.dim <> 0 then
            Tracking.refuse name $"f maps xs to {Tracking.describe value}; it must be scalar-valued (a tensor without dimensions)"

    let private requireDirections name (xs: Tensor[]) (vs: Tensor[]) =
        if xs.Length <> vs.Length then
            Tracking.refuse name $"there are {vs.Length} directions for {xs.Length} tensors; there must be one for each"

        Array.iteri2 (fun i x v -> Tracking.requireSameShape name $"xs[{i}]" x $"vs[{i}]" v) xs vs

    type dsharp with

        /// <summary>f xs, and the gradients ∂f/∂xᵢ.</summary>
        /// <param name="f">A function of several tensors to a single number.</param>
        /// <param name="xs">Where: at least one tensor, each of any shape.</param>
        /// <exception cref="T:DiffSharp.TensorException">xs is empty, f xs is no single number, a direction has the wrong shape, or an operation in f has no derivative.</exception>
        static member fgrads (f: Tensor[] -> Tensor) (xs: Tensor[]) : Tensor * Tensor[] =
            requireSome "dsharp.grads" xs

            Reverse.differentiate "dsharp.grads" f xs (fun at ->
                requireScalarValue at.Name at.Value
                let gradients = Reverse.gradients at.Name at.Stays at.Stays at.Value at.X
                Reverse.ended at at.Value, gradients |> Array.map (Reverse.ended at))

        /// <summary>The gradients ∂f/∂xᵢ.</summary>
        /// <param name="f">A function of several tensors to a single number.</param>
        /// <param name="xs">Where: at least one tensor, each of any shape.</param>
        /// <exception cref="T:DiffSharp.TensorException">xs is empty, f xs is no single number, a direction has the wrong shape, or an operation in f has no derivative.</exception>
        static member grads (f: Tensor[] -> Tensor) (xs: Tensor[]) : Tensor[] = dsharp.scope (fun () -> dsharp.fgrads f xs |> snd)

        /// <summary>f xs, the gradients ∂f/∂xᵢ and the products Σⱼ ∂²f/∂xᵢ∂xⱼ vⱼ of the Hessian with a direction.</summary>
        /// <param name="f">A function of several tensors to a single number.</param>
        /// <param name="xs">Where: at least one tensor, each of any shape.</param>
        /// <param name="vs">The direction: one tensor for each of xs, of its shape.</param>
        /// <exception cref="T:DiffSharp.TensorException">xs is empty, f xs is no single number, a direction has the wrong shape, or an operation in f has no derivative.</exception>
        static member fgradhessiansv (f: Tensor[] -> Tensor) (xs: Tensor[]) (vs: Tensor[]) : Tensor * Tensor[] * Tensor[] =
            requireSome "dsharp.hessiansv" xs
            requireDirections "dsharp.hessiansv" xs vs

            Reverse.differentiate "dsharp.hessiansv" f xs (fun at ->
                requireScalarValue at.Name at.Value
                let gradients, products = Reverse.curvature at vs
                Reverse.ended at at.Value, gradients |> Array.map (Reverse.ended at), products |> Array.map (Reverse.ended at))

        /// <summary>The products Σⱼ ∂²f/∂xᵢ∂xⱼ vⱼ of the Hessian with a direction.</summary>
        /// <param name="f">A function of several tensors to a single number.</param>
        /// <param name="xs">Where: at least one tensor, each of any shape.</param>
        /// <param name="vs">The direction: one tensor for each of xs, of its shape.</param>
        /// <exception cref="T:DiffSharp.TensorException">xs is empty, f xs is no single number, a direction has the wrong shape, or an operation in f has no derivative.</exception>
        static member hessiansv (f: Tensor[] -> Tensor) (xs: Tensor[]) (vs: Tensor[]) : Tensor[] =
            dsharp.scope (fun () ->
                let _, _, products = dsharp.fgradhessiansv f xs vs
                products)
