namespace NoiseScale.Schedules

open System.Globalization
open System.IO

/// Updates in a row that differ in nothing but their data.
[<Struct>]
type TableRow =
    {
        /// the first update of the row
        Update: int64
        /// the number of updates
        Updates: int64
        /// stream position of the first example; update k of the row starts at Example + k·Batch
        Example: int64
        /// examples in every update
        Batch: int
        /// ε of every update
        LearningRate: float
        /// m of every update
        Momentum: float
    }

/// Plans as tables: CSV of phases and of updates, and a JSON table that any training loop can follow without this library.
[<RequireQualifiedAccess>]
module Table =
    let private number (value: float) = value.ToString("R", CultureInfo.InvariantCulture)

    /// The plan in rows of equal settings over contiguous data: one row a phase where rates are constant, one a batch at worst.
    let rows (plan: Plan) =
        let rows = ResizeArray<TableRow>()
        let mutable walk = plan.GetEnumerator()

        while walk.MoveNext() do
            let u = walk.Current
            let last = if rows.Count = 0 then Unchecked.defaultof<TableRow> else rows[rows.Count - 1]

            if
                rows.Count > 0
                && last.Batch = u.BatchSize
                && last.LearningRate = u.LearningRate
                && last.Momentum = u.Momentum
                && last.Example + last.Updates * int64 last.Batch = u.FirstExample
            then
                rows[rows.Count - 1] <- { last with Updates = last.Updates + 1L }
            else
                rows.Add
                    { Update = u.Index
                      Updates = 1L
                      Example = u.FirstExample
                      Batch = u.BatchSize
                      LearningRate = u.LearningRate
                      Momentum = u.Momentum }

        rows :> System.Collections.Generic.IReadOnlyList<TableRow>

    /// The plan as a JSON table, schema `noisescale/plan`, version 1 (Text/SCHEMA.md).
    let json (plan: Plan) =
        Json.document false (fun writer ->
            writer.WriteStartObject()
            writer.WriteString("schema", "noisescale/plan")
            writer.WriteNumber("version", 1)
            writer.WriteNumber("examples", plan.Schedule.TrainingSetSize / 1L<example>)
            writer.WriteNumber("epochs", float plan.Schedule.Epochs)
            writer.WriteNumber("updates", plan.Updates)
            writer.WriteString("schedule", Syntax.print plan.Schedule)
            writer.WriteStartArray "rows"

            for row in rows plan do
                writer.WriteStartObject()
                writer.WriteNumber("update", row.Update)
                writer.WriteNumber("updates", row.Updates)
                writer.WriteNumber("example", row.Example)
                writer.WriteNumber("batch", row.Batch)
                writer.WriteNumber("lr", row.LearningRate)
                writer.WriteNumber("momentum", row.Momentum)
                writer.WriteEndObject()

            writer.WriteEndArray()
            writer.WriteEndObject())

    let private noiseScale (plan: Plan) batch rate momentum =
        let effective = NoiseScale.effectiveLearningRate plan.Schedule.Optimizer rate momentum
        (NoiseScale.ofParts Form.Exact (float plan.Schedule.TrainingSetSize) (float batch) effective).Value

    /// CSV of phases: first update, updates, epochs from and until, batch, learning rate and momentum at both ends, exact noise scale at both ends.
    let writePhases (writer: TextWriter) (plan: Plan) =
        writer.Write
            "phase,first_update,updates,first_example,from_epoch,until_epoch,batch,lr_first,lr_last,momentum_first,momentum_last,g_first,g_last\n"

        let mutable index = 0

        for phase in plan.Phases do
            let at (k: int64) =
                let mutable walk = plan.From k
                walk.MoveNext() |> ignore
                walk.Current

            let first, last = at phase.FirstUpdate, at (phase.FirstUpdate + phase.Updates - 1L)
            let g (u: PlannedUpdate) = noiseScale plan u.BatchSize u.LearningRate u.Momentum

            [ string index
              string phase.FirstUpdate
              string phase.Updates
              string phase.FirstExample
              number (float phase.Start)
              number (float phase.Until)
              string phase.BatchSize
              number first.LearningRate
              number last.LearningRate
              number first.Momentum
              number last.Momentum
              number (g first)
              number (g last) ]
            |> String.concat ","
            |> writer.Write

            writer.Write "\n"
            index <- index + 1

    /// CSV of updates: update, epoch, first example, batch, learning rate, momentum, exact noise scale.
    let writeUpdates (writer: TextWriter) (plan: Plan) =
        writer.Write "update,epoch,first_example,batch,lr,momentum,g\n"
        let mutable walk = plan.GetEnumerator()

        while walk.MoveNext() do
            let u = walk.Current

            [ string u.Index
              number (float u.Epoch)
              string u.FirstExample
              string u.BatchSize
              number u.LearningRate
              number u.Momentum
              number (noiseScale plan u.BatchSize u.LearningRate u.Momentum) ]
            |> String.concat ","
            |> writer.Write

            writer.Write "\n"
