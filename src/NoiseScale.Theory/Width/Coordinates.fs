namespace NoiseScale.Theory.Width

open NoiseScale.Sources
open NoiseScale.Schedules

/// Exponents of the width of one layer's outputs.
type CoordinateExponents =
    {
        /// of their size at the start
        Activation: float
        /// of the size of what the first update changes them by, at one learning rate
        Update: float
    }

/// <summary>How outputs of the layers of a perceptron, before their nonlinearity, depend on the width under a parameterisation.</summary>
/// <remarks>
/// Of weights W (the multiplier counted in) of deviation w^d and learning rate w^c, by layer: a sum over w independent terms grows as √w, one over w terms of one sign
/// as w. The derivative δ of the loss by an output of a hidden layer is ∝ w^{d of the last layer}, so that SGD changes the first layer's outputs by w^{c + d_out}, a hidden one's by
/// w^{c + 1 + d_out}, the logits by w^{c + 1} through their own weights and by w^{1 + d_out + u} through hidden outputs that change by w^u; Adam, whose updates do not
/// depend on δ's size, by w^c, w^{c + 1} and the same. The largest wins. (Yang and Hu 2021; Yang et al. 2022, Appendix J)
/// </remarks>
[<Source(Paper.Yang2021)>]
[<Source(Paper.Yang2022)>]
[<RequireQualifiedAccess>]
module Coordinates =
    /// <summary>The exponents of one layer.</summary>
    /// <param name="family">the optimizer of the first update</param>
    /// <param name="parameterisation">which</param>
    /// <param name="hiddenLayers">how many hidden layers the perceptron has, at least 1</param>
    /// <param name="role">Input for the first layer, Hidden for the hidden ones after it, Output for the logits</param>
    /// <exception cref="T:System.ArgumentException">There is no such layer.</exception>
    let expected family parameterisation (hiddenLayers: int) role : CoordinateExponents =
        if hiddenLayers < 1 then
            invalidArg (nameof hiddenLayers) $"{hiddenLayers} hidden layers: a width needs at least 1"

        let exponents role = Parameterisation.exponentsOf role parameterisation |> WidthExponents.ofWeights

        let rate role =
            match family with
            | RateFamily.Sgd -> (exponents role).SgdRate
            | RateFamily.Adam -> (exponents role).AdamRate

        let output = (exponents LayerRole.Output).Deviation

        // δ of hidden layers, where updates are in proportion to it
        let derivative =
            match family with
            | RateFamily.Sgd -> output
            | RateFamily.Adam -> 0.0

        let first = rate LayerRole.Input + derivative
        let hidden = max first (rate LayerRole.Hidden + 1.0 + derivative)

        match role with
        | LayerRole.Input -> { Activation = 0.0; Update = first }
        | LayerRole.Hidden when hiddenLayers > 1 -> { Activation = (exponents LayerRole.Hidden).Deviation + 0.5; Update = hidden }
        | LayerRole.Output ->
            let below = if hiddenLayers > 1 then hidden else first

            { Activation = output + 0.5
              Update = max (rate LayerRole.Output + 1.0) (1.0 + output + below) }
        | LayerRole.Hidden -> invalidArg (nameof role) "a perceptron of one hidden layer has no layer between hidden ones"
        | LayerRole.Fixed -> invalidArg (nameof role) "no layer of a perceptron connects fixed numbers of both sides"
