namespace DiffSharp

open System
open System.IO
open TorchSharp

/// <summary>Tensors as arrays, text and files.</summary>
[<AutoOpen>]
module Arrays =

    let private onCpu (tensor: Tensor) (dtype: torch.ScalarType) = tensor.Native.detach().cpu().to_type(dtype).contiguous()

    /// The elements in order, converted by libtorch to the type asked for.
    let private flat<'T> (operation: string) (tensor: Tensor) : 'T[] =
        let copy (dtype: torch.ScalarType) : Array =
            use _ = torch.NewDisposeScope()
            let native = onCpu tensor dtype

            match dtype with
            | torch.ScalarType.Float64 -> native.data<float>().ToArray()
            | torch.ScalarType.Float32 -> native.data<float32>().ToArray()
            | torch.ScalarType.Int64 -> native.data<int64>().ToArray()
            | torch.ScalarType.Int32 -> native.data<int>().ToArray()
            | torch.ScalarType.Int16 -> native.data<int16>().ToArray()
            | torch.ScalarType.Int8 -> native.data<sbyte>().ToArray()
            | torch.ScalarType.Byte -> native.data<byte>().ToArray()
            | _ -> native.data<bool>().ToArray()

        Guard.run operation (fun () -> Describe.tensor tensor.Native) (fun () ->
            let dtype =
                match Type.GetTypeCode typeof<'T> with
                | TypeCode.Double -> torch.ScalarType.Float64
                | TypeCode.Single -> torch.ScalarType.Float32
                | TypeCode.Int64 -> torch.ScalarType.Int64
                | TypeCode.Int32 -> torch.ScalarType.Int32
                | TypeCode.Int16 -> torch.ScalarType.Int16
                | TypeCode.SByte -> torch.ScalarType.Int8
                | TypeCode.Byte -> torch.ScalarType.Byte
                | TypeCode.Boolean -> torch.ScalarType.Bool
                | _ -> invalidArg "T" $"is {typeof<'T>.Name}; elements can be float, float32, integers and booleans"

            copy dtype :?> 'T[])

    let private shaped<'T> operation (count: int) (tensor: Tensor) : Array =
        let shape = tensor.shape

        if shape.Length <> count then
            Guard.refuse operation (Describe.tensor tensor.Native) $"it has to have {count} dimensions"

        let values = flat<'T> operation tensor

        if count = 1 then
            values
        else
            let result = Array.CreateInstance(typeof<'T>, shape)
            // all these element types are primitive: their bytes lie in the same order
            Buffer.BlockCopy(values, 0, result, 0, Buffer.ByteLength values)
            result

    let private ofOwnType (tensor: Tensor) : Array =
        let count = tensor.dim

        match tensor.dtype with
        | Dtype.Float64 -> shaped<float> "toArray" count tensor
        | Dtype.Float32
        | Dtype.Float16
        | Dtype.BFloat16 -> shaped<float32> "toArray" count tensor
        | Dtype.Int64 -> shaped<int64> "toArray" count tensor
        | Dtype.Int32 -> shaped<int> "toArray" count tensor
        | Dtype.Int16 -> shaped<int16> "toArray" count tensor
        | Dtype.Int8 -> shaped<sbyte> "toArray" count tensor
        | Dtype.Byte -> shaped<byte> "toArray" count tensor
        | Dtype.Bool -> shaped<bool> "toArray" count tensor

    type Tensor with

        /// <summary>The elements as an array of the same shape and element type; 16-bit floating-point ones become float32.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It has no dimensions: see <c>toScalar</c>.</exception>
        member this.toArray() : Array =
            if this.dim = 0 then
                Guard.refuse "toArray" (Describe.tensor this.Native) "a single number is no array; toScalar gives it"

            ofOwnType this

        /// <summary>The elements of a vector, converted to the given type.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no vector.</exception>
        member this.toArray1D<'T>() : 'T[] = shaped<'T> "toArray1D" 1 this :?> 'T[]

        /// <summary>The elements of a matrix, converted to the given type.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It has not two dimensions.</exception>
        member this.toArray2D<'T>() : 'T[,] = shaped<'T> "toArray2D" 2 this :?> 'T[,]

        /// <summary>The elements of a tensor of three dimensions, converted to the given type.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It has not three dimensions.</exception>
        member this.toArray3D<'T>() : 'T[,,] = shaped<'T> "toArray3D" 3 this :?> 'T[,,]

        /// <summary>The elements of a tensor of four dimensions, converted to the given type.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It has not four dimensions.</exception>
        member this.toArray4D<'T>() : 'T[,,,] = shaped<'T> "toArray4D" 4 this :?> 'T[,,,]

        /// <summary>All elements in order, the last index fastest, converted to the given type, whatever the shape.</summary>
        member this.toFlatArray<'T>() : 'T[] = flat<'T> "toFlatArray" this

        /// <summary>Element type and shape in a line.</summary>
        member this.summary() : string = $"Tensor {Describe.tensor this.Native}"

        /// <summary>Writes it to a file in TorchSharp's format: element type, shape and elements.</summary>
        /// <param name="fileName">The file, made or overwritten.</param>
        member this.save(fileName: string) : unit =
            use _ = torch.NewDisposeScope()
            use file = File.Create fileName
            use writer = new BinaryWriter(file)
            this.Native.detach().cpu().contiguous().Save writer
