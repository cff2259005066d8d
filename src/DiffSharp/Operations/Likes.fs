namespace DiffSharp

open System
open TorchSharp

/// <summary>Tensors made in another's likeness, and by functions.</summary>
[<AutoOpen>]
module Likes =

    type Tensor with

        /// <summary>Zeros, of the shape, type and device of a where nothing else is said.</summary>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.zerosLike(?shape: seq<int>, ?dtype: Dtype, ?device: Device) : Tensor =
            dsharp.zeros (defaultArg shape a.shape, defaultArg dtype a.dtype, defaultArg device a.device)

        /// <summary>Ones, of the shape, type and device of a where nothing else is said.</summary>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.onesLike(?shape: seq<int>, ?dtype: Dtype, ?device: Device) : Tensor =
            dsharp.ones (defaultArg shape a.shape, defaultArg dtype a.dtype, defaultArg device a.device)

        /// <summary>One value throughout, of the shape, type and device of a where nothing else is said.</summary>
        /// <param name="value">The value.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.fullLike(value: scalar, ?shape: seq<int>, ?dtype: Dtype, ?device: Device) : Tensor =
            dsharp.full (defaultArg shape a.shape, value, defaultArg dtype a.dtype, defaultArg device a.device)

        /// <summary>Arbitrary elements (ours are 0), of the shape, type and device of a where nothing else is said.</summary>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.emptyLike(?shape: seq<int>, ?dtype: Dtype, ?device: Device) : Tensor =
            dsharp.empty (defaultArg shape a.shape, defaultArg dtype a.dtype, defaultArg device a.device)

        /// <summary>The number 0, of the type and device of a where nothing else is said.</summary>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.zeroLike(?dtype: Dtype, ?device: Device) : Tensor = dsharp.zero (defaultArg dtype a.dtype, defaultArg device a.device)

        /// <summary>The number 1, of the type and device of a where nothing else is said.</summary>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.oneLike(?dtype: Dtype, ?device: Device) : Tensor = dsharp.one (defaultArg dtype a.dtype, defaultArg device a.device)

        /// <summary>start, start + step, … below the end, of the type and device of a where nothing else is said.</summary>
        /// <param name="endVal">The end, not included.</param>
        /// <param name="startVal">The start, 0 unless given.</param>
        /// <param name="step">The step, 1 unless given.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.arangeLike(endVal: float, ?startVal: float, ?step: float, ?dtype: Dtype, ?device: Device) : Tensor =
            dsharp.arange (
                endVal,
                ?startVal = startVal,
                ?step = step,
                dtype = defaultArg dtype a.dtype,
                device = defaultArg device a.device
            )

        /// <summary>start, start + step, … below the end, of the type and device of a where nothing else is said.</summary>
        /// <param name="endVal">The end, not included.</param>
        /// <param name="startVal">The start, 0 unless given.</param>
        /// <param name="step">The step, 1 unless given.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.arangeLike(endVal: int, ?startVal: int, ?step: int, ?dtype: Dtype, ?device: Device) : Tensor =
            dsharp.arange (
                endVal,
                ?startVal = startVal,
                ?step = step,
                dtype = defaultArg dtype a.dtype,
                device = defaultArg device a.device
            )

        /// <summary>A unit vector, of the type and device of a where nothing else is said.</summary>
        /// <param name="length">The length.</param>
        /// <param name="hot">Where the 1 is.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.onehotLike(length: int, hot: int, ?dtype: Dtype, ?device: Device) : Tensor =
            dsharp.onehot (length, hot, defaultArg dtype a.dtype, defaultArg device a.device)

        /// <summary>The tensor of the given numbers, of the type and device of a where nothing else is said.</summary>
        /// <param name="value">The value.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        member a.like(value: obj, ?dtype: Dtype, ?device: Device) : Tensor =
            dsharp.tensor (value, defaultArg dtype a.dtype, defaultArg device a.device)

        /// <summary>The same numbers as elements of type Bool.</summary>
        member a.bool() : Tensor = a.cast Dtype.Bool

        /// <summary>The same numbers as elements of type Int8.</summary>
        member a.int8() : Tensor = a.cast Dtype.Int8

        /// <summary>The same numbers as elements of type Byte.</summary>
        member a.byte() : Tensor = a.cast Dtype.Byte

        /// <summary>The same numbers as elements of type Int16.</summary>
        member a.int16() : Tensor = a.cast Dtype.Int16

        /// <summary>The same numbers as elements of type Int32.</summary>
        member a.int32() : Tensor = a.cast Dtype.Int32

        /// <summary>The same numbers as elements of type Int32.</summary>
        member a.int() : Tensor = a.cast Dtype.Int32

        /// <summary>The same numbers as elements of type Int64.</summary>
        member a.int64() : Tensor = a.cast Dtype.Int64

        /// <summary>The same numbers as elements of type Float16.</summary>
        member a.float16() : Tensor = a.cast Dtype.Float16

        /// <summary>The same numbers as elements of type BFloat16.</summary>
        member a.bfloat16() : Tensor = a.cast Dtype.BFloat16

        /// <summary>The same numbers as elements of type Float32.</summary>
        member a.float32() : Tensor = a.cast Dtype.Float32

        /// <summary>The same numbers as elements of type Float64.</summary>
        member a.float64() : Tensor = a.cast Dtype.Float64

        /// <summary>The same numbers as elements of type Float64.</summary>
        member a.float() : Tensor = a.cast Dtype.Float64

        /// <summary>The same numbers as elements of type Float64.</summary>
        member a.double() : Tensor = a.cast Dtype.Float64

        /// <summary>The same tensor on the processor.</summary>
        member a.cpu() : Tensor = a.move (device = Device.CPU)

        /// <summary>The same tensor on the first NVIDIA GPU.</summary>
        /// <exception cref="T:DiffSharp.TensorException">There is none.</exception>
        member a.gpu() : Tensor = a.move (device = Device.GPU)

    type dsharp with

        /// <summary>Zeros, of the shape, type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member zerosLike(a: Tensor, ?shape: seq<int>, ?dtype: Dtype, ?device: Device) : Tensor =
            a.zerosLike (?shape = shape, ?dtype = dtype, ?device = device)

        /// <summary>Ones, of the shape, type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member onesLike(a: Tensor, ?shape: seq<int>, ?dtype: Dtype, ?device: Device) : Tensor =
            a.onesLike (?shape = shape, ?dtype = dtype, ?device = device)

        /// <summary>One value throughout, of the shape, type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="value">The value.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member fullLike(a: Tensor, value: scalar, ?shape: seq<int>, ?dtype: Dtype, ?device: Device) : Tensor =
            a.fullLike (value, ?shape = shape, ?dtype = dtype, ?device = device)

        /// <summary>Arbitrary elements (ours are 0), of the shape, type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The lengths.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member emptyLike(a: Tensor, ?shape: seq<int>, ?dtype: Dtype, ?device: Device) : Tensor =
            a.emptyLike (?shape = shape, ?dtype = dtype, ?device = device)

        /// <summary>The number 0, of the type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member zeroLike(a: Tensor, ?dtype: Dtype, ?device: Device) : Tensor = a.zeroLike (?dtype = dtype, ?device = device)

        /// <summary>The number 1, of the type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member oneLike(a: Tensor, ?dtype: Dtype, ?device: Device) : Tensor = a.oneLike (?dtype = dtype, ?device = device)

        /// <summary>start, start + step, … below the end, of the type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="endVal">The end, not included.</param>
        /// <param name="startVal">The start, 0 unless given.</param>
        /// <param name="step">The step, 1 unless given.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member arangeLike(a: Tensor, endVal: float, ?startVal: float, ?step: float, ?dtype: Dtype, ?device: Device) : Tensor =
            a.arangeLike (endVal, ?startVal = startVal, ?step = step, ?dtype = dtype, ?device = device)

        /// <summary>start, start + step, … below the end, of the type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="endVal">The end, not included.</param>
        /// <param name="startVal">The start, 0 unless given.</param>
        /// <param name="step">The step, 1 unless given.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member arangeLike(a: Tensor, endVal: int, ?startVal: int, ?step: int, ?dtype: Dtype, ?device: Device) : Tensor =
            a.arangeLike (endVal, ?startVal = startVal, ?step = step, ?dtype = dtype, ?device = device)

        /// <summary>A unit vector, of the type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="length">The length.</param>
        /// <param name="hot">Where the 1 is.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member onehotLike(a: Tensor, length: int, hot: int, ?dtype: Dtype, ?device: Device) : Tensor =
            a.onehotLike (length, hot, ?dtype = dtype, ?device = device)

        /// <summary>The tensor of the given numbers, of the type and device of a where nothing else is said.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="value">The value.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        static member like(a: Tensor, value: obj, ?dtype: Dtype, ?device: Device) : Tensor =
            a.like (value, ?dtype = dtype, ?device = device)

        /// <summary>How many elements it has.</summary>
        /// <param name="a">The tensor.</param>
        static member nelement(a: Tensor) : int = a.nelement

        /// <summary>Writes a tensor to a file: element type, shape and elements.</summary>
        /// <param name="tensor">The tensor.</param>
        /// <param name="fileName">The file, made or overwritten.</param>
        static member save(tensor: Tensor, fileName: string) : unit = tensor.save fileName

        /// <summary>Reads a tensor that <c>dsharp.save</c> wrote.</summary>
        /// <param name="fileName">The file.</param>
        /// <param name="dtype">The element type; the file's own unless given.</param>
        /// <param name="device">Where it lives.</param>
        /// <exception cref="T:DiffSharp.TensorException">The file cannot be read, or holds no tensor.</exception>
        static member load(fileName: string, ?dtype: Dtype, ?device: Device) : Tensor =
            TorchRuntime.Ensure()

            let loaded =
                Guard.run "dsharp.load" (fun () -> fileName) (fun () ->
                    use file = IO.File.OpenRead fileName
                    use reader = new IO.BinaryReader(file)
                    torch.Tensor.Load reader)
                |> Tensor.Own

            loaded.move (defaultArg dtype loaded.dtype, Create.device device)

        /// <summary>The vector of f 0, f 1, ….</summary>
        /// <param name="count">How many.</param>
        /// <param name="initializer">Gives a number, or a tensor.</param>
        static member init (count: int) (initializer: int -> 'a) : Tensor = dsharp.tensor (List.init count initializer)

        /// <summary>The matrix of f i j.</summary>
        /// <param name="length1">How many rows.</param>
        /// <param name="length2">How many columns.</param>
        /// <param name="initializer">Gives a number, or a tensor.</param>
        static member init2d (length1: int) (length2: int) (initializer: int -> int -> 'a) : Tensor =
            dsharp.tensor (List.init length1 (fun i -> List.init length2 (initializer i)))

        /// <summary>The vector of one value throughout.</summary>
        /// <param name="count">How many.</param>
        /// <param name="value">A number, or a tensor.</param>
        static member create (count: int) (value: 'a) : Tensor = dsharp.tensor (List.replicate count value)

        /// <summary>f of each element and its index, put together again; differentiable, and slow for many elements.</summary>
        /// <param name="mapping">Takes an index along each dimension and an element, a tensor without dimensions; gives tensors of one shape.</param>
        /// <param name="tensor">The tensor.</param>
        static member mapi (mapping: int[] -> Tensor -> Tensor) (tensor: Tensor) : Tensor =
            let shape = tensor.shape

            let place flat = Array.mapFoldBack (fun length rest -> rest % length, rest / length) shape flat |> fst

            let items = (tensor.view -1).unstack() |> Array.mapi (fun i item -> mapping (place i) item)

            if items.Length = 0 then
                tensor
            else
                (dsharp.stack items).view(Array.append shape items[0].shape)

        /// <summary>f of each element, put together again; differentiable, and slow for many elements.</summary>
        /// <param name="mapping">Takes an element, a tensor without dimensions; gives tensors of one shape.</param>
        /// <param name="tensor">The tensor.</param>
        static member map (mapping: Tensor -> Tensor) (tensor: Tensor) : Tensor = dsharp.mapi (fun _ item -> mapping item) tensor

        /// <summary>f of the elements of two tensors of one shape, put together again; differentiable, and slow for many elements.</summary>
        /// <param name="mapping">Takes two elements, tensors without dimensions; gives tensors of one shape.</param>
        /// <param name="tensor1">One.</param>
        /// <param name="tensor2">The other.</param>
        /// <exception cref="T:DiffSharp.TensorException">Their shapes differ.</exception>
        static member map2 (mapping: Tensor -> Tensor -> Tensor) (tensor1: Tensor) (tensor2: Tensor) : Tensor =
            if tensor1.shape <> tensor2.shape then
                Guard.refuse "dsharp.map2" (Describe.tensors [| tensor1.Native; tensor2.Native |]) "their shapes have to agree"

            let second = (tensor2.view -1).unstack()
            let items = (tensor1.view -1).unstack() |> Array.mapi (fun i item -> mapping item second[i])

            if items.Length = 0 then
                tensor1
            else
                (dsharp.stack items).view(Array.append tensor1.shape items[0].shape)
