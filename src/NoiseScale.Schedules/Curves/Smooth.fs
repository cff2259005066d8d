namespace NoiseScale.Schedules

open System
open MathNet.Numerics

/// A function of time without breakpoints: what a curve is between two of its boundaries.
/// Products, sums and powers of the four atoms keep to the atoms where the algebra closes, so that integrals stay in closed form.
type internal Smooth =
    /// v
    | Const of float
    /// o + s·(b₀ + b₁t)^p
    | PowerOf of offset: float * scale: float * base0: float * base1: float * exponent: float
    /// o + s·e^{kt}
    | Exp of offset: float * scale: float * rate: float
    /// o + s·cos(ωt + φ)
    | Cos of offset: float * scale: float * frequency: float * phase: float
    | Add of Smooth * Smooth
    | Multiply of Smooth * Smooth
    | Raise of Smooth * exponent: float

module internal Smooth =
    /// x^p, exact where a cheaper operation is.
    let power (p: float) (x: float) =
        if p = 1.0 then x
        elif p = -1.0 then 1.0 / x
        elif p = 0.5 then sqrt x
        elif p = -0.5 then 1.0 / sqrt x
        elif p = 2.0 then x * x
        else Math.Pow(x, p)

    /// Whether (x^p)^q = x^(pq) wherever the left side is defined: not for an even p and a fractional q, where (x²)^½ = |x|.
    let powersCompose (p: float) (q: float) = q = floor q || p % 2.0 <> 0.0

    /// b₀ + b₁t, and 0 where it is 0 to within rounding: a decay to 0 ends at 0, not an ulp below, where it has no root.
    let private affine (b0: float) (b1: float) (t: float) =
        let x = b0 + b1 * t
        if abs x <= 5e-16 * abs b0 then 0.0 else x

    /// o + s·cos 2θ as its lowest value and a square above it, so that a decay to 0 is 0 at its end only (to within rounding of θ).
    let private cosine o s theta =
        let square (x: float) = if abs x < 4e-16 then 0.0 else x * x

        if s >= 0.0 then
            (o - s) + 2.0 * s * square (cos theta)
        else
            (o + s) - 2.0 * s * square (sin theta)

    let rec value (t: float) smooth =
        match smooth with
        | Const v -> v
        | PowerOf(o, s, b0, b1, p) -> o + s * power p (affine b0 b1 t)
        | Exp(o, s, k) -> o + s * exp (k * t)
        | Cos(o, s, w, phase) -> cosine o s ((w * t + phase) / 2.0)
        | Add(a, b) -> value t a + value t b
        | Multiply(a, b) -> value t a * value t b
        | Raise(a, p) -> power p (value t a)

    /// o + s·(b₀ + b₁t)^p with the affine and the constant cases brought to one form.
    let powerOf (o, s, b0, b1, p) =
        if s = 0.0 then Const o
        elif b1 = 0.0 || p = 0.0 then Const(o + s * power p b0)
        elif p = 1.0 then PowerOf(0.0, 1.0, o + s * b0, s * b1, 1.0)
        else PowerOf(o, s, b0, b1, p)

    let rec scale k smooth =
        match smooth with
        | _ when k = 1.0 -> smooth
        | Const v -> Const(k * v)
        | PowerOf(o, s, b0, b1, p) -> powerOf (k * o, k * s, b0, b1, p)
        | Exp(o, s, r) -> Exp(k * o, k * s, r)
        | Cos(o, s, w, phase) -> Cos(k * o, k * s, w, phase)
        | Add(a, b) -> Add(scale k a, scale k b)
        | Multiply(a, b) -> Multiply(scale k a, b)
        | Raise _ -> Multiply(Const k, smooth)

    let rec add a b =
        match a, b with
        | Const x, Const y -> Const(x + y)
        | Const x, PowerOf(o, s, b0, b1, p)
        | PowerOf(o, s, b0, b1, p), Const x -> powerOf (o + x, s, b0, b1, p)
        | Const x, Exp(o, s, k)
        | Exp(o, s, k), Const x -> Exp(o + x, s, k)
        | Const x, Cos(o, s, w, phase)
        | Cos(o, s, w, phase), Const x -> Cos(o + x, s, w, phase)
        | PowerOf(0.0, 1.0, a0, a1, 1.0), PowerOf(0.0, 1.0, c0, c1, 1.0) -> powerOf (0.0, 1.0, a0 + c0, a1 + c1, 1.0)
        | _ -> Add(a, b)

    let multiply a b =
        match a, b with
        | Const k, _
        | _, Const k when Double.IsInfinity k -> Const k
        | Const k, other
        | other, Const k -> scale k other
        | PowerOf(0.0, s, a0, a1, p), PowerOf(0.0, r, b0, b1, q) when a0 * b1 = a1 * b0 ->
            // (c·x)^q = c^q·x^q, the same base up to a factor
            let factor = b1 / a1

            if factor > 0.0 then
                powerOf (0.0, s * r * power q factor, a0, a1, p + q)
            else
                Multiply(a, b)
        | Exp(0.0, s, k), Exp(0.0, r, l) -> if k + l = 0.0 then Const(s * r) else Exp(0.0, s * r, k + l)
        | _ -> Multiply(a, b)

    let raise p smooth =
        match smooth with
        | _ when p = 1.0 -> smooth
        | Const v -> Const(power p v)
        | PowerOf(0.0, s, b0, b1, q) when s > 0.0 && powersCompose q p -> powerOf (0.0, power p s, b0, b1, p * q)
        | Exp(0.0, s, k) when s > 0.0 -> Exp(0.0, power p s, p * k)
        | Raise(a, q) when powersCompose q p -> Raise(a, p * q)
        | _ -> Raise(smooth, p)

    /// Sign of the slope on an interval: Some 0 constant, Some ±1 monotone, None not known from the form alone.
    let rec direction (from, until) smooth =
        let sign (x: float) = if Double.IsNaN x then None else Some(Math.Sign x)

        match smooth with
        | Const _ -> Some 0
        | PowerOf(_, s, _, b1, 1.0) -> sign (s * b1)
        | PowerOf(_, s, b0, b1, p) ->
            let a, b = affine b0 b1 from, affine b0 b1 until

            if min a b >= 0.0 then
                sign (s * b1 * p)
            elif max a b <= 0.0 then
                sign (s * b1 * p * (if p % 2.0 = 0.0 then -1.0 else 1.0))
            elif p > 0.0 && abs (p % 2.0) = 1.0 then
                sign (s * b1)
            else
                None
        | Exp(_, s, k) -> sign (s * k)
        | Cos(_, s, w, phase) ->
            // −s·ω·sin(ωt+φ) keeps its sign on a half period [kπ, (k+1)π]
            let half t = (w * t + phase) / Math.PI
            let middle = floor (half ((from + until) / 2.0))

            if
                half from >= middle - 1e-9
                && half until <= middle + 1.0 + 1e-9
                && half from <= middle + 1.0 + 1e-9
                && half until >= middle - 1e-9
            then
                sign (-s * w * (if middle % 2.0 = 0.0 then 1.0 else -1.0))
            else
                None
        | Add(a, b) ->
            match direction (from, until) a, direction (from, until) b with
            | Some x, Some y when x * y >= 0 -> Some(Math.Sign(x + y))
            | _ -> None
        | Multiply(a, b) ->
            match direction (from, until) a, direction (from, until) b with
            | Some x, Some y when min (min (value from a) (value until a)) (min (value from b) (value until b)) >= 0.0 && x * y >= 0 ->
                Some(Math.Sign(x + y))
            | _ -> None
        | Raise(a, p) ->
            match direction (from, until) a with
            | Some x when min (value from a) (value until a) >= 0.0 -> Some(x * Math.Sign p)
            | _ -> None

    /// The adjacent doubles in [from, until] between which a monotone function passes a level, by bisection.
    let private passing level (from: float, until: float) smooth =
        let rising = value until smooth > value from smooth
        let mutable low, high = from, until
        let mutable middle = (low + high) / 2.0

        while low < middle && middle < high do
            if (value middle smooth < level) = rising then low <- middle else high <- middle

            middle <- (low + high) / 2.0

        struct (low, high, rising)

    /// The time at which a monotone function has come to a level: the first one at or beyond it.
    let crossing level span smooth =
        let struct (_, high, _) = passing level span smooth
        high

    /// The crossing's side on which the function does not exceed the level: where it is steep, the other side may by far.
    let crossingBelow level span smooth =
        let struct (low, high, rising) = passing level span smooth
        if rising then low else high

    /// The crossing's side on which the function does not fall short of the level.
    let crossingAbove level span smooth =
        let struct (low, high, rising) = passing level span smooth
        if rising then high else low

    /// How far rounding alone may carry a value up and down, relatively.
    let private wavering = 4e-15

    /// Samples at which a function turns, each with 1 at a maximum and −1 at a minimum: those from which it goes back by more than rounding
    /// does before it goes further. (x·(1/x) wavers by an ulp or two, and must not be cut at every sample, each piece once more, and so on.)
    let private turningSamples (values: float[]) =
        let turns = ResizeArray<struct (int * float)>()
        let mutable highest, lowest, direction = 0, 0, 0.0

        for i in 1 .. values.Length - 1 do
            let here = values[i]

            if here > values[highest] then
                highest <- i

            if here < values[lowest] then
                lowest <- i

            if direction >= 0.0 && here < values[highest] - wavering * abs values[highest] then
                if direction > 0.0 then
                    turns.Add(struct (highest, 1.0))

                direction <- -1.0
                lowest <- i
            elif direction <= 0.0 && here > values[lowest] + wavering * abs values[lowest] then
                if direction < 0.0 then
                    turns.Add(struct (lowest, -1.0))

                direction <- 1.0
                highest <- i

        turns

    /// [from, until] cut where the slope changes sign. Where the form does not tell, 256 samples bracket each turn and golden-section
    /// search finds it: turns closer together than a 256th of the piece are not seen, nor those within a few ulps of the function.
    let monotonePieces (from: float, until: float) smooth : (float * float) list =
        match direction (from, until) smooth, smooth with
        | Some _, _ -> [ from, until ]
        | None, PowerOf(_, _, b0, b1, _) -> [ from, -b0 / b1; -b0 / b1, until ] // an even power turns where its base is 0
        | None, _ ->
            let samples = 256
            let time i = from + (until - from) * float i / float samples
            let golden = (sqrt 5.0 - 1.0) / 2.0

            let turn (low, high, sign: float) =
                let mutable low, high = low, high

                for _ in 1..80 do
                    let a, b = high - golden * (high - low), low + golden * (high - low)
                    if sign * value a smooth > sign * value b smooth then high <- b else low <- a

                (low + high) / 2.0

            // no sample lies beyond a turn in the outermost intervals: search them and see
            let atTheEnd (low, high) =
                [ for sign in [ 1.0; -1.0 ] do
                      let t = turn (low, high, sign)
                      let here, ends = value t smooth, [ value low smooth; value high smooth ]

                      if ends |> List.forall (fun v -> sign * here > sign * v + wavering * abs v) then
                          t ]

            let turns =
                [ yield! atTheEnd (from, time 1)
                  yield! atTheEnd (time (samples - 1), until)

                  for struct (i, sign) in turningSamples (Array.init (samples + 1) (fun i -> value (time i) smooth)) do
                      turn (time (i - 1), time (i + 1), sign) ]

            List.pairwise (from :: List.sort turns @ [ until ]) |> List.filter (fun (a, b) -> b > a)

    /// What the form becomes somewhere on the interval when it is no finite number there: NaN under the root of a negative number,
    /// infinite where the base of a negative power crosses 0.
    let rec private flaw (from, until) smooth : float option =
        let ofPower (p: float) (low, high) =
            if low < 0.0 && p <> floor p then Some nan
            elif p < 0.0 && low < 0.0 && high > 0.0 then Some infinity
            else None

        match smooth with
        | Const _
        | Exp _
        | Cos _ -> None
        | PowerOf(_, _, b0, b1, p) ->
            let a, b = affine b0 b1 from, affine b0 b1 until
            ofPower p (min a b, max a b)
        | Add(a, b)
        | Multiply(a, b) -> flaw (from, until) a |> Option.orElseWith (fun () -> flaw (from, until) b)
        | Raise(a, p) -> flaw (from, until) a |> Option.orElseWith (fun () -> ofPower p (range (from, until) a))

    /// Smallest and largest value on a closed interval; both NaN or both infinite where the form is so somewhere.
    and range (from, until) smooth =
        match flaw (from, until) smooth with
        | Some bad -> bad, bad
        | None ->
            let ends =
                monotonePieces (from, until) smooth |> List.collect (fun (a, b) -> [ value a smooth; value b smooth ])

            // Math.Min and Math.Max answer NaN where there is one; List.min passes over it
            List.reduce (fun a b -> Math.Min(a, b)) ends, List.reduce (fun a b -> Math.Max(a, b)) ends

    // ln(1 + x) and eˣ − 1 to full precision for small x, by Kahan's trick: the rounding of 1 + x (of eˣ) divides out.
    // (MathNet's Expm1 is a short series, off by 10⁻⁸ at x = 0.1.)
    let private log1p x =
        let y = 1.0 + x
        if y = 1.0 then x else log y * (x / (y - 1.0))

    let private expm1 x =
        let y = exp x

        if y = 1.0 then x
        elif y - 1.0 = -1.0 then -1.0
        elif Double.IsInfinity y then y
        else (y - 1.0) * (x / log y)

    /// ∫ over [from, until] where an antiderivative is known. Each form takes the length of the interval as a factor, where subtracting
    /// antiderivatives would lose the digits that a short interval, or an almost constant curve, has left.
    let rec private closedForm (from: float, until: float) smooth =
        let length = until - from

        match smooth with
        | Const v -> Some(v * length)
        | PowerOf(o, s, b0, b1, p) ->
            let a, b = affine b0 b1 from, affine b0 b1 until

            let inner =
                if p = 1.0 then
                    (a + b) / 2.0 * length
                elif a * b <= 0.0 then
                    (power (p + 1.0) b - power (p + 1.0) a) / (b1 * (p + 1.0))
                else
                    let logRatio = log1p (b1 * length / a)

                    if p = -1.0 then
                        logRatio / b1
                    else
                        power (p + 1.0) a * expm1 ((p + 1.0) * logRatio) / (b1 * (p + 1.0))

            Some(o * length + s * inner)
        | Exp(o, s, k) -> Some(o * length + s * exp (k * from) * expm1 (k * length) / k)
        | Cos(o, s, w, phase) -> Some(o * length + s * 2.0 * cos (w * (from + until) / 2.0 + phase) * sin (w * length / 2.0) / w)
        | Add(a, b) -> Option.map2 (+) (closedForm (from, until) a) (closedForm (from, until) b)
        | Multiply(Const k, a) -> closedForm (from, until) a |> Option.map ((*) k)
        | Raise(Exp(o, s, k), -1.0) ->
            // ∫ dt/(o + s·e^{kt}) = −ln(1 + c)/(ok), c = o·(e^{−kL} − 1)/f(a), f = o + s·e^{kt}, L = b − a; as −ln(1 + c)/c · c/(ok) it
            // needs no division by a small o
            let start = value from (Exp(o, s, k))
            let fall = expm1 (-k * length)
            let c = o * fall / start

            let logRatio =
                if abs c < 0.5 then
                    log1p c
                else
                    log ((o * exp (-k * length) + s * exp (k * from)) / start)

            Some(-fall / (k * start) * (if c = 0.0 then 1.0 else logRatio / c))
        | Raise(Cos(o, s, w, phase), -1.0) when o > abs s && abs (w * length) < 2.0 * Math.PI ->
            // ∫ dθ/(o + s·cos θ) = 2/r·[atan(√((o−s)/(o+s))·tan(θ/2))], r = √(o²−s²); the two angles' difference by its own tangent
            let root = sqrt ((o - s) * (o + s))
            let half = w * length / 2.0
            let middle = w * (from + until) / 2.0 + phase
            Some(2.0 / (root * w) * atan2 (root * sin half) (o * cos half + s * cos middle))
        | Raise(PowerOf(o, s, b0, b1, 2.0), -1.0) when o > 0.0 && s > 0.0 ->
            // ∫ dx/(o + s·x²) = [atan(x·√(s/o))]/√(os), likewise
            let root = sqrt (s / o)
            let a, b = root * affine b0 b1 from, root * affine b0 b1 until
            Some(atan2 (root * b1 * length) (1.0 + a * b) / (sqrt (o * s) * b1))
        | Multiply _
        | Raise _ -> None

    /// ∫ over [from, until] and whether it is in closed form; else adaptive Gauss–Kronrod to 1e-13 relative.
    let integral (from: float, until: float) smooth =
        if until <= from then
            struct (0.0, true)
        else
            match closedForm (from, until) smooth with
            | Some result when Double.IsFinite result -> struct (result, true)
            | _ ->
                let struct (result, _, _) =
                    let mutable error, norm = 0.0, 0.0

                    let q =
                        Integration.GaussKronrodRule.Integrate((fun t -> value t smooth), from, until, &error, &norm, 1e-13, 15, 21)

                    struct (q, error, norm)

                struct (result, false)
