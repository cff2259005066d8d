namespace NoiseScale.Theory.GradientNoise

open System
open NoiseScale.Sources

/// <summary>tr(MΣ) and GᵀMG, each averaged by itself, with the covariance matrix of the two averages.</summary>
type NoiseParts =
    {
        /// the average estimate of tr(MΣ)
        Noise: float
        /// the average estimate of GᵀMG
        Signal: float
        /// the variance of Noise
        NoiseVariance: float
        /// their covariance
        Covariance: float
        /// the variance of Signal
        SignalVariance: float
        /// of the estimated covariance matrix; infinite where nothing is uncertain
        DegreesOfFreedom: float
    }

/// <summary>An average over measurements that forgets at a steady rate, or not at all.</summary>
/// <remarks>Weights of the measurements are 1, d, d², … back from the newest. Sums are divided by the sum of the weights given, not by their limit,
/// so the first averages are not drawn to 0. Numerator and denominator are averaged separately.</remarks>
[<Struct>]
type RunningNoise =
    private
        { Decay: float
          Count: int64
          // Σw, Σw², Σw³ of the weights
          W1: float
          W2: float
          W3: float
          MeanNoise: float
          MeanSignal: float
          // weighted sums of squares and products about the means
          Sxx: float
          Sxy: float
          Syy: float }

    /// The number of measurements taken in.
    member this.Measurements = this.Count

    /// <summary>(Σw)²/Σw², the number of equally weighted measurements that would be as good; tends to (1 + d)/(1 − d).</summary>
    member this.EffectiveMeasurements = if this.Count = 0L then 0.0 else this.W1 * this.W1 / this.W2

/// Averages of measurements as they come in.
[<RequireQualifiedAccess>]
module RunningNoise =

    /// <summary>No measurement yet.</summary>
    /// <param name="decay">d, in (0, 1]; the weight of a measurement relative to that of the next one. 1 forgets nothing.</param>
    /// <exception cref="T:System.ArgumentException">d is outside (0, 1].</exception>
    let create (decay: float) : RunningNoise =
        if not (decay > 0.0 && decay <= 1.0) then
            invalidArg (nameof decay) $"a decay lies in (0, 1], not {decay}"

        { Decay = decay
          Count = 0L
          W1 = 0.0
          W2 = 0.0
          W3 = 0.0
          MeanNoise = 0.0
          MeanSignal = 0.0
          Sxx = 0.0
          Sxy = 0.0
          Syy = 0.0 }

    /// The average with one measurement more.
    let add (measurement: NoiseMeasurement) (running: RunningNoise) : RunningNoise =
        // Welford's update with weights: the old ones shrink by d, the new one is 1
        let d = running.Decay
        let old = d * running.W1
        let w1 = old + 1.0
        let x, y = measurement.Noise - running.MeanNoise, measurement.Signal - running.MeanSignal
        let cross = old / w1

        { running with
            Count = running.Count + 1L
            W1 = w1
            W2 = d * d * running.W2 + 1.0
            W3 = d * d * d * running.W3 + 1.0
            MeanNoise = running.MeanNoise + x / w1
            MeanSignal = running.MeanSignal + y / w1
            Sxx = d * running.Sxx + cross * x * x
            Sxy = d * running.Sxy + cross * x * y
            Syy = d * running.Syy + cross * y * y }

    /// <summary>The averages, with the covariance Σw̃²/(1 − Σw̃²)·Σw̃(x − x̄)(y − ȳ) of independent measurements, w̃ = w/Σw; its degrees of freedom
    /// (1 − Σw̃²)²/(Σw̃² − 2Σw̃³ + (Σw̃²)²) are those of a χ² with the same mean and variance: m − 1 for m equal weights.</summary>
    /// <returns>the averages, or that there are fewer than two measurements</returns>
    let parts (running: RunningNoise) : Result<NoiseParts, NoiseError> =
        if running.Count < 2L then
            Error(NoiseError.TooFew(int running.Count))
        else
            let second = running.W2 / (running.W1 * running.W1)
            let third = running.W3 / (running.W1 * running.W1 * running.W1)
            let scale = second / (1.0 - second) / running.W1

            Ok
                { Noise = running.MeanNoise
                  Signal = running.MeanSignal
                  NoiseVariance = scale * running.Sxx
                  Covariance = scale * running.Sxy
                  SignalVariance = scale * running.Syy
                  DegreesOfFreedom = (1.0 - second) * (1.0 - second) / (second - 2.0 * third + second * second) }

/// Averages of measurements with their uncertainty.
[<Source(Paper.McCandlish2018)>]
[<RequireQualifiedAccess>]
module NoiseParts =

    /// <summary>From independent measurements of equal weight: means, and their sample covariance over m with m − 1 degrees of freedom.</summary>
    /// <remarks>Parameters that moved between the measurements add their drift to the covariance: the interval of the average only grows.</remarks>
    /// <param name="measurements">at least two</param>
    let ofMeasurements (measurements: NoiseMeasurement seq) : Result<NoiseParts, NoiseError> =
        measurements
        |> Seq.fold (fun running next -> RunningNoise.add next running) (RunningNoise.create 1.0)
        |> RunningNoise.parts

    /// The values themselves, with no uncertainty.
    let exact (measurement: NoiseMeasurement) : NoiseParts =
        { Noise = measurement.Noise
          Signal = measurement.Signal
          NoiseVariance = 0.0
          Covariance = 0.0
          SignalVariance = 0.0
          DegreesOfFreedom = Double.PositiveInfinity }
