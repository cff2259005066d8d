namespace NoiseScale.Schedules

open System

/// What updates are made of, common to the closed form and to enumeration.
module internal PlanArithmetic =
    /// Whether a real batch size is N to within rounding: a curve that begins at N may do so an ulp below, and has no noise either.
    let private isFull (n: float) batch = batch >= n * (1.0 - 1e-12)

    /// Whole examples for a real batch size, within [1, N]; never N for a batch below it where the exact noise scale would become 0.
    let wholeBatch rounding (n: int64) (batch: float) =
        let whole = Math.Max(1.0, Math.Min(Math.Round(batch, MidpointRounding.AwayFromZero), float n))

        match rounding with
        | BatchRounding.Compensate Form.Exact when whole = float n && not (isFull (float n) batch) -> int (Math.Max(1.0, whole - 1.0))
        | _ -> int whole

    /// The factor on the learning rate that makes `whole` examples carry the noise of `batch`.
    let compensation rounding (n: float) (batch: float) (whole: int) =
        let b = float whole

        match rounding with
        | BatchRounding.Leave -> 1.0
        | BatchRounding.Compensate _ when b = batch -> 1.0
        | BatchRounding.Compensate Form.Linear -> b / batch
        | BatchRounding.Compensate Form.Exact ->
            // (a batch that rounding has carried past N has no noise, not less than none)
            if b = n then 1.0 else (b * Math.Max(0.0, n - batch)) / (batch * (n - b))

    /// First example of the next epoch, or of the end of training if that is sooner.
    let epochEnd (n: int64) finish (position: int64) =
        let left = n - position % n
        if finish - position <= left then finish else position + left

    /// Whether the middle of `size` examples from `position` is not beyond a limit. (Twice a position could overflow: a half does not.)
    let middleIsWithin (limit: int64) (position: int64) (size: int64) = (size + 1L) / 2L <= limit - position

    /// Updates of one batch size from `position` whose middle is not beyond `limit`, and where they end. Time: O(1).
    /// An update at a boundary belongs to the side on which the middle of its data lies, the earlier side at a tie.
    let run partialBatch (n: int64) (finish: int64) (limit: int64) (position: int64) (b: int64) =
        // the largest k whose last batch has its middle in the room, (k − 1)·b + b/2 ≤ room
        let middleWithin room = (room + b / 2L) / b

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

                if room > 0L && room < b && middleIsWithin limit position room then
                    updates <- updates + (if keep then 1L else 0L)
                    position <- stop

            struct (updates, position)

    /// Batches of a phase in so much room at the end of an epoch.
    let private inRoom partialBatch b room = room / b + (if partialBatch = PartialBatch.Keep && room % b > 0L then 1L else 0L)

    /// Stream position of update k of a phase, k = 0, 1, …
    let positionOf partialBatch (n: int64) finish (phase: Phase) k =
        let first, b = phase.firstExample, int64 phase.batchSize

        match partialBatch with
        | PartialBatch.CarryOver -> first + k * b
        | PartialBatch.Keep
        | PartialBatch.Drop ->
            let firstRoom = epochEnd n finish first - first
            let inFirst = inRoom partialBatch b firstRoom

            if k < inFirst then
                first + k * b
            else
                let perEpoch, later = inRoom partialBatch b n, k - inFirst
                first + firstRoom + later / perEpoch * n + later % perEpoch * b

    /// The update of a phase that is under way at a stream position; its first or last one outside.
    let updateAt partialBatch (n: int64) finish (phase: Phase) (position: float) =
        let b = int64 phase.batchSize
        // a position computed from an update's own epoch may lie an ulp before it
        let since = Math.Max(0L, int64 (Math.Floor(position - float phase.firstExample + 1e-6)))

        let k =
            match partialBatch with
            | PartialBatch.CarryOver -> since / b
            | PartialBatch.Keep
            | PartialBatch.Drop ->
                let firstRoom = epochEnd n finish phase.firstExample - phase.firstExample
                let inFirst = inRoom partialBatch b firstRoom

                if since < firstRoom then
                    Math.Min(since / b, Math.Max(0L, inFirst - 1L))
                else
                    let perEpoch, later = inRoom partialBatch b n, since - firstRoom
                    inFirst + later / n * perEpoch + Math.Min(later % n / b, perEpoch - 1L)

        Math.Min(k, phase.updates - 1L)
