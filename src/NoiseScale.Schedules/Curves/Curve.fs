namespace NoiseScale.Schedules

/// A number as a function of epochs of data seen, held as a value: one can inspect, compare, print, store, evaluate and integrate it.
/// Every curve is defined on [0, ∞) and continuous from the right. Build curves with the functions of the `Curve` module, which
/// keep piecewise-constant curves piecewise constant.
[<RequireQualifiedAccess>]
type Curve =
    /// c(t) = value
    | Constant of value: float
    /// c(t) = initial before the first change, then the value of the last change at or before t
    | Step of initial: float * changes: (float<epoch> * float) list
    /// c(t) = first + (last − first)·t/duration until duration, then last
    | Linear of first: float * last: float * duration: float<epoch>
    /// c(t) = last + (first − last)·(1 − t/duration)^power until duration, then last
    | Polynomial of first: float * last: float * duration: float<epoch> * power: float
    /// c(t) = initial·e^{−rate·t}
    | Exponential of initial: float * rate: float</ epoch>
    /// c(t) = initial/(1 + rate·t)
    | InverseTime of initial: float * rate: float</ epoch>
    /// c(t) = initial/√(1 + t/timescale)
    | InverseSquareRoot of initial: float * timescale: float<epoch>
    /// c(t) = last + (first − last)·(1 + cos(πt/duration))/2 until duration, then last
    | Cosine of first: float * last: float * duration: float<epoch>
    /// Cosines from high to low, restarted: cycle i = 0, 1, … lasts period·growthⁱ (SGDR)
    | CosineRestarts of high: float * low: float * period: float<epoch> * growth: float
    /// c(t) = before(t) for t < boundary, after(t − boundary) from there: the second curve restarts at its boundary
    | Join of before: Curve * boundary: float<epoch> * after: Curve
    /// c(t) = curve(t + by): the curve from epoch `by` on
    | Shift of by: float<epoch> * curve: Curve
    /// c(t) = curve(t/factor): everything happens `factor` times later
    | Stretch of factor: float * curve: Curve
    /// c(t) = factor·curve(t)
    | Scale of factor: float * curve: Curve
    /// c(t) = min(high, max(low, curve(t)))
    | Clamp of low: float * high: float * curve: Curve
    /// c(t) = left(t) + right(t)
    | Sum of left: Curve * right: Curve
    /// c(t) = left(t)·right(t)
    | Product of left: Curve * right: Curve
    /// c(t) = curve(t)^exponent; the reciprocal is exponent −1
    | Power of exponent: float * curve: Curve

/// Constructors, combinators and evaluation of curves.
[<RequireQualifiedAccess>]
module Curve =

    // ---- pieces of constant curves -------------------------------------------------------------------------------------

    let private (|Pieces|_|) curve =
        match curve with
        | Curve.Constant v -> Some(v, [])
        | Curve.Step(v, changes) -> Some(v, changes)
        | _ -> None

    /// A piecewise-constant curve without the changes that change nothing.
    let private ofPieces (initial, changes) =
        let distinct (initial: float) changes =
            let keep (previous, kept) (t, v) = if v = previous then previous, kept else v, (t, v) :: kept
            changes |> List.fold keep (initial, []) |> snd |> List.rev

        let inOrder =
            changes |> List.forall (fun (t, _) -> t >= 0.0<epoch>)
            && List.pairwise changes |> List.forall (fun ((s, _), (t, _)) -> s < t)

        match changes with
        | _ when not inOrder -> Curve.Step(initial, changes) // as it is, for `CurveAnalysis.validate` to refuse
        | (0.0<epoch>, v) :: rest -> // a change at epoch 0 is the initial value
            match distinct v rest with
            | [] -> Curve.Constant v
            | rest -> Curve.Step(v, rest)
        | _ ->
            match distinct initial changes with
            | [] -> Curve.Constant initial
            | changes -> Curve.Step(initial, changes)

    /// The changes at other times; of two that rounding brings to one time the later stays.
    let private moveChanges move changes =
        let rec moved found changes =
            match changes with
            | (s: float<epoch>, _) :: ((t, _) :: _ as later) when s < t && (move s: float<epoch>) = move t -> moved found later
            | (t, v) :: rest -> moved ((move t, v) :: found) rest
            | [] -> List.rev found

        moved [] changes

    let private mapPieces f (initial, changes) = ofPieces (f initial, changes |> List.map (fun (t, v) -> t, f v))

    let private zipPieces f (a, aChanges) (b, bChanges) =
        let rec merge found a b left right =
            match left, right with
            | (s, x) :: left', (t, _) :: _ when s < t -> merge ((s, f x b) :: found) x b left' right
            | (s, _) :: _, (t, y) :: right' when t < s -> merge ((t, f a y) :: found) a y left right'
            | (s, x) :: left', (_, y) :: right' -> merge ((s, f x y) :: found) x y left' right'
            | (s, x) :: left', [] -> merge ((s, f x b) :: found) x b left' []
            | [], (t, y) :: right' -> merge ((t, f a y) :: found) a y [] right'
            | [], [] -> List.rev found

        ofPieces (f a b, merge [] a b aChanges bChanges)

    /// f pointwise where both curves are piecewise constant (one rounding per value), the given combination of curves elsewhere.
    let internal zipWith f general left right =
        match left, right with
        | Pieces a, Pieces b -> zipPieces f a b
        | _ -> general left right

    // ---- primitives ------------------------------------------------------------------------------------------------------

    /// c(t) = value.
    let constant value = Curve.Constant value

    /// Piecewise constant: `initial`, then each (epoch, value) from its epoch on. c(t) = value of the last change at or before t.
    let step initial changes = ofPieces (initial, changes)

    /// The multi-step decay of P1: the value is divided by `factor` at each boundary, in turn (v, v/f, (v/f)/f, …).
    let stepDecay initial factor boundaries =
        let values = List.scan (fun value _ -> value / factor) initial boundaries
        step initial (List.zip boundaries (List.tail values))

    /// The multi-step growth: the value is multiplied by `factor` at each boundary, in turn.
    let stepGrowth initial factor boundaries =
        let values = List.scan (fun value _ -> value * factor) initial boundaries
        step initial (List.zip boundaries (List.tail values))

    /// c(t) = first + (last − first)·t/duration, then last.
    let linear first last duration = Curve.Linear(first, last, duration)

    /// c(t) = last + (first − last)·(1 − t/duration)^power, then last.
    let polynomial first last duration power = Curve.Polynomial(first, last, duration, power)

    /// c(t) = initial·e^{−rate·t}; rate per epoch.
    let exponential initial rate = Curve.Exponential(initial, rate)

    /// c(t) = initial/(1 + rate·t); rate per epoch.
    let inverseTime initial rate = Curve.InverseTime(initial, rate)

    /// c(t) = initial/√(1 + t/timescale); timescale in epochs.
    let inverseSquareRoot initial timescale = Curve.InverseSquareRoot(initial, timescale)

    /// c(t) = last + (first − last)·(1 + cos(πt/duration))/2, then last (Loshchilov & Hutter).
    let cosine first last duration = Curve.Cosine(first, last, duration)

    /// Cosines from high to low with warm restarts: cycle i lasts period·growthⁱ (SGDR).
    let cosineRestarts high low period growth = Curve.CosineRestarts(high, low, period, growth)

    // ---- combinators -------------------------------------------------------------------------------------------------------

    /// c(t) = factor·curve(t).
    let rec scale factor curve =
        match curve with
        | _ when factor = 1.0 -> curve
        | Pieces pieces -> mapPieces ((*) factor) pieces
        | Curve.Scale(k, inner) -> scale (factor * k) inner
        | Curve.Join(before, boundary, after) -> Curve.Join(scale factor before, boundary, scale factor after)
        | Curve.Shift(by, inner) -> Curve.Shift(by, scale factor inner)
        | _ -> Curve.Scale(factor, curve)

    /// c(t) = curve(t/factor): everything happens `factor` times later.
    let rec stretch factor curve =
        match curve with
        | _ when factor = 1.0 -> curve
        | Pieces(initial, changes) -> ofPieces (initial, changes |> moveChanges (fun t -> t * factor))
        | Curve.Join(before, boundary, after) -> Curve.Join(stretch factor before, boundary * factor, stretch factor after)
        | Curve.Stretch(already, inner) -> stretch (factor * already) inner
        | Curve.Shift(by, inner) -> Curve.Shift(by * factor, stretch factor inner)
        | _ -> Curve.Stretch(factor, curve)

    /// c(t) = min(high, max(low, curve(t))).
    let clamp low high curve =
        match curve with
        | Pieces pieces when low <= high -> mapPieces (fun v -> min high (max low v)) pieces
        | _ -> Curve.Clamp(low, high, curve)

    /// c(t) = left(t) + right(t).
    let sum left right =
        match left, right with
        | Pieces a, Pieces b -> zipPieces (+) a b
        | _ -> Curve.Sum(left, right)

    /// c(t) = left(t)·right(t).
    let product left right =
        match left, right with
        | Pieces a, Pieces b -> zipPieces (*) a b
        | Curve.Constant k, other
        | other, Curve.Constant k -> scale k other
        | _ -> Curve.Product(left, right)

    /// c(t) = curve(t)^exponent.
    let rec power exponent curve =
        match curve with
        | _ when exponent = 1.0 -> curve
        | Pieces pieces -> mapPieces (Smooth.power exponent) pieces
        | Curve.Scale(k, inner) when k > 0.0 -> scale (Smooth.power exponent k) (power exponent inner)
        | Curve.Join(before, boundary, after) -> Curve.Join(power exponent before, boundary, power exponent after)
        | Curve.Shift(by, inner) -> Curve.Shift(by, power exponent inner)
        | Curve.Power(p, inner) when Smooth.powersCompose p exponent ->
            if p * exponent = 1.0 then inner else Curve.Power(p * exponent, inner)
        | _ -> Curve.Power(exponent, curve)

    /// f of the values of a piecewise-constant curve (one rounding each), the given combination elsewhere.
    let internal mapWith f general curve =
        match curve with
        | Pieces pieces -> mapPieces f pieces
        | _ -> general curve

    /// c(t) = 1/curve(t).
    let reciprocal curve = power -1.0 curve

    /// c(t) = left(t)/right(t).
    let quotient left right =
        match left, right with
        | Pieces a, Pieces b -> zipPieces (/) a b
        | _ -> product left (reciprocal right)

    /// c(t) = before(t) for t < boundary, after(t − boundary) from there on. At boundary 0 that is `after`.
    let rec join before (boundary: float<epoch>) after =
        match before, after with
        | _ when boundary = 0.0<epoch> -> after
        | Curve.Join(earlier, cut, _), _ when cut >= boundary -> join earlier boundary after // what comes later is never reached
        | Pieces(initial, changes), Pieces(next, more) ->
            let kept = changes |> List.filter (fun (t, _) -> t < boundary)
            ofPieces (initial, kept @ moveChanges (fun t -> t + boundary) ((0.0<epoch>, next) :: more))
        | _ -> Curve.Join(before, boundary, after)

    /// c(t) = curve(t + by): the curve from epoch `by` on.
    let rec shift (by: float<epoch>) curve =
        match curve with
        | _ when by = 0.0<epoch> -> curve
        | Pieces(initial, changes) when by > 0.0<epoch> ->
            let past, future = changes |> List.partition (fun (t, _) -> t <= by)
            let initial = past |> List.tryLast |> Option.map snd |> Option.defaultValue initial
            ofPieces (initial, future |> moveChanges (fun t -> t - by))
        | Curve.Shift(already, inner) -> shift (by + already) inner
        | Curve.Join(_, boundary, Curve.Shift(back, after)) when back = boundary && boundary <= by -> shift by after
        | Curve.Join(_, boundary, after) when boundary <= by -> shift (by - boundary) after
        | Curve.Join(before, boundary, Curve.Shift(back, after)) when back = boundary ->
            Curve.Join(shift by before, boundary - by, Curve.Shift(boundary - by, shift by after))
        | Curve.Join(before, boundary, after) -> join (shift by before) (boundary - by) after
        | Curve.Scale(factor, inner) -> scale factor (shift by inner)
        | Curve.Power(exponent, inner) -> power exponent (shift by inner)
        | Curve.Product(left, right) -> product (shift by left) (shift by right)
        | Curve.Sum(left, right) -> sum (shift by left) (shift by right)
        | Curve.Clamp(low, high, inner) -> clamp low high (shift by inner)
        | _ -> Curve.Shift(by, curve)

    /// c(t) = before(t) for t < boundary, after(t) from there on: `join` for a second curve that keeps absolute time. It is held as a
    /// join that shifts the second curve by the boundary, and read without the rounding of going there and back.
    let splice before (boundary: float<epoch>) after =
        match before, after with
        | Pieces(initial, changes), Pieces(next, more) ->
            // absolute times survive exactly, where join and shift would round them
            let earlier = changes |> List.filter (fun (t, _) -> t < boundary)

            let here =
                more |> List.filter (fun (t, _) -> t <= boundary) |> List.tryLast |> Option.map snd |> Option.defaultValue next

            ofPieces (initial, earlier @ (boundary, here) :: (more |> List.filter (fun (t, _) -> t > boundary)))
        | _, Curve.Constant _ -> join before boundary after
        | _ when boundary = 0.0<epoch> -> after
        | _ -> Curve.Join(before, boundary, Curve.Shift(boundary, after))

    // ---- composed schedules ----------------------------------------------------------------------------------------------------

    /// A linear warm-up from `first` to where the curve begins, then the curve from its beginning.
    let warmUpLinear first (duration: float<epoch>) peak curve = join (linear first peak duration) duration curve

    /// A cosine warm-up (half a cosine, rising) from `first` to `peak`, then the curve from its beginning.
    let warmUpCosine first (duration: float<epoch>) peak curve = join (cosine first peak duration) duration curve

    /// One cycle (Smith & Topin): cosine from `first` up to `peak` during `rise`, cosine down to `last` by `duration`.
    let oneCycle first peak last (rise: float<epoch>) (duration: float<epoch>) =
        join (cosine first peak rise) rise (cosine peak last (duration - rise))

    /// Warm-up, stable, decay: linear from `first` to `peak` during `warmUp`, constant, then linear to `last` over the final `decay` epochs.
    let warmUpStableDecay first peak last (warmUp: float<epoch>) (decay: float<epoch>) (duration: float<epoch>) =
        join (linear first peak warmUp) warmUp (join (constant peak) (duration - decay - warmUp) (linear peak last decay))

    // ---- evaluation ----------------------------------------------------------------------------------------------------------------

    let private interpolate first last (t: float<epoch>) (duration: float<epoch>) =
        if t >= duration then last else first + (last - first) * (t / duration)

    let private cosineAt first last (t: float<epoch>) (duration: float<epoch>) =
        if t >= duration then
            last
        else
            // (1 + cos πx)/2 = sin²(π(1−x)/2), which stays above 0 until the end
            let toEnd = sin (System.Math.PI / 2.0 * (1.0 - t / duration))
            last + (first - last) * (toEnd * toEnd)

    /// Start and length of the cycle of warm restarts after the one that starts at `start`. Equal cycles start at whole multiples of the
    /// period, so that no rounding adds up.
    let internal nextCycle (period: float<epoch>) growth (start: float<epoch>) (length: float<epoch>) =
        if growth = 1.0 then
            struct ((round (start / period) + 1.0) * period, period)
        else
            struct (start + length, length * growth)

    /// Start and length of the cycle of warm restarts that holds time t.
    let internal restartCycle (period: float<epoch>) growth (t: float<epoch>) =
        let mutable start, length =
            (if growth = 1.0 then max 0.0 (floor (t / period) - 1.0) * period else 0.0<epoch>), period

        let mutable struct (next, nextLength) = nextCycle period growth start length

        while next <= t && start < next do // (nothing grows past infinity)
            start <- next
            length <- nextLength
            let struct (afterNext, afterLength) = nextCycle period growth start length
            next <- afterNext
            nextLength <- afterLength

        struct (start, length)

    let rec private lastChange value (t: float<epoch>) changes =
        match changes with
        | (at, next) :: rest when at <= t -> lastChange next t rest
        | _ -> value

    /// The curve's value at t epochs, t ≥ 0.
    let rec valueAt (t: float<epoch>) curve : float =
        match curve with
        | Curve.Constant v -> v
        | Curve.Step(initial, changes) -> lastChange initial t changes
        | Curve.Linear(first, last, duration) -> interpolate first last t duration
        | Curve.Polynomial(first, last, duration, power) ->
            if t >= duration then
                last
            else
                last + (first - last) * Smooth.power power (1.0 - t / duration)
        | Curve.Exponential(initial, rate) -> initial * exp (-rate * t)
        | Curve.InverseTime(initial, rate) -> initial / (1.0 + rate * t)
        | Curve.InverseSquareRoot(initial, timescale) -> initial / sqrt (1.0 + t / timescale)
        | Curve.Cosine(first, last, duration) -> cosineAt first last t duration
        | Curve.CosineRestarts(high, low, period, growth) ->
            let struct (start, length) = restartCycle period growth t
            cosineAt high low (t - start) length
        | Curve.Join(before, boundary, _) when t < boundary -> valueAt t before
        | Curve.Join(_, boundary, Curve.Shift(back, after)) when back = boundary -> valueAt t after // as spliced, in absolute time
        | Curve.Join(_, boundary, after) -> valueAt (t - boundary) after
        | Curve.Shift(by, inner) -> valueAt (t + by) inner
        | Curve.Stretch(factor, inner) -> valueAt (t / factor) inner
        | Curve.Scale(factor, inner) -> factor * valueAt t inner
        | Curve.Clamp(low, high, inner) -> min high (max low (valueAt t inner))
        | Curve.Sum(left, right) -> valueAt t left + valueAt t right
        | Curve.Product(left, right) -> valueAt t left * valueAt t right
        // (an exponential that has overflowed would make 1/√ of it 0, where there is a number left)
        | Curve.Power(exponent, Curve.Exponential(initial, rate)) when initial > 0.0 ->
            Smooth.power exponent initial * exp (-exponent * rate * t)
        | Curve.Power(exponent, inner) -> Smooth.power exponent (valueAt t inner)

    /// The curve without the changes of a step that come at `until` or later, where no rule binds their values.
    let internal upTo (until: float<epoch>) curve =
        match curve with
        | Pieces(initial, changes) -> ofPieces (initial, changes |> List.filter (fun (t, _) -> t < until))
        | _ -> curve

    /// A curve with the same values on [from, until), without the changes of steps and the branches of joins that lie outside.
    let rec internal restrict (from: float<epoch>) (until: float<epoch>) curve =
        match curve with
        | Curve.Step(initial, changes) ->
            ofPieces (lastChange initial from changes, changes |> List.filter (fun (t, _) -> from < t && t < until))
        | Curve.Join(before, boundary, _) when until <= boundary -> restrict from until before
        | Curve.Join(_, boundary, Curve.Shift(back, after)) when back = boundary && boundary <= from -> restrict from until after
        | Curve.Join(_, boundary, after) when boundary <= from ->
            match restrict (from - boundary) (until - boundary) after with
            | Curve.Constant v -> Curve.Constant v
            | _ -> curve
        | Curve.Scale(factor, inner) -> scale factor (restrict from until inner)
        | Curve.Power(exponent, inner) -> power exponent (restrict from until inner)
        | Curve.Product(left, right) -> product (restrict from until left) (restrict from until right)
        | Curve.Sum(left, right) -> sum (restrict from until left) (restrict from until right)
        | _ -> curve

    /// Whether the curve is held as finitely many constant pieces (so that counts and plans need no quadrature).
    let isPiecewiseConstant curve =
        match curve with
        | Pieces _ -> true
        | _ -> false
