namespace DiffSharp

open System
open TorchSharp

/// <summary>Functions of many elements: sums, means, extremes.</summary>
[<AutoOpen>]
module Reductions =

    /// A dimension counted from 0, from one that may count from the end.
    let internal dimension operation (native: torch.Tensor) (dim: int) : int64 =
        let count = max (int native.ndim) 1

        if dim < -count || dim >= count then
            Guard.refuse operation (Describe.tensor native) $"there is no dimension {dim}; dimensions run from {-count} to {count - 1}"

        int64 (if dim < 0 then dim + count else dim)

    let private along operation (a: Tensor) dim (body: torch.Tensor -> int64 -> torch.Tensor) =
        let dim = dimension operation a.Native dim
        Tensor.Unary(operation, a, (fun a -> body a dim))

    let private keep (keepDim: bool option) = defaultArg keepDim false

    /// All dimensions, named: TorchSharp's var without them ignores whether it is to be unbiased.
    let private everything (a: torch.Tensor) : int64[] = Array.init (int a.ndim) int64

    let private nonEmpty operation (a: Tensor) =
        if a.Native.numel () = 0L then
            Guard.refuse operation (Describe.tensor a.Native) "a tensor without elements has none"

    /// The index along each dimension of an element counted through all of them.
    let private place (shape: int[]) (flat: int) =
        let index = Array.zeroCreate<int> shape.Length
        let mutable rest = flat

        for i in shape.Length - 1 .. -1 .. 0 do
            index[i] <- rest % shape[i]
            rest <- rest / shape[i]

        index

    let private extreme
        operation
        (a: Tensor)
        (dim: int)
        keepDim
        (body: torch.Tensor -> int64 -> bool -> struct (torch.Tensor * torch.Tensor))
        =
        nonEmpty operation a
        let dim = dimension operation a.Native dim
        let native = a.Native

        let struct (values, indices) =
            Guard.run operation (fun () -> Describe.tensor native) (fun () -> body native dim (keep keepDim))

        Tensor.Own values, Tensor.Own indices

    type Tensor with

        /// <summary>The sum of all elements; integers sum to Int64.</summary>
        member a.sum() : Tensor = Tensor.Unary("sum", a, (fun a -> a.sum ()))

        /// <summary>The sums along a dimension; integers sum to Int64.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.sum(dim: int, ?keepDim: bool) : Tensor =
            let keepDim = keep keepDim
            along "sum" a dim (fun a dim -> a.sum (dim, keepdim = keepDim))

        /// <summary>The mean of all elements.</summary>
        member a.mean() : Tensor = Tensor.UnaryFloat("mean", a, (fun a -> a.mean ()))

        /// <summary>The means along a dimension.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.mean(dim: int, ?keepDim: bool) : Tensor =
            let keepDim = keep keepDim
            along "mean" (Tensor.AsFloat a) dim (fun a dim -> a.mean ([| dim |], keepDim))

        /// <summary>The variance Σ(a − ā)²/(n − 1) of all elements; with n in place of n − 1 where it is not to be unbiased.</summary>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        member a.variance(?unbiased: bool) : Tensor =
            let unbiased = defaultArg unbiased true
            Tensor.UnaryFloat("variance", a, (fun a -> a.var (everything a, unbiased)))

        /// <summary>The variances along a dimension, Σ(a − ā)²/(n − 1).</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.variance(dim: int, ?keepDim: bool, ?unbiased: bool) : Tensor =
            let keepDim, unbiased = keep keepDim, defaultArg unbiased true
            along "variance" (Tensor.AsFloat a) dim (fun a dim -> a.var (dim, unbiased, keepDim))

        /// <summary>The standard deviation of all elements, the root of the variance.</summary>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        member a.stddev(?unbiased: bool) : Tensor =
            let unbiased = defaultArg unbiased true
            Tensor.UnaryFloat("stddev", a, (fun a -> a.std (everything a, unbiased)))

        /// <summary>The standard deviations along a dimension.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.stddev(dim: int, ?keepDim: bool, ?unbiased: bool) : Tensor =
            let keepDim, unbiased = keep keepDim, defaultArg unbiased true
            along "stddev" (Tensor.AsFloat a) dim (fun a dim -> a.std (dim, unbiased, keepDim))

        /// <summary>The product of all elements.</summary>
        member a.prod() : Tensor = Tensor.Unary("prod", a, (fun a -> a.prod ()))

        /// <summary>The products along a dimension.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.prod(dim: int, ?keepDim: bool) : Tensor =
            let keepDim = keep keepDim
            along "prod" a dim (fun a dim -> a.prod (dim, keepDim))

        /// <summary>The running sums along a dimension.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.cumsum(dim: int) : Tensor = along "cumsum" a dim (fun a dim -> a.cumsum dim)

        /// <summary>The running products along a dimension.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.cumprod(dim: int) : Tensor = along "cumprod" a dim (fun a dim -> a.cumprod dim)

        /// <summary>The largest element; where several are, they share the derivative.</summary>
        member a.max() : Tensor =
            nonEmpty "max" a
            Tensor.Unary("max", a, (fun a -> a.amax (everything a)))

        /// <summary>The largest elements along a dimension; where several are, they share the derivative.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.max(dim: int, ?keepDim: bool) : Tensor =
            nonEmpty "max" a
            let keepDim = keep keepDim
            along "max" a dim (fun a dim -> a.amax ([| dim |], keepDim, null))

        /// <summary>The smallest element; where several are, they share the derivative.</summary>
        member a.min() : Tensor =
            nonEmpty "min" a
            Tensor.Unary("min", a, (fun a -> a.amin (everything a)))

        /// <summary>The smallest elements along a dimension; where several are, they share the derivative.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.min(dim: int, ?keepDim: bool) : Tensor =
            nonEmpty "min" a
            let keepDim = keep keepDim
            along "min" a dim (fun a dim -> a.amin ([| dim |], keepDim, null))

        /// <summary>The index of the largest element, the first of several.</summary>
        member a.argmax() : int[] =
            nonEmpty "argmax" a
            let at = Tensor.Unary("argmax", a, (fun a -> a.argmax ()))
            place a.shape (int at)

        /// <summary>The indices of the largest elements along a dimension.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.argmax(dim: int, ?keepDim: bool) : Tensor =
            nonEmpty "argmax" a
            let keepDim = keep keepDim
            along "argmax" a dim (fun a dim -> a.argmax (dim, keepDim))

        /// <summary>The index of the smallest element, the first of several.</summary>
        member a.argmin() : int[] =
            nonEmpty "argmin" a
            let at = Tensor.Unary("argmin", a, (fun a -> a.argmin ()))
            place a.shape (int at)

        /// <summary>The indices of the smallest elements along a dimension.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.argmin(dim: int, ?keepDim: bool) : Tensor =
            nonEmpty "argmin" a
            let keepDim = keep keepDim
            along "argmin" a dim (fun a dim -> a.argmin (dim, keepDim))

        /// <summary>The elements in order along a dimension, and where each was.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <param name="descending">Whether the largest comes first.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.sort(dim: int, ?descending: bool) : Tensor * Tensor =
            let descending = defaultArg descending false
            extreme "sort" a dim None (fun a dim _ -> a.sort (dim, descending, true))

    type dsharp with

        /// <summary>The sum of all elements; integers sum to Int64.</summary>
        /// <param name="a">The tensor.</param>
        static member sum(a: Tensor) : Tensor = a.sum ()

        /// <summary>The sums along a dimension; integers sum to Int64.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member sum(a: Tensor, dim: int, ?keepDim: bool) : Tensor = a.sum (dim, ?keepDim = keepDim)

        /// <summary>The sums along a dimension; integers sum to Int64, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member sum(dim: int, ?keepDim: bool) : Tensor -> Tensor = fun a -> a.sum (dim, ?keepDim = keepDim)

        /// <summary>The mean of all elements.</summary>
        /// <param name="a">The tensor.</param>
        static member mean(a: Tensor) : Tensor = a.mean ()

        /// <summary>The means along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member mean(a: Tensor, dim: int, ?keepDim: bool) : Tensor = a.mean (dim, ?keepDim = keepDim)

        /// <summary>The means along a dimension, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member mean(dim: int, ?keepDim: bool) : Tensor -> Tensor = fun a -> a.mean (dim, ?keepDim = keepDim)

        /// <summary>The variance Σ(a − ā)²/(n − 1) of all elements; with n in place of n − 1 where it is not to be unbiased.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        static member variance(a: Tensor, ?unbiased: bool) : Tensor = a.variance (?unbiased = unbiased)

        /// <summary>The variances along a dimension, Σ(a − ā)²/(n − 1).</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member variance(a: Tensor, dim: int, ?keepDim: bool, ?unbiased: bool) : Tensor =
            a.variance (dim, ?keepDim = keepDim, ?unbiased = unbiased)

        /// <summary>The variances along a dimension, Σ(a − ā)²/(n − 1), as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member variance(dim: int, ?keepDim: bool, ?unbiased: bool) : Tensor -> Tensor =
            fun a -> a.variance (dim, ?keepDim = keepDim, ?unbiased = unbiased)

        /// <summary>The standard deviation of all elements, the root of the variance.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        static member stddev(a: Tensor, ?unbiased: bool) : Tensor = a.stddev (?unbiased = unbiased)

        /// <summary>The standard deviations along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member stddev(a: Tensor, dim: int, ?keepDim: bool, ?unbiased: bool) : Tensor =
            a.stddev (dim, ?keepDim = keepDim, ?unbiased = unbiased)

        /// <summary>The standard deviations along a dimension, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <param name="unbiased">Whether the divisor is n − 1, as it is unless told otherwise.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member stddev(dim: int, ?keepDim: bool, ?unbiased: bool) : Tensor -> Tensor =
            fun a -> a.stddev (dim, ?keepDim = keepDim, ?unbiased = unbiased)

        /// <summary>The product of all elements.</summary>
        /// <param name="a">The tensor.</param>
        static member prod(a: Tensor) : Tensor = a.prod ()

        /// <summary>The products along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member prod(a: Tensor, dim: int, ?keepDim: bool) : Tensor = a.prod (dim, ?keepDim = keepDim)

        /// <summary>The running sums along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member cumsum(a: Tensor, dim: int) : Tensor = a.cumsum (dim)

        /// <summary>The running products along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member cumprod(a: Tensor, dim: int) : Tensor = a.cumprod (dim)

        /// <summary>The largest element; where several are, they share the derivative.</summary>
        /// <param name="a">The tensor.</param>
        static member max(a: Tensor) : Tensor = a.max ()

        /// <summary>The largest elements along a dimension; where several are, they share the derivative.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member max(a: Tensor, dim: int, ?keepDim: bool) : Tensor = a.max (dim, ?keepDim = keepDim)

        /// <summary>The smallest element; where several are, they share the derivative.</summary>
        /// <param name="a">The tensor.</param>
        static member min(a: Tensor) : Tensor = a.min ()

        /// <summary>The smallest elements along a dimension; where several are, they share the derivative.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member min(a: Tensor, dim: int, ?keepDim: bool) : Tensor = a.min (dim, ?keepDim = keepDim)

        /// <summary>The index of the largest element, the first of several.</summary>
        /// <param name="a">The tensor.</param>
        static member argmax(a: Tensor) : int[] = a.argmax ()

        /// <summary>The indices of the largest elements along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member argmax(a: Tensor, dim: int, ?keepDim: bool) : Tensor = a.argmax (dim, ?keepDim = keepDim)

        /// <summary>The index of the smallest element, the first of several.</summary>
        /// <param name="a">The tensor.</param>
        static member argmin(a: Tensor) : int[] = a.argmin ()

        /// <summary>The indices of the smallest elements along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that is reduced; negative ones count from the end.</param>
        /// <param name="keepDim">Whether it stays, with length 1.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member argmin(a: Tensor, dim: int, ?keepDim: bool) : Tensor = a.argmin (dim, ?keepDim = keepDim)

        /// <summary>The elements in order along a dimension, and where each was.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <param name="descending">Whether the largest comes first.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member sort(a: Tensor, dim: int, ?descending: bool) : Tensor * Tensor = a.sort (dim, ?descending = descending)
