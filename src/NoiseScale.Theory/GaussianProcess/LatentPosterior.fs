namespace NoiseScale.Theory.GaussianProcess

open System
open DiffSharp

/// <summary>The tempered posterior of C latent functions at the training inputs, one Gaussian process a class, given labels: [p(y | f) p(f)]^(1/T), or p(y | f)^(1/T) p(f).</summary>
/// <remarks>In whitened coordinates v, f = Lv with LLᵀ the prior's covariance (times T where the whole posterior is tempered), the prior is N(0, 1) whatever T is, and the
/// log density is Σᵢ ln p(yᵢ | fᵢ)/T − ½‖v‖².</remarks>
type LatentPosterior =
    internal
        { Of: Kernel
          Labelled: LabelModel
          Tempered: Temper
          C: int
          X: Tensor
          Chosen: Tensor
          Prior: Factor }

    /// k, of every class's function; untempered.
    member this.Kernel: Kernel = this.Of
    /// How labels came about.
    member this.LabelModel: LabelModel = this.Labelled
    /// What is tempered, and T.
    member this.Temper: Temper = this.Tempered
    /// C.
    member this.Classes: int = this.C
    /// n.
    member this.Examples: int = this.X.shape[0]
    /// L and its jitter; LLᵀ is the covariance of each class's values at the inputs, times T where the whole posterior is tempered.
    member this.Factor: Factor = this.Prior

/// Classification with latent Gaussian processes: log densities and predictions.
[<RequireQualifiedAccess>]
module LatentPosterior =

    /// <summary>The posterior of labels.</summary>
    /// <param name="kernel">k, of every class's function</param>
    /// <param name="labelModel">how labels came about</param>
    /// <param name="temper">what is tempered, and T; Temper.Untempered for the posterior itself</param>
    /// <param name="classes">C, at least 2</param>
    /// <param name="x">[n, d], or [n] for d = 1</param>
    /// <param name="y">[n], integers 0 … C − 1; C too where the label model knows disagreement</param>
    /// <returns>the posterior, or why the prior's covariance cannot be factorised</returns>
    /// <exception cref="T:System.ArgumentException">T or a number of kernel or label model is out of range, an input not finite, a label out of range; says which.</exception>
    let create
        (kernel: Kernel)
        (labelModel: LabelModel)
        (temper: Temper)
        (classes: int)
        (x: Tensor)
        (y: Tensor)
        : Result<LatentPosterior, GaussianProcessError> =
        Tempering.check temper
        let x = KernelMatrix.inputsOf (nameof x) x
        LabelModel.checkLabels classes x.shape[0] labelModel y

        dsharp.scope (fun () ->
            let covariance = KernelMatrix.gram kernel x * temper.PriorScale

            Factor.ofCovariance JitterPolicy.Default covariance
            |> Result.map (fun factor ->
                let every = dsharp.arange (LabelModel.labels classes labelModel, dtype = Dtype.Int64, device = x.device)

                { Of = kernel
                  Labelled = labelModel
                  Tempered = temper
                  C = classes
                  X = x
                  Chosen = ((y.cast Dtype.Int64).unsqueeze(1).eq(every.unsqueeze 0)).cast Dtype.Float64
                  Prior = factor }))

    /// <summary>f = Lv.</summary>
    /// <param name="posterior">the posterior</param>
    /// <param name="v">whitened values, […, n, C]</param>
    /// <returns>[…, n, C]</returns>
    let latent (posterior: LatentPosterior) (v: Tensor) : Tensor = posterior.Prior.L.matmul v

    /// <summary>Σᵢ ln p(yᵢ | fᵢ)/T: what the prior is multiplied by. Differentiable.</summary>
    /// <param name="posterior">the posterior</param>
    /// <param name="f">logits, […, n, C]</param>
    /// <returns>[…], in nats</returns>
    let logLikelihood (posterior: LatentPosterior) (f: Tensor) : Tensor =
        let every = LabelModel.logLikelihoods posterior.Labelled f
        (every * posterior.Chosen).sum(-1).sum(-1) / posterior.Tempered.Value

    /// <summary>Σᵢ ln p(yᵢ | fᵢ)/T − ½‖v‖² with f = Lv: the log density of whitened values, without its constant. Differentiable.</summary>
    /// <param name="posterior">the posterior</param>
    /// <param name="v">whitened values, […, n, C]</param>
    /// <returns>[…], in nats</returns>
    let logDensity (posterior: LatentPosterior) (v: Tensor) : Tensor =
        logLikelihood posterior (latent posterior v) - (v * v).sum(-1).sum(-1) * 0.5

    /// <summary>Probabilities of labels at points, from draws of the latent values: f_* | f is normal, and its own draw is added to each.</summary>
    /// <param name="posterior">the posterior</param>
    /// <param name="labelModel">how the labels that are predicted come about; a noisy Dirichlet's are the softmax's</param>
    /// <param name="seed">of the draws of f_* given f</param>
    /// <param name="points">[m, d]</param>
    /// <param name="v">draws of the whitened values, [draws, chains, n, C]</param>
    /// <returns>their means over the draws of each chain, [chains, m, labels]</returns>
    /// <exception cref="T:System.ArgumentException">A point is not finite or of another dimension, or the draws are not of this posterior's shape.</exception>
    let predict (posterior: LatentPosterior) (labelModel: LabelModel) (seed: int64) (points: Tensor) (v: Tensor) : Tensor =
        if v.dim <> 4 || v.shape[2] <> posterior.Examples || v.shape[3] <> posterior.C then
            invalidArg (nameof v) $"draws are [draws, chains, {posterior.Examples}, {posterior.C}], not {List.ofArray v.shape}"

        LabelModel.check posterior.C labelModel

        let drawn =
            match labelModel with
            | LabelModel.NoisyDirichlet _ -> LabelModel.Softmax
            | other -> other

        dsharp.scope (fun () ->
            let scale = posterior.Tempered.PriorScale
            let weights = posterior.Prior.Whiten(KernelMatrix.cross posterior.Of posterior.X points * scale)

            let deviations =
                (KernelMatrix.diagonal posterior.Of points * scale - (weights * weights).sum 0).clamp(low = 0.0).sqrt().unsqueeze 1

            let generator = Generator(seed, v.device)
            let back = weights.transpose ()

            let probabilities (draw: Tensor) =
                dsharp.scope (fun () ->
                    let mean = back.matmul draw
                    let noise = dsharp.randn (mean.shape, dtype = Dtype.Float64, device = v.device, generator = generator)
                    (LabelModel.logLikelihoods drawn (mean + noise * deviations)).exp())

            let mutable total = probabilities v[0]

            for i in 1 .. v.shape[0] - 1 do
                total <- dsharp.scope (fun () -> total + probabilities v[i])

            total / float v.shape[0])
