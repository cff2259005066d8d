namespace DiffSharp

open System
open TorchSharp

/// <summary>Functions of elements: each element of the result depends on the element at its place alone.</summary>
[<AutoOpen>]
module Elementwise =

    type Tensor with

        /// <summary>The sum a + b, element by element, broadcast.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.add(b: Tensor) : Tensor = a + b

        /// <summary>The sum a + b with a number.</summary>
        /// <param name="b">The other tensor.</param>
        member a.add(b: scalar) : Tensor = a + b

        /// <summary>The difference a − b, element by element, broadcast.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.sub(b: Tensor) : Tensor = a - b

        /// <summary>The difference a − b with a number.</summary>
        /// <param name="b">The other tensor.</param>
        member a.sub(b: scalar) : Tensor = a - b

        /// <summary>The product a b, element by element, broadcast.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.mul(b: Tensor) : Tensor = a * b

        /// <summary>The product a b with a number.</summary>
        /// <param name="b">The other tensor.</param>
        member a.mul(b: scalar) : Tensor = a * b

        /// <summary>The quotient a / b, element by element, broadcast.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.div(b: Tensor) : Tensor = a / b

        /// <summary>The quotient a / b with a number.</summary>
        /// <param name="b">The other tensor.</param>
        member a.div(b: scalar) : Tensor = a / b

        /// <summary>The power aᵇ, element by element, broadcast.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.pow(b: Tensor) : Tensor = Tensor.Pow(a, b)

        /// <summary>The power aᵇ with a number.</summary>
        /// <param name="b">The other tensor.</param>
        member a.pow(b: scalar) : Tensor = Tensor.Pow(a, b)

        /// <summary>The negative −a.</summary>
        member a.neg() : Tensor = -a

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

        /// <summary>log(1 + eᵃ), and a itself above 20.</summary>
        member a.softplus() : Tensor = Tensor.UnaryFloat("softplus", a, (fun a -> a.softplus (1.0, 20.0)))

        /// <summary>a where a &gt; 0, elsewhere α(eᵃ − 1).</summary>
        /// <param name="alpha">α, 1 unless given.</param>
        member a.elu(?alpha: float) : Tensor =
            let alpha = defaultArg alpha 1.0
            Tensor.UnaryFloat("elu", a, (fun a -> a.elu alpha))

        /// <summary>max(a, 0); its derivative at 0 is 0.</summary>
        member a.relu() : Tensor = Tensor.Unary("relu", a, (fun a -> a.relu ()))

        /// <summary>a where a &gt; 0, elsewhere the negative slope times a.</summary>
        /// <param name="negativeSlope">The slope, 0.01 unless given.</param>
        member a.leakyRelu(?negativeSlope: float) : Tensor =
            let slope = defaultArg negativeSlope 0.01
            Tensor.WithNumber("leakyRelu", a, slope, (fun a slope -> a.leaky_relu slope))

        /// <summary>a².</summary>
        member a.square() : Tensor = Tensor.Unary("square", a, (fun a -> a.square ()))

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

        /// <summary>The larger of a and b, element by element; where they are equal each has half the derivative.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.max(b: Tensor) : Tensor = Tensor.Binary("max", a, b, (fun a b -> a.maximum b))

        /// <summary>The smaller of a and b, element by element; where they are equal each has half the derivative.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.min(b: Tensor) : Tensor = Tensor.Binary("min", a, b, (fun a b -> a.minimum b))

        /// <summary>a, cut to [low, high].</summary>
        /// <param name="low">The least value, if any.</param>
        /// <param name="high">The greatest value, if any.</param>
        member a.clamp(?low: scalar, ?high: scalar) : Tensor =
            match low, high with
            | None, None -> a
            | _ ->
                let fraction = [ low; high ] |> List.choose id |> List.tryFind (Number.isWhole >> not) |> Option.isSome

                let a = if fraction then Tensor.AsFloat a else a
                let atLeast = low |> Option.map (Number.toScalar "clamp") |> Option.toObj
                let atMost = high |> Option.map (Number.toScalar "clamp") |> Option.toObj

                try
                    Tensor.Unary("clamp", a, (fun a -> a.clamp (atLeast, atMost)))
                finally
                    for bound in [ atLeast; atMost ] do
                        match bound with
                        | null -> ()
                        | bound -> bound.Dispose()

        /// <summary>Where a &lt; b: booleans, element by element.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.lt(b: Tensor) : Tensor = Tensor.Binary("lt", a, b, (fun a b -> a.lt b))

        /// <summary>Where a &lt; b, with a number: booleans.</summary>
        /// <param name="b">The other tensor.</param>
        member a.lt(b: scalar) : Tensor = Tensor.WithNumber("lt", a, b, (fun a b -> a.lt b))

        /// <summary>Where a &gt; b: booleans, element by element.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.gt(b: Tensor) : Tensor = Tensor.Binary("gt", a, b, (fun a b -> a.gt b))

        /// <summary>Where a &gt; b, with a number: booleans.</summary>
        /// <param name="b">The other tensor.</param>
        member a.gt(b: scalar) : Tensor = Tensor.WithNumber("gt", a, b, (fun a b -> a.gt b))

        /// <summary>Where a ≤ b: booleans, element by element.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.le(b: Tensor) : Tensor = Tensor.Binary("le", a, b, (fun a b -> a.le b))

        /// <summary>Where a ≤ b, with a number: booleans.</summary>
        /// <param name="b">The other tensor.</param>
        member a.le(b: scalar) : Tensor = Tensor.WithNumber("le", a, b, (fun a b -> a.le b))

        /// <summary>Where a ≥ b: booleans, element by element.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.ge(b: Tensor) : Tensor = Tensor.Binary("ge", a, b, (fun a b -> a.ge b))

        /// <summary>Where a ≥ b, with a number: booleans.</summary>
        /// <param name="b">The other tensor.</param>
        member a.ge(b: scalar) : Tensor = Tensor.WithNumber("ge", a, b, (fun a b -> a.ge b))

        /// <summary>Where a = b: booleans, element by element.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.eq(b: Tensor) : Tensor = Tensor.Binary("eq", a, b, (fun a b -> a.eq b))

        /// <summary>Where a = b, with a number: booleans.</summary>
        /// <param name="b">The other tensor.</param>
        member a.eq(b: scalar) : Tensor = Tensor.WithNumber("eq", a, b, (fun a b -> a.eq b))

        /// <summary>Where a ≠ b: booleans, element by element.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        member a.ne(b: Tensor) : Tensor = Tensor.Binary("ne", a, b, (fun a b -> a.ne b))

        /// <summary>Where a ≠ b, with a number: booleans.</summary>
        /// <param name="b">The other tensor.</param>
        member a.ne(b: scalar) : Tensor = Tensor.WithNumber("ne", a, b, (fun a b -> a.ne b))

        /// <summary>a where the condition holds, b elsewhere; broadcast.</summary>
        /// <param name="condition">Booleans.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The condition is not of booleans, or the shapes do not broadcast.</exception>
        member a.where(condition: Tensor, b: Tensor) : Tensor =
            let condition = condition.Native

            Tensor.Binary("where", a, b, (fun a b -> torch.where (condition, a, b)))

        /// <summary>Where a is not a number: booleans.</summary>
        member a.isnan() : Tensor = Tensor.Unary("isnan", a, (fun a -> a.isnan ()))

        /// <summary>Where a is infinite: booleans.</summary>
        member a.isinf() : Tensor = Tensor.Unary("isinf", a, (fun a -> a.isinf ()))

        /// <summary>Whether any element is other than 0.</summary>
        member a.any() : bool =
            use any = Guard.run "any" (fun () -> Describe.tensor a.Native) (fun () -> a.Native.any ())
            any.item<bool>()

        /// <summary>Whether all elements are other than 0.</summary>
        member a.all() : bool =
            use all = Guard.run "all" (fun () -> Describe.tensor a.Native) (fun () -> a.Native.all ())
            all.item<bool>()

        /// <summary>log max(a, ε): never −∞ or NaN for numbers.</summary>
        /// <param name="epsilon">ε, 1e-12 unless given.</param>
        member a.safelog(?epsilon: float) : Tensor = a.clamp(low = defaultArg epsilon 1e-12).log()

        /// <summary>Whether any element is not a number.</summary>
        member a.hasnan() : bool = a.isnan().any()

        /// <summary>Whether any element is infinite.</summary>
        member a.hasinf() : bool = a.isinf().any()

    type dsharp with

        /// <summary>The sum a + b, element by element, broadcast.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member add(a: Tensor, b: Tensor) : Tensor = a.add (b)

        /// <summary>The sum a + b, element by element, broadcast, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member add(b: Tensor) : Tensor -> Tensor = fun a -> a.add (b)

        /// <summary>The sum a + b with a number.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member add(a: Tensor, b: scalar) : Tensor = a.add (b)

        /// <summary>The difference a − b, element by element, broadcast.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member sub(a: Tensor, b: Tensor) : Tensor = a.sub (b)

        /// <summary>The difference a − b, element by element, broadcast, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member sub(b: Tensor) : Tensor -> Tensor = fun a -> a.sub (b)

        /// <summary>The difference a − b with a number.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member sub(a: Tensor, b: scalar) : Tensor = a.sub (b)

        /// <summary>The product a b, element by element, broadcast.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member mul(a: Tensor, b: Tensor) : Tensor = a.mul (b)

        /// <summary>The product a b, element by element, broadcast, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member mul(b: Tensor) : Tensor -> Tensor = fun a -> a.mul (b)

        /// <summary>The product a b with a number.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member mul(a: Tensor, b: scalar) : Tensor = a.mul (b)

        /// <summary>The quotient a / b, element by element, broadcast.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member div(a: Tensor, b: Tensor) : Tensor = a.div (b)

        /// <summary>The quotient a / b, element by element, broadcast, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member div(b: Tensor) : Tensor -> Tensor = fun a -> a.div (b)

        /// <summary>The quotient a / b with a number.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member div(a: Tensor, b: scalar) : Tensor = a.div (b)

        /// <summary>The power aᵇ, element by element, broadcast.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member pow(a: Tensor, b: Tensor) : Tensor = a.pow (b)

        /// <summary>The power aᵇ, element by element, broadcast, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member pow(b: Tensor) : Tensor -> Tensor = fun a -> a.pow (b)

        /// <summary>The power aᵇ with a number.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member pow(a: Tensor, b: scalar) : Tensor = a.pow (b)

        /// <summary>The negative −a.</summary>
        /// <param name="a">The tensor.</param>
        static member neg(a: Tensor) : Tensor = a.neg ()

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

        /// <summary>log(1 + eᵃ), and a itself above 20.</summary>
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

        /// <summary>The larger of a and b, element by element; where they are equal each has half the derivative.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member max(a: Tensor, b: Tensor) : Tensor = a.max (b)

        /// <summary>The smaller of a and b, element by element; where they are equal each has half the derivative.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member min(a: Tensor, b: Tensor) : Tensor = a.min (b)

        /// <summary>a, cut to [low, high].</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="low">The least value, if any.</param>
        /// <param name="high">The greatest value, if any.</param>
        static member clamp(a: Tensor, ?low: scalar, ?high: scalar) : Tensor = a.clamp (?low = low, ?high = high)

        /// <summary>Where a &lt; b: booleans, element by element.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member lt(a: Tensor, b: Tensor) : Tensor = a.lt (b)

        /// <summary>Where a &lt; b: booleans, element by element, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member lt(b: Tensor) : Tensor -> Tensor = fun a -> a.lt (b)

        /// <summary>Where a &lt; b, with a number: booleans.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member lt(a: Tensor, b: scalar) : Tensor = a.lt (b)

        /// <summary>Where a &gt; b: booleans, element by element.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member gt(a: Tensor, b: Tensor) : Tensor = a.gt (b)

        /// <summary>Where a &gt; b: booleans, element by element, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member gt(b: Tensor) : Tensor -> Tensor = fun a -> a.gt (b)

        /// <summary>Where a &gt; b, with a number: booleans.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member gt(a: Tensor, b: scalar) : Tensor = a.gt (b)

        /// <summary>Where a ≤ b: booleans, element by element.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member le(a: Tensor, b: Tensor) : Tensor = a.le (b)

        /// <summary>Where a ≤ b: booleans, element by element, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member le(b: Tensor) : Tensor -> Tensor = fun a -> a.le (b)

        /// <summary>Where a ≤ b, with a number: booleans.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member le(a: Tensor, b: scalar) : Tensor = a.le (b)

        /// <summary>Where a ≥ b: booleans, element by element.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member ge(a: Tensor, b: Tensor) : Tensor = a.ge (b)

        /// <summary>Where a ≥ b: booleans, element by element, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member ge(b: Tensor) : Tensor -> Tensor = fun a -> a.ge (b)

        /// <summary>Where a ≥ b, with a number: booleans.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member ge(a: Tensor, b: scalar) : Tensor = a.ge (b)

        /// <summary>Where a = b: booleans, element by element.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member eq(a: Tensor, b: Tensor) : Tensor = a.eq (b)

        /// <summary>Where a = b, with a number: booleans.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member eq(a: Tensor, b: scalar) : Tensor = a.eq (b)

        /// <summary>Where a ≠ b: booleans, element by element.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The shapes do not broadcast against each other.</exception>
        static member ne(a: Tensor, b: Tensor) : Tensor = a.ne (b)

        /// <summary>Where a ≠ b, with a number: booleans.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member ne(a: Tensor, b: scalar) : Tensor = a.ne (b)

        /// <summary>Where a is not a number: booleans.</summary>
        /// <param name="a">The tensor.</param>
        static member isnan(a: Tensor) : Tensor = a.isnan ()

        /// <summary>Where a is infinite: booleans.</summary>
        /// <param name="a">The tensor.</param>
        static member isinf(a: Tensor) : Tensor = a.isinf ()

        /// <summary>Whether any element is other than 0.</summary>
        /// <param name="a">The tensor.</param>
        static member any(a: Tensor) : bool = a.any ()

        /// <summary>Whether all elements are other than 0.</summary>
        /// <param name="a">The tensor.</param>
        static member all(a: Tensor) : bool = a.all ()

        /// <summary>log max(a, ε): never −∞ or NaN for numbers.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="epsilon">ε, 1e-12 unless given.</param>
        static member safelog(a: Tensor, ?epsilon: float) : Tensor = a.safelog (?epsilon = epsilon)

        /// <summary>Whether any element is not a number.</summary>
        /// <param name="a">The tensor.</param>
        static member hasnan(a: Tensor) : bool = a.hasnan ()

        /// <summary>Whether any element is infinite.</summary>
        /// <param name="a">The tensor.</param>
        static member hasinf(a: Tensor) : bool = a.hasinf ()

        /// <summary>a where the condition holds, b elsewhere; broadcast.</summary>
        /// <param name="condition">Booleans.</param>
        /// <param name="a">Taken where it is true.</param>
        /// <param name="b">Taken where it is false.</param>
        static member where(condition: Tensor, a: Tensor, b: Tensor) : Tensor = a.where (condition, b)

        /// <summary>The power aᵇ of a number; F# has no operator for it.</summary>
        /// <param name="a">The number.</param>
        /// <param name="b">The exponents.</param>
        static member pow(a: scalar, b: Tensor) : Tensor = Tensor.Pow(a, b)
