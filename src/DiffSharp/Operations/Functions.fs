namespace DiffSharp

open System
open TorchSharp

/// <summary>Functions of one element: exponentials, angles, activations, rounding.</summary>
[<AutoOpen>]
module Functions =

    type Tensor with

        /// <summary>eᵃ.</summary>
        member a.exp() : Tensor = Tensor.UnaryFloat("exp", a, (fun a -> a.exp ()))

        /// <summary>eᵃ − 1, accurate near 0.</summary>
        member a.expm1() : Tensor = Tensor.UnaryFloat("expm1", a, (fun a -> a.expm1 ()))

        /// <summary>The natural logarithm of a.</summary>
        member a.log() : Tensor = Tensor.UnaryFloat("log", a, (fun a -> a.log ()))

        /// <summary>The natural logarithm of 1 + a, accurate near 0.</summary>
        member a.log1p() : Tensor = Tensor.UnaryFloat("log1p", a, (fun a -> a.log1p ()))

        /// <summary>The logarithm of a to base 2.</summary>
        member a.log2() : Tensor = Tensor.UnaryFloat("log2", a, (fun a -> a.log2 ()))

        /// <summary>The logarithm of a to base 10.</summary>
        member a.log10() : Tensor = Tensor.UnaryFloat("log10", a, (fun a -> a.log10 ()))

        /// <summary>The square root of a.</summary>
        member a.sqrt() : Tensor = Tensor.UnaryFloat("sqrt", a, (fun a -> a.sqrt ()))

        /// <summary>1/√a.</summary>
        member a.rsqrt() : Tensor = Tensor.UnaryFloat("rsqrt", a, (fun a -> a.rsqrt ()))

        /// <summary>1/a.</summary>
        member a.reciprocal() : Tensor = Tensor.UnaryFloat("reciprocal", a, (fun a -> a.reciprocal ()))

        /// <summary>The sine of a, in radians.</summary>
        member a.sin() : Tensor = Tensor.UnaryFloat("sin", a, (fun a -> a.sin ()))

        /// <summary>The cosine of a, in radians.</summary>
        member a.cos() : Tensor = Tensor.UnaryFloat("cos", a, (fun a -> a.cos ()))

        /// <summary>The tangent of a, in radians.</summary>
        member a.tan() : Tensor = Tensor.UnaryFloat("tan", a, (fun a -> a.tan ()))

        /// <summary>The hyperbolic sine of a.</summary>
        member a.sinh() : Tensor = Tensor.UnaryFloat("sinh", a, (fun a -> a.sinh ()))

        /// <summary>The hyperbolic cosine of a.</summary>
        member a.cosh() : Tensor = Tensor.UnaryFloat("cosh", a, (fun a -> a.cosh ()))

        /// <summary>The hyperbolic tangent of a.</summary>
        member a.tanh() : Tensor = Tensor.UnaryFloat("tanh", a, (fun a -> a.tanh ()))

        /// <summary>The angle in [−π/2, π/2] whose sine is a.</summary>
        member a.asin() : Tensor = Tensor.UnaryFloat("asin", a, (fun a -> a.asin ()))

        /// <summary>The angle in [0, π] whose cosine is a.</summary>
        member a.acos() : Tensor = Tensor.UnaryFloat("acos", a, (fun a -> a.acos ()))

        /// <summary>The angle in (−π/2, π/2) whose tangent is a.</summary>
        member a.atan() : Tensor = Tensor.UnaryFloat("atan", a, (fun a -> a.atan ()))

        /// <summary>The error function 2/√π ∫₀ᵃ exp(−t²) dt.</summary>
        member a.erf() : Tensor = Tensor.UnaryFloat("erf", a, (fun a -> a.erf ()))

        /// <summary>The logarithm of |Γ(a)|.</summary>
        member a.lgamma() : Tensor = Tensor.UnaryFloat("lgamma", a, (fun a -> a.lgamma ()))

        /// <summary>The derivative of log Γ at a.</summary>
        member a.digamma() : Tensor = Tensor.UnaryFloat("digamma", a, (fun a -> a.digamma ()))

        /// <summary>1/(1 + e⁻ᵃ).</summary>
        member a.sigmoid() : Tensor = Tensor.UnaryFloat("sigmoid", a, (fun a -> a.sigmoid ()))

        /// <summary>a/(1 + e⁻ᵃ).</summary>
        member a.silu() : Tensor = Tensor.UnaryFloat("silu", a, (fun a -> a.silu ()))

        /// <summary>a Φ(a), with Φ the normal distribution function.</summary>
        member a.gelu() : Tensor = Tensor.UnaryFloat("gelu", a, (fun a -> a.gelu ()))

        /// <summary>log(1 + eᵃ), without overflow.</summary>
        member a.softplus() : Tensor = Tensor.UnaryFloat("softplus", a, (fun a -> Guard.scoped (fun () -> a.neg().log_sigmoid().neg())))

        /// <summary>a where a &gt; 0, elsewhere α(eᵃ − 1).</summary>
        /// <param name="alpha">α, 1 unless given.</param>
        member a.elu(?alpha: float) : Tensor =
            let alpha = defaultArg alpha 1.0
            use slope = alpha.ToScalar()
            use unit = (1.0).ToScalar()
            let result = Tensor.UnaryFloat("elu", a, (fun a -> a.elu (slope, unit, unit)))
            GC.KeepAlive slope
            GC.KeepAlive unit
            result

        /// <summary>max(a, 0); its derivative at 0 is 0.</summary>
        member a.relu() : Tensor = Tensor.Unary("relu", a, (fun a -> a.relu ()))

        /// <summary>a where a &gt; 0, elsewhere the negative slope times a.</summary>
        /// <param name="negativeSlope">The slope, 0.01 unless given.</param>
        member a.leakyRelu(?negativeSlope: float) : Tensor =
            let slope = defaultArg negativeSlope 0.01
            Tensor.WithNumber("leakyRelu", a, slope, (fun a slope -> a.leaky_relu slope))

        /// <summary>a².</summary>
        member a.square() : Tensor = Tensor.Unary("square", a, (fun a -> a.mul a))

        /// <summary>−1, 0 or 1 by the sign of a; its derivative is 0.</summary>
        member a.sign() : Tensor = Tensor.Unary("sign", a, (fun a -> a.sign ()))

        /// <summary>The magnitude |a|; its derivative at 0 is 0.</summary>
        member a.abs() : Tensor = Tensor.Unary("abs", a, (fun a -> a.abs ()))

        /// <summary>The largest integer not above a; its derivative is 0.</summary>
        member a.floor() : Tensor = Tensor.Unary("floor", a, (fun a -> a.floor ()))

        /// <summary>The smallest integer not below a; its derivative is 0.</summary>
        member a.ceil() : Tensor = Tensor.Unary("ceil", a, (fun a -> a.ceil ()))

        /// <summary>The integer nearest to a, halves to the even one; its derivative is 0.</summary>
        member a.round() : Tensor = Tensor.Unary("round", a, (fun a -> a.round ()))

        /// <summary>a without its fraction; its derivative is 0.</summary>
        member a.trunc() : Tensor = Tensor.Unary("trunc", a, (fun a -> a.trunc ()))

        /// <summary>The angle of the point (b, a) to the first axis, in (−π, π].</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.atan2(b: Tensor) : Tensor = Tensor.Binary("atan2", Tensor.AsFloat a, Tensor.AsFloat b, (fun a b -> a.atan2 b))

        /// <summary>log max(a, ε): never −∞ or NaN for numbers.</summary>
        /// <param name="epsilon">ε, 1e-12 unless given.</param>
        member a.safelog(?epsilon: float) : Tensor = a.clamp(low = defaultArg epsilon 1e-12).log()

    type dsharp with

        /// <summary>eᵃ.</summary>
        /// <param name="a">The tensor.</param>
        static member exp(a: Tensor) : Tensor = a.exp ()

        /// <summary>eᵃ − 1, accurate near 0.</summary>
        /// <param name="a">The tensor.</param>
        static member expm1(a: Tensor) : Tensor = a.expm1 ()

        /// <summary>The natural logarithm of a.</summary>
        /// <param name="a">The tensor.</param>
        static member log(a: Tensor) : Tensor = a.log ()

        /// <summary>The natural logarithm of 1 + a, accurate near 0.</summary>
        /// <param name="a">The tensor.</param>
        static member log1p(a: Tensor) : Tensor = a.log1p ()

        /// <summary>The logarithm of a to base 2.</summary>
        /// <param name="a">The tensor.</param>
        static member log2(a: Tensor) : Tensor = a.log2 ()

        /// <summary>The logarithm of a to base 10.</summary>
        /// <param name="a">The tensor.</param>
        static member log10(a: Tensor) : Tensor = a.log10 ()

        /// <summary>The square root of a.</summary>
        /// <param name="a">The tensor.</param>
        static member sqrt(a: Tensor) : Tensor = a.sqrt ()

        /// <summary>1/√a.</summary>
        /// <param name="a">The tensor.</param>
        static member rsqrt(a: Tensor) : Tensor = a.rsqrt ()

        /// <summary>1/a.</summary>
        /// <param name="a">The tensor.</param>
        static member reciprocal(a: Tensor) : Tensor = a.reciprocal ()

        /// <summary>The sine of a, in radians.</summary>
        /// <param name="a">The tensor.</param>
        static member sin(a: Tensor) : Tensor = a.sin ()

        /// <summary>The cosine of a, in radians.</summary>
        /// <param name="a">The tensor.</param>
        static member cos(a: Tensor) : Tensor = a.cos ()

        /// <summary>The tangent of a, in radians.</summary>
        /// <param name="a">The tensor.</param>
        static member tan(a: Tensor) : Tensor = a.tan ()

        /// <summary>The hyperbolic sine of a.</summary>
        /// <param name="a">The tensor.</param>
        static member sinh(a: Tensor) : Tensor = a.sinh ()

        /// <summary>The hyperbolic cosine of a.</summary>
        /// <param name="a">The tensor.</param>
        static member cosh(a: Tensor) : Tensor = a.cosh ()

        /// <summary>The hyperbolic tangent of a.</summary>
        /// <param name="a">The tensor.</param>
        static member tanh(a: Tensor) : Tensor = a.tanh ()

        /// <summary>The angle in [−π/2, π/2] whose sine is a.</summary>
        /// <param name="a">The tensor.</param>
        static member asin(a: Tensor) : Tensor = a.asin ()

        /// <summary>The angle in [0, π] whose cosine is a.</summary>
        /// <param name="a">The tensor.</param>
        static member acos(a: Tensor) : Tensor = a.acos ()

        /// <summary>The angle in (−π/2, π/2) whose tangent is a.</summary>
        /// <param name="a">The tensor.</param>
        static member atan(a: Tensor) : Tensor = a.atan ()

        /// <summary>The error function 2/√π ∫₀ᵃ exp(−t²) dt.</summary>
        /// <param name="a">The tensor.</param>
        static member erf(a: Tensor) : Tensor = a.erf ()

        /// <summary>The logarithm of |Γ(a)|.</summary>
        /// <param name="a">The tensor.</param>
        static member lgamma(a: Tensor) : Tensor = a.lgamma ()

        /// <summary>The derivative of log Γ at a.</summary>
        /// <param name="a">The tensor.</param>
        static member digamma(a: Tensor) : Tensor = a.digamma ()

        /// <summary>1/(1 + e⁻ᵃ).</summary>
        /// <param name="a">The tensor.</param>
        static member sigmoid(a: Tensor) : Tensor = a.sigmoid ()

        /// <summary>a/(1 + e⁻ᵃ).</summary>
        /// <param name="a">The tensor.</param>
        static member silu(a: Tensor) : Tensor = a.silu ()

        /// <summary>a Φ(a), with Φ the normal distribution function.</summary>
        /// <param name="a">The tensor.</param>
        static member gelu(a: Tensor) : Tensor = a.gelu ()

        /// <summary>log(1 + eᵃ), without overflow.</summary>
        /// <param name="a">The tensor.</param>
        static member softplus(a: Tensor) : Tensor = a.softplus ()

        /// <summary>a where a &gt; 0, elsewhere α(eᵃ − 1).</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="alpha">α, 1 unless given.</param>
        static member elu(a: Tensor, ?alpha: float) : Tensor = a.elu (?alpha = alpha)

        /// <summary>max(a, 0); its derivative at 0 is 0.</summary>
        /// <param name="a">The tensor.</param>
        static member relu(a: Tensor) : Tensor = a.relu ()

        /// <summary>a where a &gt; 0, elsewhere the negative slope times a.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="negativeSlope">The slope, 0.01 unless given.</param>
        static member leakyRelu(a: Tensor, ?negativeSlope: float) : Tensor = a.leakyRelu (?negativeSlope = negativeSlope)

        /// <summary>a².</summary>
        /// <param name="a">The tensor.</param>
        static member square(a: Tensor) : Tensor = a.square ()

        /// <summary>−1, 0 or 1 by the sign of a; its derivative is 0.</summary>
        /// <param name="a">The tensor.</param>
        static member sign(a: Tensor) : Tensor = a.sign ()

        /// <summary>The magnitude |a|; its derivative at 0 is 0.</summary>
        /// <param name="a">The tensor.</param>
        static member abs(a: Tensor) : Tensor = a.abs ()

        /// <summary>The largest integer not above a; its derivative is 0.</summary>
        /// <param name="a">The tensor.</param>
        static member floor(a: Tensor) : Tensor = a.floor ()

        /// <summary>The smallest integer not below a; its derivative is 0.</summary>
        /// <param name="a">The tensor.</param>
        static member ceil(a: Tensor) : Tensor = a.ceil ()

        /// <summary>The integer nearest to a, halves to the even one; its derivative is 0.</summary>
        /// <param name="a">The tensor.</param>
        static member round(a: Tensor) : Tensor = a.round ()

        /// <summary>a without its fraction; its derivative is 0.</summary>
        /// <param name="a">The tensor.</param>
        static member trunc(a: Tensor) : Tensor = a.trunc ()

        /// <summary>The angle of the point (b, a) to the first axis, in (−π, π].</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member atan2(a: Tensor, b: Tensor) : Tensor = a.atan2 (b)

        /// <summary>log max(a, ε): never −∞ or NaN for numbers.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="epsilon">ε, 1e-12 unless given.</param>
        static member safelog(a: Tensor, ?epsilon: float) : Tensor = a.safelog (?epsilon = epsilon)
