namespace NoiseScale.Schedules

/// What changes from one plan to another.
type PlanDiff =
    {
        /// updates of the first and of the second plan
        Updates: struct (int64 * int64)
        /// updates the second plan saves (negative: costs)
        UpdatesSaved: int64
        /// updates of the second per update of the first
        UpdatesRatio: float
        /// epochs of data of the first and of the second plan
        Epochs: struct (float<epoch> * float<epoch>)
        /// largest |g₂/g₁ − 1| over the common epochs, both with their whole batches; 0 where both noise scales are 0
        NoiseScaleDeviation: float
        /// the epoch of the largest deviation
        DeviationAt: float<epoch>
        /// largest learning rates
        PeakLearningRate: struct (float * float)
        /// largest batches
        PeakBatchSize: struct (int * int)
    }

/// Comparing plans.
[<RequireQualifiedAccess>]
module PlanDiff =

    let private peakRate (plan: Plan) =
        if plan.Updates = 0L then
            0.0
        else
            plan.PhaseArray
            |> Seq.map (fun p ->
                match p.rate, p.batch with
                | Const rate, Const batch ->
                    rate * PlanArithmetic.compensation plan.Policy.Rounding (float plan.Schedule.TrainingSetSize) batch p.batchSize
                | rate, _ -> snd (Smooth.range (p.start, p.until) rate))
            |> Seq.max

    /// Epochs at which the noise scales are compared: the ends of every phase, and 64 points inside one that is not constant.
    let private instants (horizon: float) (plan: Plan) =
        plan.PhaseArray
        |> Seq.collect (fun p ->
            let until = p.until - (p.until - p.start) * 1e-9

            if p.IsConstant then
                [ p.start; until ]
            else
                [ for i in 0..64 -> p.start + (until - p.start) * float i / 64.0 ])
        |> Seq.filter (fun t -> t < horizon)

    /// Compares two plans at every phase of either: updates, noise scale in the given form, peaks.
    let between form (first: Plan) (second: Plan) =
        let horizon = min (float first.Schedule.Epochs) (float second.Schedule.Epochs)
        let g t plan = (Plan.noiseScaleAt form (LanguagePrimitives.FloatWithMeasure t) plan).Value

        let deviation t =
            let a, b = g t first, g t second

            if a = b then 0.0
            elif a = 0.0 then infinity
            else abs (b / a - 1.0)

        let at, worst =
            if first.Updates = 0L || second.Updates = 0L then
                0.0, 0.0
            else
                Seq.append (instants horizon first) (instants horizon second)
                |> Seq.map (fun t -> t, deviation t)
                |> Seq.fold (fun (t, worst) (s, d) -> if d > worst then s, d else t, worst) (0.0, 0.0)

        let peakBatch (plan: Plan) = plan.PhaseArray |> Seq.fold (fun peak p -> max peak p.batchSize) 0

        { Updates = struct (first.Updates, second.Updates)
          UpdatesSaved = first.Updates - second.Updates
          UpdatesRatio = float second.Updates / float first.Updates
          Epochs = struct (first.Schedule.Epochs, second.Schedule.Epochs)
          NoiseScaleDeviation = worst
          DeviationAt = LanguagePrimitives.FloatWithMeasure at
          PeakLearningRate = struct (peakRate first, peakRate second)
          PeakBatchSize = struct (peakBatch first, peakBatch second) }
