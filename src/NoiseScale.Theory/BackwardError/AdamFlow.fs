namespace NoiseScale.Theory.BackwardError

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// Where Adam's ε stands.
[<RequireQualifiedAccess>]
type AdamEpsilon =
    /// m/(√v + ε): PyTorch, and the paper that proposed Adam
    | Outside
    /// m/√(v + ε): Cattaneo, Klusowski and Shigida 2023
    | Inside

/// <summary>The flow that full-batch Adam follows once its moments have forgotten their start, with its first correction in the learning rate.</summary>
/// <remarks>
/// <para>With h the learning rate, g = ∇C, s the direction and D the denominator (s = g/D; D = |g| + ε outside, √(g² + ε) inside), all by element:
/// dw/dt = −(1/D)·(g + h·{ β₁/(1−β₁) − β₂/(1−β₂) + (β₂/(1−β₂) + ½)·q }·(∇∇C s)), q = ε/D outside, ε/D² inside.</para>
/// <para>∇∇C s is the gradient of Σ|g| − ε ln(|g| + ε) outside and of Σ√(g² + ε), the perturbed one-norm, inside: penalised where β₁ &gt; β₂ and ε is
/// small, anti-penalised where, as usual, β₂ &gt; β₁. Inside, the formula is the printed one (Cattaneo et al., arXiv 2309.00079); outside is derived
/// here in the same way; slopes confirm both. It needs gradients that do not vanish: D is not smooth where g is 0 and ε is small.</para>
/// </remarks>
[<Source(Paper.Cattaneo2023)>]
[<RequireQualifiedAccess>]
module AdamFlow =

    let private denominator placement (epsilon: float) (g: Tensor) =
        match placement with
        | AdamEpsilon.Outside -> g.abs () + epsilon
        | AdamEpsilon.Inside -> (g * g + epsilon).sqrt()

    /// <summary>dw/dt to an order, t = h times the number of updates.</summary>
    /// <param name="beta1">β₁, in [0, 1)</param>
    /// <param name="beta2">β₂, in [0, 1)</param>
    /// <param name="epsilon">ε of Adam, positive</param>
    /// <param name="placement">where ε stands</param>
    /// <param name="order">1: without the correction; 2: with it</param>
    /// <param name="learningRate">h</param>
    /// <param name="loss">C</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">A parameter is outside its range.</exception>
    let at
        (beta1: float)
        (beta2: float)
        (epsilon: float)
        (placement: AdamEpsilon)
        (order: int)
        (learningRate: float)
        (loss: Loss)
        (w: Tensor[])
        : Tensor[] =
        let require name condition rule value =
            if not condition then
                invalidArg name $"{rule}, not {value}"

        require (nameof beta1) (beta1 >= 0.0 && beta1 < 1.0) "β₁ lies in [0, 1)" beta1
        require (nameof beta2) (beta2 >= 0.0 && beta2 < 1.0) "β₂ lies in [0, 1)" beta2
        require (nameof epsilon) (Double.IsFinite epsilon && epsilon > 0.0) "ε is positive" epsilon
        require (nameof order) (order = 1 || order = 2) "the flow is known to orders 1 and 2" (float order)
        require (nameof learningRate) (Double.IsFinite learningRate && learningRate > 0.0) "a learning rate is positive" learningRate

        dsharp.scope (fun () ->
            let g = dsharp.grads loss w
            let below = g |> Array.map (denominator placement epsilon)
            let direction = Array.map2 (fun (g: Tensor) (d: Tensor) -> g / d) g below

            if order = 1 then
                direction |> Array.map (fun s -> -s)
            else
                let ratio beta = beta / (1.0 - beta)
                let product = dsharp.hessiansv loss w direction

                Array.map3
                    (fun (s: Tensor) (d: Tensor) (hs: Tensor) ->
                        let q =
                            match placement with
                            | AdamEpsilon.Outside -> epsilon / d
                            | AdamEpsilon.Inside -> epsilon / (d * d)

                        let factor = q * (ratio beta2 + 0.5) + (ratio beta1 - ratio beta2)
                        -(s + factor * hs / d * learningRate))
                    direction
                    below
                    product)

    /// <summary>The derivation in text or LaTeX: the field term by term, and why it is the gradient of no loss.</summary>
    /// <param name="placement">where ε stands</param>
    /// <param name="order">1: without the correction; 2: with it</param>
    /// <param name="latex">whether in LaTeX (amsmath)</param>
    /// <exception cref="T:System.ArgumentException">The order is neither 1 nor 2.</exception>
    let derivation (placement: AdamEpsilon) (order: int) (latex: bool) : string =
        if order <> 1 && order <> 2 then
            invalidArg (nameof order) $"the flow of Adam is known to orders 1 and 2, not {order}"

        let where, below, share, slope =
            match placement, latex with
            | AdamEpsilon.Outside, false -> "outside the root", "|g| + ε", "ε/D", "ε/D²"
            | AdamEpsilon.Inside, false -> "inside the root", "√(g² + ε)", "ε/D²", "ε/D³"
            | AdamEpsilon.Outside, true -> "outside the root", "|g| + \\epsilon", "\\frac{\\epsilon}{D}", "\\frac{\\epsilon}{D^2}"
            | AdamEpsilon.Inside, true -> "inside the root", "\\sqrt{g^2 + \\epsilon}", "\\frac{\\epsilon}{D^2}", "\\frac{\\epsilon}{D^3}"

        if latex then
            let correction =
                $" - h \\left( \\frac{{\\beta_1}}{{1 - \\beta_1}} - \\frac{{\\beta_2}}{{1 - \\beta_2}} + \\left( \\frac{{\\beta_2}}{{1 - \\beta_2}} + \\frac{{1}}{{2}} \\right) {share} \\right) \\frac{{\\nabla\\nabla C \\, (g/D)}}{{D}}"

            String.Join(
                "\n",
                [ $"%% Adam, epsilon {where}, to order {order}: by element, g the gradient, h the learning rate"
                  "\\begin{equation*}"
                  "  \\dot w = -\\frac{g}{D}" + (if order = 2 then correction else "") + $", \\qquad D = {below}"
                  "\\end{equation*}"
                  $"The field is no gradient: its Jacobian $-{slope} \\nabla\\nabla C$ is not symmetric."
                  "" ]
            )
        else
            String.Join(
                "\n",
                [ $"Adam, ε {where}, to order {order}: dw/dt with t = h · updates, once the moments have forgotten their start; by element, g = ∇C, D = {below}"
                  ""
                  "  − g/D"
                  if order = 2 then
                      $"  − h (β₁/(1 − β₁) − β₂/(1 − β₂) + (β₂/(1 − β₂) + 1/2) {share}) ∇∇C(g/D)/D"
                  ""
                  $"There is no modified loss: the field is no gradient, as its Jacobian −{slope}·∇∇C is not symmetric."
                  "" ]
            )
