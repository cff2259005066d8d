namespace DiffSharp

/// <summary>Derivatives of functions of one tensor, by reverse mode.</summary>
/// <remarks>
/// <para>f has to be pure, made of operations of tensors. It may use variables of enclosing functions that are being differentiated, and
/// differentiate inside: derivatives nest to any depth, each with respect to its own variable alone.</para>
/// <para>Results are constants, or differentiable where they are computed inside a function that is itself being differentiated. Whatever else f
/// makes is released when the outermost derivative returns. An f that does not depend on x has derivative 0.</para>
/// <para>A thread that f itself starts is outside: what it differentiates is constant for the others.</para>
/// </remarks>
[<AutoOpen>]
module Derivatives =

    type dsharp with

        /// <summary>f x, and the gradient ∇f(x); of the shape of x.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <exception cref="T:DiffSharp.TensorException">f x is no single number, x is not of floating-point numbers, or an operation in f has no derivative.</exception>
        static member fgrad (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            Reverse.differentiateOne "dsharp.grad" f x (fun at ->
                Tracking.requireScalarValue at.Name x at.Value
                let gradient = Reverse.gradient at.Name at.Stays at.Stays at.Value at.X[0]
                Reverse.ended at at.Value, Reverse.ended at gradient)

        /// <summary>The gradient ∇f(x); of the shape of x.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <exception cref="T:DiffSharp.TensorException">f x is no single number, x is not of floating-point numbers, or an operation in f has no derivative.</exception>
        static member grad (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.fgrad f x |> snd)

        /// <summary>f x, and the derivative ∇f(x)·v along a direction; a single number.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f x is no single number, v has not the shape of x, x is not of floating-point numbers, or an operation in f has no derivative.</exception>
        static member fgradv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor =
            Reverse.differentiateOne "dsharp.gradv" f x (fun at ->
                Tracking.requireScalarValue at.Name x at.Value
                Tracking.requireSameShape at.Name "x" x "v" v
                let gradient = Reverse.gradient at.Name at.Stays at.Stays at.Value at.X[0]
                Reverse.ended at at.Value, Reverse.ended at ((gradient * v).sum()))

        /// <summary>The derivative ∇f(x)·v along a direction; a single number.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f x is no single number, v has not the shape of x, x is not of floating-point numbers, or an operation in f has no derivative.</exception>
        static member gradv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.fgradv f x v |> snd)

        /// <summary>f x, ∇f(x)·v and the product H v of its Hessian with a direction; H v has the shape of x.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f x is no single number, v has not the shape of x, x is not of floating-point numbers, or an operation in f has no derivative.</exception>
        static member fgradhessianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor * Tensor =
            Reverse.differentiateOne "dsharp.hessianv" f x (fun at ->
                Tracking.requireScalarValue at.Name x at.Value
                Tracking.requireSameShape at.Name "x" x "v" v
                let gradients, products = Reverse.curvature at [| v |]
                let along = (gradients[0] * v).sum()
                Reverse.ended at at.Value, Reverse.ended at along, Reverse.ended at products[0])

        /// <summary>∇f(x)·v and H v, the product of the Hessian with a direction.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f x is no single number, v has not the shape of x, x is not of floating-point numbers, or an operation in f has no derivative.</exception>
        static member gradhessianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor =
            dsharp.scope (fun () ->
                let _, along, product = dsharp.fgradhessianv f x v
                along, product)

        /// <summary>f x, and H v, the product of the Hessian with a direction; of the shape of x.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f x is no single number, v has not the shape of x, x is not of floating-point numbers, or an operation in f has no derivative.</exception>
        static member fhessianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor =
            dsharp.scope (fun () ->
                let value, _, product = dsharp.fgradhessianv f x v
                value, product)

        /// <summary>H v, the product of the Hessian with a direction; of the shape of x.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f x is no single number, v has not the shape of x, x is not of floating-point numbers, or an operation in f has no derivative.</exception>
        static member hessianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor =
            dsharp.scope (fun () -> dsharp.fhessianv f x v |> snd)

        /// <summary>f x, the gradient ∇f(x) and the Hessian Hᵢⱼ = ∂²f/∂xᵢ∂xⱼ: n vectors with the gradient's Jacobian for n numbers.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no vector, f x is no single number, or an operation in f has no derivative.</exception>
        static member fgradhessian (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor * Tensor =
            Reverse.differentiateOne "dsharp.hessian" f x (fun at ->
                Tracking.requireVector at.Name x
                Tracking.requireScalarValue at.Name x at.Value
                let gradient = Reverse.gradient at.Name true true at.Value at.X[0]

                let rows = [| for unit in Reverse.units x -> Reverse.product at.Name at.Stays gradient at.X[0] unit |]

                let hessian =
                    if rows.Length = 0 then
                        dsharp.zeros ([ 0; 0 ], x.dtype, x.device)
                    else
                        dsharp.stack rows

                Reverse.ended at at.Value, Reverse.ended at gradient, Reverse.ended at hessian)

        /// <summary>The gradient ∇f(x) and the Hessian.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no vector, f x is no single number, or an operation in f has no derivative.</exception>
        static member gradhessian (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            dsharp.scope (fun () ->
                let _, gradient, hessian = dsharp.fgradhessian f x
                gradient, hessian)

        /// <summary>f x, and the Hessian Hᵢⱼ = ∂²f/∂xᵢ∂xⱼ.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no vector, f x is no single number, or an operation in f has no derivative.</exception>
        static member fhessian (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            dsharp.scope (fun () ->
                let value, _, hessian = dsharp.fgradhessian f x
                value, hessian)

        /// <summary>The Hessian Hᵢⱼ = ∂²f/∂xᵢ∂xⱼ.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no vector, f x is no single number, or an operation in f has no derivative.</exception>
        static member hessian (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.fhessian f x |> snd)

        /// <summary>f x, and the product Jᵀ v with the transposed Jacobian of f; of the shape of x.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <param name="v">A vector of the shape of f x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map a vector to a vector, v has the wrong shape, or an operation in f has no derivative.</exception>
        static member fjacobianTv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor =
            Reverse.differentiateOne "dsharp.jacobianTv" f x (fun at ->
                Tracking.requireVectorValue at.Name x at.Value
                Tracking.requireSameShape at.Name "f x" at.Value "v" v
                let product = Reverse.product at.Name at.Stays at.Value at.X[0] v
                Reverse.ended at at.Value, Reverse.ended at product)

        /// <summary>The product Jᵀ v with the transposed Jacobian of f; of the shape of x.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <param name="v">A vector of the shape of f x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map a vector to a vector, v has the wrong shape, or an operation in f has no derivative.</exception>
        static member jacobianTv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor =
            dsharp.scope (fun () -> dsharp.fjacobianTv f x v |> snd)

        /// <summary>f x, and the derivative J v along a direction; of the shape of f x.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map a vector to a vector, v has the wrong shape, or an operation in f has no derivative.</exception>
        static member fjacobianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor =
            Reverse.differentiateOne "dsharp.jacobianv" f x (fun at ->
                Tracking.requireVectorValue at.Name x at.Value
                Tracking.requireSameShape at.Name "x" x "v" v
                let product = Reverse.forward at v
                Reverse.ended at at.Value, Reverse.ended at product)

        /// <summary>The derivative J v along a direction; of the shape of f x.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map a vector to a vector, v has the wrong shape, or an operation in f has no derivative.</exception>
        static member jacobianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor =
            dsharp.scope (fun () -> dsharp.fjacobianv f x v |> snd)

        /// <summary>f x, and the Jacobian Jᵢⱼ = ∂fᵢ/∂xⱼ: by rows, or by columns where those are fewer.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map a vector to a vector, or an operation in f has no derivative.</exception>
        static member fjacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            Reverse.differentiateOne "dsharp.jacobian" f x (fun at ->
                Tracking.requireVectorValue at.Name x at.Value
                let rows, columns = at.Value.nelement, x.nelement

                let jacobian =
                    if rows = 0 || columns = 0 then
                        dsharp.zeros ([ rows; columns ], x.dtype, x.device)
                    elif rows <= columns then
                        dsharp.stack [| for unit in Reverse.units at.Value -> Reverse.product at.Name at.Stays at.Value at.X[0] unit |]
                    else
                        let forward = Reverse.forward at
                        dsharp.stack ([| for unit in Reverse.units x -> forward unit |], 1)

                Reverse.ended at at.Value, Reverse.ended at jacobian)

        /// <summary>The Jacobian Jᵢⱼ = ∂fᵢ/∂xⱼ: by rows, or by columns where those are fewer.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <exception cref="T:DiffSharp.TensorException">f does not map a vector to a vector, or an operation in f has no derivative.</exception>
        static member jacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.fjacobian f x |> snd)

        /// <summary>f x, and the derivative f'(x) of a function of one number; of the shape of f x.</summary>
        /// <param name="f">A function of a single number.</param>
        /// <param name="x">Where; a single number.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no single number, or an operation in f has no derivative.</exception>
        static member fdiff (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            Reverse.differentiateOne "dsharp.diff" f x (fun at ->
                Tracking.requireNumber at.Name x

                let derivative =
                    if at.Value.dim = 0 then
                        Reverse.gradient at.Name at.Stays at.Stays at.Value at.X[0]
                    else
                        Reverse.forward at (dsharp.one (x.dtype, x.device))

                Reverse.ended at at.Value, Reverse.ended at derivative)

        /// <summary>The derivative f'(x) of a function of one number; of the shape of f x.</summary>
        /// <param name="f">A function of a single number.</param>
        /// <param name="x">Where; a single number.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no single number, or an operation in f has no derivative.</exception>
        static member diff (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.fdiff f x |> snd)

        /// <summary>f x and its derivatives to order n: [| f x; f'(x); …; f⁽ⁿ⁾(x) |].</summary>
        /// <param name="n">The order, 0 or more.</param>
        /// <param name="f">A function of a single number.</param>
        /// <param name="x">Where; a single number.</param>
        /// <exception cref="T:DiffSharp.TensorException">n is negative, x is no single number, or an operation in f has no derivative of that order.</exception>
        static member ffdiffn (n: int) (f: Tensor -> Tensor) (x: Tensor) : Tensor[] =
            if n < 0 then
                Tracking.refuse "dsharp.diffn" $"the order is {n}; it must be 0 or more"

            Reverse.differentiateOne "dsharp.diffn" f x (fun at ->
                Tracking.requireNumber at.Name x

                // each derivative is a function of the same variable: one graph, extended order by order
                let next (order: int) (value: Tensor) =
                    let create = at.Stays || order < n

                    if value.dim = 0 then
                        Reverse.gradient at.Name create create value at.X[0]
                    else
                        Reverse.forward { at with Value = value; Stays = create } (dsharp.one (x.dtype, x.device))

                let derivatives = Array.scan (fun value order -> next order value) at.Value [| 1..n |]
                derivatives |> Array.map (Reverse.ended at))

        /// <summary>f x, and its derivative of order n.</summary>
        /// <param name="n">The order, 0 or more.</param>
        /// <param name="f">A function of a single number.</param>
        /// <param name="x">Where; a single number.</param>
        /// <exception cref="T:DiffSharp.TensorException">n is negative, x is no single number, or an operation in f has no derivative of that order.</exception>
        static member fdiffn (n: int) (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
            let all = dsharp.ffdiffn n f x
            Array.head all, Array.last all

        /// <summary>The derivative of order n.</summary>
        /// <param name="n">The order, 0 or more.</param>
        /// <param name="f">A function of a single number.</param>
        /// <param name="x">Where; a single number.</param>
        /// <exception cref="T:DiffSharp.TensorException">n is negative, x is no single number, or an operation in f has no derivative of that order.</exception>
        static member diffn (n: int) (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.scope (fun () -> dsharp.fdiffn n f x |> snd)

        /// <summary>f x, and its second derivative.</summary>
        /// <param name="f">A function of a single number.</param>
        /// <param name="x">Where; a single number.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no single number, or an operation in f has no derivative.</exception>
        static member fdiff2 (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor = dsharp.fdiffn 2 f x

        /// <summary>The second derivative.</summary>
        /// <param name="f">A function of a single number.</param>
        /// <param name="x">Where; a single number.</param>
        /// <exception cref="T:DiffSharp.TensorException">x is no single number, or an operation in f has no derivative.</exception>
        static member diff2 (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.diffn 2 f x
