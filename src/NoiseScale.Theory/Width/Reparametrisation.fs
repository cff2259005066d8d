namespace NoiseScale.Theory.Width

open NoiseScale.Sources
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory

/// <summary>The same training in other coordinates: W = σ·θ, a factor σ for each tensor of parameters.</summary>
/// <remarks>Source: P4 §2, where 1/σ² of the normalised noise scale comes from: one step at ε on W is one at ε/σ² on θ.</remarks>
[<Source(Paper.P4)>]
[<RequireQualifiedAccess>]
module Reparametrisation =
    let private require (factors: float[]) (parameters: Tensor[]) =
        if factors.Length <> parameters.Length then
            invalidArg (nameof factors) $"there is one factor for each tensor of parameters: {factors.Length} and {parameters.Length}"

        match factors |> Array.tryFindIndex (fun factor -> not (System.Double.IsFinite factor && factor <> 0.0)) with
        | Some i -> invalidArg (nameof factors) $"factor {i} is {factors[i]}: it must be finite and not 0"
        | None -> ()

    /// <summary>W = σ·θ.</summary>
    /// <param name="factors">σ of every tensor, finite and not 0</param>
    /// <param name="theta">θ</param>
    /// <exception cref="T:System.ArgumentException">There is not one factor for each tensor, or one is 0 or not finite.</exception>
    let weights (factors: float[]) (theta: Tensor[]) : Tensor[] =
        require factors theta
        Array.map2 (fun (factor: float) (theta: Tensor) -> theta * factor) factors theta

    /// <summary>θ = W/σ: the inverse of <c>weights</c>.</summary>
    /// <param name="factors">σ of every tensor, finite and not 0</param>
    /// <param name="weights">W</param>
    /// <exception cref="T:System.ArgumentException">There is not one factor for each tensor, or one is 0 or not finite.</exception>
    let coordinates (factors: float[]) (weights: Tensor[]) : Tensor[] =
        require factors weights
        Array.map2 (fun (factor: float) (weight: Tensor) -> weight / factor) factors weights

    /// <summary>The loss of θ: C(σ·θ). Its gradient by θ is σ times that by W, the covariance of its noise σ² times.</summary>
    /// <param name="factors">σ of every tensor, finite and not 0</param>
    /// <param name="loss">C, of W</param>
    /// <param name="theta">θ, where the loss is taken</param>
    let loss (factors: float[]) (loss: Loss) (theta: Tensor[]) : Tensor = loss (weights factors theta)

    /// <summary>The learning rates on W that do what one learning rate on θ does: σ²ε for SGD, with momentum or without, |σ|·ε for Adam (up to its ε_Adam).</summary>
    /// <param name="family">the optimizer</param>
    /// <param name="factors">σ of every tensor, finite and not 0</param>
    /// <param name="learningRate">ε, on θ</param>
    /// <remarks>Source: P4 §2 (ε ↔ ε/σ²); Yang and Hu 2021.</remarks>
    [<Source(Paper.P4)>]
    [<Source(Paper.Yang2021)>]
    let learningRates family (factors: float[]) (learningRate: float) : float[] =
        match family with
        | RateFamily.Sgd -> factors |> Array.map (fun factor -> factor * factor * learningRate)
        | RateFamily.Adam -> factors |> Array.map (fun factor -> abs factor * learningRate)
