namespace NoiseScale.Theory.BackwardError

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// How the product of the Hessian with the gradient, which a gradient penalty needs, is computed.
[<RequireQualifiedAccess>]
type PenaltyMethod =
    /// reverse mode twice: exact, about three gradients
    | DoubleBackward
    /// (∇C(w + hv) − ∇C(w))/h: two gradients for a penalty; error ∝ h, and rounding ∝ 1/h
    | ForwardDifference
    /// (∇C(w + hv) − ∇C(w − hv))/2h: three gradients for a penalty; error ∝ h²
    | CentralDifference
    /// forward mode over reverse mode: exact, a gradient and one pass of dual numbers; where every operation has a formula
    | ForwardOverReverse

/// <summary>Explicit gradient penalties: training on C_k + (λ/4)·‖∇C_k‖² for each minibatch k.</summary>
/// <remarks>With λ = ε it makes a small learning rate follow the modified loss that the learning rate ε follows by itself. (P6 section 3.1; Barrett
/// and Dherin 2021; the finite differences as in Geiping et al. 2022.)</remarks>
[<Source(Paper.P6, "section 3.1")>]
[<Source(Paper.Barrett2021)>]
[<Source(Paper.Geiping2022)>]
[<RequireQualifiedAccess>]
module GradientPenalty =

    let private requireCoefficient (lambda: float) =
        if not (Double.IsFinite lambda && lambda >= 0.0) then
            invalidArg (nameof lambda) $"a penalty's coefficient is 0 or more and finite, not {lambda}"

    /// <summary>C(w) + (λ/4)·‖∇C(w)‖², a loss like any other. On minibatches this is the biased form: the mean of ‖∇Ĉ‖² is ‖∇C‖² plus the variance of
    /// the gradient, which is what P6's C_reg is for; <c>penalisedPair</c> is the unbiased one.</summary>
    /// <param name="lambda">λ, in units of learning rate</param>
    /// <param name="loss">C</param>
    let penalised (lambda: float) (loss: Loss) : Loss =
        requireCoefficient lambda

        fun w ->
            let value, gradient = dsharp.fgrads loss w
            value + Parameters.squaredNorm gradient * (lambda / 4.0)

    let private epsilon (w: Tensor[]) = if w[0].dtype = Dtype.Float64 then 2.2e-16 else 1.2e-7

    /// The length of a step along v that balances truncation (∝ h^order) and rounding (∝ 1/h), for parameters of that size.
    let private stepAlong order (w: Tensor[]) (v: Tensor[]) =
        let size = sqrt (float (Parameters.squaredNorm w))
        let length = sqrt (float (Parameters.squaredNorm v))

        if length = 0.0 then
            1.0
        else
            Math.Pow(epsilon w, 1.0 / float (order + 1)) * (1.0 + size) / length

    // ∇∇C(w)·v by differences, the gradient at w being known
    let private difference central loss w v gradient =
        if central then
            let h = stepAlong 2 w v
            let ahead = dsharp.grads loss (Parameters.addScaled h w v)
            let behind = dsharp.grads loss (Parameters.addScaled -h w v)
            Parameters.scale (0.5 / h) (Parameters.addScaled -1.0 ahead behind)
        else
            let h = stepAlong 1 w v
            let ahead = dsharp.grads loss (Parameters.addScaled h w v)
            Parameters.scale (1.0 / h) (Parameters.addScaled -1.0 ahead gradient)

    /// <summary>The product ∇∇C(w)·v by a method.</summary>
    /// <returns>C(w), ∇C(w) and the product</returns>
    let hessianVector (method: PenaltyMethod) (loss: Loss) (w: Tensor[]) (v: Tensor[]) : Tensor * Tensor[] * Tensor[] =
        match method with
        | PenaltyMethod.DoubleBackward -> dsharp.fgradhessiansv loss w v
        | PenaltyMethod.ForwardOverReverse -> Dual.fgradhessiansv loss w v
        | _ ->
            dsharp.scope (fun () ->
                let value, gradient = dsharp.fgrads loss w
                value, gradient, difference (method = PenaltyMethod.CentralDifference) loss w v gradient)

    /// <summary>The penalised loss C + (λ/4)‖∇C‖² of a minibatch and its gradient ∇C + (λ/2)·∇∇C·∇C.</summary>
    /// <param name="method">how the Hessian's product is computed; DoubleBackward is exact for every loss</param>
    /// <param name="lambda">λ, in units of learning rate</param>
    /// <param name="loss">C, the mean over the minibatch</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">λ is negative or not finite.</exception>
    /// <exception cref="T:DiffSharp.TensorException">An operation has no derivative, or no formula for ForwardOverReverse.</exception>
    let gradient (method: PenaltyMethod) (lambda: float) (loss: Loss) (w: Tensor[]) : Tensor * Tensor[] =
        requireCoefficient lambda

        match method with
        | PenaltyMethod.DoubleBackward -> dsharp.fgrads (penalised lambda loss) w
        | _ ->
            dsharp.scope (fun () ->
                let value, gradient = dsharp.fgrads loss w

                let product =
                    match method with
                    | PenaltyMethod.ForwardOverReverse ->
                        let _, _, product = Dual.fgradhessiansv loss w gradient
                        product
                    | _ -> difference (method = PenaltyMethod.CentralDifference) loss w gradient gradient

                value + Parameters.squaredNorm gradient * (lambda / 4.0), Parameters.addScaled (lambda / 2.0) gradient product)

    /// <summary>The unbiased form, a penalty on the full gradient's norm from two independent minibatches, C₁ + (λ/4)·∇C₁·∇C₂: its mean over minibatches is
    /// C + (λ/4)‖∇C‖², without the variance that ‖∇C₁‖² adds.</summary>
    /// <param name="lambda">λ, in units of learning rate</param>
    /// <param name="loss">C₁</param>
    /// <param name="other">C₂, of an independent minibatch</param>
    let penalisedPair (lambda: float) (loss: Loss) (other: Loss) : Loss =
        requireCoefficient lambda

        fun w ->
            let value, gradient = dsharp.fgrads loss w
            value + Parameters.dot gradient (dsharp.grads other w) * (lambda / 4.0)

    /// <summary>C_reg(w) = (1/4m) Σ_k ‖∇Ĉ_k(w)‖² of m minibatches. (P6 section 3.1)</summary>
    /// <param name="losses">the minibatches' losses</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">There is no minibatch.</exception>
    [<Source(Paper.P6, "section 3.1")>]
    let regulariser (losses: Loss seq) (w: Tensor[]) : float =
        let norms =
            losses
            |> Seq.map (fun loss -> dsharp.scope (fun () -> Parameters.squaredNorm (dsharp.grads loss w)) |> float)
            |> Seq.toArray

        if norms.Length = 0 then
            invalidArg (nameof losses) "there is at least one minibatch"

        Array.average norms / 4.0
