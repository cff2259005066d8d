namespace DiffSharp

open System
open TorchSharp

/// What creation shares.
module internal Create =
    let dtype (dtype: Dtype option) = defaultArg dtype Dtype.Default
    let device (device: Device option) = defaultArg device Device.Default

    /// Lengths as libtorch takes them.
    let lengths operation (shape: seq<int>) : int64[] =
        let shape = Array.ofSeq shape

        if shape |> Array.exists (fun length -> length < 0) then
            Guard.refuse operation "" $"the shape is {Describe.dimensions shape}; a length cannot be negative"

        // libtorch's own product can overflow
        let bytes = shape |> Array.fold (fun product length -> product * float length) 8.0

        // a kernel that promises more memory than there is kills whoever touches it
        if bytes / 8.0 > float (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) then
            Guard.refuse operation "" $"the shape is {Describe.dimensions shape}: too large for this machine's memory"

        Array.map int64 shape

    let make
        operation
        (shape: seq<int>)
        dtypeAsked
        deviceAsked
        (body: int64[] -> Nullable<torch.ScalarType> -> torch.Device -> torch.Tensor)
        =
        TorchRuntime.Ensure()
        let lengths = lengths operation shape
        let kind: Dtype = dtype dtypeAsked
        let place: Device = device deviceAsked

        Guard.run operation (fun () -> $"shape {Describe.dimensions lengths}") (fun () -> body lengths (Nullable kind.Torch) place.Torch)
        |> Tensor.Own

    let full operation shape (value: scalar) dtypeAsked deviceAsked =
        // before any use of TorchSharp: a type initialiser that failed once has failed for good
        TorchRuntime.Ensure()
        use number = Number.toScalar operation value

        let result =
            make operation shape dtypeAsked deviceAsked (fun size kind place -> torch.full (size, number, kind, place))

        GC.KeepAlive number
        result

    let range operation (first: scalar) (last: scalar) (step: scalar) dtypeAsked deviceAsked =
        TorchRuntime.Ensure()

        if Number.toFloat operation step = 0.0 then
            Guard.refuse operation "" "the step is 0; it has to lead from the start to the end"

        use first = Number.toScalar operation first
        use last = Number.toScalar operation last
        use step = Number.toScalar operation step
        let kind: Dtype = dtype dtypeAsked
        let place: Device = device deviceAsked

        let result =
            Guard.run operation (fun () -> "") (fun () -> torch.arange (first, last, step, Nullable kind.Torch, place.Torch))

        GC.KeepAlive first
        GC.KeepAlive last
        GC.KeepAlive step
        Tensor.Own result

/// <summary>Tensors, operations on them and derivatives: what a DiffSharp script calls.</summary>
/// <remarks>Element type and device default to <c>Dtype.Default</c> and <c>Device.Default</c>. All functions are pure, but for the process-wide
/// defaults, <c>dsharp.seed</c> and random numbers drawn without a generator.</remarks>
[<AbstractClass; Sealed>]
type dsharp private () =

    /// <summary>The tensor of the given numbers: of one number, or of numbers in sequences, arrays or tuples nested to any depth.</summary>
    /// <param name="value">Numbers of one type; nested evenly. Tensors nested in sequences are stacked.</param>
    /// <param name="dtype">The element type; by default the numbers' own, and <c>Dtype.Default</c> for floats.</param>
    /// <param name="device">Where it lives.</param>
    /// <exception cref="T:DiffSharp.TensorException">The nesting is ragged, or something in it is no number.</exception>
    static member tensor(value: obj, ?dtype: Dtype, ?device: Device) : Tensor =
        match value with
        | :? Tensor as tensor when dtype.IsNone && device.IsNone -> tensor
        | value ->
            TorchRuntime.Ensure()

            Guard.run "dsharp.tensor" (fun () -> "") (fun () ->
                let onCpu, natural =
                    match value with
                    | :? Tensor as tensor -> tensor.Native, tensor.dtype
                    | value -> Nested.toNative value

                let place: Device = Create.device device
                let kind: Dtype = defaultArg dtype natural
                let result = onCpu.``to`` (kind.Torch, place.Torch)

                if not (value :? Tensor) && not (obj.ReferenceEquals(result, onCpu)) then
                    onCpu.Dispose()

                result)
            |> Tensor.Own

    /// <summary>Whether an object is a tensor.</summary>
    static member isTensor(value: obj) = value :? Tensor

    /// <summary>A tensor of zeros.</summary>
    /// <param name="shape">Its lengths.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="device">Where it lives.</param>
    static member zeros(shape: seq<int>, ?dtype: Dtype, ?device: Device) = Create.full "dsharp.zeros" shape 0 dtype device

    /// <summary>A vector of zeros.</summary>
    static member zeros(length: int, ?dtype: Dtype, ?device: Device) = Create.full "dsharp.zeros" [ length ] 0 dtype device

    /// <summary>A tensor of ones.</summary>
    /// <param name="shape">Its lengths.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="device">Where it lives.</param>
    static member ones(shape: seq<int>, ?dtype: Dtype, ?device: Device) = Create.full "dsharp.ones" shape 1 dtype device

    /// <summary>A vector of ones.</summary>
    static member ones(length: int, ?dtype: Dtype, ?device: Device) = Create.full "dsharp.ones" [ length ] 1 dtype device

    /// <summary>The number 0.</summary>
    static member zero(?dtype: Dtype, ?device: Device) = Create.full "dsharp.zero" [] 0 dtype device

    /// <summary>The number 1.</summary>
    static member one(?dtype: Dtype, ?device: Device) = Create.full "dsharp.one" [] 1 dtype device

    /// <summary>A tensor whose elements all are the value.</summary>
    static member full(shape: seq<int>, value: scalar, ?dtype: Dtype, ?device: Device) = Create.full "dsharp.full" shape value dtype device

    /// <summary>A vector whose elements all are the value.</summary>
    static member full(length: int, value: scalar, ?dtype: Dtype, ?device: Device) = Create.full "dsharp.full" [ length ] value dtype device

    /// <summary>A tensor whose elements are arbitrary; ours are 0, since a pure function has no arbitrary results.</summary>
    static member empty(shape: seq<int>, ?dtype: Dtype, ?device: Device) = Create.full "dsharp.empty" shape 0 dtype device

    /// <summary>A vector whose elements are arbitrary; ours are 0, since a pure function has no arbitrary results.</summary>
    static member empty(length: int, ?dtype: Dtype, ?device: Device) = Create.full "dsharp.empty" [ length ] 0 dtype device

    /// <summary>The vector start, start + step, … of ⌈(end − start)/step⌉ numbers below the end.</summary>
    static member arange(endVal: float, ?startVal: float, ?step: float, ?dtype: Dtype, ?device: Device) =
        Create.range "dsharp.arange" (defaultArg startVal 0.0) endVal (defaultArg step 1.0) dtype device

    /// <summary>The vector start, start + step, … of ⌈(end − start)/step⌉ integers below the end; of type Int32 unless told otherwise.</summary>
    static member arange(endVal: int, ?startVal: int, ?step: int, ?dtype: Dtype, ?device: Device) =
        Create.range "dsharp.arange" (defaultArg startVal 0) endVal (defaultArg step 1) (Some(defaultArg dtype Dtype.Int32)) device

    /// <summary>Evenly spaced numbers from start to end, both included.</summary>
    /// <param name="startVal">The first.</param>
    /// <param name="endVal">The last.</param>
    /// <param name="steps">How many.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="device">Where it lives.</param>
    static member linspace(startVal: float, endVal: float, steps: int, ?dtype: Dtype, ?device: Device) =
        Create.make "dsharp.linspace" [ steps ] dtype device (fun size kind place ->
            torch.linspace (startVal, endVal, size[0], kind, place))

    /// <summary>Powers baseˢ of evenly spaced exponents s from start to end, both included.</summary>
    /// <param name="startVal">The first exponent.</param>
    /// <param name="endVal">The last exponent.</param>
    /// <param name="steps">How many.</param>
    /// <param name="baseVal">The base, 10 unless given.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="device">Where it lives.</param>
    static member logspace(startVal: float, endVal: float, steps: int, ?baseVal: float, ?dtype: Dtype, ?device: Device) =
        Create.make "dsharp.logspace" [ steps ] dtype device (fun size kind place ->
            torch.logspace (startVal, endVal, size[0], defaultArg baseVal 10.0, kind, place))

    /// <summary>The identity matrix, cut or padded with zeros to the given number of columns.</summary>
    static member eye(rows: int, ?cols: int, ?dtype: Dtype, ?device: Device) =
        Create.make "dsharp.eye" [ rows; defaultArg cols rows ] dtype device (fun size kind place ->
            torch.eye (size[0], size[1], kind, place))

    /// <summary>The unit vector whose one element other than 0 is at the given index.</summary>
    /// <exception cref="T:DiffSharp.TensorException">The index is outside [0, length − 1].</exception>
    static member onehot(length: int, hot: int, ?dtype: Dtype, ?device: Device) =
        if hot < 0 || hot >= length then
            Guard.refuse "dsharp.onehot" "" $"index {hot} is outside [0, {length - 1}]"

        Create.make "dsharp.onehot" [ length ] dtype device (fun size kind place ->
            let result = torch.zeros (size, kind, place)
            use one = result.narrow (0L, int64 hot, 1L)
            use number = (1).ToScalar()
            one.fill_ number |> ignore
            GC.KeepAlive number
            result)

    /// <summary>Runs a computation whose temporaries are released when it ends; the tensors in its result stay.</summary>
    /// <param name="computation">Its result may be a tensor, or tuples, arrays, lists, options, records or unions that hold tensors.</param>
    /// <exception cref="T:System.ArgumentException">The result is a lazy sequence.</exception>
    static member scope(computation: unit -> 'a) : 'a =
        use frame = Frame.Open "dsharp.scope"
        Keep.from frame (computation ())

    /// <summary>Sets the process-wide defaults of creation.</summary>
    static member config(?dtype: Dtype, ?device: Device) : unit =
        Option.iter (fun value -> Dtype.Default <- value) dtype
        Option.iter (fun value -> Device.Default <- value) device

    /// <summary>The process-wide defaults of creation: element type and device.</summary>
    static member config() : Dtype * Device = Dtype.Default, Device.Default

    /// <summary>The devices that tensors can live on here.</summary>
    static member devices() : Device list =
        TorchRuntime.Ensure()

        Device.CPU
        :: [ if torch.cuda.is_available () then
                 for i in 0 .. torch.cuda.device_count () - 1 -> Device(DiffSharp.DeviceType.CUDA, i) ]

    /// <summary>Whether there is a device of a kind here.</summary>
    static member isDeviceTypeSupported(deviceType: DiffSharp.DeviceType) : bool =
        dsharp.devices () |> List.exists (fun device -> device.DeviceType = deviceType)

    /// <summary>Whether an NVIDIA GPU can be used here.</summary>
    static member isCudaSupported() : bool = dsharp.isDeviceTypeSupported DiffSharp.DeviceType.CUDA
