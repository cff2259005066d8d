namespace DiffSharp

open System
open TorchSharp

/// <summary>Arithmetic and comparison: each element of the result depends on the elements at its place alone.</summary>
[<AutoOpen>]
module Arithmetic =

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
