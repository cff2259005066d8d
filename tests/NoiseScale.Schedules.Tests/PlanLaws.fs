/// Plans: every update against a walker written from the documented rule, what each policy promises of the data, and what rounding does.
module NoiseScale.Schedules.Tests.PlanLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules
open NoiseScale.Schedules.Tests.Invariants

let private planned =
    let generator =
        gen {
            let! schedule = Arb.toGen Generate.shortSchedule
            let! policy = Generate.policy
            return schedule, policy
        }

    Arb.fromGenShrink (generator, (fun (s, policy) -> Arb.toShrink Generate.shortSchedule s |> Seq.map (fun s -> s, policy)))

/// An update as the rule asks for it: stream position, examples, and the epoch at which its settings are read.
type private Expected = { First: int64; Size: int; Read: float }

let private examples (s: Schedule) = s.TrainingSetSize / 1L<example>

let private wholeExamples (s: Schedule) (t: float) = int64 (Math.Round(t * float (examples s), MidpointRounding.AwayFromZero))

/// Spans of the schedule between its breakpoints: from, until, and the whole example at which the span ends.
let private spans (s: Schedule) =
    let edges = 0.0 :: (Schedule.breakpoints s |> List.map float) @ [ float s.Epochs ]
    List.pairwise edges |> List.map (fun (a, b) -> a, b, wholeExamples s b)

/// Raised where roundings decide what the rule asks for, and there is nothing to compare.
exception private NearTie

/// A time to read a curve at within a span. A boundary inside a curve and the span's own may differ by roundings, so it is read a little
/// inside; between boundaries that are but a few ulps apart there is no such time, and either side's settings are right.
let private inside (from: float, until: float) t =
    let little = 8.0 * Invariants.u * until

    if until - from <= 2.0 * little then
        raise NearTie

    max (from + little) (min t (until - little))

let private valueIn span t curve = Curve.valueAt (at (inside span t)) curve

/// The same with its error: a plan evaluates a span's formula, the curve its own, and either carries a few times the bound of the running
/// analysis (as in Oracle.agree), with the time known to within the 8 ulps by which it is read inside.
let private approximateIn span t curve =
    let value = valueIn span t curve
    let bound = Oracle.evaluate (inside span t, 8.0 * Invariants.u * snd span) curve
    { Value = value; Error = 8.0 * bound.Error + 16.0 * Invariants.u * abs value }

/// One update after the other, by the rule: settings are read where an update starts; an update belongs to the span in which the middle of
/// its data lies, the earlier one at a tie; at the end of an epoch the policy decides.
let private walk (s: Schedule) policy =
    let n = examples s
    let finish = wholeExamples s (float s.Epochs)
    let updates = ResizeArray<Expected>()
    let mutable position = 0L

    for from, until, limit in spans s do
        let mutable inside = position < limit

        while inside do
            let t = max from (min until (float position / float n))
            let { Value = batch; Error = uncertain } = approximateIn (from, until) t s.BatchSize
            // where two ways of evaluating a curve may round apart there is nothing to compare
            if abs (batch - floor batch - 0.5) <= uncertain then
                raise NearTie

            // compensated exactly, a batch stays below N unless it is N to within 10⁻¹²
            let full = float n * (1.0 - 1e-12)

            if policy.Rounding = BatchRounding.Compensate Form.Exact && abs (batch - full) <= uncertain then
                raise NearTie

            let whole = max 1L (min n (int64 (Math.Round(batch, MidpointRounding.AwayFromZero))))

            let whole =
                if policy.Rounding = BatchRounding.Compensate Form.Exact && whole = n && batch < full then
                    max 1L (n - 1L)
                else
                    whole

            let endOfEpoch = min finish ((position / n + 1L) * n)

            let size =
                match policy.PartialBatch with
                | PartialBatch.CarryOver -> whole
                | _ -> min whole (endOfEpoch - position)

            if position >= limit || 2L * position + size > 2L * limit then
                inside <- false
            elif size < whole && policy.PartialBatch = PartialBatch.Drop then
                position <- endOfEpoch
            else
                updates.Add { First = position; Size = int size; Read = t }

                position <- position + size

    updates.ToArray(), finish

let private skippingTies body =
    try
        body ()
    with NearTie ->
        ()

/// The learning rate of an update of b examples where the schedule has ε and B, with what the errors of ε and B carry into it:
/// ε′ = εb/B moves by ε′·δB/B, and ε′ = ε·b(N − B)/(B(N − b)) by ε·bN/(B²(N − b))·δB. Of ε′ itself that is δB/B lengthened by
/// N/(N − B), which has no bound as B → N, and ε′ → 0 with it; of ε it has one, for N − b ≥ 1.
let private compensated rounding (n: float) rate batch (b: float) =
    let factor, slope =
        match rounding with
        | BatchRounding.Leave -> 1.0, 0.0
        | BatchRounding.Compensate Form.Linear -> b / batch.Value, b / (batch.Value * batch.Value)
        | BatchRounding.Compensate Form.Exact when b = n -> 1.0, 0.0
        | BatchRounding.Compensate Form.Exact ->
            b * max 0.0 (n - batch.Value) / (batch.Value * (n - b)), b * n / (batch.Value * batch.Value * (n - b))

    let value = rate.Value * factor

    { Value = value
      Error = rate.Error * factor + rate.Value * slope * batch.Error + 8.0 * Invariants.u * value }

let everyUpdate =
    Law.forAll "every update is the one the rule asks for, and the closed-form count is theirs" planned (fun algebra (s, policy) ->
        skippingTies (fun () ->
            let expected, _ = walk s policy
            let plan = algebra.Plan policy s
            let found = plan.From 0L
            let n = float (examples s)

            Law.require (plan.Count = int64 expected.Length) (fun () ->
                $"{plan.Count} updates announced, {expected.Length} by the rule: {Syntax.print s}")

            Law.require (found.Length = expected.Length) (fun () -> $"{found.Length} updates walked, {expected.Length} by the rule")

            for k in 0 .. expected.Length - 1 do
                let e, u = expected[k], found[k]
                Law.require (u.Index = int64 k) (fun () -> $"update {k} has index {u.Index}")
                Law.require (u.FirstExample = e.First) (fun () -> $"update {k} starts at {u.FirstExample}, not {e.First}")
                Law.require (u.BatchSize = e.Size) (fun () -> $"update {k} has {u.BatchSize} examples, not {e.Size}")
                Law.close 1e-15 (fun () -> $"epoch of update {k}") (float e.First / n) (float u.Epoch)
                // a span that ends where the next begins: the settings of either side, by which one the rule read
                let candidates = spans s |> List.filter (fun (from, until, _) -> e.Read >= from && e.Read <= until)

                let agrees (from, until, _) =
                    let read = approximateIn (from, until) e.Read
                    let rate = compensated policy.Rounding n (read s.LearningRate) (read s.BatchSize) (float e.Size)
                    let isNear expected found = abs (found - expected.Value) <= expected.Error
                    isNear rate u.LearningRate && isNear (read s.Momentum) u.Momentum

                Law.require (candidates |> List.exists agrees) (fun () ->
                    $"update {k} at epoch {e.Read:R} has ε {u.LearningRate:R}, m {u.Momentum:R}")))

let randomAccess =
    Law.forAll "the walk from update k is the rest of the walk" planned (fun algebra (s, policy) ->
        let plan = algebra.Plan policy s
        let all = plan.From 0L

        for k in [ 1L; 2L; 7L; plan.Count / 3L; plan.Count / 2L; plan.Count - 2L; plan.Count - 1L; plan.Count; plan.Count + 5L ] do
            if k >= 0L then
                let rest = plan.From k
                Law.require (rest = Array.skip (int (min k plan.Count)) all) (fun () -> $"from update {k}"))

let coverage =
    Law.forAll "data: each policy covers every example it promises exactly once" planned (fun algebra (s, policy) ->
        skippingTies (fun () ->
            let n = examples s
            let finish = wholeExamples s (float s.Epochs)
            let updates = (algebra.Plan policy s).From 0L
            let ends (u: PlannedUpdate) = u.FirstExample + int64 u.BatchSize

            Law.require (updates |> Array.forall (fun u -> u.BatchSize >= 1 && int64 u.BatchSize <= n)) (fun () ->
                "a batch outside [1, N]")

            match policy.PartialBatch with
            | PartialBatch.CarryOver ->
                let mutable position = 0L

                for u in updates do
                    Law.require (u.FirstExample = position) (fun () -> $"update {u.Index} starts at {u.FirstExample}, not at {position}")
                    position <- ends u

                // whatever more or less would be nearer to the end by a whole batch
                if updates.Length > 0 then
                    let last = int64 updates[updates.Length - 1].BatchSize

                    Law.require (2L * (position - finish) <= last) (fun () ->
                        $"{position - finish} examples too many, of batches of {last}")
            | PartialBatch.Keep ->
                let mutable position = 0L

                for u in updates do
                    Law.require (u.FirstExample = position) (fun () -> $"update {u.Index} starts at {u.FirstExample}, not at {position}")
                    Law.require (u.FirstExample / n = (ends u - 1L) / n) (fun () -> $"update {u.Index} crosses an epoch")
                    position <- ends u

                Law.require (position = finish) (fun () -> $"{position} examples of {finish}")
            | PartialBatch.Drop ->
                for epoch, inEpoch in updates |> Array.groupBy (fun u -> u.FirstExample / n) do
                    let mutable position = epoch * n

                    for u in inEpoch do
                        Law.require (u.FirstExample = position) (fun () ->
                            $"update {u.Index} starts at {u.FirstExample}, not at {position}")

                        position <- ends u

                    Law.require (position <= min finish ((epoch + 1L) * n)) (fun () -> $"epoch {epoch} is overrun")))

let roundingBound =
    // With b = round(B), |b − B| ≤ ½. Exact form: g_b/g − 1 = (N − b)B/((N − B)b) − 1 = N(B − b)/(b(N − B)), so |g_b/g − 1| ≤ N/(2b(N − B)),
    // or, times g = ε(N − B)/B, |g_b − g| ≤ εN/(2bB). Linear form: g_b/g − 1 = (B − b)/b, so ≤ 1/(2b). To the ½ comes the error δB of B.
    // B is that of the span which the update belongs to. Where the batch of one span would reach beyond the middle of its way to the
    // boundary, training passes to the next and stays there, though the next one's batches be small and begin before the boundary.
    Law.forAll "rounding, left: the noise scale moves by at most N/(2b(N−B)), in the linear form 1/(2b)" planned (fun algebra (s, policy) ->
        skippingTies (fun () ->
            let policy =
                { policy with
                    Rounding = BatchRounding.Leave
                    PartialBatch = PartialBatch.CarryOver }

            let n = float (examples s)
            let expected, _ = walk s policy
            let found = (algebra.Plan policy s).From 0L

            Law.require (found.Length = expected.Length) (fun () -> $"{found.Length} updates walked, {expected.Length} by the rule")

            for e, update in Array.zip expected found do
                let b = float update.BatchSize

                let isWithin (from, until, _) =
                    let batch = approximateIn (from, until) e.Read s.BatchSize
                    let moved = 0.5 + batch.Error
                    let exact = abs ((n - b) / b - (n - batch.Value) / batch.Value)
                    let ofRounding = 4.0 * Invariants.u * (n / b + n / batch.Value)

                    exact <= n * moved / (b * batch.Value) + ofRounding && abs (batch.Value - b) / b <= moved / b

                let candidates = spans s |> List.filter (fun (from, until, _) -> e.Read >= from && e.Read <= until)

                Law.require (candidates |> List.exists isWithin) (fun () ->
                    $"update {update.Index}: {b} for the batch at epoch {e.Read:R}")))

let compensation =
    // g = ε_eff(N − B)/B moves with ε, with 1 − m, and by ε_eff·N/B·δB/B with B, however small g itself is near full batch; the linear
    // form by the same. Both g are a few roundings more, one of them that of 1 − m, and of the complement of its decimal. Where a batch
    // within 10⁻¹² of N counts as full, what is lost is 10⁻¹² of ε_eff·N/B.
    Law.forAll
        "rounding, compensated: every update has the noise scale of the schedule, partial batches too"
        planned
        (fun algebra (s, policy) ->
            skippingTies (fun () ->
                match policy.Rounding with
                | BatchRounding.Leave -> ()
                | BatchRounding.Compensate form ->
                    let n = float (examples s)
                    let expected, _ = walk s policy
                    let found = (algebra.Plan policy s).From 0L

                    Law.require (found.Length = expected.Length) (fun () ->
                        $"{found.Length} updates walked, {expected.Length} by the rule")

                    for e, u in Array.zip expected found do
                        let g form rate momentum batch =
                            let effective = NoiseScale.effectiveLearningRate s.Optimizer rate momentum
                            (NoiseScale.ofParts form n batch effective).Value

                        let actual = g form u.LearningRate u.Momentum (float u.BatchSize)

                        let agrees (from, until, _) =
                            let read = approximateIn (from, until) e.Read
                            let rate, momentum, batch = read s.LearningRate, read s.Momentum, read s.BatchSize
                            let wanted = g form rate.Value momentum.Value batch.Value

                            let allowed =
                                g form rate.Error momentum.Value batch.Value
                                + wanted * (momentum.Error + 4.0 * Invariants.u) / Oracle.complement momentum.Value
                                + g Form.Linear rate.Value momentum.Value batch.Value * (batch.Error / batch.Value + 8.0 * Invariants.u)

                            let ofFull =
                                if float u.BatchSize = n then
                                    1e-12 * g Form.Linear rate.Value momentum.Value batch.Value
                                else
                                    0.0

                            abs (actual - wanted) <= allowed + ofFull

                        let candidates = spans s |> List.filter (fun (from, until, _) -> e.Read >= from && e.Read <= until)

                        Law.require (candidates |> List.exists agrees) (fun () ->
                            $"update {u.Index}, {u.BatchSize} examples with the settings of epoch {e.Read:R}: noise scale {actual:R}")))

let averages =
    Law.forAll
        "weight averaging: over any data the average forgets as the schedule says, whatever the batches"
        planned
        (fun algebra (s, policy) ->
            let plan = Plan.create policy s

            for u in Algebra.updatesFrom plan 0L |> Array.truncate 50 do
                match s.Averaging, algebra.AveragingMomentum u plan with
                | None, None -> ()
                | Some { Momentum = rho; ReferenceBatch = None }, Some found -> Law.close 1e-15 (fun () -> "ρ") rho found
                | Some { Momentum = rho; ReferenceBatch = Some reference }, Some found ->
                    let r = Curve.valueAt u.Epoch reference
                    // ln ρ of the update over its examples is ln ρ of the reference over its own; and ρ as a double is known to a relative
                    // 2⁻⁵² or two (half an ulp of 2⁻¹⁰⁷⁴ where it underflows), which is as much of its logarithm absolutely, however near 0
                    // that is, with 2⁻⁵² or two of the logarithm itself for the exponent and the division
                    if rho > 0.0 then
                        let b = float u.BatchSize
                        let wanted = log rho / r
                        let ofPower = 4.0 * Invariants.u + Double.Epsilon / found

                        if found > 0.0 then
                            let allowed = (ofPower + 8.0 * Invariants.u * abs (log found)) / b
                            Law.within allowed (fun () -> "ln ρ per example") wanted (log found / b)
                        else
                            Law.require (wanted * b < -744.0) (fun () -> $"ρ is 0, not e^{wanted * b:R}")
                | expected, found -> raise (LawBroken $"{expected} gives {found}"))

let phases =
    Law.forAll
        "phases: each begins with its first update, and its settings are those of the updates under way"
        planned
        (fun _ (s, policy) ->
            let plan = Plan.create policy s
            let updates = Algebra.updatesFrom plan 0L
            let n = float (examples s)

            for phase in plan.Phases do
                let first = updates[int phase.FirstUpdate]
                Law.require (phase.FirstExample = first.FirstExample) (fun () -> $"{phase.FirstExample}, not {first.FirstExample}")

                for k in [ 0L; phase.Updates / 2L; phase.Updates - 1L ] do
                    let u = updates[int (phase.FirstUpdate + k)]
                    let middle = (float u.FirstExample + 0.5 * float u.BatchSize) / n
                    // away from boundaries, where an update may have been moved, and full batches only
                    if u.BatchSize = phase.BatchSize && float u.Epoch > float phase.Start && middle < float phase.Until - 1e-9 then
                        let struct (rate, momentum, batch) = Plan.settingsAt middle plan

                        if Plan.begins plan (plan.Phases |> Seq.findIndex (fun p -> p.FirstUpdate = phase.FirstUpdate)) <= middle then
                            Law.close 1e-9 (fun () -> $"learning rate under way in update {u.Index}") u.LearningRate rate
                            Law.close 1e-12 (fun () -> $"momentum under way in update {u.Index}") u.Momentum momentum
                            Law.require (batch = u.BatchSize) (fun () -> $"batch {batch} under way in update {u.Index}"))

let private comparisons =
    testList
        "comparisons"
        [ testCase "a plan compared with itself saves nothing" (fun () ->
              for p in DontDecay.all () do
                  let plan = Plan.ofSchedule p.Schedule
                  let diff = PlanDiff.between Form.Exact plan plan
                  Expect.equal (diff.UpdatesSaved, diff.NoiseScaleDeviation) (0L, 0.0) p.Name)

          testCase "P1's schedules differ in updates and agree in noise scale" (fun () ->
              let plan name = (DontDecay.tryFind name).Value.Schedule |> Plan.ofSchedule
              let diff = PlanDiff.between Form.Linear (plan "original") (plan "increase-lr")
              Expect.equal diff.UpdatesSaved (80_000L - 6_453L) "saved"
              Expect.equal diff.PeakLearningRate (struct (0.1, 0.5)) "peaks"
              Expect.equal diff.PeakBatchSize (struct (128, 5120)) "largest batches"
              Expect.isLessThan diff.NoiseScaleDeviation 1e-12 "whole batches keep the linear noise scale") ]

let laws = [ everyUpdate; randomAccess; coverage; roundingBound; compensation; averages; phases ]

let tests = testList "plans" (comparisons :: (laws |> List.map (Law.test Algebra.real)))
