namespace DiffSharp

/// <summary>Short names of derivatives, as in DiffSharp.</summary>
[<AutoOpen>]
module ShortNames =

    type dsharp with

        /// <summary><c>dsharp.gradv</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        static member gvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor = dsharp.gradv f x v

        /// <summary><c>dsharp.fgradv</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        static member fgvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor = dsharp.fgradv f x v

        /// <summary><c>dsharp.grad</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        static member g (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.grad f x

        /// <summary><c>dsharp.fgrad</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        static member fg (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor = dsharp.fgrad f x

        /// <summary><c>dsharp.hessianv</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        static member hvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor = dsharp.hessianv f x v

        /// <summary><c>dsharp.fhessianv</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        static member fhvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor = dsharp.fhessianv f x v

        /// <summary><c>dsharp.hessian</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        static member h (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.hessian f x

        /// <summary><c>dsharp.fhessian</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        static member fh (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor = dsharp.fhessian f x

        /// <summary><c>dsharp.gradhessian</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        static member gh (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor = dsharp.gradhessian f x

        /// <summary><c>dsharp.fgradhessian</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; a vector.</param>
        static member fgh (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor * Tensor = dsharp.fgradhessian f x

        /// <summary><c>dsharp.gradhessianv</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        static member ghvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor = dsharp.gradhessianv f x v

        /// <summary><c>dsharp.fgradhessianv</c>.</summary>
        /// <param name="f">A function to a single number.</param>
        /// <param name="x">Where; of any shape.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        static member fghvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor * Tensor = dsharp.fgradhessianv f x v

        /// <summary><c>dsharp.jacobianv</c>.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        static member jvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor = dsharp.jacobianv f x v

        /// <summary><c>dsharp.fjacobianv</c>.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <param name="v">The direction, of the shape of x.</param>
        static member fjvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor = dsharp.fjacobianv f x v

        /// <summary><c>dsharp.jacobianTv</c>.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <param name="v">A vector of the shape of f x.</param>
        static member vjp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor = dsharp.jacobianTv f x v

        /// <summary><c>dsharp.fjacobianTv</c>.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        /// <param name="v">A vector of the shape of f x.</param>
        static member fvjp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor = dsharp.fjacobianTv f x v

        /// <summary><c>dsharp.jacobian</c>.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        static member j (f: Tensor -> Tensor) (x: Tensor) : Tensor = dsharp.jacobian f x

        /// <summary><c>dsharp.fjacobian</c>.</summary>
        /// <param name="f">A function from vectors to vectors.</param>
        /// <param name="x">Where; a vector.</param>
        static member fj (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor = dsharp.fjacobian f x
