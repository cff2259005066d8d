namespace NoiseScale.Theory.Sampling

open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.GradientNoise

/// <summary>A model and its data, computed for the parameters of many chains at once.</summary>
type ChainModel =
    internal
        {
            Size: int
            Kind: Likelihood
            X: Tensor
            Y: Tensor
            /// w → rows → z [chains, n, K]
            Forward: Tensor -> Rows -> Tensor
            /// w → rows → Σᵢ ∇ℓᵢ [chains, p]
            SumGradient: Tensor -> Rows -> Tensor
            /// w → rows → r [chains, n, K] → Jᵢᵀrᵢ [chains, n, p]
            PullEach: Tensor -> Rows -> Tensor -> Tensor
            /// w → rows → Σᵢ JᵢᵀΛᵢJᵢ [chains, p, p], where there is a way better than by columns
            SummedFisher: (Tensor -> Rows -> Tensor) option
            /// w → its derivative over all examples, [chains, k, a, b], where there is a way better than by differentiation
            SummedFisherDerivative: (Tensor -> Tensor) option
        }

    /// p.
    member this.Parameters = this.Size
    /// N.
    member this.Examples = this.X.shape[0]
    /// How outputs and targets give a cost.
    member this.Likelihood = this.Kind
    /// x, [N, …].
    member this.Inputs = this.X
    /// y of N examples.
    member this.Targets = this.Y

    member internal this.All = Rows.Shared(this.X, this.Y)

/// Models for many chains: linear ones, networks of layers, and any function.
[<RequireQualifiedAccess>]
module ChainModel =

    let private costGradient kind forward (w: Tensor) rows : Tensor =
        dsharp.grad (fun w -> (ManyOutputs.costs kind (forward w rows) rows).sum()) w

    // -- linear models: everything in closed form

    let private linearForward d k (w: Tensor) rows : Tensor =
        let s = w.shape[0]

        match rows with
        | Rows.Own(x, _) -> x.bmm (w.view [ s; d; k ])
        | Rows.Shared(x, _) ->
            let weights = (w.view [ s; d; k ]).permute([ 1; 0; 2 ]).reshape [ d; s * k ]
            (x.matmul weights).view([ x.shape[0]; s; k ]).permute [ 1; 0; 2 ]

    /// Σᵢ xᵢ ⊗ rᵢ, [chains, d·k].
    let private linearPull (rows: Rows) (r: Tensor) : Tensor =
        let s, n, k = r.shape[0], r.shape[1], r.shape[2]

        match rows with
        | Rows.Own(x, _) -> (x.transpose (1, 2)).bmm(r).reshape [ s; -1 ]
        | Rows.Shared(x, _) ->
            let residuals = (r.permute [ 1; 0; 2 ]).reshape [ n; s * k ]
            (x.transpose().matmul residuals).view([ x.shape[1]; s; k ]).permute([ 1; 0; 2 ]).reshape [ s; -1 ]

    let private linearPullEach (rows: Rows) (r: Tensor) : Tensor =
        let x =
            match rows with
            | Rows.Own(x, _) -> x
            | Rows.Shared(x, _) -> x.unsqueeze 0

        (x.unsqueeze 3 * r.unsqueeze 2).reshape [ r.shape[0]; r.shape[1]; -1 ]

    /// Σᵢ xᵢxᵢᵀ ⊗ Λᵢ as one product of matrices, with the squares xᵢxᵢᵀ of shared rows computed once.
    let private linearFisher kind d k (squares: Lazy<Tensor>) forward (w: Tensor) rows : Tensor =
        let s = w.shape[0]
        let z: Tensor = forward w rows
        let n = z.shape[1]

        let bend (column: int) = ManyOutputs.curvatureTimes kind z column
        let curvature = dsharp.stack ([| for column in 0 .. k - 1 -> bend column |], dim = 3) // [s, n, k, k]
        let weights = (curvature.permute [ 0; 2; 3; 1 ]).reshape [ s; k * k; n ]

        let blocks =
            match rows with
            | Rows.Shared _ -> (weights.reshape [ s * k * k; n ]).matmul squares.Value
            | Rows.Own(x, _) -> weights.bmm ((x.unsqueeze 3 * x.unsqueeze 2).reshape [ s; n; d * d ])

        (blocks.reshape [ s; k; k; d; d ]).permute([ 0; 3; 1; 4; 2 ]).reshape [ s; d * k; d * k ]

    /// Σᵢ Λ'(zᵢ) x_ik x_ia x_ib of logistic regression, Λ' = p(1 − p)(1 − 2p), as one product of matrices with the cubes of all rows.
    let private logisticFisherDerivative d (cubes: Tensor) (z: Tensor) : Tensor =
        let p = (z.squeeze 2).sigmoid()
        ((p * (-z.squeeze 2).sigmoid() * (1.0 - 2.0 * p)).matmul cubes).view [ z.shape[0]; d; d; d ]

    /// The squares and cubes of all rows are kept only where they are not large.
    [<Literal>]
    let private MostSquares = 33554432L

    /// <summary>A linear model: logistic, softmax or linear regression, its parameters ω [d, K] as one row of d·K.</summary>
    /// <param name="model">features, targets, likelihood</param>
    let ofLinear (model: LinearModel) : ChainModel =
        let x, kind = model.Features, model.Likelihood
        let n, d, k = x.shape[0], x.shape[1], model.Outputs
        let forward = linearForward d k

        let summedFisher =
            if int64 n * int64 d * int64 d > MostSquares then
                None
            else
                // not made inside anybody's scope
                let squares = lazy ((x.unsqueeze 2 * x.unsqueeze 1).reshape [ n; d * d ])
                squares.Force() |> ignore
                Some(linearFisher kind d k squares forward)

        let derivative =
            match kind with
            | Likelihood.Bernoulli when int64 n * int64 d * int64 d * int64 d <= MostSquares ->
                let cubes =
                    (x.view [ n; d; 1; 1 ] * x.view [ n; 1; d; 1 ] * x.view [ n; 1; 1; d ]).reshape [ n; d * d * d ]

                Some(fun w -> logisticFisherDerivative d cubes (forward w (Rows.Shared(x, model.Targets))))
            | _ -> None

        { Size = d * k
          Kind = kind
          X = x
          Y = model.Targets
          Forward = forward
          SumGradient = fun w rows -> linearPull rows (ManyOutputs.residuals kind (forward w rows) (Rows.targets rows))
          PullEach = fun _ rows r -> linearPullEach rows r
          SummedFisher = summedFisher
          SummedFisherDerivative = derivative }

    // -- networks of layers

    /// <summary>A network of layers, its parameters one after the other as <c>Parameters.flatten</c> puts them.</summary>
    /// <param name="likelihood">how outputs and targets give a cost</param>
    /// <param name="network">the layers; their last output is [n, K]</param>
    /// <param name="inputs">x [N, …]</param>
    /// <param name="targets">y of the same N examples</param>
    /// <exception cref="T:System.ArgumentException">A target is out of range, an input not finite, a layer out of range or without a rule for gradients of single
    /// examples, or their numbers differ.</exception>
    let ofNetwork (likelihood: Likelihood) (network: Network) (inputs: Tensor) (targets: Tensor) : ChainModel =
        match Layer.withoutRule network with
        | Some name -> invalidArg (nameof network) $"layer '{name}' has no rule for gradients of single examples: use ofProblem"
        | None -> ()

        let problem = Problem.create likelihood (Network.predict network) inputs targets
        let forward (w: Tensor) rows = NetworkOfChains.predict network w (fst (Rows.expanded w.shape[0] rows))

        { Size = NetworkOfChains.count network
          Kind = likelihood
          X = problem.Inputs
          Y = problem.Targets
          Forward = forward
          SumGradient = costGradient likelihood forward
          PullEach = fun w rows r -> NetworkOfChains.pullEach network w (fst (Rows.expanded w.shape[0] rows)) r
          SummedFisher = None
          SummedFisherDerivative = None }

    // -- anything else: chain by chain, example by example

    /// <summary>Any model: chain by chain, and for gradients of single examples one by one. Slow, and right for whatever can be differentiated.</summary>
    /// <param name="like">parameters of the shapes the model takes; their values do not matter</param>
    /// <param name="problem">the model and its data</param>
    let ofProblem (like: Tensor[]) (problem: Problem) : ChainModel =
        let shapes = like |> Array.map _.zerosLike()
        let predict (w: Tensor) (x: Tensor) = problem.Predict (Parameters.unflatten shapes w) x

        let forward (w: Tensor) rows =
            let x, _ = Rows.expanded w.shape[0] rows
            dsharp.stack ([| for chain in 0 .. w.shape[0] - 1 -> (predict (w[chain]) (x[chain]): Tensor) |])

        let pullOne (w: Tensor) (x: Tensor) (r: Tensor) = dsharp.grad (fun w -> (predict w x * r).sum()) w

        let pullEach (w: Tensor) rows (r: Tensor) =
            let x, _ = Rows.expanded w.shape[0] rows

            let ofChain (chain: int) : Tensor =
                let xs, rs, at = x[chain], r[chain], w[chain]
                dsharp.stack ([| for i in 0 .. xs.shape[0] - 1 -> pullOne at (xs[i..i]) (rs[i..i]) |])

            dsharp.stack ([| for chain in 0 .. w.shape[0] - 1 -> ofChain chain |])

        { Size = Parameters.count like
          Kind = problem.Likelihood
          X = problem.Inputs
          Y = problem.Targets
          Forward = forward
          SumGradient = costGradient problem.Likelihood forward
          PullEach = pullEach
          SummedFisher = None
          SummedFisherDerivative = None }

    // -- what follows from them

    /// <summary>The outputs of all chains for some inputs.</summary>
    /// <param name="model">the model</param>
    /// <param name="w">[chains, p]</param>
    /// <param name="inputs">x [n, …]; for a linear model its features, with the column of ones where it has a bias</param>
    /// <returns>z [chains, n, K]</returns>
    let outputs (model: ChainModel) (w: Tensor) (inputs: Tensor) : Tensor =
        dsharp.scope (fun () -> model.Forward w (Rows.Shared(inputs, inputs)))

    /// <summary>∇ℓᵢ of every example and chain, [chains, N, p].</summary>
    /// <param name="model">the model</param>
    /// <param name="w">[chains, p]</param>
    let exampleGradients (model: ChainModel) (w: Tensor) : Tensor =
        dsharp.scope (fun () ->
            let z = model.Forward w model.All
            model.PullEach w model.All (ManyOutputs.residuals model.Kind z (Rows.targets model.All)))

    /// <summary>The target Σᵢ −ln p(yᵢ | xᵢ, w), with minibatches and gradients of examples; <c>Target.withPrior</c> adds a prior.</summary>
    /// <param name="model">the model and its data</param>
    let target (model: ChainModel) : Target =
        { Parameters = model.Size
          Examples = model.Examples
          Cost = fun w -> (ManyOutputs.costs model.Kind (model.Forward w model.All) model.All).sum 1
          Gradient = fun w -> dsharp.scope (fun () -> model.SumGradient w model.All)
          BatchGradient =
            Some(fun w indices ->
                dsharp.scope (fun () ->
                    let rows = Rows.select model.X model.Y indices
                    model.SumGradient w rows * (float model.Examples / float indices.shape[1])))
          ExampleGradients = Some(exampleGradients model) }
