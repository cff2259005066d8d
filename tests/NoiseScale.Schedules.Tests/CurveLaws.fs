/// Curves: values, constructors, segments, joins, bounds.
module NoiseScale.Schedules.Tests.CurveLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules

let private at (t: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure t
let private times algebra horizon curves = curves |> List.collect (algebra.Breakpoints horizon) |> Oracle.sampleTimes horizon

/// The result of a constructor takes, away from breakpoints, the values of the bare node that defines it.
let private sameAsNode algebra what horizon result node =
    for t in times algebra horizon [ result; node ] do
        Oracle.agree (fun () -> what) node t (algebra.ValueAt (at t) result)

let value =
    Law.forAll "a curve takes the values of its documented formula" Generate.curve (fun algebra case ->
        for t in times algebra case.Horizon [ case.Curve ] do
            Oracle.agree (fun () -> "value") case.Curve t (algebra.ValueAt (at t) case.Curve))

let private withNumber numbers = Arb.fromGen (Gen.zip (Arb.toGen Generate.curve) numbers)

let scaling =
    Law.forAll
        "scale: c(t) = factor·curve(t)"
        (withNumber (Gen.elements [ -2.0; 0.0; 1.0; 0.1; 1.0 / 3.0; 1e6 ]))
        (fun algebra (case, factor) ->
            sameAsNode algebra "scale" case.Horizon (algebra.Scale factor case.Curve) (Curve.Scale(factor, case.Curve)))

let stretching =
    Law.forAll
        "stretch: c(t) = curve(t/factor)"
        (withNumber (Gen.elements [ 1.0; 0.1; 1.0 / 3.0; 7.0; 1024.0 ]))
        (fun algebra (case, factor) ->
            let horizon = factor * case.Horizon
            sameAsNode algebra "stretch" horizon (algebra.Stretch factor case.Curve) (Curve.Stretch(factor, case.Curve)))

let shifting =
    Law.forAll "shift: c(t) = curve(t + by)" (withNumber (GenerateCurve.uniform (0.0, 1.0))) (fun algebra (case, part) ->
        let by = part * case.Horizon
        sameAsNode algebra "shift" (case.Horizon - by) (algebra.Shift by case.Curve) (Curve.Shift(by, case.Curve)))

let clamping =
    Law.forAll "clamp: c(t) = min(high, max(low, curve(t)))" (withNumber (GenerateCurve.logUniform (1e-3, 1e3))) (fun algebra (case, low) ->
        sameAsNode algebra "clamp" case.Horizon (algebra.Clamp low (3.0 * low) case.Curve) (Curve.Clamp(low, 3.0 * low, case.Curve)))

let raising =
    Law.forAll
        "power: c(t) = curve(t)^exponent, powers of powers included"
        (withNumber (Gen.two (Gen.elements [ -1.0; 0.5; 2.0; -0.5; 3.0; 1.0; 0.0 ])))
        (fun algebra (case, (p, q)) ->
            let result = algebra.Power q (algebra.Power p case.Curve)
            sameAsNode algebra "power" case.Horizon result (Curve.Power(q, Curve.Power(p, case.Curve))))

let private binary name operation node =
    Law.forAll name Generate.twoCurves (fun algebra (a, b) ->
        sameAsNode algebra name a.Horizon (operation algebra a.Curve b) (node (a.Curve, b)))

let adding = binary "sum: c(t) = left(t) + right(t)" _.Sum Curve.Sum
let multiplying = binary "product: c(t) = left(t)·right(t)" _.Product Curve.Product

let dividing =
    binary "quotient: c(t) = left(t)/right(t)" _.Quotient (fun (a, b) -> Curve.Product(a, Curve.Power(-1.0, b)))

let signedPowers =
    // where the base is negative or crosses 0, (x²)^½ = |x| is not x
    Law.forAll "powers of curves of either sign" Generate.signedCurve (fun algebra case ->
        for p, q in [ 2.0, 0.5; 2.0, -0.5; 3.0, 2.0; 2.0, 3.0 ] do
            let result = algebra.Power q (algebra.Power p case.Curve)
            sameAsNode algebra $"power {p} then {q}" case.Horizon result (Curve.Power(q, Curve.Power(p, case.Curve)))

            for segment in Segments.between 0.0<epoch> case.Horizon result do
                let t = (segment.Start + segment.Until) / 2.0

                if segment.Until - segment.Start > 1e-6 * float case.Horizon then
                    let node = Curve.Power(q, Curve.Power(p, case.Curve))
                    Oracle.agree (fun () -> $"segment of power {p} then {q}") node t (Smooth.value t segment.Smooth))

// ---- joins ---------------------------------------------------------------------------------------------------------------

let private withTime =
    Arb.fromGen (
        gen {
            let! a, b = Arb.toGen Generate.twoCurves
            let! t = GenerateCurve.time (float a.Horizon)
            return a, b, at t
        }
    )

let joining =
    Law.forAll "join: before until the boundary, then the second curve from its beginning" withTime (fun algebra (a, b, boundary) ->
        sameAsNode algebra "join" a.Horizon (algebra.Join a.Curve boundary b) (Curve.Join(a.Curve, boundary, b)))

let splicing =
    Law.forAll "splice: before until the boundary, then the second curve in absolute time" withTime (fun algebra (a, b, boundary) ->
        let spliced = algebra.Splice a.Curve boundary b

        for t in times algebra a.Horizon [ spliced; a.Curve; b ] do
            let side = if t < float boundary then a.Curve else b
            // inside the join time is shifted there and back
            let expected = Oracle.evaluate (t, 4.0 * Oracle.unitRoundoff * t) side
            let allowed = 8.0 * expected.Error + 16.0 * Oracle.unitRoundoff * expected.Value
            Law.within allowed (fun () -> $"splice at epoch {t:R}") expected.Value (algebra.ValueAt (at t) spliced))

let rightContinuity =
    Law.forAll "a boundary belongs to what follows it: right-continuity, to the last bit" withTime (fun algebra (a, b, boundary) ->
        let joined = algebra.Join a.Curve boundary b
        let same what expected actual = Law.require (expected = actual) (fun () -> $"{what}: expected {expected:R}, found {actual:R}")
        same "at the boundary" (algebra.ValueAt 0.0<epoch> b) (algebra.ValueAt boundary joined)
        let before = at (Math.BitDecrement(float boundary))
        same "an ulp before it" (algebra.ValueAt before a.Curve) (algebra.ValueAt before joined)

        let step = algebra.Step 1.0 [ boundary, 2.0; 2.0 * boundary, 3.0 ]
        same "step at a change" 2.0 (algebra.ValueAt boundary step)
        same "step before a change" 1.0 (algebra.ValueAt before step)
        same "step at the last change" 3.0 (algebra.ValueAt (2.0 * boundary) step))

let joinAtTheEnds =
    Law.forAll "join at boundary 0 is the second curve; at the end of training it is the first one" withTime (fun algebra (a, b, _) ->
        Law.require (algebra.Join a.Curve 0.0<epoch> b = b) (fun () -> "join at 0 is not the second curve")
        let last = algebra.Join a.Curve a.Horizon b

        for t in times algebra a.Horizon [ last; a.Curve ] do
            Oracle.agree (fun () -> "join at the end") a.Curve t (algebra.ValueAt (at t) last)

        // it may lose some: a change of a step to the value it has is none
        let added = List.except (algebra.Breakpoints a.Horizon a.Curve) (algebra.Breakpoints a.Horizon last)
        Law.require (added = []) (fun () -> $"join at the end adds the breakpoints {added} inside training")

        Law.require (algebra.ValueAt a.Horizon last = algebra.ValueAt 0.0<epoch> b) (fun () ->
            "the end itself belongs to the second curve"))

/// Times that floats add and subtract exactly, and curves whose breakpoints are such times.
let private dyadicJoins =
    let steps =
        gen {
            let! indices = Gen.listOf (Gen.choose (1, 255))
            let indices = indices |> List.truncate 6 |> List.distinct |> List.sort
            let! levels = Gen.listOfLength (indices.Length + 1) (GenerateCurve.level (0.01, 100.0))
            return Curve.step levels.Head (List.zip [ for i in indices -> at (float i / 16.0) ] levels.Tail)
        }

    let smooth =
        GenerateCurve.logUniform (0.01, 100.0) |> Gen.two |> Gen.map (fun (a, b) -> Curve.linear a b 8.0<epoch>)

    let any = Gen.frequency [ 2, steps; 1, smooth ]

    gen {
        let! a, b, c = Gen.three any
        let! i, j = Gen.two (Gen.choose (0, 255))
        return a, at (float (min i j) / 16.0), b, at (float (max i j) / 16.0), c
    }
    |> Arb.fromGen

let joinAssociative =
    Law.forAll "join is associative: (a |s b) |t c = a |s (b |t−s c), to the last bit" dyadicJoins (fun algebra (a, s, b, t, c) ->
        let left = algebra.Join (algebra.Join a s b) t c
        let right = algebra.Join a s (algebra.Join b (t - s) c)

        for i in 0..512 do
            let time = at (float i / 16.0)
            let x, y = algebra.ValueAt time left, algebra.ValueAt time right
            Law.require (x = y) (fun () -> $"at epoch {time}: {x:R} from the left, {y:R} from the right"))

// ---- segments, bounds, breakpoints ----------------------------------------------------------------------------------------

let private withSpan =
    Arb.fromGen (
        gen {
            let! case = Gen.oneof [ Arb.toGen Generate.curve; Arb.toGen Generate.signedCurve ]
            let! a, b = Gen.two (GenerateCurve.time (float case.Horizon))
            let! whole = Gen.elements [ true; false ]
            return case.Curve, (if whole then 0.0<epoch> else at (min a b)), (if whole then case.Horizon else at (max a b))
        }
    )

let segments =
    Law.forAll "segments tile their span and take the curve's values" withSpan (fun algebra (curve, from, until) ->
        if from < until then
            let segments = Segments.between from until curve

            Law.require (segments.Head.Start = float from && (List.last segments).Until = float until) (fun () ->
                "segments leave the span")

            for a, b in List.pairwise segments do
                Law.require (a.Until = b.Start) (fun () -> $"segments do not meet at {a.Until:R}")

            for s in segments do
                Law.require (s.Start < s.Until) (fun () -> $"empty segment at {s.Start:R}")

                if s.Until - s.Start > 1e-6 * float until then
                    for x in [ 0.003; 0.31; 0.5; 0.77; 0.997 ] do
                        let t = s.Start + (s.Until - s.Start) * x
                        let expected = Oracle.valueAt t curve
                        // the segments' own parameters carry time rounded to an ulp of the segment's end
                        let shifted = Oracle.evaluate (t, Oracle.unitRoundoff * float until) curve
                        let allowed = 8.0 * shifted.Error + 16.0 * Oracle.unitRoundoff * abs expected.Value
                        Law.within allowed (fun () -> $"segment at epoch {t:R}") expected.Value (Smooth.value t s.Smooth)
                        Oracle.agree (fun () -> "value") curve t (algebra.ValueAt (at t) curve))

/// Fractions of a piece: evenly spaced, and ever closer to its ends.
let private fractions =
    let graded = [ for k in 2..40 -> Math.Pow(2.0, float -k) ]

    [| yield! graded; yield! List.map (fun x -> 1.0 - x) graded; yield! [ for i in 1..127 -> float i / 128.0 ] |]
    |> Array.sort

let range =
    Law.forAll "range bounds every value, and no tighter bounds would" withSpan (fun algebra (curve, from, until) ->
        if until - from > 1e-6 * until then
            let low, high = algebra.Range from until curve
            let mutable least, greatest, apart = infinity, -infinity, 0.0

            for segment in Segments.between from until curve do
                let a, b = segment.Start, segment.Until
                let near t = t - a <= 1e-14 * b || b - t <= 1e-14 * b

                let samples =
                    [| for t in [| for x in fractions -> a + (b - a) * x |] do
                           if not (near t) then
                               let c = Oracle.valueAt t curve
                               let slack = 16.0 * c.Error + 16.0 * Oracle.unitRoundoff * abs c.Value

                               Law.require (low - slack <= c.Value) (fun () ->
                                   $"{c.Value:R} at epoch {t:R} is below the lower bound {low:R}")

                               Law.require (c.Value <= high + slack) (fun () ->
                                   $"{c.Value:R} at epoch {t:R} is above the upper bound {high:R}")

                               c.Value |]

                // the limits at the ends belong to the bounds, however steeply the curve comes to them
                let all = [| yield! samples; Smooth.value a segment.Smooth; Smooth.value b segment.Smooth |]
                least <- min least (Array.min all)
                greatest <- max greatest (Array.max all)
                apart <- samples |> Array.pairwise |> Array.fold (fun apart (x, y) -> max apart (abs (x - y))) apart

            // the bounds are taken: the samples come as near to them as neighbouring samples lie apart
            let slack = 2.0 * apart + 1e-9 * max (abs least) (abs greatest)
            Law.require (least <= low + slack) (fun () -> $"lower bound {low:R}, but the smallest sample is {least:R}")
            Law.require (greatest >= high - slack) (fun () -> $"upper bound {high:R}, but the largest sample is {greatest:R}"))

let breakpoints =
    Law.forAll "breakpoints increase within the horizon, and every change of a step is one" Generate.curve (fun algebra case ->
        let found = algebra.Breakpoints case.Horizon case.Curve

        for a, b in List.pairwise [ 0.0<epoch>; yield! found; case.Horizon ] do
            Law.require (a < b) (fun () -> $"breakpoints {a} and {b} are out of order")

        match case.Curve with
        | Curve.Step(_, changes) ->
            let inside = changes |> List.map fst |> List.filter (fun t -> t < case.Horizon)
            Law.require (found = inside) (fun () -> $"breakpoints {found}, changes {inside}")
        | _ -> ())

let validity =
    Law.forAll "generated curves are valid" Generate.curve (fun _ case ->
        let verdict = CurveAnalysis.validate "curve" case.Curve
        Law.require (verdict = Ok()) (fun () -> $"{verdict}"))

let private piecewise =
    Arb.fromGen (
        gen {
            let! length = Generate.horizon
            let! a, b = Gen.two (Generate.pieces length)
            return a, b, at length
        }
    )

let closedPieces =
    Law.forAll "the algebra keeps piecewise-constant curves piecewise constant" piecewise (fun algebra (a, b, horizon) ->
        let results =
            [ "sum", algebra.Sum a b
              "product", algebra.Product a b
              "quotient", algebra.Quotient a b
              "join", algebra.Join a (horizon / 3.0) b
              "splice", algebra.Splice a (horizon / 3.0) b
              "shift", algebra.Shift (horizon / 7.0) a
              "stretch", algebra.Stretch 0.7 a
              "scale", algebra.Scale 3.0 a
              "clamp", algebra.Clamp 0.5 2.0 a
              "power", algebra.Power -0.5 a ]

        for what, curve in results do
            Law.require (Curve.isPiecewiseConstant curve) (fun () -> $"{what} of piecewise-constant curves is {curve}"))

let laws =
    [ value
      scaling
      stretching
      shifting
      clamping
      raising
      adding
      multiplying
      dividing
      signedPowers
      joining
      splicing
      rightContinuity
      joinAtTheEnds
      joinAssociative
      segments
      range
      breakpoints
      validity
      closedPieces ]

let private overflow =
    testCase "1/√ of an exponential has its value where the exponential has none" (fun () ->
        let curve = Curve.Power(-0.5, Curve.Exponential(4.0, -40.0< / epoch>))
        // e^{800} is beyond a double; e^{−400}/2 is not
        let value = Curve.valueAt 20.0<epoch> curve
        Expect.floatClose Accuracy.high (System.Math.Log(2.0 * value)) -400.0 "ln of twice the value")

// a restart and a change of a factor at one time, and at the end: stretched together or each on its own, they may round to different times
let private coinciding =
    testCase "curves that change at one time have a product that changes once, however far it is stretched" (fun () ->
        let period = 0.5132342358<epoch>
        let restarts = Curve.cosineRestarts 3.75 2.0 period 1.0
        let growing = Curve.step 1.0 [ period, 2.0; 2.0 * period, 4.0 ]

        for factor in [ for k in 1..2000 -> 0.5 + 0.0037 * float k ] do
            let until = factor * (2.0 * period)

            let together, apart =
                Curve.stretch factor (Curve.product restarts growing), Curve.stretch factor restarts

            for name, curve, largest in
                [ "a product stretched", together, 7.5
                  "a product of stretched", Curve.product apart (Curve.stretch factor growing), 7.5
                  "a sum of stretched", Curve.sum apart (Curve.stretch factor growing), 5.75 ] do
                Expect.hasLength (CurveAnalysis.breakpoints until curve) 1 $"changes: {name} by {factor}"

                Expect.floatClose
                    Accuracy.high
                    (snd (CurveAnalysis.range 0.0<epoch> until curve))
                    largest
                    $"largest value: {name} by {factor}"
                // halves of the mean of restarts, (3.75 + 2)/2, times or plus 1 and 2
                let mean = if largest = 7.5 then 1.5 * 2.875 else 2.875 + 1.5
                let integral = CurveAnalysis.integral 0.0<epoch> until curve
                Expect.floatClose Accuracy.high (float (integral / until)) mean $"mean: {name} by {factor}")

let tests = testList "curves" (overflow :: coinciding :: (laws |> List.map (Law.test Algebra.real)))
