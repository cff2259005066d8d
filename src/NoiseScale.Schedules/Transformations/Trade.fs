namespace NoiseScale.Schedules

open System
open NoiseScale.Sources

/// What a decay of the learning rate by a factor a is traded for.
[<RequireQualifiedAccess>]
type TradeRule =
    /// ε stays, B·a: keeps εN/B, the noise scale. (P1)
    | Linear
    /// ε stays, B·a²: keeps ε²N/B, the quantity of the square-root rule for Adam. (Malladi et al. 2022)
    | [<Source(Paper.Malladi2022)>] SquareRoot
    /// ε/√a, B·a: keeps ε²N/B with half the decay left. (Seesaw: Meterez et al. 2025)
    | [<Source(Paper.Meterez2025)>] Seesaw

/// Where the growing batch stops.
[<RequireQualifiedAccess>]
type Cap =
    /// Nowhere; a batch beyond N is refused.
    | Uncapped
    /// At this many examples.
    | Examples of float
    /// At N/10, the rule of P1 §3, or at the schedule's own largest batch if that is larger.
    | [<Source(Paper.P1, "§3")>] TenthOfTrainingSet

/// Trading the decay of the learning rate for the growth of the batch, and back.
[<RequireQualifiedAccess>]
module Trade =

    /// How much of the decay is undone in a span: a(t), the factor that the learning rate gets back.
    type private Undo =
        /// ε is at its running maximum: a = 1
        | Nothing
        /// back to the running maximum: a = maximum/ε
        | ToPeak of float
        /// what had been undone when trading ended
        | By of float

    type private Span = { Start: float<epoch>; Until: float<epoch>; Undo: Undo }

    let private epochs (t: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure t

    let private factor (learningRate: Curve) undo =
        match undo with
        | Nothing -> Curve.constant 1.0
        | ToPeak peak -> Curve.quotient (Curve.constant peak) learningRate
        | By a -> Curve.constant a

    /// Training cut where ε leaves its running maximum and where it returns to it.
    let private spans (schedule: Schedule) =
        let span undo (a, b) = { Start = epochs a; Until = epochs b; Undo = undo }

        let follow (peak, found) (a, b, smooth) =
            let first, last = Smooth.value a smooth, Smooth.value b smooth

            if max first last <= peak then
                peak, span (if first = peak && last = peak then Nothing else ToPeak peak) (a, b) :: found
            elif last < first then // falls from a new maximum
                first, span (ToPeak first) (a, b) :: found
            elif first >= peak then
                last, span Nothing (a, b) :: found
            else
                let crossing = Smooth.crossing peak (a, b) smooth
                last, span Nothing (crossing, b) :: span (ToPeak peak) (a, crossing) :: found

        Segments.between 0.0<epoch> schedule.Epochs schedule.LearningRate
        |> List.collect (fun s -> Smooth.monotonePieces (s.Start, s.Until) s.Smooth |> List.map (fun (a, b) -> a, b, s.Smooth))
        |> List.fold follow (0.0, [])
        |> snd
        |> List.rev

    /// From `until` on, what was undone by then stays undone (no more than the cap let) and the learning rate decays again.
    let private freeze (until: float<epoch>) undoable (schedule: Schedule) spans =
        if until >= schedule.Epochs * (1.0 - 1e-9) then // at the very end the learning rate may be 0, and nothing is left to freeze
            spans
        else
            let before = spans |> List.filter (fun s -> s.Start < until)

            let undone =
                match List.tryLast before with
                | Some { Start = start; Undo = ToPeak peak } ->
                    let atTheEnd curve =
                        let last = Segments.between start until curve |> List.last
                        Smooth.value last.Until last.Smooth

                    By(min (peak / atTheEnd schedule.LearningRate) (undoable (atTheEnd schedule.BatchSize)))
                | Some { Undo = undo } -> undo
                | None -> Nothing

            [ yield! before |> List.map (fun s -> { s with Until = min s.Until until })
              { Start = until; Until = schedule.Epochs; Undo = undone } ]

    /// The span cut where the wanted batch crosses the cap, each part with whether it is capped.
    let private cutAtCap cap span (wanted: Curve) =
        match cap with
        | None -> [ span, false ]
        | Some cap ->
            Segments.between span.Start span.Until wanted
            |> List.collect (fun s ->
                Smooth.monotonePieces (s.Start, s.Until) s.Smooth
                |> List.collect (fun (a, b) ->
                    let va, vb = Smooth.value a s.Smooth, Smooth.value b s.Smooth

                    let cuts =
                        if min va vb < cap && cap < max va vb then
                            [ a; Smooth.crossingBelow cap (a, b) s.Smooth; b ]
                        else
                            [ a; b ]

                    List.pairwise cuts
                    |> List.filter (fun (a, b) -> a < b)
                    |> List.map (fun (a, b) ->
                        { span with Start = epochs a; Until = epochs b }, Smooth.value ((a + b) / 2.0) s.Smooth > cap)))

    /// One curve of curves in absolute time, each from its start on. Of many, a tree no deeper than it must be.
    let private assemble (parts: (float<epoch> * Curve) list) =
        let distinct =
            parts
            |> List.fold
                (fun found part ->
                    match found with
                    | (_, previous) :: _ when previous = snd part -> found
                    | _ -> part :: found)
                []
            |> List.rev

        let rec tree parts =
            match parts with
            | _ when List.length parts > 32 ->
                let earlier, later = List.splitAt (List.length parts / 2) parts
                Curve.splice (tree earlier) (fst later.Head) (tree later)
            | _ -> parts |> List.reduce (fun (first, whole) (start, next) -> first, Curve.splice whole start next) |> snd

        tree distinct

    let private capOf cap (schedule: Schedule) =
        let _, largest = CurveAnalysis.range 0.0<epoch> schedule.Epochs schedule.BatchSize

        match cap with
        | Cap.Uncapped -> Ok None
        | Cap.TenthOfTrainingSet -> Ok(Some(max largest (float schedule.TrainingSetSize / 10.0)))
        | Cap.Examples cap when not (Double.IsFinite cap && cap >= 1.0) ->
            Error(ScheduleError.ParameterOutOfRange("cap", cap, "it must be finite and at least 1"))
        | Cap.Examples cap when cap < largest * (1.0 - 1e-9) ->
            let at = Schedule.epochWhere schedule.Epochs (fun batch -> batch > cap) schedule.BatchSize
            Error(ScheduleError.CapBelowBatch(cap, Curve.valueAt at schedule.BatchSize, at))
        | Cap.Examples cap -> Ok(Some(max cap largest)) // a batch that has been at this cap before may be an ulp above it

    /// <summary>Decay becomes growth: wherever the learning rate lies below its running maximum by a factor a(t), it stays at the maximum and
    /// the batch grows instead (linear rule: ε → aε with B → aB, in the exact form N/B′ − 1 = (N/B − 1)/a), so that the noise scale stays at
    /// every time. At the cap the batch stops and the learning rate takes up the decay again; from the epoch `until` on, what has been traded
    /// stays traded and later decays remain decays (P1's hybrid). Idempotent under the linear and the square-root rule (Seesaw halves the
    /// decay that is left, each time); inverse under the linear rule, from a constant batch: `batchForDecay`.</summary>
    /// <param name="rule">what a decay is traded for</param>
    /// <param name="form">the form of the noise scale that is kept</param>
    /// <param name="cap">largest batch, examples; in the exact form, whose batches stay below N by themselves, one within 10⁻⁹ of N is none</param>
    /// <param name="until">the epoch from which decays remain decays, or None</param>
    /// <param name="schedule">any valid schedule</param>
    /// <returns>the schedule, or BatchExceedsTrainingSet (linear form without a cap), CapBelowBatch, ParameterOutOfRange</returns>
    /// <remarks>Source: P1 §3 and §5 (ε ↔ 1/B, B up to N/10, then ε again).</remarks>
    [<Source(Paper.P1, "§3 and §5")>]
    let decayForBatch rule form cap until (schedule: Schedule) =
        let n = float schedule.TrainingSetSize
        let batch, learningRate = schedule.BatchSize, schedule.LearningRate

        let growthOf undone =
            match rule with
            | TradeRule.SquareRoot -> Curve.product undone undone
            | TradeRule.Linear
            | TradeRule.Seesaw -> undone

        let lifted growth =
            match rule with
            | TradeRule.Linear -> Curve.product learningRate growth
            | TradeRule.SquareRoot
            | TradeRule.Seesaw -> Curve.product learningRate (Curve.power 0.5 growth)

        let uncapped undo =
            match rule, undo with
            | (TradeRule.Linear | TradeRule.SquareRoot), ToPeak peak -> Curve.constant peak
            | (TradeRule.Linear | TradeRule.SquareRoot), _ -> Curve.product learningRate (factor learningRate undo)
            | TradeRule.Seesaw, ToPeak peak -> Curve.power 0.5 (Curve.scale peak learningRate) // ε·√(peak/ε), also where ε comes to 0
            | TradeRule.Seesaw, _ -> lifted (factor learningRate undo)

        let until' = until |> Option.defaultValue schedule.Epochs

        if not (until' >= 0.0<epoch>) then
            Error(ScheduleError.ParameterOutOfRange("until", float until', "it must be 0 or more"))
        else
            capOf cap schedule
            |> Result.map (fun cap ->
                // what no exact growth exceeds by more than a billionth is no cap: ε(N − B)/(N − cap) would keep few of its digits there
                if form = Form.Exact && cap |> Option.exists (fun c -> c >= n * (1.0 - 1e-9)) then
                    None
                else
                    cap)
            |> Result.bind (fun cap ->
                // the factor of the learning rate that a batch at the cap undoes
                let undoable batch =
                    match cap with
                    | None -> infinity
                    | Some cap ->
                        let growth = Batch.growth form n batch cap
                        if rule = TradeRule.SquareRoot then sqrt growth else growth

                let parts =
                    freeze until' undoable schedule (spans schedule)
                    |> List.collect (fun span ->
                        let rate = Curve.restrict span.Start span.Until learningRate
                        let wanted = Batch.grow form n (growthOf (factor rate span.Undo)) batch

                        cutAtCap cap span wanted
                        |> List.map (fun (part, capped) ->
                            match capped, cap with
                            | true, Some cap ->
                                let stopped = Curve.constant cap
                                let here = Curve.restrict part.Start part.Until batch

                                part.Start, lifted (Batch.growthBetween form n here stopped), (if here = stopped then batch else stopped)
                            | _ -> part.Start, uncapped part.Undo, Curve.restrict part.Start part.Until wanted))

                Schedule.withLearningRate (parts |> List.map (fun (t, rate, _) -> t, rate) |> assemble) schedule
                |> Result.bind (Batch.replace (parts |> List.map (fun (t, _, b) -> t, b) |> assemble)))

    /// <summary>Growth becomes decay: the batch stays at its first value B₀ and the learning rate falls (or rises) so that the noise scale
    /// stays at every time: ε → ε·B₀/B (linear), ε·B₀(N−B)/(B(N−B₀)) (exact).</summary>
    /// <param name="form">the form of the noise scale that is kept</param>
    /// <param name="schedule">any valid schedule; in the exact form its batch stays below N until the end, by 10⁻¹⁵ of it</param>
    /// <returns>the schedule, or LawDoesNotHold where the exact noise scale is 0 (full batch)</returns>
    /// <remarks>The inverse of `decayForBatch` on schedules of constant batch and non-increasing learning rate.</remarks>
    let batchForDecay form (schedule: Schedule) =
        let n = float schedule.TrainingSetSize
        let batch = Curve.upTo schedule.Epochs schedule.BatchSize
        let first = Curve.constant (Curve.valueAt 0.0<epoch> batch)
        // a batch may come to N at the very end, as one traded for a decay to 0 does
        let isFull =
            Segments.beforeTheEnd schedule.Epochs batch
            |> List.exists (fun s -> snd (Smooth.range (s.Start, s.Until) s.Smooth) >= n * (1.0 - 1e-15))

        if first = schedule.BatchSize then
            Ok schedule
        elif form = Form.Exact && isFull then
            Error(ScheduleError.LawDoesNotHold("the exact noise scale", "it is 0 at full batch, whatever the learning rate"))
        else
            let growth = Batch.growthBetween form n batch first
            Schedule.withLearningRate (Curve.product schedule.LearningRate growth) schedule |> Result.bind (Batch.replace first)
