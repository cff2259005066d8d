namespace NoiseScale.Schedules.Tests

open System
open NoiseScale.Schedules

/// A number and a bound on how far rounding may have carried it from the true one.
[<Struct>]
type Approximate = { Value: float; Error: float }

/// The slow, plain reference: each formula as it is documented, in floats, sharing nothing with the library but its types.
[<RequireQualifiedAccess>]
module Oracle =
    /// 2⁻⁵³, the relative error of one rounding.
    let unitRoundoff = Math.Pow(2.0, -53.0)

    let private u = unitRoundoff

    let epochs (t: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure t

    /// How far a function monotone near x moves when x moves by e.
    let private spread (f: float -> float) x e =
        let away at = let d = abs (f at - f x) in if Double.IsNaN d then 0.0 else d
        max (away (x + e)) (away (x - e))

    /// The start and length of the cycle of restarts that holds t, and the number of cycles before it, cycle by cycle.
    let private cycle (period: float) growth t =
        let rec walk count start length =
            if start + length <= t then
                walk (count + 1) (start + length) (length * growth)
            else
                struct (count, start, length)

        walk 0 0.0 period

    /// A curve's documented formula at t, where t itself is known to within dt, by running error analysis: every operation adds half an
    /// ulp of its result to what its operands carry into it. Not meant for times within dt of a jump.
    let rec evaluate (t: float, dt: float) curve : Approximate =
        let between first last slope =
            { Value = 0.0
              Error = 4.0 * u * (abs first + abs last) + abs slope * (dt + 2.0 * u * t) }

        let halfCosine first last start duration error =
            let x = (t - start) / duration
            let value = first * 0.5 * (1.0 + cos (Math.PI * x)) + last * 0.5 * (1.0 - cos (Math.PI * x))
            let slope = (last - first) * Math.PI / 2.0 / duration

            { Value = value; Error = (between first last slope).Error + abs slope * error }

        match curve with
        | Curve.Constant v -> { Value = v; Error = 0.0 }
        | Curve.Step(initial, changes) ->
            let latest = changes |> List.filter (fun (at, _) -> float at <= t) |> List.map snd |> List.tryLast

            { Value = defaultArg latest initial; Error = 0.0 }
        | Curve.Linear(first, last, duration) ->
            let d = float duration

            if t >= d then
                { Value = last; Error = 0.0 }
            else
                { between first last ((last - first) / d) with
                    Value = (1.0 - t / d) * first + t / d * last }
        | Curve.Polynomial(first, last, duration, power) ->
            let d = float duration

            if t >= d then
                { Value = last; Error = 0.0 }
            else
                let shape x = Math.Pow(max 0.0 x, power)
                let x = 1.0 - t / d

                { Value = first * shape x + last * (1.0 - shape x)
                  Error = (abs first + abs last) * (4.0 * u + spread shape x (2.0 * u + dt / d)) }
        | Curve.Exponential(initial, rate) ->
            let v = initial / exp (float rate * t)

            { Value = v; Error = abs v * (4.0 * u + abs (float rate) * (dt + 2.0 * u * t)) }
        | Curve.InverseTime(initial, rate) ->
            let below = 1.0 + float rate * t

            { Value = initial / below
              Error = abs (initial / below) * (4.0 * u + abs (float rate) * dt / below) }
        | Curve.InverseSquareRoot(initial, timescale) ->
            let below = 1.0 + t / float timescale
            let v = initial / Math.Pow(below, 0.5)

            { Value = v; Error = abs v * (4.0 * u + dt / float timescale / below) }
        | Curve.Cosine(first, last, duration) ->
            if t >= float duration then
                { Value = last; Error = 0.0 }
            else
                halfCosine first last 0.0 (float duration) 0.0
        | Curve.CosineRestarts(high, low, period, growth) ->
            let struct (count, start, length) = cycle (float period) growth t
            halfCosine high low start length (u * float (count + 1) * (start + length))
        | Curve.Join(before, boundary, after) ->
            if t < float boundary then
                evaluate (t, dt) before
            else
                evaluate (t - float boundary, dt + u * t) after
        | Curve.Shift(by, inner) -> evaluate (t + float by, dt + u * (t + float by)) inner
        | Curve.Stretch(factor, inner) -> evaluate (t / factor, dt / factor + 2.0 * u * t / factor) inner
        | Curve.Scale(factor, inner) ->
            let c = evaluate (t, dt) inner

            { Value = factor * c.Value
              Error = abs factor * c.Error + u * abs (factor * c.Value) }
        | Curve.Clamp(low, high, inner) ->
            let c = evaluate (t, dt) inner

            { c with Value = Math.Min(high, Math.Max(low, c.Value)) }
        | Curve.Sum(left, right) ->
            let a, b = evaluate (t, dt) left, evaluate (t, dt) right

            { Value = a.Value + b.Value
              Error = a.Error + b.Error + u * (abs a.Value + abs b.Value) }
        | Curve.Product(left, right) ->
            let a, b = evaluate (t, dt) left, evaluate (t, dt) right

            { Value = a.Value * b.Value
              Error = abs a.Value * b.Error + abs b.Value * a.Error + a.Error * b.Error + u * abs (a.Value * b.Value) }
        | Curve.Power(exponent, inner) ->
            let c = evaluate (t, dt) inner
            let raise x = Math.Pow(x, exponent)
            let v = raise c.Value

            { Value = v
              Error =
                if exponent < 0.0 && abs c.Value <= 16.0 * c.Error then
                    infinity // a pole, to within what is known of its base
                else
                    spread raise c.Value c.Error + abs v * u * (4.0 + 2.0 * abs exponent * (1.0 + abs (log (max 1e-300 (abs c.Value))))) }

    /// The documented value of a curve at t.
    let valueAt (t: float) curve = evaluate (t, u * t) curve

    /// Raises unless a computed value is the documented one to within rounding: both the library's expression and the
    /// reference's carry at most a few times the bound of the running analysis.
    let agree what curve (t: float) (actual: float) =
        let expected = valueAt t curve
        Law.within (8.0 * expected.Error + 16.0 * u * abs expected.Value) (fun () -> $"{what ()} at epoch {t:R}") expected.Value actual

    // ---- noise scale -----------------------------------------------------------------------------------------------------

    let private accelerates (schedule: Schedule) =
        match schedule.Optimizer with
        | Optimizer.HeavyBall MomentumConvention.LearningRateInside
        | Optimizer.HeavyBall MomentumConvention.LearningRateOutside
        | Optimizer.Nesterov MomentumConvention.LearningRateInside
        | Optimizer.Nesterov MomentumConvention.LearningRateOutside -> true
        | _ -> false

    /// 1 − m, from the decimal that m is written as where fifteen digits tell it from its neighbours.
    let complement (momentum: float) =
        let written = momentum.ToString("E14", Globalization.CultureInfo.InvariantCulture)

        if Double.Parse(written, Globalization.CultureInfo.InvariantCulture) = momentum then
            float (1.0m - Decimal.Parse(written, Globalization.NumberStyles.Float, Globalization.CultureInfo.InvariantCulture))
        else
            1.0 - momentum

    /// g from numbers: ε/(1−m)·(N−B)/B, or ε/(1−m)·N/B; ε alone where momentum does not lengthen the step. A batch that rounding has
    /// carried past N has no noise.
    let noiseScaleOf form (schedule: Schedule) learningRate batch momentum =
        let n = float schedule.TrainingSetSize

        let effective =
            if accelerates schedule then
                learningRate / complement momentum
            else
                learningRate

        match form with
        | Form.Exact -> effective * max 0.0 (n - batch) / batch
        | Form.Linear -> effective * n / batch

    /// g at an epoch, from the curves' values as the library computes them.
    let noiseScale form (t: float) (schedule: Schedule) =
        let at curve = Curve.valueAt (epochs t) curve
        noiseScaleOf form schedule (at schedule.LearningRate) (at schedule.BatchSize) (at schedule.Momentum)

    /// How far g may be from its true value because ε(t), B(t) and m(t) are rounded and t is known to within dt: the sum of their
    /// relative errors, B's lengthened by |d ln g/d ln B| = N/(N−B) in the exact form.
    let noiseScaleError form (t: float, dt: float) (schedule: Schedule) =
        let n = float schedule.TrainingSetSize
        let part curve = evaluate (t, dt) curve
        let rate, batch, momentum = part schedule.LearningRate, part schedule.BatchSize, part schedule.Momentum
        let linear = abs (noiseScaleOf Form.Linear schedule rate.Value batch.Value momentum.Value)
        let g = abs (noiseScaleOf form schedule rate.Value batch.Value momentum.Value)
        g * (rate.Error / rate.Value + momentum.Error / complement momentum.Value) + linear * batch.Error / batch.Value

    // ---- sampling --------------------------------------------------------------------------------------------------------

    /// Times of [0, horizon) at which to compare: five in every gap between breakpoints, none nearer to one than 10⁻⁹ of the horizon.
    let sampleTimes (horizon: float<epoch>) (breakpoints: float<epoch> seq) =
        let inside =
            breakpoints |> Seq.map float |> Seq.filter (fun t -> 0.0 < t && t < float horizon) |> Seq.sort

        [ 0.0; yield! inside; float horizon ]
        |> List.pairwise
        |> List.filter (fun (a, b) -> b - a > 1e-6 * float horizon)
        |> List.collect (fun (a, b) -> [ for x in [ 0.003; 0.31; 0.5; 0.77; 0.997 ] -> a + (b - a) * x ])

    // ---- quadrature ------------------------------------------------------------------------------------------------------

    // Nodes and weights of the tanh–sinh rule on (−1, 1), step 1/20: exact to a few 10⁻¹⁵ for integrands analytic inside, with
    // algebraic singularities allowed at the ends. A node is held by its distance to the nearer end, which may be 10⁻¹⁶.
    let private nodes =
        [| for i in -64 .. 64 do
               let s = float i / 20.0
               let q = Math.PI / 2.0 * sinh s
               let toEnd = 2.0 / (1.0 + exp (2.0 * abs q)) // 1 − |tanh q|
               struct (i < 0, toEnd, Math.PI / 2.0 * cosh s / (cosh q * cosh q) / 20.0) |]

    let private rule (f: float -> Approximate) (a, b) =
        let half = (b - a) / 2.0
        // a breakpoint is known to a few ulps: nearer to one, a value may be that of the other side
        let low, high = a + 8.0 * u * abs b, b - 8.0 * u * abs b
        let mutable value, error, size = 0.0, 0.0, 0.0

        for struct (nearStart, toEnd, weight) in nodes do
            let x = if nearStart then a + half * toEnd else b - half * toEnd
            let y = f (Math.Min(high, Math.Max(low, x)))
            value <- value + half * weight * y.Value
            error <- error + half * weight * y.Error
            size <- size + half * weight * abs y.Value

        struct (value, error, size)

    /// The rule on a piece, or on its halves where they do not confirm it.
    let rec private smoothIntegral depth f (a, b) =
        let struct (value, error, size) = rule f (a, b)
        let middle = (a + b) / 2.0
        let struct (left, leftError, leftSize) = rule f (a, middle)
        let struct (right, rightError, rightSize) = rule f (middle, b)

        if depth = 0 || abs (left + right - value) <= 1e-14 * size + 2.0 * error then
            struct (left + right, leftError + rightError, leftSize + rightSize)
        else
            let struct (left, leftError, leftSize) = smoothIntegral (depth - 1) f (a, middle)
            let struct (right, rightError, rightSize) = smoothIntegral (depth - 1) f (middle, b)
            struct (left + right, leftError + rightError, leftSize + rightSize)

    /// ∫ over [from, until] of the documented formula, piece by piece, with a bound on its error: what the formula carries, and
    /// 1e-13 of ∫|c| for the rule.
    let integral breakpoints (from: float<epoch>, until: float<epoch>) curve : Approximate =
        let cuts = breakpoints |> List.filter (fun t -> from < t && t < until)

        [ from; yield! cuts; until ]
        |> List.map float
        |> List.pairwise
        |> List.fold
            (fun sum (a, b) ->
                let struct (value, error, size) =
                    if b - a < 64.0 * u * b then
                        let sliver = (b - a) * max (valueAt a curve).Value (valueAt b curve).Value
                        struct (sliver, abs sliver, 0.0)
                    else
                        smoothIntegral 12 (fun t -> valueAt t curve) (a, b)

                { Value = sum.Value + value; Error = sum.Error + error + 1e-13 * size })
            { Value = 0.0; Error = 0.0 }
