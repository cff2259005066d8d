// A network as a pure function of its weights: gradient descent with momentum on two spirals, and how sharp the minimum is that it finds.
//   dotnet build Research.sln -c Release && dotnet fsi scripts/gradient-descent-on-a-network.fsx
#I "../src/NoiseScale.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "DiffSharp.dll"

open DiffSharp

dsharp.config (dtype = Dtype.Float32, device = Device.CPU)
let generator = Generator 1L

// Two spirals, wound into each other, with a little noise.
let perClass = 150

let spiral (sign: float) =
    let turn = dsharp.linspace (0.5, 9.0, perClass)
    dsharp.stack ([ sign * turn * turn.cos () / 9; sign * turn * turn.sin () / 9 ], 1)

let points = dsharp.cat [ spiral 1.0; spiral -1.0 ]
let examples = points + 0.02 * points.randnLike (generator = generator)
let labels = dsharp.cat [ dsharp.zeros (perClass, Dtype.Int64); dsharp.ones (perClass, Dtype.Int64) ]
let trainingSetSize = 2 * perClass

/// Weights and biases, layer by layer.
let initial: Tensor[] =
    [| for inputs, outputs in [ 2, 40; 40, 40; 40, 2 ] do
           sqrt (2.0 / float inputs) * dsharp.randn ([ inputs; outputs ], generator = generator)
           dsharp.zeros outputs |]

let scores (x: Tensor) (w: Tensor[]) =
    let first = (x.matmul w[0] + w[1]).relu()
    let second = (first.matmul w[2] + w[3]).relu()
    second.matmul w[4] + w[5]

let loss (rows: Tensor) (w: Tensor[]) = (scores (examples.indexSelect (0, rows)) w).crossEntropyLoss(labels.indexSelect (0, rows))

let everything = dsharp.arange trainingSetSize
let cost = loss everything

let accuracy w =
    let predicted = (scores examples w).argmax 1
    float ((predicted.eq labels).double().mean())

let learningRate, momentum, batchSize, epochs = 0.05, 0.9, 32, 60
let mutable weights = initial
let mutable velocity = initial |> Array.map (fun (w: Tensor) -> w.zerosLike ())

for epoch in 0..epochs do
    if epoch % 15 = 0 then
        printfn "epoch %3d   loss %.4f   accuracy %.3f" epoch (float (cost weights)) (accuracy weights)

    let order = dsharp.randperm (trainingSetSize, generator = generator)

    for batch in order.split (List.replicate (trainingSetSize / batchSize) batchSize @ [ trainingSetSize % batchSize ]) do
        let gradients = dsharp.grads (loss batch) weights
        velocity <- Array.map2 (fun (v: Tensor) g -> momentum * v + g) velocity gradients
        weights <- Array.map2 (fun (w: Tensor) v -> w - learningRate * v) weights velocity

// The largest eigenvalue of the cost's Hessian, by power iteration: only products of it with vectors, never the matrix.
let norm (v: Tensor[]) = sqrt (v |> Array.sumBy (fun t -> float ((t * t).sum())))
let unit (v: Tensor[]) = let length = norm v in v |> Array.map (fun t -> t / length)

let sharpness =
    let product = dsharp.hessiansv cost weights
    let start = weights |> Array.map (fun (w: Tensor) -> w.randnLike (generator = generator)) |> unit
    let direction = List.fold (fun v _ -> unit (product v)) start [ 1..30 ]
    Array.map2 (fun (v: Tensor) (h: Tensor) -> float ((v * h).sum())) direction (product direction) |> Array.sum

printfn "\nlargest eigenvalue of the Hessian: %.3g" sharpness
printfn "noise scale g = eps/(1 - m) (N/B - 1) = %.3g" (learningRate / (1.0 - momentum) * (float trainingSetSize / float batchSize - 1.0))
