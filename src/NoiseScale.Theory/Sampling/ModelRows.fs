namespace NoiseScale.Theory.Sampling

open DiffSharp
open NoiseScale.Theory

/// Some examples, as the chains see them.
[<RequireQualifiedAccess>]
type internal Rows =
    /// the same for all chains: x [n, …], y [n, …]
    | Shared of x: Tensor * y: Tensor
    /// each chain its own: x [chains, n, …], y [chains, n, …]
    | Own of x: Tensor * y: Tensor

module internal Rows =

    /// Examples chosen by indices [chains, n].
    let select (x: Tensor) (y: Tensor) (indices: Tensor) : Rows =
        let flat = indices.view -1
        let take (t: Tensor) = (t.indexSelect (0, flat)).view [ yield! indices.shape; yield! Array.tail t.shape ]
        Rows.Own(take x, take y)

    let count (rows: Rows) =
        match rows with
        | Rows.Shared(x, _) -> x.shape[0]
        | Rows.Own(x, _) -> x.shape[1]

    /// x and y of every chain, [chains, n, …], without copying.
    let expanded (chains: int) (rows: Rows) : Tensor * Tensor =
        match rows with
        | Rows.Own(x, y) -> x, y
        | Rows.Shared(x, y) ->
            let spread (t: Tensor) = (t.unsqueeze 0).expand [ yield chains; yield! t.shape ]
            spread x, spread y

    /// y with a dimension of chains, of length 1 where they share it.
    let targets (rows: Rows) : Tensor =
        match rows with
        | Rows.Own(_, y) -> y
        | Rows.Shared(_, y) -> y.unsqueeze 0

/// What likelihoods give for the outputs z [chains, n, K] of many chains: costs, residuals and the columns of Λ, in closed form and differentiable.
module internal ManyOutputs =

    /// −ln p(yᵢ | zᵢ), [chains, n].
    let costs likelihood (z: Tensor) (rows: Rows) : Tensor =
        let s, n = z.shape[0], z.shape[1]
        let _, y = Rows.expanded s rows
        let flat = y.reshape [ yield s * n; yield! y.shape[2..] ]
        (Likelihood.costs likelihood (z.reshape [ s * n; z.shape[2] ]) flat).view [ s; n ]

    let private classes (z: Tensor) = dsharp.arange (z.shape[2], dtype = Dtype.Int64, device = z.device)

    /// r = ∂(−ln p(y | z))/∂z, [chains, n, K], for targets y [chains or 1, n, …].
    let residuals likelihood (z: Tensor) (y: Tensor) : Tensor =
        match likelihood with
        | Likelihood.Categorical _ -> z.softmax 2 - (y.unsqueeze(2).eq(classes z)).cast z.dtype
        | Likelihood.Bernoulli -> z.sigmoid () - (y.cast z.dtype).unsqueeze 2
        | Likelihood.Gaussian variance -> (z - y) / variance

    /// Weights c and vectors u with Λ = Σ c·u uᵀ, as pairs of [chains, n] and [chains, n, K]: for softmax one for each label, its probability and the
    /// residual it would leave. No square roots, whose derivative is infinite where a model is certain.
    let curvatureColumns likelihood (z: Tensor) : (Tensor * Tensor) list =
        let unit k = (dsharp.onehot (z.shape[2], k, z.dtype, z.device)).expand z.shape

        match likelihood with
        | Likelihood.Categorical count ->
            let p = z.softmax 2
            [ for k in 0 .. count - 1 -> p[*, *, k], p - unit k ]
        | Likelihood.Bernoulli -> [ (z.sigmoid () * (-z).sigmoid()).squeeze 2, z.onesLike () ]
        | Likelihood.Gaussian variance -> [ for k in 0 .. z.shape[2] - 1 -> z.onesLike (z.shape[0..1]) / variance, unit k ]

    /// The column of Λ of that number, [chains, n, K].
    let curvatureTimes likelihood (z: Tensor) (column: int) : Tensor =
        let s, n, k = z.shape[0], z.shape[1], z.shape[2]
        let unit = (dsharp.onehot (k, column, z.dtype, z.device)).expand [ s * n; k ]
        (Likelihood.curvatureTimes likelihood (z.reshape [ s * n; k ]) unit).view [ s; n; k ]

    /// Targets drawn from the model, [chains, n, …].
    let sample likelihood (generator: Generator) (z: Tensor) : Tensor =
        let s, n = z.shape[0], z.shape[1]
        let drawn = Likelihood.sample likelihood generator (z.reshape [ s * n; z.shape[2] ])
        drawn.view [ yield s; yield n; yield! Array.tail drawn.shape ]
