namespace NoiseScale.Theory.BackwardError

open System
open NoiseScale.Sources
open NoiseScale.Schedules

/// How minibatches are drawn.
[<RequireQualifiedAccess>]
type MinibatchSampling =
    /// every example once in an epoch, in random order
    | Shuffled
    /// every minibatch drawn anew from all examples
    | WithReplacement

/// <summary>The modified loss of a schedule at a time, C̃ = C + a·‖∇C‖² + b·Γ, to first order in the learning rate; the mean of the
/// iterates follows dw/dt = −∇C̃ where an update advances t by the effective learning rate (with replacement for one epoch from a known start:
/// over many the noise of the gradients moves the mean by as much, through f″).</summary>
type ScheduledLoss =
    {
        /// η, the effective learning rate: ε/(1−β) where momentum accelerates, else ε
        EffectiveLearningRate: float
        /// a, in units of learning rate
        GradientNormCoefficient: float
        /// b, of Γ, the trace of the covariance of the examples' gradients (denominator N); in units of learning rate
        VarianceCoefficient: float
    }

/// The modified losses of schedules.
[<RequireQualifiedAccess>]
module ScheduledLoss =

    /// S = ½ − Σ_{d=1}^{m−1} (m−d)·β^(d+lag) / (m(m−1)): the mean over pairs of steps of one epoch of what momentum leaves of their product. The
    /// sum in closed form, for any real m.
    let private pairs (lag: int) (m: float) (momentum: float) =
        if m <= 1.0 then
            0.0
        elif momentum = 0.0 then
            0.5
        elif m = Math.Round m && m <= 4096.0 then
            // 1 − β^k = (1 − β)(1 + β + … + β^(k−1)), term by term: nothing cancels where β is near 1
            let mutable power, geometric, sum = 1.0, 0.0, 0.0

            for k in 1 .. int m - 1 + lag do
                geometric <- geometric + power
                power <- power * momentum

                if k > lag then
                    sum <- sum + (m - float (k - lag)) * geometric

            Momentum.complement momentum * sum / (m * (m - 1.0))
        else
            let less = 1.0 - momentum
            let sum = momentum * (m * less + Math.Exp(m * Math.Log momentum) - 1.0) / (less * less)
            0.5 - Math.Pow(momentum, float lag) * sum / (m * (m - 1.0))

    /// <summary>The coefficients at an epoch: with momentum β, a = (η/4)(1+β)/(1−β) for heavy ball and (η/4)(1−β+2β²)/(1−β) for Nesterov,
    /// b = (η/2)·S·(N−B)/((N−1)B), S = ½ without momentum; b = 0 with replacement. (P6 Eqs. 1 and 22; Ghosh et al. 2023 for a; S is derived in
    /// <c>ModifiedEquation.shuffledHeavyBall</c>.)</summary>
    /// <param name="sampling">how minibatches are drawn</param>
    /// <param name="t">epochs of data seen</param>
    /// <param name="schedule">SGD, heavy ball or Nesterov; weight decay λ belongs to the loss, as (λ/2)‖w‖²</param>
    /// <remarks>For settings that change slowly beside 1/(1−β) updates, and for η times the largest curvature well below 1; with momentum below
    /// (1−√β)/(1+√β) for heavy ball and (1−β)/(1+β)² for Nesterov.</remarks>
    [<Source(Paper.P6, "Eqs. 1 and 22")>]
    [<Source(Paper.Ghosh2023)>]
    let at (sampling: MinibatchSampling) (t: float<epoch>) (schedule: Schedule) : Result<ScheduledLoss, ScheduleError> =
        let momentum, batch = Curve.valueAt t schedule.Momentum, Curve.valueAt t schedule.BatchSize

        let eta =
            NoiseScale.effectiveLearningRate schedule.Optimizer (Curve.valueAt t schedule.LearningRate) momentum

        let n = float schedule.TrainingSetSize
        let less = Momentum.complement momentum

        let coefficients lag norm =
            let variance =
                match sampling with
                | MinibatchSampling.WithReplacement -> 0.0
                | MinibatchSampling.Shuffled when batch >= n -> 0.0
                | MinibatchSampling.Shuffled -> eta / 2.0 * pairs lag (n / batch) momentum * (n - batch) / ((n - 1.0) * batch)

            Ok
                { EffectiveLearningRate = eta
                  GradientNormCoefficient = eta / 4.0 * norm / less
                  VarianceCoefficient = variance }

        match schedule.Optimizer with
        | Optimizer.Sgd -> coefficients 0 1.0
        | Optimizer.HeavyBall _ -> coefficients 0 (1.0 + momentum)
        | Optimizer.Nesterov _ -> coefficients 1 (1.0 - momentum + 2.0 * momentum * momentum)
        | _ ->
            Error(
                ScheduleError.LawDoesNotHold(
                    "the modified loss C + a‖∇C‖² + bΓ",
                    "Adam follows the gradient divided by its own size; AdamFlow has its first correction"
                )
            )
