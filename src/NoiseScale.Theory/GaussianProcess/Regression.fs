namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp

/// What a Gaussian process says about the function at m points, all at once.
type JointPrediction =
    {
        /// E f, [m], in units of the targets
        Mean: Tensor
        /// cov f, [m, m]; of the function, without the noise of observations
        Covariance: Tensor
    }

/// What a Gaussian process says about the function at m points, each by itself.
type Prediction =
    {
        /// E f, [m], in units of the targets
        Mean: Tensor
        /// var f, [m]; of the function: the noise variance is to be added for a new observation
        Variance: Tensor
    }

/// <summary>Regression with a Gaussian process, y = f(x) + noise, f ~ GP(0, k), noise ~ N(0, σ²), conditioned on its data.</summary>
type GpRegression =
    internal
        { Of: Kernel
          Sigma2: float
          X: Tensor
          Y: Tensor
          A: Factor
          Weights: Tensor }

    /// k.
    member this.Kernel: Kernel = this.Of
    /// σ², in squared units of the targets.
    member this.NoiseVariance: float = this.Sigma2
    /// X, [n, d].
    member this.Inputs: Tensor = this.X
    /// y, [n].
    member this.Targets: Tensor = this.Y
    /// n.
    member this.Examples: int = this.X.shape[0]
    /// The Cholesky factor of K + σ²1, with its jitter.
    member this.Factor: Factor = this.A
    /// What was added to the diagonal of K + σ²1 that it has a factor; 0 where nothing was needed.
    member this.Jitter: float = this.A.Jitter
    /// α = (K + σ²1)⁻¹y, [n]: the mean at x is Σᵢ αᵢ k(xᵢ, x).
    member this.Coefficients: Tensor = this.Weights
    /// yᵀ(K + σ²1)⁻¹y: n on average if the data are the model's.
    member this.DataFit: float = dsharp.scope (fun () -> float (this.Y.dot this.Weights))

    /// ln p(y) = −½ yᵀ(K + σ²1)⁻¹y − ½ ln det (K + σ²1) − (n/2) ln 2π, in nats.
    member this.LogEvidence: float =
        -0.5 * (this.DataFit + this.A.LogDeterminant + float this.Examples * log (2.0 * Math.PI))

/// <summary>Gaussian-process regression with given hyper-parameters. (Rasmussen and Williams 2006, chapter 2)</summary>
[<Source(Paper.Rasmussen2006, "chapter 2")>]
[<RequireQualifiedAccess>]
module GpRegression =

    let private requireTargets (x: Tensor) (y: Tensor) =
        if y.dim <> 1 || y.shape[0] <> x.shape[0] then
            invalidArg (nameof y) $"there is one target for each of {x.shape[0]} inputs, a vector, not {List.ofArray y.shape}"

        if y.hasnan () || y.hasinf () then
            let bad = dsharp.scope (fun () -> ((y - y).ne(y.zerosLike ())).cast(Dtype.Float64).argmax())
            invalidArg (nameof y) $"target {bad[0]} is not finite"

    let private requireNoise (noiseVariance: float) =
        if not (Double.IsFinite noiseVariance && noiseVariance >= 0.0) then
            invalidArg (nameof noiseVariance) $"a noise variance is finite and not negative, not {noiseVariance}"

    /// A + v on the diagonal, [n, n].
    let internal addToDiagonal (v: float) (a: Tensor) : Tensor =
        if v = 0.0 then
            a
        else
            a + dsharp.eye (a.shape[0], dtype = a.dtype, device = a.device) * v

    /// <summary>The process conditioned on data, with a jitter policy.</summary>
    /// <param name="policy">what may be added to the diagonal where rounding asks for it</param>
    /// <param name="kernel">k</param>
    /// <param name="noiseVariance">σ², not negative; 0 interpolates</param>
    /// <param name="x">[n, d], or [n] for d = 1; computed in Float64</param>
    /// <param name="y">[n]</param>
    /// <returns>the conditioned process, or why there is none</returns>
    /// <exception cref="T:System.ArgumentException">A hyper-parameter or σ² is out of range, a number not finite, or there are not as many targets as inputs.</exception>
    let fitWith
        (policy: JitterPolicy)
        (kernel: Kernel)
        (noiseVariance: float)
        (x: Tensor)
        (y: Tensor)
        : Result<GpRegression, GaussianProcessError> =
        let x = KernelMatrix.inputsOf (nameof x) x
        requireNoise noiseVariance
        requireTargets x y

        dsharp.scope (fun () ->
            let y = y.cast Dtype.Float64
            let covariance = dsharp.scope (fun () -> KernelMatrix.gram kernel x |> addToDiagonal noiseVariance)

            Factor.ofCovariance policy covariance
            |> Result.map (fun factor ->
                { Of = kernel
                  Sigma2 = noiseVariance
                  X = x
                  Y = y
                  A = factor
                  Weights = factor.Solve y }))

    /// <summary>The process conditioned on data.</summary>
    /// <param name="kernel">k</param>
    /// <param name="noiseVariance">σ², not negative; 0 interpolates</param>
    /// <param name="x">[n, d], or [n] for d = 1; computed in Float64</param>
    /// <param name="y">[n]</param>
    /// <returns>the conditioned process, or why there is none</returns>
    /// <exception cref="T:System.ArgumentException">A hyper-parameter or σ² is out of range, a number not finite, or there are not as many targets as inputs.</exception>
    let fit (kernel: Kernel) (noiseVariance: float) (x: Tensor) (y: Tensor) : Result<GpRegression, GaussianProcessError> =
        fitWith JitterPolicy.Default kernel noiseVariance x y

    /// <summary>E f and cov f at points together: K_*ᵀα and K_** − K_*ᵀ(K + σ²1)⁻¹K_*. (Rasmussen and Williams Eqs. 2.23 and 2.24)</summary>
    /// <param name="points">[m, d], or [m] for d = 1</param>
    /// <param name="model">the conditioned process</param>
    /// <exception cref="T:System.ArgumentException">A point is not finite, or has another number of inputs.</exception>
    [<Source(Paper.Rasmussen2006, "Eqs. 2.23 and 2.24")>]
    let predictJointly (points: Tensor) (model: GpRegression) : JointPrediction =
        dsharp.scope (fun () ->
            let cross = KernelMatrix.cross model.Of model.X points
            let whitened = model.A.Whiten cross

            { Mean = (cross.transpose ()).matmul model.Weights
              Covariance = KernelMatrix.gram model.Of points - (whitened.transpose ()).matmul whitened })

    /// <summary>E f and var f at points, each by itself.</summary>
    /// <param name="points">[m, d], or [m] for d = 1</param>
    /// <param name="model">the conditioned process</param>
    /// <exception cref="T:System.ArgumentException">A point is not finite, or has another number of inputs.</exception>
    let predict (points: Tensor) (model: GpRegression) : Prediction =
        dsharp.scope (fun () ->
            let cross = KernelMatrix.cross model.Of model.X points
            let whitened = model.A.Whiten cross
            let variance = KernelMatrix.diagonal model.Of points - (whitened * whitened).sum 0

            { Mean = (cross.transpose ()).matmul model.Weights
              // rounding alone takes a variance below 0
              Variance = variance.clamp (low = 0.0) })

    /// <summary>∂ ln p(y)/∂ ln of every hyper-parameter: ½ tr((ααᵀ − (K + σ²1)⁻¹) ∂K/∂θ), the noise variance's last where it is not 0.
    /// (Rasmussen and Williams Eq. 5.9)</summary>
    /// <param name="model">the conditioned process</param>
    /// <returns>as many as <c>Kernel.parameters</c> gives, and one for σ²</returns>
    [<Source(Paper.Rasmussen2006, "Eq. 5.9")>]
    let logEvidenceGradient (model: GpRegression) : float[] =
        dsharp.scope (fun () ->
            let n = model.Examples
            let inverse = model.A.Solve(dsharp.eye (n, dtype = Dtype.Float64, device = model.X.device))
            let weights = (model.Weights.outer model.Weights - inverse) * 0.5

            let logs =
                dsharp.tensor ([ for _, value in Kernel.parameters model.Of -> log value ], dtype = Dtype.Float64, device = model.X.device)

            let ofKernel =
                dsharp.grad (fun logs -> (KernelMatrix.ofLogParameters model.Of model.X logs * weights).sum()) logs

            [| yield! ofKernel.toFlatArray<float>()
               if model.Sigma2 > 0.0 then
                   float (weights.trace ()) * model.Sigma2 |])
