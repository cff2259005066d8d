namespace NoiseScale.Theory.BackwardError

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// <summary>The loss whose gradient flow an optimizer follows, to an order in the learning rate: C̃ = Σ coefficient·ε^(|t|−1)·S(t).</summary>
/// <remarks>(P6 Eqs. 1 and 11; Barrett and Dherin 2021; with momentum Ghosh et al. 2023, in units of time of the bare learning rate.)</remarks>
[<Source(Paper.P6, "Eqs. 1 and 11")>]
[<Source(Paper.Barrett2021)>]
[<Source(Paper.Ghosh2023)>]
[<Sealed>]
type ModifiedLoss internal (equation: ModifiedEquation, order: int, terms: LossTerm list) =

    /// The optimizer's modified equation.
    member _.Equation = equation
    /// The order: terms up to ε^(order−1).
    member _.Order = order
    /// Its terms.
    member _.Terms = terms

    /// <summary>C̃ as a function of the parameters, which can be differentiated again.</summary>
    /// <param name="learningRate">ε</param>
    /// <param name="losses">the loss, or those of the minibatches in the order of their colours</param>
    /// <exception cref="T:System.ArgumentException">The number of losses does not fit, the rate is negative, or a symbol has no value.</exception>
    member _.At(learningRate: float, losses: Loss[]) : Loss =
        if not (Double.IsFinite learningRate && learningRate >= 0.0) then
            invalidArg (nameof learningRate) $"a learning rate is 0 or more and finite, not {learningRate}"

        Terms.check equation losses

        let weighted =
            terms
            |> List.map (fun term ->
                term.Tree, Terms.number equation.Name losses.Length term.Coefficient * pown learningRate (term.Tree.Order - 1))
            |> List.filter (fun (_, weight) -> weight <> 0.0)

        fun w ->
            Terms.sum
                equation
                losses
                w
                weighted
                (fun lossOf vector tree -> ElementaryDifferential.scalar lossOf vector w tree)
                (fun total weight value -> total + value * weight)
                (w[0].zeroLike())

    /// <summary>C̃(w).</summary>
    /// <param name="learningRate">ε</param>
    /// <param name="losses">the loss, or those of the minibatches</param>
    /// <param name="w">the parameters</param>
    member this.Value(learningRate: float, losses: Loss[], w: Tensor[]) : Tensor = dsharp.scope (fun () -> this.At (learningRate, losses) w)

    /// <summary>∇C̃(w): one tensor for each of w.</summary>
    /// <param name="learningRate">ε</param>
    /// <param name="losses">the loss, or those of the minibatches</param>
    /// <param name="w">the parameters</param>
    member this.Gradient(learningRate: float, losses: Loss[], w: Tensor[]) : Tensor[] = dsharp.grads (this.At(learningRate, losses)) w

    /// <summary>∇∇C̃(w)·v: one tensor for each of w.</summary>
    /// <param name="learningRate">ε</param>
    /// <param name="losses">the loss, or those of the minibatches</param>
    /// <param name="w">the parameters</param>
    /// <param name="v">the direction, of the shapes of w</param>
    member this.HessianVector(learningRate: float, losses: Loss[], w: Tensor[], v: Tensor[]) : Tensor[] =
        dsharp.hessiansv (this.At(learningRate, losses)) w v

/// Modified losses of the optimizers.
[<RequireQualifiedAccess>]
module ModifiedLoss =

    /// <summary>The modified loss of an optimizer to an order, or what keeps the field of that order from being a gradient: gradient descent has
    /// one to order 2 and none to order 3, where f′f′f and f″(f, f) would need the ratio 2 : 1 and have 4 : 1.</summary>
    /// <param name="order">1 (the loss itself) or more</param>
    /// <param name="equation">the optimizer's modified equation</param>
    let tryDerive (order: int) (equation: ModifiedEquation) : Result<ModifiedLoss, Asymmetry> =
        Potential.ofEquation order equation |> Result.map (fun terms -> ModifiedLoss(equation, order, terms))

    /// <summary>The modified loss of an optimizer to an order.</summary>
    /// <param name="order">1 (the loss itself) or more</param>
    /// <param name="equation">the optimizer's modified equation</param>
    /// <exception cref="T:System.InvalidOperationException">The field is no gradient to that order; says which terms keep it from being one.</exception>
    let derive (order: int) (equation: ModifiedEquation) : ModifiedLoss =
        match tryDerive order equation with
        | Ok loss -> loss
        | Error { First = first, share; Second = second, other } ->
            let name = Notation.field false equation.Fields

            invalidOp
                $"{equation.Name} has no modified loss to order {order}: {name first} and {name second} are rootings of one tree, and a gradient has equal coefficients for each of its nodes; these have {share} and {other}. ModifiedFlow has the field, and ModifiedFlow.asymmetry measures how far from a gradient it is."
