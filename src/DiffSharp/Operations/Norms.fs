namespace DiffSharp

open System
open TorchSharp

/// <summary>Norms, and what makes numbers comparable: the softmax family, scaling to a range or to unit variance.</summary>
[<AutoOpen>]
module Norms =

    let private along operation (a: Tensor) dim (body: torch.Tensor -> int64 -> torch.Tensor) =
        let dim = dimension operation a.Native dim
        Tensor.UnaryFloat(operation, a, (fun a -> body a dim))

    let private keep (keepDim: bool option) = defaultArg keepDim false

    type Tensor with

        /// <summary>log Σ eᵃ along a dimension, without overflow.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.logsumexp(dim: int, ?keepDim: bool) : Tensor =
            let keepDim = keep keepDim
            along "logsumexp" (Tensor.AsFloat a) dim (fun a dim -> a.logsumexp (dim, keepDim))

        /// <summary>eᵃ/Σ eᵃ along a dimension.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.softmax(dim: int) : Tensor =
            along "softmax" (Tensor.AsFloat a) dim (fun a dim ->
                if ForwardMode.IsOn then a.sub(a.logsumexp (dim, true)).exp() else a.softmax dim)

        /// <summary>a − log Σ eᵃ along a dimension.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.logsoftmax(dim: int) : Tensor =
            along "logsoftmax" (Tensor.AsFloat a) dim (fun a dim ->
                if ForwardMode.IsOn then a.sub (a.logsumexp (dim, true)) else a.log_softmax dim)

        /// <summary>The norm (Σ|a|ᵖ)^(1/p) of all elements, p the order.</summary>
        /// <param name="order">p, 2 unless given.</param>
        member a.norm(?order: float) : Tensor =
            let order = defaultArg order 2.0
            Tensor.UnaryFloat("norm", a, (fun a -> Guard.scoped (fun () -> torch.linalg.norm (a.reshape -1L, order, [| 0L |], false))))

        /// <summary>The norms (Σ|a|ᵖ)^(1/p) along a dimension.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="order">p, 2 unless given.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.norm(dim: int, ?order: float, ?keepDim: bool) : Tensor =
            let order, keepDim = defaultArg order 2.0, keep keepDim
            along "norm" (Tensor.AsFloat a) dim (fun a dim -> torch.linalg.norm (a, order, [| dim |], keepDim))

        /// <summary>(a − min)/(max − min): all elements in [0, 1]; zeros where they are all equal.</summary>
        member a.normalize() : Tensor =
            let low, high = a.min (), a.max ()
            if low = high then a * 0 else (a - low) / (high - low)

        /// <summary>(a − mean)/(standard deviation) of all elements; zeros where they are all equal.</summary>
        member a.standardize() : Tensor =
            let deviation = a.stddev ()

            if deviation.hasnan () || deviation.toDouble () = 0.0 then
                a * 0.0
            else
                (a - a.mean ()) / deviation

    type dsharp with

        /// <summary>log Σ eᵃ along a dimension, without overflow.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member logsumexp(a: Tensor, dim: int, ?keepDim: bool) : Tensor = a.logsumexp (dim, ?keepDim = keepDim)

        /// <summary>log Σ eᵃ along a dimension, without overflow, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member logsumexp(dim: int, ?keepDim: bool) : Tensor -> Tensor = fun a -> a.logsumexp (dim, ?keepDim = keepDim)

        /// <summary>eᵃ/Σ eᵃ along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member softmax(a: Tensor, dim: int) : Tensor = a.softmax (dim)

        /// <summary>eᵃ/Σ eᵃ along a dimension, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member softmax(dim: int) : Tensor -> Tensor = fun a -> a.softmax (dim)

        /// <summary>a − log Σ eᵃ along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member logsoftmax(a: Tensor, dim: int) : Tensor = a.logsoftmax (dim)

        /// <summary>a − log Σ eᵃ along a dimension, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member logsoftmax(dim: int) : Tensor -> Tensor = fun a -> a.logsoftmax (dim)

        /// <summary>The norm (Σ|a|ᵖ)^(1/p) of all elements, p the order.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="order">p, 2 unless given.</param>
        static member norm(a: Tensor, ?order: float) : Tensor = a.norm (?order = order)

        /// <summary>The norms (Σ|a|ᵖ)^(1/p) along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="order">p, 2 unless given.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member norm(a: Tensor, dim: int, ?order: float, ?keepDim: bool) : Tensor = a.norm (dim, ?order = order, ?keepDim = keepDim)

        /// <summary>(a − min)/(max − min): all elements in [0, 1]; zeros where they are all equal.</summary>
        /// <param name="a">The tensor.</param>
        static member normalize(a: Tensor) : Tensor = a.normalize ()

        /// <summary>(a − mean)/(standard deviation) of all elements; zeros where they are all equal.</summary>
        /// <param name="a">The tensor.</param>
        static member standardize(a: Tensor) : Tensor = a.standardize ()
