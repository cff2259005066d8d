namespace NoiseScale.Schedules

open System
open NoiseScale.Sources

/// A schedule made concrete: whole batches, and the learning rate, momentum, epoch and first example of every update.
/// A value: enumerating it twice, or from the middle, gives the same updates.
[<Sealed; AllowNullLiteral(false)>]
type Plan internal (schedule: Schedule, policy: PlanPolicy, phases: Phase[], updates: int64, finish: int64) =
    /// The schedule it makes concrete.
    member _.Schedule = schedule
    /// The policies it was made under.
    member _.Policy = policy
    /// Its phases, in order.
    member _.Phases: System.Collections.Generic.IReadOnlyList<Phase> = phases
    /// The number of updates.
    member _.Updates = updates
    member internal _.PhaseArray = phases
    member internal _.Finish = finish

    /// The updates from index `first` on (0 for all): an enumerator that allocates nothing.
    member _.From(first: int64) =
        if first < 0L then
            raise (ArgumentOutOfRangeException("first", first, "an update's index is 0 or more"))

        let n = schedule.TrainingSetSize / 1L<example>

        if phases.Length = 0 || first >= updates then
            PlanEnumerator(phases, policy, n, finish, phases.Length, 0L, first, 0L)
        else
            // the last phase that starts at or before the update
            let mutable low, high = 0, phases.Length - 1

            while low < high do
                let middle = (low + high + 1) / 2

                if phases[middle].firstUpdate <= first then
                    low <- middle
                else
                    high <- middle - 1

            let phase = phases[low]
            let skipped = first - phase.firstUpdate

            PlanEnumerator(
                phases,
                policy,
                n,
                finish,
                low,
                phase.updates - skipped,
                first,
                PlanArithmetic.positionOf policy.PartialBatch n finish phase skipped
            )

    /// All updates: an enumerator that allocates nothing.
    member plan.GetEnumerator() = plan.From 0L

/// Making and reading plans.
[<RequireQualifiedAccess>]
module Plan =

    let private wholeExamples (n: int64) (t: float) = int64 (Math.Round(t * float n, MidpointRounding.AwayFromZero))

    /// The spans on which all three curves keep one formula.
    let private spans (schedule: Schedule) =
        let cut curve = Segments.between 0.0<epoch> schedule.Epochs curve

        let rec merge found (rates: Segment list) (batches: Segment list) (momenta: Segment list) start =
            match rates, batches, momenta with
            | rate :: rates', batch :: batches', momentum :: momenta' ->
                let until = min rate.Until (min batch.Until momentum.Until)
                let rest (segment: Segment) whole tail = if segment.Until > until then whole else tail
                let here = struct (start, until, rate.Smooth, batch.Smooth, momentum.Smooth)
                merge (here :: found) (rest rate rates rates') (rest batch batches batches') (rest momentum momenta momenta') until
            | _ -> List.rev found

        merge [] (cut schedule.LearningRate) (cut schedule.BatchSize) (cut schedule.Momentum) 0.0

    /// <summary>The plan of a schedule. Settings are read at the start of an update; an update across a boundary of the schedule belongs to the
    /// side on which the middle of its data lies (the earlier one at a tie), so that no boundary is missed by more than half a batch.
    /// Time: proportional to the number of phases where the batch is piecewise constant, to the number of updates where it is not.</summary>
    /// <param name="policy">partial batches and rounding</param>
    /// <param name="schedule">any schedule; boundaries are rounded to whole examples</param>
    let create (policy: PlanPolicy) (schedule: Schedule) =
        let n = schedule.TrainingSetSize / 1L<example>
        let finish = wholeExamples n (float schedule.Epochs)
        let phases = ResizeArray<Phase>()
        let mutable position, updates = 0L, 0L
        let mutable isRun = false // whether the next update may lengthen the last phase

        for struct (start, until, rate, batch, momentum) in spans schedule do
            let limit = if until >= float schedule.Epochs then finish else wholeExamples n until

            let add first count size =
                if count > 0L then
                    let previous = if phases.Count = 0 then None else Some phases[phases.Count - 1]

                    match previous with
                    | Some p when isRun && p.batchSize = size && p.start = start -> // a longer run of the same span
                        phases[phases.Count - 1] <- { p with updates = p.updates + count }
                    | _ ->
                        phases.Add
                            { firstUpdate = updates
                              updates = count
                              firstExample = first
                              start = start
                              until = until
                              batchSize = size
                              batch = batch
                              rate = rate
                              momentum = momentum }

                    isRun <- true
                    updates <- updates + count

            match batch with
            | Const value ->
                let size = PlanArithmetic.wholeBatch policy.Rounding n value
                let struct (count, after) = PlanArithmetic.run policy.PartialBatch n finish limit position (int64 size)
                // dropping may begin with the rest of an epoch that no batch of this size fits into
                let stop = PlanArithmetic.epochEnd n finish position

                let first =
                    if policy.PartialBatch = PartialBatch.Drop && stop - position < int64 size then
                        stop
                    else
                        position

                add first count size
                position <- after
            | varying ->
                let mutable walking = true

                while walking do
                    let t = Math.Min(Math.Max(float position / float n, start), until)
                    let size = PlanArithmetic.wholeBatch policy.Rounding n (Smooth.value t varying)

                    let room =
                        match policy.PartialBatch with
                        | PartialBatch.CarryOver -> int64 size
                        | _ -> Math.Min(int64 size, PlanArithmetic.epochEnd n finish position - position)

                    if position >= limit || not (PlanArithmetic.middleIsWithin limit position room) then
                        walking <- false
                    elif room < int64 size && policy.PartialBatch = PartialBatch.Drop then
                        position <- position + room
                        isRun <- false // a smaller batch of the last phase might not have left these out
                    else
                        add position 1L size
                        position <- position + room

        Plan(schedule, policy, phases.ToArray(), updates, finish)

    /// The plan under the default policies: full batches across epoch boundaries, learning rate as written.
    let ofSchedule schedule = create PlanPolicy.Default schedule

    /// The updates as a sequence (allocates one box for the walk).
    let updates (plan: Plan) : seq<PlannedUpdate> =
        seq {
            let mutable walk = plan.GetEnumerator()

            while walk.MoveNext() do
                yield walk.Current
        }

    /// ρ of an update: the factor its weight average keeps, ρ^(b/r(t)) with a reference batch, else ρ; None without averaging.
    let averagingMomentum (update: PlannedUpdate) (plan: Plan) =
        plan.Schedule.Averaging
        |> Option.map (fun averaging ->
            match averaging.ReferenceBatch with
            | None -> averaging.Momentum
            | Some reference -> Math.Pow(averaging.Momentum, float update.BatchSize / Curve.valueAt update.Epoch reference))

    /// The epoch from which a phase counts: where its span of the schedule begins, or, where the batch varies within a span, where its data do.
    let internal begins (plan: Plan) index =
        let phase = plan.PhaseArray[index]

        if index > 0 && plan.PhaseArray[index - 1].start = phase.start then
            float phase.firstExample / float plan.Schedule.TrainingSetSize
        else
            phase.start

    /// Learning rate, momentum and whole batch of the (full) update under way at an epoch.
    let internal settingsAt (t: float) (plan: Plan) =
        if plan.Updates = 0L then
            raise (ArgumentException("the plan has no updates: it has no noise scale", nameof plan))

        let mutable low, high = 0, plan.PhaseArray.Length - 1

        while low < high do
            let middle = (low + high + 1) / 2
            if begins plan middle <= t then low <- middle else high <- middle - 1

        let phase = plan.PhaseArray[low]
        let n = float plan.Schedule.TrainingSetSize
        // settings are read where an update starts, and hold until the next
        let size = plan.Schedule.TrainingSetSize / 1L<example>
        let under = PlanArithmetic.updateAt plan.Policy.PartialBatch size plan.Finish phase (t * n)
        let start = float (PlanArithmetic.positionOf plan.Policy.PartialBatch size plan.Finish phase under) / n
        let read = Math.Min(Math.Max(start, phase.start), phase.until)

        let compensation =
            PlanArithmetic.compensation plan.Policy.Rounding n (Smooth.value read phase.batch) phase.batchSize

        struct (Smooth.value read phase.rate * compensation, Smooth.value read phase.momentum, phase.batchSize)

    /// The noise scale of the update under way at an epoch, with its whole batch; ArgumentException for a plan without updates. (P1 §2)
    [<Source(Paper.P1, "§2")>]
    let noiseScaleAt form (t: float<epoch>) (plan: Plan) =
        let struct (rate, momentum, batch) = settingsAt (float t) plan
        let effective = NoiseScale.effectiveLearningRate plan.Schedule.Optimizer rate momentum
        NoiseScale.ofParts form (float plan.Schedule.TrainingSetSize) (float batch) effective
