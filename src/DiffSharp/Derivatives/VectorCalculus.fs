namespace DiffSharp

/// <summary>Derivatives of vector calculus.</summary>
[<AutoOpen>]
module VectorCalculus =

    let private requireSpace (x: Tensor) (jacobian: Tensor) =
        if jacobian.shape <> [| 3; 3 |] then
            Tracking.refuse
                "dsharp.curl"
                $"f maps {Tracking.describe x} to vectors of {jacobian.shape[0]}; the curl is one of maps of three-dimensional space"

    let private requireField (x: Tensor) (jacobian: Tensor) =
        if jacobian.shape[0] <> jacobian.shape[1] then
            Tracking.refuse
                "dsharp.divergence"
                $"f maps {Tracking.describe x} to vectors of {jacobian.shape[0]}; the divergence is one of maps of a space into itself"

    let private curlOf (j: Tensor) = dsharp.stack [ j[2, 1] - j[1, 2]; j[0, 2] - j[2, 0]; j[1, 0] - j[0, 1] ]

    type dsharp with

        /// <summary>f x, and the Laplacian Σ ∂²f/∂xᵢ²: the trace of the Hessian.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no vector, f x is no single number, or an operation in f has no derivative.</exception>
        static member flaplacian (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            use frame = Frame.Open "dsharp.laplacian"
            let value, hessian = dsharp.fhessian f x
            Keep.from frame (value, hessian.trace ())

        /// <summary>The Laplacian Σ ∂²f/∂xᵢ²: the trace of the Hessian.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no vector, f x is no single number, or an operation in f has no derivative.</exception>
        static member laplacian (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.flaplacian f x |> snd)

        /// <summary>f x, and the curl ∇ × f.</summary>
        /// <param name="f">A function from vectors of 3 numbers to vectors of 3.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map vectors of 3 numbers to vectors of 3, or an operation in f has no derivative.</exception>
        static member fcurl (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            use frame = Frame.Open "dsharp.curl"
            let value, jacobian = dsharp.fjacobian f x
            requireSpace x jacobian
            Keep.from frame (value, curlOf jacobian)

        /// <summary>The curl ∇ × f.</summary>
        /// <param name="f">A function from vectors of 3 numbers to vectors of 3.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map vectors of 3 numbers to vectors of 3, or an operation in f has no derivative.</exception>
        static member curl (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.fcurl f x |> snd)

        /// <summary>f x, and the divergence Σ ∂fᵢ/∂xᵢ: the trace of the Jacobian.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map vectors to vectors of the same length, or an operation in f has no derivative.</exception>
        static member fdivergence (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            use frame = Frame.Open "dsharp.divergence"
            let value, jacobian = dsharp.fjacobian f x
            requireField x jacobian
            Keep.from frame (value, jacobian.trace ())

        /// <summary>The divergence Σ ∂fᵢ/∂xᵢ: the trace of the Jacobian.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map vectors to vectors of the same length, or an operation in f has no derivative.</exception>
        static member divergence (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.fdivergence f x |> snd)

        /// <summary>f x, the curl ∇ × f and the divergence ∇·f.</summary>
        /// <param name="f">A function from vectors of 3 numbers to vectors of 3.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map vectors of 3 numbers to vectors of 3, or an operation in f has no derivative.</exception>
        static member fcurldivergence (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor * Tensor =
            use frame = Frame.Open "dsharp.curldivergence"
            let value, jacobian = dsharp.fjacobian f x
            requireSpace x jacobian
            Keep.from frame (value, curlOf jacobian, jacobian.trace ())

        /// <summary>The curl ∇ × f and the divergence ∇·f.</summary>
        /// <param name="f">A function from vectors of 3 numbers to vectors of 3.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map vectors of 3 numbers to vectors of 3, or an operation in f has no derivative.</exception>
        static member curldivergence (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            let _, curl, divergence = dsharp.fcurldivergence f x
            curl, divergence
