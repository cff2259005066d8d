namespace NoiseScale.Schedules

/// Where the learning rate and the damping stand in the momentum buffer v. Under a constant learning rate the first two agree; they part
/// at every change of it. The law B ∝ 1/(1−m) holds for both, and not for the third, whose effective learning rate is ε for every m.
[<RequireQualifiedAccess>]
type MomentumConvention =
    /// v ← m·v + ĝ, w ← w − ε·v: the buffer holds raw gradients (PyTorch with dampening 0; P1's accumulation variable).
    | LearningRateOutside
    /// v ← m·v + ε·ĝ, w ← w − v: the learning rate is folded into the velocity (Caffe, TensorFlow).
    | LearningRateInside
    /// v ← m·v + (1−m)·ĝ, w ← w − ε·v: an average of gradients (dampening m, Lua Torch's default; the first moment of Adam).
    | Dampened

/// Adam's constants.
type AdamConstants =
    {
        /// β₁ of the first moment, in [0, 1)
        Beta1: float
        /// β₂ of the second moment, in [0, 1)
        Beta2: float
        /// ε_Adam, added to the root of the second moment; 0 or more
        Epsilon: float
    }

    /// β₁ = 0.9, β₂ = 0.999, ε_Adam = 1e-8 (Kingma & Ba).
    static member Default = { Beta1 = 0.9; Beta2 = 0.999; Epsilon = 1e-8 }

/// The optimizer family a schedule is for; it decides which scaling laws hold.
[<RequireQualifiedAccess>]
type Optimizer =
    /// w ← w − ε·ĝ; the momentum curve must be 0
    | Sgd
    /// Polyak's heavy ball in a named convention
    | HeavyBall of MomentumConvention
    /// Nesterov's look-ahead in a named convention
    | Nesterov of MomentumConvention
    /// Adam with L2 in the gradient; β₁ takes the place of the momentum curve, which must be 0
    | Adam of AdamConstants
    /// Adam with decoupled weight decay
    | AdamW of AdamConstants

/// An exponential moving average of the weights: an update of b examples at epoch t keeps the fraction ρ^(b/r(t)) of the average, r the
/// reference batch curve; without a reference it keeps ρ, whatever its batch. The horizon in data is r/(1−ρ) examples.
type WeightAveraging =
    {
        /// ρ, in [0, 1)
        Momentum: float
        /// the batch size ρ was chosen for, where updates have another one; None: ρ holds for the schedule's own batches
        ReferenceBatch: Curve option
    }

/// Arithmetic of momentum.
[<RequireQualifiedAccess>]
module Momentum =
    /// 1 − m, rounded once from the decimal that m was written as: 0.1 for m = 0.9, where subtraction of doubles gives 0.09999999999999998.
    /// So 1/(1−m) is 10 and 50 for 0.9 and 0.98, and a batch of 640 becomes one of 3200. A momentum that no decimal of fifteen digits
    /// stands for is subtracted as the double it is, so that the two differ by at most half an ulp of m, and the result is never 0.
    let complement (momentum: float) =
        if momentum >= 0.0 && momentum <= 1.0 && float (decimal momentum) = momentum then
            float (1.0m - decimal momentum)
        else
            1.0 - momentum

/// Facts about optimizers.
[<RequireQualifiedAccess>]
module Optimizer =
    /// The momentum convention, for the optimizers that have one.
    let convention optimizer =
        match optimizer with
        | Optimizer.HeavyBall convention
        | Optimizer.Nesterov convention -> Some convention
        | Optimizer.Sgd
        | Optimizer.Adam _
        | Optimizer.AdamW _ -> None

    /// Adam's constants, for the optimizers that have them.
    let adamConstants optimizer =
        match optimizer with
        | Optimizer.Adam constants
        | Optimizer.AdamW constants -> Some constants
        | Optimizer.Sgd
        | Optimizer.HeavyBall _
        | Optimizer.Nesterov _ -> None

    /// Whether momentum lengthens the step: effective learning rate ε/(1−m) (true), or ε for every m (false: no momentum, dampened, Adam).
    let momentumAccelerates optimizer =
        match convention optimizer with
        | Some MomentumConvention.LearningRateOutside
        | Some MomentumConvention.LearningRateInside -> true
        | Some MomentumConvention.Dampened
        | None -> false
