namespace DiffSharp

open System
open TorchSharp

/// <summary>Random numbers: functions of a generator's state, or of the process's own.</summary>
[<AutoOpen>]
module Random =

    let private native (generator: Generator option) : torch.Generator | null =
        match generator with
        | None -> null
        | Some generator -> generator.Native

    let private floating operation (dtype: Dtype option) =
        let dtype: Dtype = Create.dtype dtype

        if not dtype.IsFloatingPoint then
            Guard.refuse operation "" $"elements of type {dtype} cannot be drawn from a continuous distribution"

        Some dtype

    /// Draws happen where the generator is, and move to where they are wanted: the same seed gives the same numbers on every device.
    let private draw operation shape dtype (device: Device option) (generator: Generator option) body =
        let wanted: Device = Create.device device

        let where =
            match generator with
            | Some generator -> generator.Device
            | None -> wanted

        let drawn = Create.make operation shape dtype (Some where) body
        GC.KeepAlive generator
        if where = wanted then drawn else drawn.move (device = wanted)

    let private probability operation (p: float) =
        if not (p >= 0.0 && p <= 1.0) then
            Guard.refuse operation "" $"the probability is {p}; it has to be in [0, 1]"

        p

    let private drop operation (a: Tensor) (p: float option) (generator: Generator option) (maskShape: int[]) =
        let p = probability operation (defaultArg p 0.5)

        if p = 0.0 then
            a
        elif p = 1.0 then
            a * 0.0
        else
            let uniform =
                draw operation maskShape (Some a.dtype) (Some a.device) generator (fun size kind place ->
                    torch.rand (size, kind, place, generator = native generator))

            a * (uniform.ge (p: scalar)).cast a.dtype * (1.0 / (1.0 - p))

    /// Whole channels are dropped: one number for each example and channel.
    let private channels operation (a: Tensor) spatial =
        if a.dim <> spatial + 2 then
            Guard.refuse operation (Describe.tensor a.Native) $"it has to be of examples, channels and {spatial} more dimensions"

        Array.mapi (fun i length -> if i < 2 then length else 1) a.shape

    type dsharp with

        /// <summary>Sets the process's own source of random numbers; without a seed, from the clock.</summary>
        /// <param name="seed">Where it starts.</param>
        static member seed(?seed: int) : unit =
            TorchRuntime.Ensure()
            torch.manual_seed (defaultArg (Option.map int64 seed) System.DateTime.UtcNow.Ticks) |> ignore

        /// <summary>Numbers uniform in [0, 1).</summary>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The element type is no floating-point one, or a length is negative.</exception>
        static member rand(shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            draw "dsharp.rand" shape (floating "dsharp.rand" dtype) device generator (fun size kind place ->
                torch.rand (size, kind, place, generator = native generator))

        /// <summary>A vector of numbers uniform in [0, 1).</summary>
        /// <param name="length">The length.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The element type is no floating-point one, or the length is negative.</exception>
        static member rand(length: int, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            dsharp.rand ([ length ], ?dtype = dtype, ?device = device, ?generator = generator)

        /// <summary>Standard normal numbers.</summary>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The element type is no floating-point one, or a length is negative.</exception>
        static member randn(shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            draw "dsharp.randn" shape (floating "dsharp.randn" dtype) device generator (fun size kind place ->
                torch.randn (size, kind, place, generator = native generator))

        /// <summary>A vector of standard normal numbers.</summary>
        /// <param name="length">The length.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The element type is no floating-point one, or the length is negative.</exception>
        static member randn(length: int, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            dsharp.randn ([ length ], ?dtype = dtype, ?device = device, ?generator = generator)

        /// <summary>Integers uniform in [low, high); of type Int32 unless told otherwise.</summary>
        /// <param name="low">The least.</param>
        /// <param name="high">One above the greatest.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such integer.</exception>
        static member randint(low: int, high: int, shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            if high <= low then
                Guard.refuse "dsharp.randint" "" $"[{low}, {high}) holds no integer"

            draw "dsharp.randint" shape (Some(defaultArg dtype Dtype.Int32)) device generator (fun size kind place ->
                torch.randint (int64 low, int64 high, size, kind, place, generator = native generator))

        /// <summary>A vector of integers uniform in [low, high).</summary>
        /// <param name="low">The least.</param>
        /// <param name="high">One above the greatest.</param>
        /// <param name="length">The length.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such integer.</exception>
        static member randint(low: int, high: int, length: int, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            dsharp.randint (low, high, [ length ], ?dtype = dtype, ?device = device, ?generator = generator)

        /// <summary>The integers 0 … length − 1 in random order; of type Int32 unless told otherwise.</summary>
        /// <param name="length">The length.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        static member randperm(length: int, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            draw "dsharp.randperm" [ length ] (Some(defaultArg dtype Dtype.Int32)) device generator (fun size kind place ->
                torch.randperm (size[0], kind, place, generator = native generator))

    type Tensor with

        /// <summary>Numbers uniform in [0, 1), of the shape of a.</summary>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        member a.randLike(?shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            dsharp.rand (defaultArg shape a.shape, defaultArg dtype a.dtype, defaultArg device a.device, ?generator = generator)

        /// <summary>Standard normal numbers, of the shape of a.</summary>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        member a.randnLike(?shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            dsharp.randn (defaultArg shape a.shape, defaultArg dtype a.dtype, defaultArg device a.device, ?generator = generator)

        /// <summary>Integers uniform in [low, high), of the shape of a.</summary>
        /// <param name="low">The least.</param>
        /// <param name="high">One above the greatest.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        member a.randintLike(low: int, high: int, ?shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            dsharp.randint (
                low,
                high,
                defaultArg shape a.shape,
                defaultArg dtype a.dtype,
                defaultArg device a.device,
                ?generator = generator
            )

        /// <summary>1 with probability a, else 0, element by element.</summary>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">An element is outside [0, 1].</exception>
        member a.bernoulli(?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            let uniform =
                draw "bernoulli" a.shape (Some a.dtype) (Some a.device) generator (fun size kind place ->
                    torch.rand (size, kind, place, generator = native generator))

            if not a.dtype.IsFloatingPoint || (a.nelement > 0 && not ((a.ge (0: scalar)).all() && (a.le (1: scalar)).all())) then
                Guard.refuse "bernoulli" (Describe.tensor a.Native) "probabilities have to be in [0, 1]"

            (uniform.lt a).move(defaultArg dtype a.dtype, ?device = device)

        /// <summary>Indices drawn with probabilities proportional to the elements of a vector, or of each row of a matrix.</summary>
        /// <param name="numSamples">How many to draw.</param>
        /// <param name="replacement">Whether one may be drawn again, as it may unless told otherwise.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">A weight is negative or infinite, all are 0, or there are fewer than are to be drawn.</exception>
        member a.multinomial(numSamples: int, ?replacement: bool, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            let replacement = defaultArg replacement true

            let there =
                match generator with
                | Some generator -> a.move (device = generator.Device)
                | None -> a

            if a.nelement > 0 && not ((a.ge (0: scalar)).all() && not (a.hasinf ())) then
                Guard.refuse "multinomial" (Describe.tensor a.Native) "weights have to be 0 or more, and finite"

            Tensor
                .Unary(
                    "multinomial",
                    Tensor.AsFloat there,
                    (fun weights -> weights.multinomial (int64 numSamples, replacement, native generator))
                )
                .move(defaultArg dtype Dtype.Int64, defaultArg device a.device)

        /// <summary>Each element 0 with probability p, else divided by 1 − p.</summary>
        /// <param name="p">The probability that an element is dropped, 0.5 unless given.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">p is outside [0, 1].</exception>
        member a.dropout(?p: float, ?generator: Generator) : Tensor = drop "dropout" a p generator a.shape

        /// <summary>Each channel of (examples, channels, height, width) 0 with probability p, else divided by 1 − p.</summary>
        /// <param name="p">The probability that an element is dropped, 0.5 unless given.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">p is outside [0, 1], or it has not four dimensions.</exception>
        member a.dropout2d(?p: float, ?generator: Generator) : Tensor = drop "dropout2d" a p generator (channels "dropout2d" a 2)

        /// <summary>Each channel of (examples, channels, depth, height, width) 0 with probability p, else divided by 1 − p.</summary>
        /// <param name="p">The probability that an element is dropped, 0.5 unless given.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">p is outside [0, 1], or it has not five dimensions.</exception>
        member a.dropout3d(?p: float, ?generator: Generator) : Tensor = drop "dropout3d" a p generator (channels "dropout3d" a 3)

    type dsharp with

        /// <summary>Numbers uniform in [0, 1), of the shape of a.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        static member randLike(a: Tensor, ?shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            a.randLike (?shape = shape, ?dtype = dtype, ?device = device, ?generator = generator)

        /// <summary>Standard normal numbers, of the shape of a.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        static member randnLike(a: Tensor, ?shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            a.randnLike (?shape = shape, ?dtype = dtype, ?device = device, ?generator = generator)

        /// <summary>Integers uniform in [low, high), of the shape of a.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="low">The least.</param>
        /// <param name="high">One above the greatest.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        static member randintLike
            (a: Tensor, low: int, high: int, ?shape: seq<int>, ?dtype: Dtype, ?device: Device, ?generator: Generator)
            : Tensor =
            a.randintLike (low, high, ?shape = shape, ?dtype = dtype, ?device = device, ?generator = generator)

        /// <summary>1 with probability a, else 0, element by element.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">An element is outside [0, 1].</exception>
        static member bernoulli(a: Tensor, ?dtype: Dtype, ?device: Device, ?generator: Generator) : Tensor =
            a.bernoulli (?dtype = dtype, ?device = device, ?generator = generator)

        /// <summary>Indices drawn with probabilities proportional to the elements of a vector, or of each row of a matrix.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="numSamples">How many to draw.</param>
        /// <param name="replacement">Whether one may be drawn again, as it may unless told otherwise.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">A weight is negative or infinite, all are 0, or there are fewer than are to be drawn.</exception>
        static member multinomial
            (a: Tensor, numSamples: int, ?replacement: bool, ?dtype: Dtype, ?device: Device, ?generator: Generator)
            : Tensor =
            a.multinomial (numSamples, ?replacement = replacement, ?dtype = dtype, ?device = device, ?generator = generator)

        /// <summary>Each element 0 with probability p, else divided by 1 − p.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="p">The probability that an element is dropped, 0.5 unless given.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">p is outside [0, 1].</exception>
        static member dropout(a: Tensor, ?p: float, ?generator: Generator) : Tensor = a.dropout (?p = p, ?generator = generator)

        /// <summary>Each channel of (examples, channels, height, width) 0 with probability p, else divided by 1 − p.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="p">The probability that an element is dropped, 0.5 unless given.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">p is outside [0, 1], or it has not four dimensions.</exception>
        static member dropout2d(a: Tensor, ?p: float, ?generator: Generator) : Tensor = a.dropout2d (?p = p, ?generator = generator)

        /// <summary>Each channel of (examples, channels, depth, height, width) 0 with probability p, else divided by 1 − p.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="p">The probability that an element is dropped, 0.5 unless given.</param>
        /// <param name="generator">Where the numbers come from; the process's own source unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">p is outside [0, 1], or it has not five dimensions.</exception>
        static member dropout3d(a: Tensor, ?p: float, ?generator: Generator) : Tensor = a.dropout3d (?p = p, ?generator = generator)
