namespace NoiseScale.Theory.Sampling

open DiffSharp
open NoiseScale.Theory.GradientNoise

/// A network of layers with the weights of many chains at once: activations are [chains·n, …], weights [chains, …].
module internal NetworkOfChains =

    let private sizes network = Network.shapes network |> List.map (List.fold (*) 1)

    /// The number of parameters.
    let count network = List.sum (sizes network)

    /// w [chains, p] as one tensor for each parameter, [chains, …].
    let private parts network (w: Tensor) : Tensor[] =
        Array.map2
            (fun (part: Tensor) shape -> part.reshape [ yield w.shape[0]; yield! shape ])
            (w.split (sizes network, dim = 1))
            (Array.ofList (Network.shapes network))

    /// One layer. Matrices and biases take all chains in one operation; what else has parameters goes chain by chain.
    let private forward (layer: Layer) (w: Tensor[]) (chains: int) (x: Tensor) : Tensor =
        let perChain = x.shape[0] / chains

        match layer with
        | Layer.Linear(inputs, outputs) ->
            let rows = x.reshape [ chains; -1; inputs ]
            (rows.bmm (w[0].transpose(1, 2))).view [ yield! x.shape[.. x.dim - 2]; yield outputs ]
        | Layer.Bias size ->
            let rows = x.reshape [ chains; -1; size ]
            (rows + w[0].unsqueeze 1).view x.shape
        | Layer.ChannelBias size ->
            let rows = x.reshape [ chains; perChain; size; -1 ]
            (rows + w[0].view [ chains; 1; size; 1 ]).view x.shape
        | Layer.Function(_, apply) -> apply x
        | _ ->
            [| for chain in 0 .. chains - 1 ->
                   Layer.forward layer (w |> Array.map (fun part -> part[chain])) x[chain * perChain .. (chain + 1) * perChain - 1] |]
            |> dsharp.cat

    let rec private run tap layers (w: Tensor[]) chains at (x: Tensor) : Tensor * int =
        layers
        |> List.fold
            (fun (x: Tensor, at) layer ->
                match layer with
                | Layer.Residual inner ->
                    let fx, next = run tap inner w chains at x
                    x + fx, next
                | _ ->
                    let parameters = (Layer.shapes layer).Length
                    Layer.check layer x
                    let z = forward layer (Array.sub w at parameters) chains x
                    (if parameters = 0 then z else tap layer x z), at + parameters)
            (x, at)

    let private flat (x: Tensor) = x.reshape [ yield x.shape[0] * x.shape[1]; yield! x.shape[2..] ]

    let private outputs tap network (w: Tensor) (x: Tensor) =
        let chains = w.shape[0]
        let z, _ = run tap network (parts network w) chains 0 (flat x)

        if z.dim <> 2 then
            invalidArg (nameof network) $"the last layer gives [n, K], not {List.ofArray z.shape}"

        z.view [ chains; -1; z.shape[1] ]

    /// z [chains, n, K] of x [chains, n, …].
    let predict network (w: Tensor) (x: Tensor) : Tensor = outputs (fun _ _ z -> z) network w x

    /// Jᵢᵀrᵢ of every example, [chains, n, p], r [chains, n, K]: one backward pass to the layers' outputs, then each layer's own rule. Differentiable in w
    /// and r.
    let pullEach network (w: Tensor) (x: Tensor) (r: Tensor) : Tensor =
        let found = ResizeArray()

        outputs
            (fun layer a z ->
                found.Add(layer, a, z)
                z)
            network
            w
            x
        |> ignore

        // zeros added to the outputs: the derivative of Σ z·r with respect to them is δ
        let deltas =
            [| for _, _, (z: Tensor) in found -> z.zerosLike () |]
            |> dsharp.grads (fun zeros ->
                let mutable next = 0

                let z =
                    outputs
                        (fun _ _ z ->
                            next <- next + 1
                            z + zeros[next - 1])
                        network
                        w
                        x

                (z * r).sum())

        let each =
            [ for i in 0 .. found.Count - 1 ->
                  let layer, a, _ = found[i]
                  LayerRules.gradients layer a deltas[i] ]

        (dsharp.cat (each, dim = 1)).view [ w.shape[0]; x.shape[1]; -1 ]
