namespace NoiseScale.Theory.Evidence

open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature

/// <summary>Logistic, softmax or linear regression: outputs z = Xω, ω [d, K]. Its cost is convex, and its Hessian XᵀΛX known in closed form.</summary>
type LinearModel =
    private
        { Kind: Likelihood
          X: Tensor
          Y: Tensor
          K: int }

    /// How outputs and targets give a cost.
    member this.Likelihood = this.Kind
    /// X, [N, d], with a last column of ones where there is a bias.
    member this.Features = this.X
    /// y of N examples.
    member this.Targets = this.Y
    /// N.
    member this.Examples = this.X.shape[0]
    /// K: 1 for logistic regression, the number of classes for softmax.
    member this.Outputs = this.K
    /// p = d·K.
    member this.Parameters = this.X.shape[1] * this.K

/// Costs, gradients and Hessians of linear models, in closed form.
[<RequireQualifiedAccess>]
module LinearModel =

    /// <summary>A linear model of data.</summary>
    /// <param name="likelihood">Bernoulli: logistic regression; Categorical: softmax; Gaussian: linear regression</param>
    /// <param name="bias">whether a feature that is always 1 is added; its weight has the same prior as the others (P2: 784 weights and a bias are 785)</param>
    /// <param name="inputs">[N, …]: what an input has is made one row; computed in Float64</param>
    /// <param name="targets">of N examples, as the likelihood takes them</param>
    /// <exception cref="T:System.ArgumentException">A label is out of range, an input is not finite, or their numbers differ; says which.</exception>
    let create (likelihood: Likelihood) (bias: bool) (inputs: Tensor) (targets: Tensor) : LinearModel =
        let checked' = Problem.create likelihood (fun w x -> x.matmul w[0]) inputs targets

        let x =
            dsharp.scope (fun () ->
                let rows = (checked'.Inputs.cast Dtype.Float64).reshape [ checked'.Count; -1 ]

                if bias then
                    dsharp.cat ([| rows; dsharp.ones ([ checked'.Count; 1 ], dtype = Dtype.Float64, device = rows.device) |], 1)
                else
                    rows)

        { Kind = likelihood
          X = x
          Y =
            (match likelihood with
             | Likelihood.Categorical _ -> targets.cast Dtype.Int64
             | _ -> targets.cast Dtype.Float64)
          K = Likelihood.outputs likelihood |> Option.defaultWith (fun () -> targets.shape[1]) }

    /// <summary>The same as a problem whose parameters are one tensor ω [d, K].</summary>
    /// <param name="model">the model</param>
    let problem (model: LinearModel) : Problem = Problem.create model.Kind (fun w x -> x.matmul w[0]) model.X model.Y

    /// <summary>The outputs of a model's weights on other inputs.</summary>
    /// <param name="bias">as when it was created</param>
    /// <param name="w">ω, [d, K]</param>
    /// <param name="inputs">[M, …]</param>
    /// <returns>[M, K]</returns>
    let predict (bias: bool) (w: Tensor) (inputs: Tensor) : Tensor =
        dsharp.scope (fun () ->
            let rows = (inputs.cast w.dtype).reshape [ inputs.shape[0]; -1 ]
            let d = rows.shape[1]

            if w.shape[0] <> (if bias then d + 1 else d) then
                invalidArg
                    (nameof inputs)
                    $"""inputs of {d} numbers need {d}{if bias then " + 1" else ""} weights an output, not {w.shape[0]}"""

            if bias then rows.matmul w[.. d - 1] + w[d] else rows.matmul w)

    /// <summary>No weights: ω = 0, [d, K].</summary>
    /// <param name="model">the model</param>
    let zero (model: LinearModel) : Tensor = dsharp.zeros ([ model.X.shape[1]; model.K ], dtype = Dtype.Float64, device = model.X.device)

    /// <summary>H(ω), the summed cost, and ∇H(ω), [d, K].</summary>
    /// <param name="model">the model</param>
    /// <param name="w">ω, [d, K]</param>
    let costAndGradient (model: LinearModel) (w: Tensor) : float * Tensor =
        dsharp.scope (fun () ->
            let cost, residuals =
                dsharp.fgrad (fun z -> (Likelihood.costs model.Kind z model.Y).sum()) (model.X.matmul w)

            float cost, model.X.transpose().matmul residuals)

    /// <summary>H(ω), the summed cost.</summary>
    /// <param name="model">the model</param>
    /// <param name="w">ω, [d, K]</param>
    let cost (model: LinearModel) (w: Tensor) : float =
        dsharp.scope (fun () -> float ((Likelihood.costs model.Kind (model.X.matmul w) model.Y).sum()))

    /// Λ of every example, [N, K, K], column by column.
    let private outputCurvature (model: LinearModel) (w: Tensor) =
        dsharp.scope (fun () ->
            let z = model.X.matmul w

            let column k =
                let unit = dsharp.onehot (model.K, k, z.dtype, z.device)
                Likelihood.curvatureTimes model.Kind z (unit.expand z.shape)

            dsharp.stack ([| for k in 0 .. model.K - 1 -> column k |], 2))

    /// <summary>The diagonal of ∇∇H(ω), [d, K]: Σᵢ x_ia² Λ_ikk.</summary>
    /// <param name="model">the model</param>
    /// <param name="w">ω, [d, K]</param>
    let hessianDiagonal (model: LinearModel) (w: Tensor) : Tensor =
        dsharp.scope (fun () ->
            let curvature = (outputCurvature model w).diagonal(0, 1, 2)
            (model.X * model.X).transpose().matmul curvature)

    /// <summary>∇∇H(ω) = Σᵢ xᵢxᵢᵀ ⊗ Λᵢ, on ω as one vector [d·K]; its matrix is a product of matrices, not p products.</summary>
    /// <param name="model">the model</param>
    /// <param name="w">ω, [d, K]</param>
    let hessian (model: LinearModel) (w: Tensor) : SymmetricOperator =
        let x, k, n = model.X, model.K, model.Examples
        let d = x.shape[1]
        let curvature = outputCurvature model w

        let apply (v: Tensor) =
            let columns = v.nelement / (d * k)
            let u = (x.matmul (v.view [ d; k * columns ])).view [ n; k; columns ]
            let bent = if k = 1 then curvature * u else curvature.bmm u
            (x.transpose().matmul(bent.view [ n; k * columns ])).view v.shape

        let byOutputs = curvature.permute [ 1; 2; 0 ]

        let block (i: int) (j: int) = dsharp.scope (fun () -> x.transpose().matmul(x * byOutputs[i, j].unsqueeze 1))

        let matrix () =
            if k = 1 then
                block 0 0
            else
                let upper = Array.init k (fun i -> Array.init k (fun j -> if j >= i then Some(block i j) else None))

                let rows =
                    [| for i in 0 .. k - 1 -> dsharp.stack ([| for j in 0 .. k - 1 -> Option.get (upper[min i j][max i j]) |], 2) |]

                // [a, i, b, j] is the element between weights a·K + i and b·K + j
                (dsharp.stack (rows, 1)).view [ d * k; d * k ]

        SymmetricOperator.createForBlocks (d * k) x.dtype x.device apply |> SymmetricOperator.withMatrix matrix
