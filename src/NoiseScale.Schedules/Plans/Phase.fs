namespace NoiseScale.Schedules

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
    /// The learning rate moves so that the noise scale, in this form, is that of the schedule. In the exact form a batch below N stays
    /// below N, where some learning rate has its noise; one within 10⁻¹² of N is full, and of no noise.
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
    static member Default = { PartialBatch = PartialBatch.CarryOver; Rounding = BatchRounding.Leave }

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
        {
            firstUpdate: int64
            updates: int64
            firstExample: int64
            start: float
            until: float
            batchSize: int
            /// real batch size, learning rate and momentum as functions of epochs
            batch: Smooth
            rate: Smooth
            momentum: Smooth
        }

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
