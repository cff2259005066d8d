namespace DiffSharp

open System
open System.Collections.Generic
open TorchSharp

/// <summary>An immutable array of numbers of one type, of any number of dimensions, on one device.</summary>
/// <remarks>
/// <para>Operators take tensors, broadcast against each other, and plain numbers on either side. Element types promote as in libtorch: a number
/// beside a floating-point tensor takes its type; a fraction beside an integer tensor makes it <c>Dtype.Default</c>.</para>
/// <para>Inside the functions that <c>dsharp.grad</c> and its relatives differentiate, and inside <c>dsharp.scope</c>, tensors are temporary:
/// released when the outer function returns, unless they are its result. Elsewhere the garbage collector frees them.</para>
/// </remarks>
[<Sealed>]
type Tensor internal (inner: torch.Tensor, owner: Frame | null) =
    let mutable owner = owner
    let mutable knownShape: int[] | null = null

    /// The tensor as libtorch knows it; an exception if it has been released.
    member internal _.Native: torch.Tensor =
        if inner.IsInvalid then
            let whose =
                match owner with
                | null -> "it was disposed of by its owner"
                | frame -> $"it was a temporary of {frame.Name}, whose results alone survive it; return it from there"

            raise (ObjectDisposedException("Tensor", $"This tensor has been released: {whose}."))

        inner

    /// A new tensor with elements of its own.
    static member internal Own(inner: torch.Tensor) =
        match Frame.Current with
        | null ->
            if Account.IsOutside then
                Account.Charge(inner.numel () * inner.element_size ())

            Tensor(inner, null)
        | frame -> Tensor(inner, frame)

    /// A new tensor that shares another's elements.
    static member internal View(inner: torch.Tensor) = Tensor(inner, Frame.Current)

    /// Saves this tensor from the end of the frame, if it is the frame's.
    member internal _.KeepFrom(frame: Frame) =
        if not inner.IsInvalid && frame.Scope.Contains inner then
            frame.Scope.MoveToOuter inner |> ignore
            owner <- frame.Outer

            if isNull frame.Outer && Account.IsOutside then
                Account.Charge(inner.numel () * inner.element_size ())

    // -- what it is

    /// <summary>The lengths of its dimensions; empty for a single number.</summary>
    member this.shape: int[] =
        match knownShape with
        | null ->
            let known = this.Native.shape |> Array.map int
            knownShape <- known
            Array.copy known
        | known -> Array.copy known

    /// <summary>How many dimensions it has.</summary>
    member this.dim = int this.Native.ndim

    /// <summary>How many elements it has: the product of its shape.</summary>
    member this.nelement = int (this.Native.numel ())

    /// <summary>The type of its elements.</summary>
    member this.dtype = Dtype.OfTorch this.Native.dtype

    /// <summary>The device it lives on.</summary>
    member this.device = Device.OfTorch this.Native.device

    /// <summary>The kind of device it lives on.</summary>
    member this.deviceType = this.device.DeviceType

    /// <summary>The length of its first dimension.</summary>
    /// <exception cref="T:DiffSharp.TensorException">It is a single number.</exception>
    member this.length =
        match this.shape with
        | [||] -> Guard.refuse "length" (Describe.tensor this.Native) "a single number has no length"
        | lengths -> lengths[0]

    // -- how operations are run: a body may hold other tensors, which native code reads and nothing else may hold; so it is kept alive itself

    static member private Run(operation: string, a: Tensor, body: torch.Tensor -> torch.Tensor) =
        let native = a.Native
        let result = Guard.run operation (fun () -> Describe.tensor native) (fun () -> body native)
        GC.KeepAlive body
        result

    static member internal Unary(operation: string, a: Tensor, body: torch.Tensor -> torch.Tensor) =
        Tensor.Own(Tensor.Run(operation, a, body))

    static member internal UnaryView(operation: string, a: Tensor, body: torch.Tensor -> torch.Tensor) =
        Tensor.View(Tensor.Run(operation, a, body))

    /// The operation on floating-point elements: others are converted to the default type first.
    static member internal UnaryFloat(operation: string, a: Tensor, body: torch.Tensor -> torch.Tensor) =
        Tensor.Unary(operation, Tensor.AsFloat a, body)

    static member internal AsFloat(a: Tensor) =
        if torch.is_floating_point a.Native then
            a
        else
            Tensor.Unary("cast", a, fun native -> native.to_type Dtype.Default.Torch)

    static member internal Binary(operation: string, a: Tensor, b: Tensor, body: torch.Tensor -> torch.Tensor -> torch.Tensor) =
        let left, right = a.Native, b.Native

        let result =
            Guard.run operation (fun () -> Describe.tensors [| left; right |]) (fun () -> body left right)

        GC.KeepAlive body
        Tensor.Own result

    static member internal WithNumber(operation: string, a: Tensor, value: scalar, body: torch.Tensor -> Scalar -> torch.Tensor) =
        let a = if Number.isWhole value then a else Tensor.AsFloat a
        use number = Number.toScalar operation value
        let result = Tensor.Unary(operation, a, (fun a -> body a number))
        GC.KeepAlive number
        result

    static member private Full(operation: string, value: scalar, dtype: Dtype, device: torch.Device | null, describe: unit -> string) =
        use number = Number.toScalar operation value

        let result =
            Guard.run operation describe (fun () -> torch.full (Array.empty<int64>, number, Nullable dtype.Torch, device))

        GC.KeepAlive number
        Tensor.Own result

    /// A number as a tensor without dimensions, of the type that arithmetic of it with a would have.
    static member internal NumberLike(operation: string, a: Tensor, value: scalar) =
        let dtype =
            if Number.isWhole value || a.dtype.IsFloatingPoint then
                a.dtype
            else
                Dtype.Default

        Tensor.Full(operation, value, dtype, a.Native.device, (fun () -> Describe.tensor a.Native))

    static member private Number(value: int) =
        TorchRuntime.Ensure()
        Tensor.Full("full", value, Dtype.Default, null, (fun () -> ""))

    /// <summary>The number 0: what <c>List.sum</c> starts from.</summary>
    static member Zero = Tensor.Number 0

    /// <summary>The number 1.</summary>
    static member One = Tensor.Number 1

    // -- arithmetic

    /// <summary>The sum a + b, broadcast.</summary>
    static member (+)(a: Tensor, b: Tensor) = Tensor.Binary("add", a, b, Number.add)

    /// <summary>The sum a + b with a number.</summary>
    static member (+)(a: Tensor, b: scalar) = Tensor.WithNumber("add", a, b, Number.addNumber)

    /// <summary>The sum a + b with a number.</summary>
    static member (+)(a: scalar, b: Tensor) = Tensor.WithNumber("add", b, a, Number.addNumber)

    /// <summary>The difference a − b, broadcast.</summary>
    static member (-)(a: Tensor, b: Tensor) = Tensor.Binary("sub", a, b, (fun a b -> a.sub b))

    /// <summary>The difference a − b with a number.</summary>
    static member (-)(a: Tensor, b: scalar) = Tensor.WithNumber("sub", a, b, (fun a b -> a.sub b))

    /// <summary>The difference a − b with a number.</summary>
    static member (-)(a: scalar, b: Tensor) =
        Tensor.WithNumber(
            "sub",
            b,
            a,
            (fun b a ->
                use negative = b.neg ()
                Number.addNumber negative a)
        )

    /// <summary>The product a b of elements, broadcast.</summary>
    static member (*)(a: Tensor, b: Tensor) = Tensor.Binary("mul", a, b, (fun a b -> a.mul b))

    /// <summary>The product a b with a number.</summary>
    static member (*)(a: Tensor, b: scalar) = Tensor.WithNumber("mul", a, b, (fun a b -> a.mul b))

    /// <summary>The product a b with a number.</summary>
    static member (*)(a: scalar, b: Tensor) = Tensor.WithNumber("mul", b, a, (fun b a -> b.mul a))

    /// <summary>The quotient a / b of elements, broadcast; integers give fractions.</summary>
    static member (/)(a: Tensor, b: Tensor) = Tensor.Binary("div", a, b, (fun a b -> a.div b))

    /// <summary>The quotient a / b with a number; integers give fractions.</summary>
    static member (/)(a: Tensor, b: scalar) = Tensor.WithNumber("div", a, b, (fun a b -> a.div b))

    /// <summary>The quotient a / b with a number; integers give fractions.</summary>
    static member (/)(a: scalar, b: Tensor) = Tensor.NumberLike("div", b, a) / b

    /// <summary>The negative −a.</summary>
    static member (~-)(a: Tensor) = Tensor.Unary("neg", a, (fun a -> a.neg ()))

    /// <summary>a, unchanged.</summary>
    static member (~+)(a: Tensor) = a

    /// <summary>The power aᵇ of elements, broadcast.</summary>
    static member Pow(a: Tensor, b: Tensor) = Tensor.Binary("pow", a, b, (fun a b -> a.pow b))

    /// <summary>The power aᵇ with a number.</summary>
    static member Pow(a: Tensor, b: scalar) = Tensor.WithNumber("pow", a, b, (fun a b -> a.pow b))

    /// <summary>The power aᵇ with a number.</summary>
    static member Pow(a: scalar, b: Tensor) = Tensor.Pow(Tensor.NumberLike("pow", b, a), b)

    // -- F#'s functions of the same names

    /// <summary>eᵃ.</summary>
    static member Exp(a: Tensor) = Tensor.UnaryFloat("exp", a, (fun a -> a.exp ()))

    /// <summary>The natural logarithm of a.</summary>
    static member Log(a: Tensor) = Tensor.UnaryFloat("log", a, (fun a -> a.log ()))

    /// <summary>The logarithm of a to base 10.</summary>
    static member Log10(a: Tensor) = Tensor.UnaryFloat("log10", a, (fun a -> a.log10 ()))

    /// <summary>The square root of a.</summary>
    static member Sqrt(a: Tensor) = Tensor.UnaryFloat("sqrt", a, (fun a -> a.sqrt ()))

    /// <summary>The sine of a, in radians.</summary>
    static member Sin(a: Tensor) = Tensor.UnaryFloat("sin", a, (fun a -> a.sin ()))

    /// <summary>The cosine of a, in radians.</summary>
    static member Cos(a: Tensor) = Tensor.UnaryFloat("cos", a, (fun a -> a.cos ()))

    /// <summary>The tangent of a, in radians.</summary>
    static member Tan(a: Tensor) = Tensor.UnaryFloat("tan", a, (fun a -> a.tan ()))

    /// <summary>The hyperbolic sine of a.</summary>
    static member Sinh(a: Tensor) = Tensor.UnaryFloat("sinh", a, (fun a -> a.sinh ()))

    /// <summary>The hyperbolic cosine of a.</summary>
    static member Cosh(a: Tensor) = Tensor.UnaryFloat("cosh", a, (fun a -> a.cosh ()))

    /// <summary>The hyperbolic tangent of a.</summary>
    static member Tanh(a: Tensor) = Tensor.UnaryFloat("tanh", a, (fun a -> a.tanh ()))

    /// <summary>The angle in [−π/2, π/2] whose sine is a.</summary>
    static member Asin(a: Tensor) = Tensor.UnaryFloat("asin", a, (fun a -> a.asin ()))

    /// <summary>The angle in [0, π] whose cosine is a.</summary>
    static member Acos(a: Tensor) = Tensor.UnaryFloat("acos", a, (fun a -> a.acos ()))

    /// <summary>The angle in (−π/2, π/2) whose tangent is a.</summary>
    static member Atan(a: Tensor) = Tensor.UnaryFloat("atan", a, (fun a -> a.atan ()))

    /// <summary>The magnitude |a|; its derivative at 0 is 0.</summary>
    static member Abs(a: Tensor) = Tensor.Unary("abs", a, (fun a -> a.abs ()))

    /// <summary>The largest integer not above a.</summary>
    static member Floor(a: Tensor) = Tensor.Unary("floor", a, (fun a -> a.floor ()))

    /// <summary>The smallest integer not below a.</summary>
    static member Ceiling(a: Tensor) = Tensor.Unary("ceil", a, (fun a -> a.ceil ()))

    /// <summary>The integer nearest to a; halves go to the even one.</summary>
    static member Round(a: Tensor) = Tensor.Unary("round", a, (fun a -> a.round ()))

    // -- as plain numbers

    member private this.Single(target: string) =
        let native = this.Native

        if native.numel () <> 1L then
            Guard.refuse target (Describe.tensor native) "only a tensor of one element is a number"

        native

    /// <summary>Its one element as a plain number of its own type.</summary>
    /// <exception cref="T:DiffSharp.TensorException">It has not exactly one element.</exception>
    member this.toScalar() : scalar =
        let native = this.Single "toScalar"

        let number: scalar =
            match this.dtype with
            | Dtype.Float64 -> native.item<float>()
            | Dtype.BFloat16
            | Dtype.Float16 ->
                use single = native.to_type torch.ScalarType.Float32
                single.item<float32>()
            | Dtype.Float32 -> native.item<float32>()
            | Dtype.Int8 -> native.item<sbyte>()
            | Dtype.Byte -> native.item<byte>()
            | Dtype.Int16 -> native.item<int16>()
            | Dtype.Int32 -> native.item<int>()
            | Dtype.Int64 -> native.item<int64>()
            | Dtype.Bool -> native.item<bool>()

        // a tensor that nobody else holds can be finalised while native code reads it
        GC.KeepAlive native
        number

    /// <summary>Its one element as a float.</summary>
    /// <exception cref="T:DiffSharp.TensorException">It has not exactly one element.</exception>
    member this.toDouble() : float =
        let native = this.Single "toDouble"

        let number =
            if native.dtype = torch.ScalarType.Float64 then
                native.item<float>()
            else
                use double = native.to_type torch.ScalarType.Float64
                double.item<float>()

        GC.KeepAlive native
        number

    /// <summary>Its one element as a float.</summary>
    /// <exception cref="T:DiffSharp.TensorException">It has not exactly one element.</exception>
    static member op_Explicit(tensor: Tensor) : float = tensor.toDouble ()

    /// <summary>Its one element as a float32.</summary>
    /// <exception cref="T:DiffSharp.TensorException">It has not exactly one element.</exception>
    static member op_Explicit(tensor: Tensor) : float32 = float32 (tensor.toDouble ())

    /// <summary>Its one element as an int, a fraction cut off.</summary>
    /// <exception cref="T:DiffSharp.TensorException">It has not exactly one element.</exception>
    static member op_Explicit(tensor: Tensor) : int = Convert.ToInt32(Math.Truncate(tensor.toDouble ()))

    /// <summary>Its one element as an int64, a fraction cut off.</summary>
    /// <exception cref="T:DiffSharp.TensorException">It has not exactly one element.</exception>
    static member op_Explicit(tensor: Tensor) : int64 =
        match tensor.toScalar () with
        | :? int64 as whole -> whole
        | number -> Convert.ToInt64(Math.Truncate(number.ToDouble Globalization.CultureInfo.InvariantCulture))

    /// <summary>Whether its one element is other than 0.</summary>
    /// <exception cref="T:DiffSharp.TensorException">It has not exactly one element.</exception>
    static member op_Explicit(tensor: Tensor) : bool = tensor.toDouble () <> 0.0

    // -- TorchSharp's tensors

    /// <summary>A tensor over a TorchSharp tensor: the same elements, tracked for derivatives if it is.</summary>
    /// <param name="tensor">Stays the caller's: it has to live, unchanged, for as long as the result is used.</param>
    /// <exception cref="T:System.ArgumentException">It is null or released, or its elements are complex or quantised.</exception>
    static member ofTorch(tensor: torch.Tensor) : Tensor =
        match box tensor with
        | null -> nullArg (nameof tensor)
        | _ when tensor.IsInvalid -> invalidArg (nameof tensor) "has been released"
        | _ ->
            Dtype.OfTorch tensor.dtype |> ignore
            Device.OfTorch tensor.device |> ignore
            // no alias node: inputs of a graph stay its leaves
            Tensor(tensor, null)

    /// <summary>A TorchSharp tensor over the same elements: a handle of the caller's own, in the caller's dispose scope.</summary>
    member this.toTorch() : torch.Tensor = Guard.run "toTorch" (fun () -> "") (fun () -> this.Native.alias ())

    // -- comparison and text

    /// <summary>Whether the other object is a tensor of the same element type, shape and elements.</summary>
    override this.Equals(other: obj | null) =
        match other with
        | :? Tensor as other when Object.ReferenceEquals(this, other) -> true
        | :? Tensor as other ->
            this.dtype = other.dtype
            && this.device = other.device
            && this.Native.shape.AsSpan().SequenceEqual(other.Native.shape.AsSpan())
            && (use same = this.Native.eq other.Native
                use all = same.all ()
                all.item<bool>())
        | _ -> false

    /// <summary>A hash that equal tensors share: of element type, shape and first element.</summary>
    override this.GetHashCode() =
        let native = this.Native
        let mutable hash = HashCode()
        hash.Add(native.dtype)

        for length in native.shape do
            hash.Add length

        if native.numel () > 0L then
            use flat = native.detach().reshape(-1L)
            use first = flat.select (0L, 0L)
            use number = first.to_type torch.ScalarType.Float64
            hash.Add(number.item<float>())

        hash.ToHashCode()

    interface IComparable with
        member this.CompareTo(other: obj | null) =
            match other with
            | :? Tensor as other when this.dim = 0 && other.dim = 0 -> compare (this.toDouble ()) (other.toDouble ())
            | :? Tensor as other ->
                Guard.refuse
                    "compare"
                    (Describe.tensors [| this.Native; other.Native |])
                    "only single numbers have an order; lt, le, gt and ge compare element by element"
            | _ -> invalidArg (nameof other) "is no tensor"

    /// <summary>The elements in brackets; of more than 1000 the first and last three in each dimension.</summary>
    override this.ToString() = Guard.run "print" (fun () -> "") (fun () -> Printer.text this.Native)
