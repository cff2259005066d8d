namespace NoiseScale.Schedules

open System

/// What changes from one plan to another.
type PlanDiff =
    {
        /// updates of the first and of the second plan
        Updates: struct (int64 * int64)
        /// updates the second plan saves (negative: costs)
        UpdatesSaved: int64
        /// updates of the second per update of the first; 1 where both have as many (none included)
        UpdatesRatio: float
        /// epochs of data of the first and of the second plan
        Epochs: struct (float<epoch> * float<epoch>)
        /// largest |g₂/g₁ − 1| where compared, both with their whole batches: at the start of every phase of either plan, and of up to 65
        /// updates of each phase of the second whose rates vary; 0 where both noise scales are 0
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

    /// Where up to 65 updates of a phase start, evenly spaced, its first and its last among them; its first alone where it is constant.
    let private starts (plan: Plan) (p: Phase) =
        let n = plan.Schedule.TrainingSetSize / 1L<example>

        let start k =
            let position = PlanArithmetic.positionOf plan.Policy.PartialBatch n plan.Finish p k
            Math.Min(Math.Max(float position / float n, p.start), p.until)

        if p.IsConstant then
            [ start 0L ]
        else
            [ for j in 0L .. 64L -> start ((p.updates - 1L) * j / 64L) ] |> List.distinct

    let private peakRate (plan: Plan) =
        let rateAt t =
            let struct (rate, _, _) = Plan.settingsAt t plan
            rate

        let ofPhase i (p: Phase) =
            match p.rate, plan.Policy.Rounding with
            | rate, BatchRounding.Leave -> snd (Smooth.range (p.start, p.until) rate)
            | _ -> Plan.begins plan i :: (starts plan p).Tail |> List.map rateAt |> List.max

        if plan.Updates = 0L then
            0.0
        else
            plan.PhaseArray |> Seq.mapi ofPhase |> Seq.max

    /// Epochs at which the noise scales are compared: where phases begin, and where updates start in phases that are not constant.
    let private instants (plan: Plan) =
        plan.PhaseArray |> Seq.mapi (fun i p -> Plan.begins plan i :: (starts plan p).Tail) |> Seq.collect id

    /// Compares two plans: updates, peaks, and the noise scale in the given form where phases of either begin and where the second's updates start.
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
                Seq.append (first.PhaseArray |> Seq.mapi (fun i _ -> Plan.begins first i)) (instants second)
                |> Seq.filter (fun t -> t < horizon)
                |> Seq.map (fun t -> t, deviation t)
                |> Seq.fold (fun (t, worst) (s, d) -> if d > worst then s, d else t, worst) (0.0, 0.0)

        let peakBatch (plan: Plan) = plan.PhaseArray |> Seq.fold (fun peak p -> max peak p.batchSize) 0

        { Updates = struct (first.Updates, second.Updates)
          UpdatesSaved = first.Updates - second.Updates
          UpdatesRatio =
            if second.Updates = first.Updates then
                1.0
            else
                float second.Updates / float first.Updates
          Epochs = struct (first.Schedule.Epochs, second.Schedule.Epochs)
          NoiseScaleDeviation = worst
          DeviationAt = LanguagePrimitives.FloatWithMeasure at
          PeakLearningRate = struct (peakRate first, peakRate second)
          PeakBatchSize = struct (peakBatch first, peakBatch second) }
