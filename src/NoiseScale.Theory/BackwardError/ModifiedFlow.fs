namespace NoiseScale.Theory.BackwardError

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// <summary>The vector field of a modified equation at a point, and its solutions.</summary>
/// <remarks>
/// <para>Cost of a term with a tree of n nodes: one derivative nested once for each node, subtrees shared between terms; in units of a gradient of
/// the loss, gradient descent's flow was measured at 1.5 at order 1, 5 at order 2 (a gradient and a Hessian-vector product), 14 at order 3, 26 at order 4, the
/// product by reverse mode growing about threefold with each level. `tests/NoiseScale.Theory.Tests --cost`
/// measures it; the last result is in tests/Benchmarks/README.md.</para>
/// <para>With m exchangeable minibatches a term in which k minibatches are shared costs m^k of that.</para>
/// </remarks>
[<Source(Paper.P6, "sections 2 and 3")>]
[<Source(Paper.Hairer, "IX")>]
[<RequireQualifiedAccess>]
module ModifiedFlow =

    let private requireRate (learningRate: float) =
        if not (Double.IsFinite learningRate && learningRate > 0.0) then
            invalidArg (nameof learningRate) $"a learning rate is positive and finite, not {learningRate}"

    /// <summary>dw/dt of a modified equation to an order: Σ coefficient·ε^(|τ|−1)·F(τ)(w).</summary>
    /// <param name="equation">the optimizer's modified equation, its momentum a number; a symbol m becomes the number of losses</param>
    /// <param name="order">1 (the gradient flow) or more</param>
    /// <param name="learningRate">ε</param>
    /// <param name="losses">the loss, or those of the minibatches in the order of their colours</param>
    /// <param name="w">the parameters: one or more tensors</param>
    /// <returns>one tensor for each of w, of its shape</returns>
    /// <exception cref="T:System.ArgumentException">The number of losses does not fit, the rate is not positive, or a symbol has no value.</exception>
    let at (equation: ModifiedEquation) (order: int) (learningRate: float) (losses: Loss[]) (w: Tensor[]) : Tensor[] =
        requireRate learningRate
        Terms.check equation losses

        let weighted =
            equation.UpTo order
            |> List.map (fun term ->
                let sign = if term.Tree.Order % 2 = 0 then 1.0 else -1.0
                term.Tree, sign * Terms.number equation.Name losses.Length term.Coefficient * pown learningRate (term.Tree.Order - 1))

        dsharp.scope (fun () ->
            Terms.sum
                equation
                losses
                w
                weighted
                (fun _ vector tree -> vector tree)
                (fun total weight value -> Parameters.addScaled weight total value)
                (Parameters.zerosLike w))

    /// <summary>The solution of dw/dt = field(w) after a time, by the classical Runge–Kutta method in equal steps: error ∝ steps⁻⁴.</summary>
    /// <param name="steps">at least 1</param>
    /// <param name="time">in units of learning rate times updates; negative goes back</param>
    /// <param name="field">the vector field</param>
    /// <param name="w">where it starts</param>
    let solve (steps: int) (time: float) (field: Tensor[] -> Tensor[]) (w: Tensor[]) : Tensor[] =
        if steps < 1 then
            invalidArg (nameof steps) $"there is at least one step, not {steps}"

        let h = time / float steps

        let step w =
            dsharp.scope (fun () ->
                let k1 = field w
                let k2 = field (Parameters.addScaled (h / 2.0) w k1)
                let k3 = field (Parameters.addScaled (h / 2.0) w k2)
                let k4 = field (Parameters.addScaled h w k3)
                let twice = Parameters.addScaled 1.0 k2 k3
                let sum = Parameters.addScaled 2.0 (Parameters.addScaled 1.0 k1 k4) twice
                Parameters.addScaled (h / 6.0) w sum)

        // by halves, so that no more than log₂(steps) points on the way are alive at a time
        let rec advance count w =
            if count = 1 then
                step w
            else
                dsharp.scope (fun () -> advance (count - count / 2) (advance (count / 2) w))

        advance steps w

    /// <summary>How far a field is from being a gradient: |uᵀJv − vᵀJu| / (|uᵀJv| + |vᵀJu|), J its Jacobian; 0 for a gradient.</summary>
    /// <param name="field">the vector field, made of operations of tensors</param>
    /// <param name="u">a direction, of the shapes of w</param>
    /// <param name="v">another</param>
    /// <param name="w">where</param>
    let asymmetry (field: Tensor[] -> Tensor[]) (u: Tensor[]) (v: Tensor[]) (w: Tensor[]) : float =
        let product (left: Tensor[]) right = Parameters.dot (dsharp.grads (fun w -> Parameters.dot (field w) left) w) right |> float

        let one, other = product u v, product v u
        let size = abs one + abs other
        if size = 0.0 then 0.0 else abs (one - other) / size
