namespace NoiseScale.Schedules

open NoiseScale.Sources

/// How a network's weights, their initialisation and their learning rates depend on its width w.
[<RequireQualifiedAccess>]
type Parameterisation =
    /// W ~ N(0, σ²/n_in), used as it is; one learning rate. (P4 §2)
    | [<Source(Paper.P4)>] Standard
    /// W = σ/√n_in · θ with θ ~ N(0, 1); one learning rate. (P4 §2)
    | [<Source(Paper.P4)>] Ntk
    /// The maximal update: every layer learns at a rate that does not depend on the width. (Yang and Hu 2021; Yang et al. 2022)
    | [<Source(Paper.Yang2021); Source(Paper.Yang2022)>] MuP

/// What a tensor of parameters connects, which decides how it scales with the width.
[<RequireQualifiedAccess>]
type LayerRole =
    /// a fixed number of inputs with ∝ w outputs: the first layer; also biases, and the scales of a normalisation, whose input is a 1
    | Input
    /// ∝ w inputs with ∝ w outputs
    | Hidden
    /// ∝ w inputs with a fixed number of outputs
    | Output
    /// a fixed number with a fixed number: biases of the outputs, single numbers
    | Fixed

/// Exponents of the width of one kind of layer: a tensor θ of entries ∝ w^Deviation at the start is used as W = w^Multiplier·θ and learns at the rate ε·w^Rate.
type WidthExponents =
    {
        /// of the standard deviation of θ at the start
        Deviation: float
        /// of the factor by which θ is multiplied in the forward pass
        Multiplier: float
        /// of the learning rate of SGD, with momentum or without
        SgdRate: float
        /// of the learning rate of Adam
        AdamRate: float
    }

/// The optimizers between which exponents of learning rates differ.
[<RequireQualifiedAccess>]
type RateFamily =
    /// updates ∝ the gradient: SGD, heavy ball, Nesterov
    | Sgd
    /// updates of a size that does not depend on the gradient's: Adam, AdamW
    | Adam

/// Exponents of the width under one way of writing the same network down, and under another.
[<RequireQualifiedAccess>]
module WidthExponents =
    /// <summary>The same training written with θ = w^x·θ′: Deviation − x, Multiplier + x, and the learning rates of SGD − 2x, of Adam − x.</summary>
    /// <param name="x">exponent of the factor that moves from θ into the forward pass</param>
    /// <param name="exponents">of one kind of layer</param>
    /// <returns>exponents of the same sequence of functions</returns>
    /// <remarks>Source: P4 §2 (w = σθ, ε ↔ ε/σ²); the abc symmetry of Yang and Hu 2021. Inverse: −x.</remarks>
    [<Source(Paper.P4)>]
    [<Source(Paper.Yang2021)>]
    let reparametrise x (exponents: WidthExponents) =
        { Deviation = exponents.Deviation - x
          Multiplier = exponents.Multiplier + x
          SgdRate = exponents.SgdRate - 2.0 * x
          AdamRate = exponents.AdamRate - x }

    /// The same training with nothing multiplied in the forward pass: what happens to the weights W themselves. Equal for equal training.
    let ofWeights (exponents: WidthExponents) = reparametrise -exponents.Multiplier exponents

    /// The same training with one learning rate for all layers: what the rates differed by has gone into the multipliers.
    let withOneRate family (exponents: WidthExponents) =
        match family with
        | RateFamily.Sgd -> reparametrise (exponents.SgdRate / 2.0) exponents
        | RateFamily.Adam -> reparametrise exponents.AdamRate exponents

/// Parameterisations as what they are made of, and what P4 and the maximal update say of a whole network.
[<RequireQualifiedAccess>]
module Parameterisation =
    let private exponents deviation multiplier sgd adam =
        { Deviation = deviation
          Multiplier = multiplier
          SgdRate = sgd
          AdamRate = adam }

    /// <summary>The exponents of one kind of layer, as the parameterisation's authors write it.</summary>
    /// <param name="role">what the layer connects</param>
    /// <param name="parameterisation">which</param>
    /// <remarks>Source: P4 §2 for Standard and NTK; Yang et al. 2022, Table 3, for the maximal update.</remarks>
    [<Source(Paper.P4)>]
    [<Source(Paper.Yang2022)>]
    let exponentsOf role parameterisation : WidthExponents =
        match parameterisation, role with
        | _, LayerRole.Fixed -> exponents 0.0 0.0 0.0 0.0
        | Parameterisation.Standard, LayerRole.Input -> exponents 0.0 0.0 0.0 0.0
        | Parameterisation.Standard, (LayerRole.Hidden | LayerRole.Output) -> exponents -0.5 0.0 0.0 0.0
        | Parameterisation.Ntk, LayerRole.Input -> exponents 0.0 0.0 0.0 0.0
        | Parameterisation.Ntk, (LayerRole.Hidden | LayerRole.Output) -> exponents 0.0 -0.5 0.0 0.0
        | Parameterisation.MuP, LayerRole.Input -> exponents 0.0 0.0 1.0 0.0
        | Parameterisation.MuP, LayerRole.Hidden -> exponents -0.5 0.0 0.0 -1.0
        | Parameterisation.MuP, LayerRole.Output -> exponents -1.0 0.0 -1.0 -1.0

    /// <summary>q of ε_max ∝ w^q, the largest learning rate at which SGD is stable: −1 for Standard, whose outputs move by ε·w; 0 for NTK and the maximal update.</summary>
    /// <remarks>Source: P4 §2 (derived); Yang and Hu 2021. Measured in the figures of P4.</remarks>
    [<Source(Paper.P4)>]
    [<Source(Paper.Yang2021)>]
    let largestLearningRate parameterisation =
        match parameterisation with
        | Parameterisation.Standard -> -1.0
        | Parameterisation.Ntk
        | Parameterisation.MuP -> 0.0

    /// <summary>p of (ε/B)_opt ∝ w^p: P4's law ḡ = ε/(B(1−m)σ²) ∝ w with σ² ∝ w^{2·Deviation} of the hidden layers gives p = 1 + 2·Deviation: 0, 1 and 0.</summary>
    /// <remarks>Source: P4, abstract and §4 (the law for Standard and NTK); for the maximal update it is derived in the same way, and P4 does not test it.</remarks>
    [<Source(Paper.P4)>]
    let noiseScale parameterisation = 1.0 + 2.0 * (exponentsOf LayerRole.Hidden parameterisation).Deviation

    /// q − p of B_max ∝ w^{q−p}, the batch size of the optimal noise scale at the largest learning rate: −1, −1 and 0. (P4, B_opt ≤ const/w)
    let largestBatch parameterisation = largestLearningRate parameterisation - noiseScale parameterisation
