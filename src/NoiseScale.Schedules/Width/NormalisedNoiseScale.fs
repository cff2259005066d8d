namespace NoiseScale.Schedules

open NoiseScale.Sources

/// ḡ of P4: the noise scale in units of the weights at the start, ε/(B(1−m)·σ²), σ their standard deviation. Its optimum is proportional to the width.
[<Struct>]
type NormalisedNoiseScale =
    | NormalisedNoiseScale of float

    /// ḡ as a number: learning rate per example and per variance of a weight.
    member g.Value =
        let (NormalisedNoiseScale value) = g
        value

/// P4's normalised noise scale and its conversions. P4 has no N in it: the linear form for a cost averaged over examples.
[<RequireQualifiedAccess>]
module NormalisedNoiseScale =
    /// <summary>ḡ = ε/(B(1−m)) · 1/σ².</summary>
    /// <param name="deviation">σ, the standard deviation of a weight of the widening layers at the start, &gt; 0</param>
    /// <param name="batchSize">B, in examples</param>
    /// <param name="effectiveLearningRate">ε/(1−m)</param>
    /// <remarks>Source: P4, the definition of the normalised noise scale.</remarks>
    [<Source(Paper.P4)>]
    let ofParts (deviation: float) (batchSize: float) (effectiveLearningRate: float) =
        NormalisedNoiseScale(effectiveLearningRate / batchSize / (deviation * deviation))

    /// ḡ of a schedule at an epoch, of weights of standard deviation σ at the start. (P4)
    let at deviation (t: float<epoch>) schedule =
        NormalisedNoiseScale((NoiseScale.stepTemperatureAt t schedule).Value / (deviation * deviation))

    /// P6's T = ε/(B(1−m)) from ḡ: T = σ²·ḡ.
    let toStepTemperature (deviation: float) (NormalisedNoiseScale g) = StepTemperature(deviation * deviation * g)

    /// ḡ from P6's T: T/σ².
    let ofStepTemperature (deviation: float) (StepTemperature t) = NormalisedNoiseScale(t / (deviation * deviation))

    /// ḡ from the linear noise scale g = εN/(B(1−m)): g/(Nσ²).
    let ofLinearNoiseScale deviation n g = ofStepTemperature deviation (NoiseScale.linearToStepTemperature n g)

    /// The linear noise scale from ḡ: Nσ²ḡ.
    let toLinearNoiseScale deviation n g = NoiseScale.ofStepTemperature n (toStepTemperature deviation g)
