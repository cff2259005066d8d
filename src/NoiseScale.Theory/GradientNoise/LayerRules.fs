namespace NoiseScale.Theory.GradientNoise

open DiffSharp

/// <summary>What a layer gives for each example from its input a and δ = ∂ℓ/∂z at its output z: the gradient of its parameters, its squared norm, and its
/// product with a vector; the last two without the gradient.</summary>
/// <remarks>A layer that does one thing at P positions (a matrix at every position of a sequence, a kernel at every place of an image) has the gradient
/// Σ_p δ_p a_pᵀ. Its squared norm is Σ_{p,q} ⟨a_p, a_q⟩⟨δ_p, δ_q⟩, in P² products of vectors, and the better way where P is small.
/// (Goodfellow 2015, arXiv:1510.01799; with positions, Rochette et al. 2019; "ghost norms", Li et al. 2022.)</remarks>
module internal LayerRules =

    /// [n, …, size] as [n, P, size].
    let private positions (x: Tensor) = x.view [ x.shape[0]; -1; x.shape[x.dim - 1] ]

    /// The input's patches under a kernel, [n, channels·height·width, places], in the order of the kernel's elements.
    let unfold (c: Convolution) (x: Tensor) =
        let (kh, kw), (sh, sw), (ph, pw) = c.Kernel, c.Stride, c.Padding
        let padded = if ph = 0 && pw = 0 then x else x.pad [ 0; 0; ph; pw ]
        let height, width = padded.shape[2], padded.shape[3]
        let rows, columns = (height - kh) / sh + 1, (width - kw) / sw + 1

        let indices =
            [| for i in 0 .. kh - 1 do
                   for j in 0 .. kw - 1 do
                       for r in 0 .. rows - 1 do
                           for s in 0 .. columns - 1 -> int64 ((r * sh + i) * width + s * sw + j) |]

        let flat = padded.view [ x.shape[0]; x.shape[1]; height * width ]

        (flat.indexSelect (2, dsharp.tensor (indices, dtype = Dtype.Int64, device = x.device))).view
            [ x.shape[0]; c.Inputs * kh * kw; rows * columns ]

    /// a and δ as [n, P, inputs] and [n, P, outputs] of a matrix that acts at P positions.
    let private asMatrix layer (a: Tensor) (delta: Tensor) =
        match layer with
        | Layer.Linear _ -> Some(positions a, positions delta)
        | Layer.Convolution c ->
            let flat = delta.view [ delta.shape[0]; c.Outputs; -1 ]
            Some((unfold c a).transpose(1, 2), flat.transpose (1, 2))
        | _ -> None

    /// δ summed over all but examples and the bias's own dimension, [n, size].
    let private biasGradient layer (delta: Tensor) =
        match layer with
        | Layer.ChannelBias channels -> (delta.view [ delta.shape[0]; channels; -1 ]).sum 2
        | _ -> (positions delta).sum 1

    let private refuse () = invalidOp "a layer without a fast rule"

    /// Σ over all but the first dimension.
    let private sumOfEach (x: Tensor) = (x.view [ x.shape[0]; -1 ]).sum 1

    /// The gradients of the examples, [n, number of parameters].
    let gradients (layer: Layer) (a: Tensor) (delta: Tensor) : Tensor =
        match layer, asMatrix layer a delta with
        | _, Some(a, delta) -> (delta.transpose (1, 2)).bmm(a).view [ a.shape[0]; -1 ]
        | (Layer.Bias _ | Layer.ChannelBias _), _ -> biasGradient layer delta
        | Layer.Embedding(vocabulary, _), _ ->
            let tokens, delta = a.view [ a.shape[0]; -1; 1 ], positions delta
            // a token's row gets δ of every position where it stands
            let words =
                dsharp.arange (vocabulary, dtype = Dtype.Int64, device = a.device) |> fun w -> w.view [ 1; 1; vocabulary ]

            let oneHot = (tokens.eq words).cast delta.dtype
            (oneHot.transpose (1, 2)).bmm(delta).view [ a.shape[0]; -1 ]
        | _ -> refuse ()

    /// Whether Σ_{p,q} costs less than the gradient itself, by the number of products.
    let private ghostIsCheaper (positions: int) (inputs: int) (outputs: int) =
        int64 positions * int64 positions * int64 (inputs + outputs) < int64 positions * int64 inputs * int64 outputs

    let private gramProduct (a: Tensor) (delta: Tensor) = sumOfEach (a.bmm (a.transpose (1, 2)) * delta.bmm (delta.transpose (1, 2)))

    /// The squared norms of the gradients of the examples, [n].
    let squaredNorms (layer: Layer) (a: Tensor) (delta: Tensor) : Tensor =
        match layer, asMatrix layer a delta with
        | _, Some(a, delta) when a.shape[1] = 1 -> sumOfEach (a * a) * sumOfEach (delta * delta)
        | _, Some(a, delta) when ghostIsCheaper a.shape[1] a.shape[2] delta.shape[2] -> gramProduct a delta
        | _, Some(a, delta) ->
            let g = (delta.transpose (1, 2)).bmm a
            sumOfEach (g * g)
        | (Layer.Bias _ | Layer.ChannelBias _), _ ->
            let g = biasGradient layer delta
            sumOfEach (g * g)
        | Layer.Embedding _, _ ->
            let tokens, delta = a.view [ a.shape[0]; -1 ], positions delta
            // positions with the same token add up, others are orthogonal
            let same = (tokens.unsqueeze(2).eq(tokens.unsqueeze 1)).cast delta.dtype
            sumOfEach (same * delta.bmm (delta.transpose (1, 2)))
        | _ -> refuse ()

    /// The products of the gradients of the examples with v, of the parameter's shape, [n].
    let products (layer: Layer) (v: Tensor) (a: Tensor) (delta: Tensor) : Tensor =
        match layer, asMatrix layer a delta with
        | _, Some(a, delta) ->
            let matrix = v.view [ v.shape[0]; -1 ]
            let image = (a.view [ -1; a.shape[2] ]).matmul(matrix.transpose ())
            sumOfEach (image.viewAs delta * delta)
        | (Layer.Bias _ | Layer.ChannelBias _), _ -> (biasGradient layer delta).matmul v
        | Layer.Embedding(_, size), _ ->
            let delta = positions delta
            sumOfEach ((v.indexSelect (0, a.view -1)).view [ a.shape[0]; -1; size ] * delta)
        | _ -> refuse ()
