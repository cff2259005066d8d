namespace NoiseScale.Schedules

open System
open NoiseScale.Sources

/// Schedules moved from a network of one width to one of another.
[<RequireQualifiedAccess>]
module Width =
    let private requireWidth name (value: float) =
        if Double.IsFinite value && value > 0.0 then
            Ok()
        else
            Error(ScheduleError.ParameterOutOfRange(name, value, "a width must be finite and greater than 0"))

    let private requireSgd (schedule: Schedule) =
        match Optimizer.adamConstants schedule.Optimizer with
        | None -> Ok()
        | Some _ -> Error(ScheduleError.LawDoesNotHold("ḡ ∝ w", "it is of SGD, with momentum or without, and not of Adam"))

    let private move rate (noise: float) form (schedule: Schedule) =
        Schedule.withLearningRate (Curve.scale rate schedule.LearningRate) schedule
        |> Result.bind (Batch.replace (Batch.grow form (float schedule.TrainingSetSize) (Curve.constant (rate / noise)) schedule.BatchSize))

    /// <summary>P4's law, ḡ = ε/(B(1−m)σ²) ∝ w, with the learning rate moved as the largest stable one is. For k = w′/w: ε → k^q·ε and g → k^p·g, so that
    /// B → k^{q−p}·B (linear), or N/B′ − 1 = (N/B − 1)·k^{p−q} (exact): Standard ε/k and B/k, NTK ε and B/k, the maximal update ε and B.</summary>
    /// <param name="form">the form of the noise scale</param>
    /// <param name="parameterisation">of both networks</param>
    /// <param name="from">w, the width that the schedule is for, &gt; 0</param>
    /// <param name="upTo">w′, the width it moves to, &gt; 0</param>
    /// <param name="schedule">any valid schedule of SGD, with momentum or without; its weight decay stays</param>
    /// <returns>the schedule, or LawDoesNotHold (Adam), ParameterOutOfRange, BatchBelowOne, BatchExceedsTrainingSet (linear form only)</returns>
    /// <remarks>Source: P4, abstract and §4; for the maximal update derived, and not tested there. Inverse: back from w′ to w. Composition: w to w′ to w″ is w to w″.</remarks>
    [<Source(Paper.P4)>]
    let transfer form parameterisation (from: float) (upTo: float) (schedule: Schedule) =
        let k = upTo / from

        requireWidth "from" from
        |> Result.bind (fun () -> requireWidth "to" upTo)
        |> Result.bind (fun () -> requireSgd schedule)
        |> Result.bind (fun () ->
            move
                (k ** Parameterisation.largestLearningRate parameterisation)
                (k ** Parameterisation.noiseScale parameterisation)
                form
                schedule)

    /// <summary>The same law at one batch size: the noise scale takes the factor k^p through the learning rate alone, ε → k^p·ε: Standard ε, NTK k·ε, the maximal update ε.
    /// Whoever raises the width must check that ε is still stable.</summary>
    /// <param name="parameterisation">of both networks</param>
    /// <param name="from">w, the width that the schedule is for, &gt; 0</param>
    /// <param name="upTo">w′, the width it moves to, &gt; 0</param>
    /// <param name="schedule">any valid schedule of SGD, with momentum or without</param>
    /// <returns>the schedule, or LawDoesNotHold (Adam), ParameterOutOfRange</returns>
    /// <remarks>Source: P4, abstract and §4.</remarks>
    [<Source(Paper.P4)>]
    let transferKeepingBatch parameterisation (from: float) (upTo: float) (schedule: Schedule) =
        requireWidth "from" from
        |> Result.bind (fun () -> requireWidth "to" upTo)
        |> Result.bind (fun () -> requireSgd schedule)
        |> Result.bind (fun () ->
            let factor = (upTo / from) ** Parameterisation.noiseScale parameterisation
            Schedule.withLearningRate (Curve.scale factor schedule.LearningRate) schedule)
