namespace NoiseScale.Schedules

open System

/// What happens to the examples at the end of an epoch that do not fill a batch.
[<RequireQualifiedAccess>]
type PartialBatch =
    /// They are left out; the next epoch starts with a full batch (PyTorch's drop_last).
    | Drop
    /// They make a smaller batch.
    | Keep
    /// The batch takes the rest from the next epoch: every batch is full, and training ends at the whole batch nearest to its last example.
    | CarryOver

/// What happens when a batch size is rounded to whole examples (or a last batch is smaller).
[<RequireQualifiedAccess>]
type BatchRounding =
    /// The learning rate stays; the exact noise scale is off by at most N/(2b(N − B)) relative, the linear one by 1/(2b), b the whole batch.
    | Leave
    /// The learning rate moves so that the noise scale, in this form, is that of the schedule.
    | Compensate of Form

/// How a schedule becomes whole updates.
type PlanPolicy =
    {
        /// the end of an epoch
        PartialBatch: PartialBatch
        /// rounding to whole examples
        Rounding: BatchRounding
    }

    /// Full batches across epoch boundaries, learning rate as written.
    static member Default =
        { PartialBatch = PartialBatch.CarryOver
          Rounding = BatchRounding.Leave }

/// One update of a plan, with everything an optimizer and a data loader need.
[<Struct>]
type PlannedUpdate =
    {
        /// k = 0, 1, …
        Index: int64
        /// epochs of data seen before this update
        Epoch: float<epoch>
        /// stream position of its first example: epoch·N + offset in that epoch's order
        FirstExample: int64
        /// examples in its batch
        BatchSize: int
        /// ε of this update
        LearningRate: float
        /// m of this update
        Momentum: float
    }

/// Consecutive updates with one batch size, under one formula of learning rate and momentum.
type Phase =
    internal
        { firstUpdate: int64
          updates: int64
          firstExample: int64
          start: float
          until: float
          batchSize: int
          /// real batch size, learning rate and momentum as functions of epochs
          batch: Smooth
          rate: Smooth
          momentum: Smooth }

    /// Index of its first update.
    member p.FirstUpdate = p.firstUpdate
    /// Number of updates.
    member p.Updates = p.updates
    /// Stream position of its first example.
    member p.FirstExample = p.firstExample
    /// The epoch from which its settings hold in the schedule.
    member p.Start: float<epoch> = LanguagePrimitives.FloatWithMeasure p.start
    /// The epoch until which its settings hold in the schedule.
    member p.Until: float<epoch> = LanguagePrimitives.FloatWithMeasure p.until
    /// Examples per update.
    member p.BatchSize = p.batchSize
    /// Whether every full batch of the phase has the same learning rate and momentum.
    member p.IsConstant =
        match p.batch, p.rate, p.momentum with
        | Const _, Const _, Const _ -> true
        | _ -> false

/// What updates are made of, common to the closed form and to enumeration.
module internal PlanArithmetic =
    /// Whole examples for a real batch size, within [1, N]; never N for a batch below it where the exact noise scale would become 0.
    let wholeBatch rounding (n: int64) (batch: float) =
        let whole = Math.Max(1.0, Math.Min(Math.Round(batch, MidpointRounding.AwayFromZero), float n))

        match rounding with
        | BatchRounding.Compensate Form.Exact when whole = float n && batch < float n -> int (Math.Max(1.0, whole - 1.0))
        | _ -> int whole

    /// The factor on the learning rate that makes `whole` examples carry the noise of `batch`.
    let compensation rounding (n: float) (batch: float) (whole: int) =
        let b = float whole

        match rounding with
        | BatchRounding.Leave -> 1.0
        | BatchRounding.Compensate _ when b = batch -> 1.0
        | BatchRounding.Compensate Form.Linear -> b / batch
        | BatchRounding.Compensate Form.Exact -> if b = n then 1.0 else (b * (n - batch)) / (batch * (n - b))

    /// First example of the next epoch, or of the end of training if that is sooner.
    let epochEnd (n: int64) finish (position: int64) = Math.Min((position / n + 1L) * n, finish)

    /// Updates of one batch size from `position` whose middle is not beyond `limit`, and where they end. Time: O(1).
    /// An update at a boundary belongs to the side on which the middle of its data lies, the earlier side at a tie.
    let run partialBatch (n: int64) (finish: int64) (limit: int64) (position: int64) (b: int64) =
        let middleWithin room = Math.Max(0L, (2L * room + b) / (2L * b))

        match partialBatch with
        | PartialBatch.CarryOver ->
            let updates = if position >= limit then 0L else middleWithin (limit - position)
            struct (updates, position + updates * b)
        | PartialBatch.Keep
        | PartialBatch.Drop ->
            let keep = partialBatch = PartialBatch.Keep
            let inRoom room = room / b + (if keep && room % b > 0L then 1L else 0L)
            let mutable updates, position = 0L, position
            // the rest of this epoch
            let stop = epochEnd n finish position

            if position < limit && stop <= limit && position % n <> 0L then
                updates <- inRoom (stop - position)
                position <- stop
            // whole epochs
            if position < limit && position % n = 0L then
                let epochs = (limit - position) / n
                updates <- updates + epochs * inRoom n
                position <- position + epochs * n
            // into an epoch that outlasts the limit, or that training cuts short
            if position < limit then
                let stop = epochEnd n finish position
                let full = Math.Min(middleWithin (limit - position), (stop - position) / b)
                updates <- updates + full
                position <- position + full * b
                let room = stop - position

                if room > 0L && room < b && 2L * position + room <= 2L * limit then
                    updates <- updates + (if keep then 1L else 0L)
                    position <- stop

            struct (updates, position)

/// Walks the updates of a plan from a given one without allocating.
[<Struct; NoEquality; NoComparison>]
type PlanEnumerator =
    val private phases: Phase[]
    val private policy: PlanPolicy
    val private size: int64
    val private finish: int64
    val mutable private phase: int
    val mutable private left: int64
    val mutable private index: int64
    val mutable private position: int64
    val mutable private room: int64
    val mutable private current: PlannedUpdate

    internal new(phases, policy, size, finish, phase, left, index, position) =
        { phases = phases
          policy = policy
          size = size
          finish = finish
          phase = phase
          left = left
          index = index
          position = position
          room = 0L
          current = Unchecked.defaultof<PlannedUpdate> }

    /// The update the walk stands on.
    member e.Current = e.current

    /// Goes to the next update; false after the last one.
    member e.MoveNext() =
        while e.left = 0L && e.phase + 1 < e.phases.Length do
            e.phase <- e.phase + 1
            e.left <- e.phases[e.phase].updates
            e.position <- e.phases[e.phase].firstExample
            e.room <- 0L

        if e.left = 0L then
            false
        else
            let phase = e.phases[e.phase]
            let mutable size = phase.batchSize

            if e.policy.PartialBatch <> PartialBatch.CarryOver then
                if e.room = 0L then
                    e.room <- PlanArithmetic.epochEnd e.size e.finish e.position - e.position

                if e.room < int64 size then
                    if e.policy.PartialBatch = PartialBatch.Keep then
                        size <- int e.room
                    else
                        e.position <- e.position + e.room
                        e.room <- PlanArithmetic.epochEnd e.size e.finish e.position - e.position

                e.room <- e.room - int64 size

            let n = float e.size
            let now = float e.position / n
            let t = Math.Min(Math.Max(now, phase.start), phase.until)
            let rate = Smooth.value t phase.rate

            e.current <-
                { Index = e.index
                  Epoch = LanguagePrimitives.FloatWithMeasure now
                  FirstExample = e.position
                  BatchSize = size
                  LearningRate =
                    (match e.policy.Rounding with
                     | BatchRounding.Leave -> rate
                     | rounding -> rate * PlanArithmetic.compensation rounding n (Smooth.value t phase.batch) size)
                  Momentum = Smooth.value t phase.momentum }

            e.position <- e.position + int64 size
            e.index <- e.index + 1L
            e.left <- e.left - 1L
            true

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
                if phases[middle].firstUpdate <= first then low <- middle else high <- middle - 1

            let phase = phases[low]
            let b = int64 phase.batchSize
            let skipped = first - phase.firstUpdate

            let position =
                match policy.PartialBatch with
                | PartialBatch.CarryOver -> phase.firstExample + skipped * b
                | keepOrDrop ->
                    let inRoom room = room / b + (if keepOrDrop = PartialBatch.Keep && room % b > 0L then 1L else 0L)
                    let start = phase.firstExample
                    let firstRoom = PlanArithmetic.epochEnd n finish start - start
                    let inFirst = inRoom firstRoom

                    if skipped < inFirst then
                        start + skipped * b
                    else
                        let perEpoch = inRoom n
                        let later = skipped - inFirst
                        start + firstRoom + later / perEpoch * n + later % perEpoch * b

            PlanEnumerator(phases, policy, n, finish, low, phase.updates - skipped, first, position)

    /// All updates: an enumerator that allocates nothing.
    member plan.GetEnumerator() = plan.From 0L

/// Making and reading plans.
[<RequireQualifiedAccess>]
module Plan =

    let private wholeExamples (n: int64) (t: float) =
        int64 (Math.Round(t * float n, MidpointRounding.AwayFromZero))

    /// The spans on which all three curves keep one formula.
    let private spans (schedule: Schedule) =
        let cut curve = Segments.between 0.0<epoch> schedule.Epochs curve

        let rec merge (rates: Segment list) (batches: Segment list) (momenta: Segment list) start =
            match rates, batches, momenta with
            | rate :: rates', batch :: batches', momentum :: momenta' ->
                let until = min rate.Until (min batch.Until momentum.Until)
                let rest (segment: Segment) whole tail = if segment.Until > until then whole else tail

                struct (start, until, rate.Smooth, batch.Smooth, momentum.Smooth)
                :: merge (rest rate rates rates') (rest batch batches batches') (rest momentum momenta momenta') until
            | _ -> []

        merge (cut schedule.LearningRate) (cut schedule.BatchSize) (cut schedule.Momentum) 0.0

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

        for struct (start, until, rate, batch, momentum) in spans schedule do
            let limit = if until >= float schedule.Epochs then finish else wholeExamples n until

            let add first count size =
                if count > 0L then
                    let previous = if phases.Count = 0 then None else Some phases[phases.Count - 1]

                    match previous with
                    | Some p when p.batchSize = size && p.start = start -> // a longer run of the same span
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

                    updates <- updates + count

            match batch with
            | Const value ->
                let size = PlanArithmetic.wholeBatch policy.Rounding n value
                let struct (count, after) = PlanArithmetic.run policy.PartialBatch n finish limit position (int64 size)
                add position count size
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

                    if position >= limit || 2L * position + room > 2L * limit then
                        walking <- false
                    elif room < int64 size && policy.PartialBatch = PartialBatch.Drop then
                        position <- position + room
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

    /// Learning rate, momentum and whole batch of a full update starting at an epoch: what the plan does there.
    let internal settingsAt (t: float) (plan: Plan) =
        let phases = plan.PhaseArray
        let mutable low, high = 0, phases.Length - 1
        // phases of a span with a varying batch share their start: go by data seen there
        let n = float plan.Schedule.TrainingSetSize
        let begins (p: Phase) = Math.Max(p.start, Math.Min(float p.firstExample / n, p.until))

        while low < high do
            let middle = (low + high + 1) / 2
            if begins phases[middle] <= t then low <- middle else high <- middle - 1

        let phase = phases[low]
        let t = Math.Min(Math.Max(t, phase.start), phase.until)
        let compensation = PlanArithmetic.compensation plan.Policy.Rounding n (Smooth.value t phase.batch) phase.batchSize
        struct (Smooth.value t phase.rate * compensation, Smooth.value t phase.momentum, phase.batchSize)

    /// The noise scale a plan realises at an epoch, with its whole batches. (P1 §2)
    let noiseScaleAt form (t: float<epoch>) (plan: Plan) =
        let struct (rate, momentum, batch) = settingsAt (float t) plan
        let effective = NoiseScale.effectiveLearningRate plan.Schedule.Optimizer rate momentum
        NoiseScale.ofParts form (float plan.Schedule.TrainingSetSize) (float batch) effective
