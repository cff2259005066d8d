namespace NoiseScale.Schedules

open System

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

            let now = float e.position / float e.size
            let t = Math.Min(Math.Max(now, phase.start), phase.until)

            let inline at smooth =
                match smooth with
                | Const value -> value
                | varying -> Smooth.value t varying

            let rate =
                match e.policy.Rounding with
                | BatchRounding.Leave -> at phase.rate
                | rounding -> at phase.rate * PlanArithmetic.compensation rounding (float e.size) (at phase.batch) size

            e.current <-
                { Index = e.index
                  Epoch = LanguagePrimitives.FloatWithMeasure now
                  FirstExample = e.position
                  BatchSize = size
                  LearningRate = rate
                  Momentum = at phase.momentum }

            e.position <- e.position + int64 size
            e.index <- e.index + 1L
            e.left <- e.left - 1L
            true
