/// Integrals of curves: against quadrature of the documented formula, and by the laws of integration.
module NoiseScale.Schedules.Tests.IntegralLaws

open Expecto
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules

let private at (t: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure t

let private agreesWithQuadrature algebra what (from, until) curve =
    let breakpoints = algebra.Breakpoints until curve
    let expected = Oracle.integral breakpoints (from, until) curve
    let tolerance = 8.0 * expected.Error + 1e-12 * abs expected.Value
    Law.within tolerance (fun () -> $"{what} over [{from}, {until}]") expected.Value (float (algebra.Integral from until curve))

let private withSpan =
    Arb.fromGen (
        gen {
            let! case = Arb.toGen Generate.curve
            let! a, b, c = Gen.three (GenerateCurve.time (float case.Horizon))
            let times = List.sort [ a; b; c ] |> List.map at
            return case, times[0], times[1], times[2]
        }
    )

let quadrature =
    Law.forAll "the integral is that of the documented formula" withSpan (fun algebra (case, a, _, c) ->
        agreesWithQuadrature algebra "integral" (0.0<epoch>, case.Horizon) case.Curve

        if c - a > 1e-3 * case.Horizon then
            agreesWithQuadrature algebra "integral" (a, c) case.Curve)

let reciprocals =
    Law.forAll "the integral of 1/c, which counts updates, is that of the documented formula" Generate.curve (fun algebra case ->
        agreesWithQuadrature algebra "integral of 1/c" (0.0<epoch>, case.Horizon) (algebra.Power -1.0 case.Curve))

/// What an integral may be off by because the curve's own values are rounded.
let private error algebra (from, until) curve = 8.0 * (Oracle.integral (algebra.Breakpoints until curve) (from, until) curve).Error

let additivity =
    Law.forAll "∫ over [a, c] = ∫ over [a, b] + ∫ over [b, c]" withSpan (fun algebra (case, a, b, c) ->
        let part from until = float (algebra.Integral from until case.Curve)
        let tolerance = 1e-12 * part a c + error algebra (a, c) case.Curve
        Law.within tolerance (fun () -> $"over {a}, {b}, {c}") (part a c) (part a b + part b c))

let linearity =
    Law.forAll "∫ (2a + b/3) = 2∫a + ∫b/3" Generate.twoCurves (fun algebra (a, b) ->
        let span = 0.0<epoch>, a.Horizon
        let whole = algebra.Integral 0.0<epoch> a.Horizon
        let combined = algebra.Sum (algebra.Scale 2.0 a.Curve) (algebra.Scale (1.0 / 3.0) b)
        let expected = float (2.0 * whole a.Curve + whole b / 3.0)
        let tolerance = 1e-12 * expected + 2.0 * error algebra span a.Curve + error algebra span b
        Law.within tolerance (fun () -> "combination") expected (float (whole combined)))

let ofConstant =
    Law.forAll "∫ of a constant over [a, b] is v·(b − a)" withSpan (fun algebra (case, a, _, c) ->
        let v = float case.Horizon
        Law.close 1e-15 (fun () -> "constant") (v * float (c - a)) (float (algebra.Integral a c (Curve.Constant v))))

// ---- closed forms ---------------------------------------------------------------------------------------------------------

/// Every primitive with parameters far apart and almost equal, each beside the name it is tested under.
let private primitives: (string * Curve) list =
    let perEpoch (x: float) : float</ epoch> = LanguagePrimitives.FloatWithMeasure x

    [ for first, last in [ 0.1, 0.02; 0.02, 0.1; 1e-6, 10.0; 1.0, 1.0 + 1e-9 ] do
          for duration in [ 30.0<epoch>; 90.0<epoch>; 200.0<epoch>; 1e7<epoch> ] do
              $"linear {first} to {last} in {duration}", Curve.linear first last duration
              $"cosine {first} to {last} in {duration}", Curve.cosine first last duration

              for power in [ 0.5; 2.0; 1.0; 3.7 ] do
                  $"polynomial {first} to {last} in {duration}, power {power}", Curve.polynomial first last duration power
      for rate in [ 1e-12; 1e-3; 0.1; -0.05 ] do
          $"exponential, rate {rate}", Curve.exponential 0.1 (perEpoch rate)
      for rate in [ 1e-12; 1e-3; 0.1; 100.0 ] do
          $"inverse time, rate {rate}", Curve.inverseTime 0.1 (perEpoch rate)
      for timescale in [ 1e-2<epoch>; 1.0<epoch>; 1e9<epoch> ] do
          $"inverse square root, timescale {timescale}", Curve.inverseSquareRoot 0.1 timescale
      "constant", Curve.constant 3.0
      "step", Curve.stepDecay 0.1 5.0 [ 10.0<epoch>; 20.0<epoch>; 60.0<epoch> ]
      "restarts", Curve.cosineRestarts 0.1 0.001 10.0<epoch> 2.0
      "one cycle", Curve.oneCycle 0.01 0.1 0.001 30.0<epoch> 90.0<epoch>
      "warm-up, stable, decay", Curve.warmUpStableDecay 0.01 0.1 0.001 5.0<epoch> 20.0<epoch> 90.0<epoch> ]

/// Which reciprocals the closed form is claimed for: all but those of a polynomial with an offset, except its square that falls.
let private reciprocalIsClosed (name: string) = not (name.StartsWith "polynomial") || name.Contains "power 1"

let closedForms =
    testList
        "closed forms"
        [ for name, curve in primitives do
              testCase name (fun () ->
                  Expect.isTrue (CurveAnalysis.hasClosedFormIntegral 0.0<epoch> 90.0<epoch> curve) "no closed form"
                  agreesWithQuadrature Algebra.real name (0.0<epoch>, 90.0<epoch>) curve
                  agreesWithQuadrature Algebra.real name (1.0 / 7.0 * 1.0<epoch>, 50.0 / 3.0 * 1.0<epoch>) curve
                  agreesWithQuadrature Algebra.real name (12.0<epoch>, 12.0001<epoch>) curve)

              testCase $"1/({name})" (fun () ->
                  let reciprocal = Curve.reciprocal curve

                  if reciprocalIsClosed name then
                      Expect.isTrue (CurveAnalysis.hasClosedFormIntegral 0.0<epoch> 90.0<epoch> reciprocal) "no closed form"

                  agreesWithQuadrature Algebra.real name (0.0<epoch>, 90.0<epoch>) reciprocal
                  agreesWithQuadrature Algebra.real name (12.0<epoch>, 12.0001<epoch>) reciprocal)

          testCase "exponential to an offset, down to offsets that vanish" (fun () ->
              for offset in [ 1e-300; 1e-12; 1e-3; 1.0; 1e3 ] do
                  for rate in [ 1e-9; 0.1; 5.0; -0.1 ] do
                      let decay = Curve.exponential 0.1 (LanguagePrimitives.FloatWithMeasure rate)
                      let reciprocal = Curve.Power(-1.0, Curve.Sum(Curve.Constant offset, decay))
                      let name = $"1/({offset} + 0.1·exp(−{rate}t))"
                      Expect.isTrue (CurveAnalysis.hasClosedFormIntegral 0.0<epoch> 90.0<epoch> reciprocal) name
                      agreesWithQuadrature Algebra.real name (0.0<epoch>, 90.0<epoch>) reciprocal
                      agreesWithQuadrature Algebra.real name (12.0<epoch>, 12.0001<epoch>) reciprocal) ]

let laws = [ quadrature; reciprocals; additivity; linearity; ofConstant ]

let tests = testList "integrals" (closedForms :: (laws |> List.map (Law.test Algebra.real)))
