namespace NoiseScale.Schedules

open System

/// A curve on [Start, Until) without breakpoints inside, in absolute epochs.
type internal Segment = { Start: float; Until: float; Smooth: Smooth }

/// A period of warm restarts so short beside the span that its cycles cannot be told apart or fill memory.
type internal TooManyRestarts(period: float) =
    inherit ArgumentException($"the period of cosine restarts is {period:R}: {TooManyRestarts.RuleText}.")
    static member private RuleText = "it must leave at most 10 000 cycles in the span"
    member _.Period = period
    member _.Rule = TooManyRestarts.RuleText

/// From the tree of a curve to its segments: the form in which it is integrated, bounded and planned.
module internal Segments =
    let private mostRestarts = 10_000

    // Boundaries that are one, stretched along different ways, may come out two ulps apart, and what lies between them (a restart before its
    // factor changes) is no part of a product or a sum: the segment before such a sliver lasts until its end, where all have changed.
    let private withoutSlivers (segments: Segment list) =
        let isSliver s = s.Until - s.Start <= 2.0 * (Math.BitIncrement s.Until - s.Until)

        let join found s =
            match found with
            | previous :: earlier when isSliver s -> { previous with Until = s.Until } :: earlier
            | [ first ] when isSliver first -> [ { s with Start = first.Start } ]
            | _ -> s :: found

        segments |> List.fold join [] |> List.rev

    /// Pieces of `curve(α + βt)` over [from, until) of outer time t.
    let rec private cut alpha beta (from: float, until: float) curve : Segment list =
        let one smooth = [ { Start = from; Until = until; Smooth = smooth } ]

        let outer (inner: float) = (inner - alpha) / beta

        // `before` up to an inner time, `after` from there on
        let split (inner: float) before after =
            let at = outer inner

            if at >= until then before (from, until)
            elif at <= from then after (from, until)
            else before (from, at) @ after (at, until)

        let single smooth (a, b) = [ { Start = a; Until = b; Smooth = smooth } ]

        match curve with
        | Curve.Constant v -> one (Const v)
        | Curve.Step(initial, changes) ->
            let rec pieces found start value changes =
                match changes with
                | (t: float<epoch>, next) :: rest when outer (float t) <= start -> pieces found start next rest
                | (t, next) :: rest when outer (float t) < until ->
                    let at = outer (float t)
                    pieces ({ Start = start; Until = at; Smooth = Const value } :: found) at next rest
                | _ -> List.rev ({ Start = start; Until = until; Smooth = Const value } :: found)

            pieces [] from initial changes
        // a decay whose beginning lies in the past is measured from its end, so that rounding does not carry it past its last value
        | Curve.Linear(first, last, duration) ->
            let d = float duration
            let slope = (last - first) / d
            let intercept = if alpha > 0.0 then last - slope * beta * outer d else first + slope * alpha
            split d (single (Smooth.powerOf (intercept, slope * beta, 0.0, 1.0, 1.0))) (single (Const last))
        | Curve.Polynomial(first, last, duration, power) ->
            let d = float duration
            let intercept = if alpha > 0.0 then beta / d * outer d else 1.0 - alpha / d
            split d (single (Smooth.powerOf (last, first - last, intercept, -beta / d, power))) (single (Const last))
        | Curve.Exponential(initial, rate) ->
            let k = float rate

            one (
                if k = 0.0 then
                    Const initial
                else
                    Exp(0.0, initial * exp (-k * alpha), -k * beta)
            )
        | Curve.InverseTime(initial, rate) -> one (Smooth.powerOf (0.0, initial, 1.0 + float rate * alpha, float rate * beta, -1.0))
        | Curve.InverseSquareRoot(initial, timescale) ->
            one (Smooth.powerOf (0.0, initial, 1.0 + alpha / float timescale, beta / float timescale, -0.5))
        | Curve.Cosine(first, last, duration) ->
            split (float duration) (single (halfCosine first last alpha beta (float duration))) (single (Const last))
        | Curve.CosineRestarts(high, low, period, growth) ->
            let struct (start, length) = Curve.restartCycle period growth ((alpha + beta * from) * 1.0<epoch>)
            let found = ResizeArray<Segment>()
            let mutable start, length, reached, cycles = float start, float length, from, 0

            while reached < until do
                let struct (nextStart, nextLength) =
                    Curve.nextCycle period growth (start * 1.0<epoch>) (length * 1.0<epoch>)

                if cycles = mostRestarts || not (float nextStart > start) then
                    raise (TooManyRestarts(float period))

                let next = outer (float nextStart)
                let stop = if next < until then next else until

                if stop > reached then
                    found.Add
                        { Start = reached
                          Until = stop
                          Smooth = halfCosine high low (alpha - start) beta length }

                    reached <- stop

                start <- float nextStart
                length <- float nextLength
                cycles <- cycles + 1

            List.ofSeq found
        | Curve.Join(before, boundary, Curve.Shift(back, after)) when back = boundary -> // as spliced, in absolute time
            split (float boundary) (fun span -> cut alpha beta span before) (fun span -> cut alpha beta span after)
        | Curve.Join(before, boundary, after) ->
            split (float boundary) (fun span -> cut alpha beta span before) (fun span -> cut (alpha - float boundary) beta span after)
        | Curve.Shift(by, inner) -> cut (alpha + float by) beta (from, until) inner
        | Curve.Stretch(factor, inner) -> cut (alpha / factor) (beta / factor) (from, until) inner
        | Curve.Scale(factor, inner) -> cut alpha beta (from, until) inner |> map (Smooth.scale factor)
        | Curve.Clamp(low, high, inner) -> cut alpha beta (from, until) inner |> List.collect (clamp low high)
        | Curve.Sum(left, right) -> merge Smooth.add (cut alpha beta (from, until) left) (cut alpha beta (from, until) right)
        | Curve.Product(left, right) -> merge Smooth.multiply (cut alpha beta (from, until) left) (cut alpha beta (from, until) right)
        | Curve.Power(exponent, inner) -> cut alpha beta (from, until) inner |> map (Smooth.raise exponent)

    and private halfCosine first last alpha beta duration =
        let mean, half = (first + last) / 2.0, (first - last) / 2.0

        if half = 0.0 then
            Const mean
        else
            Cos(mean, half, Math.PI * beta / duration, Math.PI * alpha / duration)

    and private map f segments = segments |> List.map (fun s -> { s with Smooth = f s.Smooth })

    /// Two lists of segments over the same span, combined on their common refinement.
    and private merge f left right : Segment list =
        let rec refine found left right =
            match left, right with
            | a :: left', b :: right' ->
                let until = min a.Until b.Until
                let here = { Start = max a.Start b.Start; Until = until; Smooth = f a.Smooth b.Smooth }
                refine (here :: found) (if a.Until > until then left else left') (if b.Until > until then right else right')
            | _ -> List.rev found

        refine [] left right |> withoutSlivers

    /// A segment cut where it crosses the limits.
    and private clamp low high segment : Segment list =
        let limit (a, b) =
            let middle = Smooth.value ((a + b) / 2.0) segment.Smooth

            { Start = a
              Until = b
              Smooth =
                if middle >= high then Const high
                elif middle <= low then Const low
                else segment.Smooth }

        Smooth.monotonePieces (segment.Start, segment.Until) segment.Smooth
        |> List.collect (fun (a, b) ->
            let va, vb = Smooth.value a segment.Smooth, Smooth.value b segment.Smooth

            let cuts =
                [ low, Smooth.crossingAbove; high, Smooth.crossingBelow ]
                |> List.filter (fun (level, _) -> min va vb < level && level < max va vb)
                |> List.map (fun (level, crossing) -> crossing level (a, b) segment.Smooth)
                |> List.sort

            List.pairwise (a :: cuts @ [ b ]) |> List.filter (fun (a, b) -> b > a) |> List.map limit)

    /// The curve on [from, until), as segments in order of time.
    let between (from: float<epoch>) (until: float<epoch>) curve = cut 0.0 1.0 (float from, float until) curve

    /// The curve on [0, until) without its last moments, where a decay to 0 may round to it: the last millionth of the last segment,
    /// and slivers of segments after it.
    let beforeTheEnd (until: float<epoch>) curve =
        let sliver segment = segment.Until - segment.Start < 1e-9 * float until

        match between 0.0<epoch> until curve |> List.rev |> List.skipWhile sliver with
        | last :: earlier -> List.rev ({ last with Until = last.Until - 1e-6 * (last.Until - last.Start) } :: earlier)
        | [] -> []

/// What needs a curve's segments: integrals, bounds, breakpoints, validation.
[<RequireQualifiedAccess>]
module CurveAnalysis =

    /// ∫ c(t) dt over [from, until], in closed form for every primitive, join, scale, shift, stretch, clamp and sum, and for products
    /// and powers that stay within the atoms; else by Gauss–Kronrod quadrature to 1e-13 relative. Unit: the curve's times epochs.
    let integral (from: float<epoch>) (until: float<epoch>) curve : float<epoch> =
        Segments.between from until curve
        |> List.sumBy (fun s ->
            let struct (value, _) = Smooth.integral (s.Start, s.Until) s.Smooth
            value)
        |> LanguagePrimitives.FloatWithMeasure

    /// Whether `integral` of this curve needs no quadrature on [from, until].
    let hasClosedFormIntegral (from: float<epoch>) (until: float<epoch>) curve =
        Segments.between from until curve
        |> List.forall (fun s ->
            let struct (_, closed) = Smooth.integral (s.Start, s.Until) s.Smooth
            closed)

    /// The epochs inside (0, horizon) at which the curve's formula changes (jumps and kinks), in order.
    let breakpoints (horizon: float<epoch>) curve : float<epoch> list =
        Segments.between 0.0<epoch> horizon curve
        |> List.tail
        |> List.map (fun s -> LanguagePrimitives.FloatWithMeasure s.Start)

    /// Infimum and supremum on [from, until).
    let range (from: float<epoch>) (until: float<epoch>) curve =
        let ranges =
            Segments.between from until curve |> List.map (fun s -> Smooth.range (s.Start, s.Until) s.Smooth)

        ranges |> List.reduce (fun (low, high) (low', high') -> Math.Min(low, low'), Math.Max(high, high'))

    /// The first problem in a curve's own parameters (durations, boundaries, finiteness), if there is one.
    let rec validate (quantity: string) curve : Result<unit, ScheduleError> =
        let all checks = checks |> List.tryFind Result.isError |> Option.defaultValue (Ok())

        let finite (values: float list) =
            match values |> List.tryFind (Double.IsFinite >> not) with
            | Some bad -> Error(ScheduleError.NonFinite(quantity, bad))
            | None -> Ok()

        let positive name (value: float) =
            if not (Double.IsFinite value) then
                Error(ScheduleError.NonFinite($"{quantity}: {name}", value))
            elif value > 0.0 then
                Ok()
            else
                Error(ScheduleError.ParameterOutOfRange($"{quantity}: {name}", value, "it must be greater than 0"))

        let rec ordered previous times =
            match times with
            | (t: float<epoch>) :: rest ->
                if Double.IsFinite(float t) && t > previous then
                    ordered t rest
                elif Double.IsFinite(float t) then
                    Error(ScheduleError.BoundariesOutOfOrder((if previous = -1.0<epoch> then 0.0<epoch> else previous), t))
                else
                    Error(ScheduleError.NonFinite($"{quantity}: boundary", float t))
            | [] -> Ok()

        match curve with
        | Curve.Constant v -> finite [ v ]
        | Curve.Step(initial, changes) ->
            let times = List.map fst changes

            match times with
            | t :: _ when t < 0.0<epoch> -> Error(ScheduleError.BoundariesOutOfOrder(0.0<epoch>, t))
            | _ -> all [ finite (initial :: List.map snd changes); ordered -1.0<epoch> times ]
        | Curve.Linear(first, last, duration)
        | Curve.Cosine(first, last, duration) -> all [ finite [ first; last ]; positive "duration" (float duration) ]
        | Curve.Polynomial(first, last, duration, power) ->
            all [ finite [ first; last ]; positive "duration" (float duration); positive "power" power ]
        | Curve.Exponential(initial, rate) -> finite [ initial; float rate ]
        | Curve.InverseTime(initial, rate) ->
            if float rate < 0.0 then
                Error(ScheduleError.ParameterOutOfRange($"{quantity}: rate", float rate, "it must be 0 or more"))
            else
                finite [ initial; float rate ]
        | Curve.InverseSquareRoot(initial, timescale) -> all [ finite [ initial ]; positive "timescale" (float timescale) ]
        | Curve.CosineRestarts(high, low, period, growth) ->
            if growth < 1.0 then
                Error(ScheduleError.ParameterOutOfRange($"{quantity}: growth", growth, "it must be 1 or more"))
            else
                all [ finite [ high; low; growth ]; positive "period" (float period) ]
        | Curve.Join(before, boundary, after) ->
            if not (Double.IsFinite(float boundary)) then
                Error(ScheduleError.NonFinite($"{quantity}: boundary", float boundary))
            elif boundary < 0.0<epoch> then
                Error(ScheduleError.BoundariesOutOfOrder(0.0<epoch>, boundary))
            else
                all [ validate quantity before; validate quantity after ]
        | Curve.Shift(by, inner) ->
            if by >= 0.0<epoch> && Double.IsFinite(float by) then
                validate quantity inner
            else
                Error(ScheduleError.ParameterOutOfRange($"{quantity}: shift", float by, "it must be 0 or more"))
        | Curve.Stretch(factor, inner) when factor > 0.0 && not (Double.IsFinite(1.0 / factor)) ->
            Error(ScheduleError.ParameterOutOfRange($"{quantity}: stretch factor", factor, "its reciprocal must be finite"))
        | Curve.Stretch(factor, inner) -> all [ positive "stretch factor" factor; validate quantity inner ]
        | Curve.Scale(factor, inner) -> all [ finite [ factor ]; validate quantity inner ]
        | Curve.Clamp(low, high, inner) ->
            if not (Double.IsFinite low && Double.IsFinite high) then
                finite [ low; high ]
            elif low > high then
                Error(
                    ScheduleError.ParameterOutOfRange($"{quantity}: clamp", low, $"its lower limit must not exceed its upper limit {high}")
                )
            else
                validate quantity inner
        | Curve.Sum(left, right)
        | Curve.Product(left, right) -> all [ validate quantity left; validate quantity right ]
        | Curve.Power(exponent, inner) -> all [ finite [ exponent ]; validate quantity inner ]
