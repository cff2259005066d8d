namespace NoiseScale.Theory.GradientNoise

open DiffSharp
open NoiseScale.Theory

/// <summary>A two-dimensional convolution, as networks call cross-correlation: [n, channels, height, width] to [n, output channels, …].</summary>
type Convolution =
    {
        /// channels of the input
        Inputs: int
        /// channels of the output
        Outputs: int
        /// height and width of the kernel
        Kernel: int * int
        /// how far it moves down and to the right
        Stride: int * int
        /// rows and columns of zeros at either end
        Padding: int * int
    }

/// <summary>A step of a network that treats its examples one by one.</summary>
[<RequireQualifiedAccess>]
type Layer =
    /// x Wᵀ along the last dimension, at every position alike: [n, …, inputs] to [n, …, outputs]; W is [outputs, inputs]
    | Linear of inputs: int * outputs: int
    /// x + b along the last dimension; b is [size]
    | Bias of size: int
    /// x + b along dimension 1, the channels of a convolution; b is [channels]
    | ChannelBias of channels: int
    /// tokens [n] or [n, positions], integers, to their rows of W, [vocabulary, size]
    | Embedding of vocabulary: int * size: int
    /// a convolution without bias; W is [outputs, inputs, kernel height, kernel width]
    | Convolution of Convolution
    /// a function without parameters that treats examples, dimension 0, one by one
    | Function of name: string * apply: (Tensor -> Tensor)
    /// x + f(x), f being layers that keep the shape
    | Residual of Layer list
    /// a function of parameters of some shapes for which there is no fast rule
    | Other of name: string * shapes: int list list * apply: (Tensor[] -> Tensor -> Tensor)

/// Layers and networks of them.
[<RequireQualifiedAccess>]
module Layer =

    /// max(0, x).
    let relu = Layer.Function("relu", (fun x -> x.relu ()))

    /// tanh x.
    let tanh = Layer.Function("tanh", (fun x -> x.tanh ()))

    /// All dimensions but the first as one.
    let flatten = Layer.Function("flatten", (fun x -> x.flatten (startDim = 1)))

    /// <summary>The largest elements of squares that move over the last two dimensions.</summary>
    /// <param name="size">height, width and step of the squares</param>
    let maxPool (size: int) = Layer.Function($"max-pool {size}", (fun x -> x.maxpool2d (kernelSize = size)))

    /// <summary>The means of squares that move over the last two dimensions.</summary>
    /// <param name="size">height, width and step of the squares</param>
    let averagePool (size: int) = Layer.Function($"average-pool {size}", (fun x -> x.avgpool2d (kernelSize = size)))

    /// The mean over dimension 1, such as positions.
    let meanOverPositions = Layer.Function("mean over positions", (fun x -> x.mean 1))

    /// A linear layer with its bias: two layers.
    let dense inputs outputs = [ Layer.Linear(inputs, outputs); Layer.Bias outputs ]

    /// <summary>A square convolution with its bias: two layers.</summary>
    /// <param name="inputs">channels of the input</param>
    /// <param name="outputs">channels of the output</param>
    /// <param name="kernel">height and width of the kernel</param>
    /// <param name="stride">how far it moves</param>
    /// <param name="padding">rows and columns of zeros at either end</param>
    let convolution inputs outputs kernel stride padding =
        [ Layer.Convolution
              { Inputs = inputs
                Outputs = outputs
                Kernel = kernel, kernel
                Stride = stride, stride
                Padding = padding, padding }
          Layer.ChannelBias outputs ]

    let private requirePositive name numbers =
        for number in numbers do
            if number < 1 then
                invalidArg name $"sizes, kernels and strides are at least 1, not {number}"

    /// <summary>The shapes of a layer's parameters.</summary>
    /// <exception cref="T:System.ArgumentException">A size, kernel or stride is below 1, or a padding negative.</exception>
    let rec shapes (layer: Layer) : int list list =
        match layer with
        | Layer.Linear(inputs, outputs) ->
            requirePositive (nameof layer) [ inputs; outputs ]
            [ [ outputs; inputs ] ]
        | Layer.Bias size
        | Layer.ChannelBias size ->
            requirePositive (nameof layer) [ size ]
            [ [ size ] ]
        | Layer.Embedding(vocabulary, size) ->
            requirePositive (nameof layer) [ vocabulary; size ]
            [ [ vocabulary; size ] ]
        | Layer.Convolution c ->
            requirePositive (nameof layer) [ c.Inputs; c.Outputs; fst c.Kernel; snd c.Kernel; fst c.Stride; snd c.Stride ]

            if fst c.Padding < 0 || snd c.Padding < 0 then
                invalidArg (nameof layer) $"a padding is 0 or more, not {c.Padding}"

            [ [ c.Outputs; c.Inputs; fst c.Kernel; snd c.Kernel ] ]
        | Layer.Function _ -> []
        | Layer.Residual inner -> inner |> List.collect shapes
        | Layer.Other(_, shapes, _) -> shapes

    /// The name of the first layer without a fast rule, if there is one.
    let rec internal withoutRule (layers: Layer list) : string option =
        layers
        |> List.tryPick (function
            | Layer.Other(name, _, _) -> Some name
            | Layer.Residual inner -> withoutRule inner
            | _ -> None)

    let private channelwise (b: Tensor) (x: Tensor) = b.view [ yield 1; yield b.nelement; for _ in 3 .. x.dim -> 1 ]

    /// x with a row of parameters added, as Bias and ChannelBias do it.
    let internal forward (layer: Layer) (w: Tensor[]) (x: Tensor) : Tensor =
        match layer with
        | Layer.Linear _ ->
            // as one product of matrices, whatever the number of positions
            let flat = x.view [ -1; x.shape[x.dim - 1] ]
            (flat.matmul (w[0].transpose())).view [ yield! x.shape[.. x.dim - 2]; yield w[0].shape[0] ]
        | Layer.Bias _ -> x + w[0]
        | Layer.ChannelBias _ -> x + channelwise w[0] x
        | Layer.Embedding(_, size) -> (w[0].indexSelect(0, x.view -1)).view [ yield! x.shape; yield size ]
        | Layer.Convolution c -> x.conv2d (w[0], strides = [ fst c.Stride; snd c.Stride ], paddings = [ fst c.Padding; snd c.Padding ])
        | Layer.Function(_, apply) -> apply x
        | Layer.Other(_, _, apply) -> apply w x
        | Layer.Residual _ -> invalidArg (nameof layer) "a residual has layers of its own"

    /// Refuses inputs that a layer has no place for, before a kernel reads them.
    let internal check (layer: Layer) (x: Tensor) =
        let wanted rule = invalidArg "inputs" $"{rule}, not {List.ofArray x.shape}"

        match layer with
        | Layer.Linear(inputs, _) when x.dim < 2 || x.shape[x.dim - 1] <> inputs ->
            wanted $"a linear layer of {inputs} inputs takes [n, …, {inputs}]"
        | Layer.Bias size when x.dim < 2 || x.shape[x.dim - 1] <> size -> wanted $"a bias of {size} takes [n, …, {size}]"
        | Layer.ChannelBias channels when x.dim < 2 || x.shape[1] <> channels ->
            wanted $"a bias of {channels} channels takes [n, {channels}, …]"
        | Layer.Convolution c when x.dim <> 4 || x.shape[1] <> c.Inputs ->
            wanted $"a convolution of {c.Inputs} channels takes [n, {c.Inputs}, height, width]"
        | Layer.Embedding(vocabulary, _) ->
            if not x.dtype.IsIntegral || x.dim < 1 || x.dim > 2 then
                invalidArg "inputs" $"an embedding takes integers [n] or [n, positions], not {x.dtype} {List.ofArray x.shape}"

            let wrong = (x.lt 0.0).cast Dtype.Int64 + (x.ge (float vocabulary)).cast Dtype.Int64

            if int (wrong.sum ()) > 0 then
                invalidArg "inputs" $"a token is outside 0 … {vocabulary - 1}"
        | _ -> ()

/// <summary>A network: layers one after the other.</summary>
type Network = Layer list

/// What networks of layers compute.
[<RequireQualifiedAccess>]
module Network =

    /// <summary>The shapes of all parameters, layer by layer.</summary>
    /// <exception cref="T:System.ArgumentException">A layer's size, kernel, stride or padding is out of range.</exception>
    let shapes (network: Network) : int list list = network |> List.collect Layer.shapes

    /// Runs layers on x with the parameters w[at …], letting `tap` replace each parametric layer's output; returns x and the next parameter's index.
    let rec internal run
        (tap: Layer -> int -> Tensor -> Tensor -> Tensor)
        (layers: Layer list)
        (w: Tensor[])
        (at: int)
        (x: Tensor)
        : Tensor * int =
        layers
        |> List.fold
            (fun (x: Tensor, at) layer ->
                match layer with
                | Layer.Residual inner ->
                    let fx, next = run tap inner w at x

                    if fx.shape <> x.shape then
                        invalidArg
                            "network"
                            $"a residual's layers turn {List.ofArray x.shape} into {List.ofArray fx.shape}; they have to keep the shape"

                    x + fx, next
                | _ ->
                    let count = (Layer.shapes layer).Length
                    Layer.check layer x
                    let z = Layer.forward layer (Array.sub w at count) x
                    (if count = 0 then z else tap layer at x z), at + count)
            (x, at)

    /// <summary>Refuses parameters that are not the network's.</summary>
    /// <exception cref="T:System.ArgumentException">The number of tensors or a shape is another.</exception>
    let requireParameters (network: Network) (w: Tensor[]) : unit =
        let wanted = shapes network

        if wanted.Length <> w.Length then
            invalidArg (nameof w) $"the network has {wanted.Length} tensors of parameters, not {w.Length}"

        wanted
        |> List.iteri (fun i shape ->
            if List.ofArray w[i].shape <> shape then
                invalidArg (nameof w) $"parameter {i} is {shape}, not {List.ofArray w[i].shape}")

    /// <summary>The network as a function of its parameters and inputs, for a <c>Problem</c>.</summary>
    /// <param name="network">the layers</param>
    /// <param name="w">the parameters, in the shapes of <c>shapes</c></param>
    /// <param name="x">inputs, one example a row</param>
    /// <exception cref="T:System.ArgumentException">A parameter or the input does not fit a layer.</exception>
    let predict (network: Network) (w: Tensor[]) (x: Tensor) : Tensor =
        requireParameters network w
        run (fun _ _ _ z -> z) network w 0 x |> fst

    /// <summary>Normal weights of variance gain/fan-in, and biases of the same size as their inputs would have; for tests and examples.</summary>
    /// <param name="network">the layers</param>
    /// <param name="generator">where the draws come from; it moves on</param>
    let initialise (network: Network) (generator: Generator) : Tensor[] =
        network
        |> shapes
        |> List.map (fun shape ->
            let fanIn = shape.Tail |> List.fold (*) 1
            (dsharp.randn (shape, dtype = Dtype.Float64, generator = generator)) / sqrt (float fanIn))
        |> Array.ofList
