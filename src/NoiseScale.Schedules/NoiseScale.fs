namespace NoiseScale.Schedules

open NoiseScale.Sources

/// The two forms of the noise scale: exact in the batch size (vanishing at B = N), and linear for B ≪ N. The exact one is the default.
[<RequireQualifiedAccess>]
type Form =
    /// ε/(1−m)·(N/B − 1)
    | Exact
    /// ε/(1−m)·N/B
    | Linear

/// g of P1 and P2: the temperature of the stochastic differential equation of SGD, for a cost summed over examples.
[<Struct>]
type NoiseScale =
    | NoiseScale of float

    /// g as a number, in units of learning rate.
    member g.Value =
        let (NoiseScale value) = g
        value

/// T of P3: SGD samples e^{−C/T} with C the cost summed over examples; T = 1 is the posterior. T = g/2.
[<Struct>]
type PosteriorTemperature =
    | PosteriorTemperature of float

    /// T as a number; 1 is the posterior.
    member t.Value =
        let (PosteriorTemperature value) = t
        value

/// T of P5 where the likelihood alone is tempered: p(y | w)^{1/T}·p(w), the prior as it is. Not the temperature of the whole posterior, [p(y | w)·p(w)]^{1/T},
/// which also sharpens the prior where T is below 1.
[<Struct>]
type LikelihoodTemperature =
    | LikelihoodTemperature of float

    /// T as a number; 1 is the posterior.
    member t.Value =
        let (LikelihoodTemperature value) = t
        value

/// T of P6: variance per update of the noise, ε/B, for a cost averaged over examples (with momentum ε/((1−m)B)).
[<Struct>]
type StepTemperature =
    | StepTemperature of float

    /// T as a number, learning rate per example.
    member t.Value =
        let (StepTemperature value) = t
        value

/// The noise scale and the temperatures of the papers, and the conversions between them.
[<RequireQualifiedAccess>]
module NoiseScale =
    /// ε/(1−m) where momentum accelerates (dampening 0), else ε: the learning rate of the equivalent SGD. (P2, App. D)
    [<Source(Paper.P2, "App. D")>]
    let effectiveLearningRate optimizer learningRate momentum =
        if Optimizer.momentumAccelerates optimizer then
            learningRate / Momentum.complement momentum
        else
            learningRate

    /// g from its parts: effective learning rate · (N/B − 1), or · N/B in the linear form. (P1 §2; P2 Eq. 12)
    /// Computed as (N − B)/B, which loses nothing near full batch. At full batch there is no noise, and where rounding has carried B past
    /// N there is none either: g is never negative.
    [<Source(Paper.P1, "§2")>]
    [<Source(Paper.P2, "Eq. 12")>]
    let ofParts form (n: float) (batchSize: float) effectiveLearningRate =
        match form with
        | Form.Exact -> NoiseScale(effectiveLearningRate * (max 0.0 (n - batchSize) / batchSize))
        | Form.Linear -> NoiseScale(effectiveLearningRate * (n / batchSize))

    /// g(t) = ε/(1−m)·(N/B − 1) of a schedule at an epoch (linear: ·N/B). (P1 §2 and §3.2)
    [<Source(Paper.P1, "§2 and §3.2")>]
    let at form (t: float<epoch>) (schedule: Schedule) =
        let momentum = Curve.valueAt t schedule.Momentum

        let effective =
            effectiveLearningRate schedule.Optimizer (Curve.valueAt t schedule.LearningRate) momentum

        ofParts form (float schedule.TrainingSetSize) (Curve.valueAt t schedule.BatchSize) effective

    /// P3's temperature of a schedule at an epoch: T = (εN/2B)(1 − B/N) = g/2, exactly. (P3 Thm 4)
    [<Source(Paper.P3, "Thm 4")>]
    let posteriorTemperatureAt (t: float<epoch>) schedule = PosteriorTemperature((at Form.Exact t schedule).Value / 2.0)

    /// P6's temperature of a schedule at an epoch: T = ε/B, with momentum ε/((1−m)B). (P6 Eqs. 23–26)
    [<Source(Paper.P6, "Eqs. 23–26")>]
    let stepTemperatureAt (t: float<epoch>) (schedule: Schedule) =
        StepTemperature((at Form.Linear t schedule).Value / float schedule.TrainingSetSize)

    /// T = g/2. (P3 Thm 4 beside P2 Eq. 13)
    [<Source(Paper.P3, "Thm 4")>]
    [<Source(Paper.P2, "Eq. 13")>]
    let toPosteriorTemperature (NoiseScale g) = PosteriorTemperature(g / 2.0)

    /// g = 2T.
    let ofPosteriorTemperature (PosteriorTemperature t) = NoiseScale(2.0 * t)

    /// P6's T from the linear noise scale: T = g/N.
    let linearToStepTemperature (n: int64<example>) (NoiseScale g) = StepTemperature(g / float n)

    /// The linear noise scale from P6's T: g = N·T.
    let ofStepTemperature (n: int64<example>) (StepTemperature t) = NoiseScale(float n * t)

    /// The batch size at which a learning rate gives a noise scale: B = N/(1 + g/ε_eff) exactly, N·ε_eff/g in the linear form. (P2 §5)
    [<Source(Paper.P2, "§5")>]
    let batchSizeFor form (n: int64<example>) effectiveLearningRate (NoiseScale g) : float =
        match form with
        | Form.Exact -> float n / (1.0 + g / effectiveLearningRate)
        | Form.Linear -> float n * effectiveLearningRate / g
