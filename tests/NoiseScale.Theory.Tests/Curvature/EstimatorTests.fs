/// Randomised estimates: unbiased by z-scores (false alarms 1e-6 each), error bars by coverage, and what they cost.
module NoiseScale.Theory.Tests.EstimatorTests

open System
open Expecto
open DiffSharp
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.OperatorTests
open NoiseScale.Theory.Tests.Property

let private seeds = 200

/// Nominal 95 %, of 200: between 90 and 99 % (three standard errors of a binomial are 4.6 %).
let private covers what expected (estimates: Estimate[]) =
    let rate = estimates |> Array.map _.Interval(0.95) |> coverage expected
    printfn $"coverage of {what}: {rate:P1}"

    if rate < 0.90 || rate > 0.99 then
        failtest $"{what}: nominal 95 %% covers {rate:P1}"

let private unbiasedAndCovered what expected (run: int64 -> Estimate) =
    let estimates = [| for seed in 1..seeds -> run (int64 seed) |]
    expectUnbiased what expected (estimates |> Array.map _.Value)
    covers what expected estimates
    Expect.equal (run 1L) (run 1L) $"{what}: a function of its seed"

let private size = 60
let private spread = withSpectrum 1 [ for i in 1..size -> 0.2 + 3.0 * float i / float size ]
let private decaying = withSpectrum 2 [ for i in 1..200 -> 1.0 / (float i * float i) ]
let private indefinite = withSpectrum 3 [ for i in 1..size -> float (i - 20) / 10.0 ]
let private traceOf (a: Tensor) = float (a.trace ())

let private traces =
    testList
        "trace"
        [ testCase "Hutchinson: unbiased, and its intervals cover" (fun () ->
              for name, a in [ "spread", spread; "indefinite", indefinite ] do
                  unbiasedAndCovered $"Hutchinson, {name}" (traceOf a) (fun seed -> Trace.hutchinson seed 20 (byProducts a)))

          testCase "Hutchinson's variance is 2(‖A‖² − Σ A_ii²)/probes" (fun () ->
              let diagonal = spread.diagonal ()
              let expected = 2.0 * float ((spread * spread).sum() - (diagonal * diagonal).sum()) / 20.0
              let estimates = [| for seed in 1..seeds -> (Trace.hutchinson (int64 seed) 20 (byProducts spread)) |]
              expectUnbiased "variance" expected (estimates |> Array.map (fun e -> (e.Value - traceOf spread) ** 2.0))
              expectUnbiased "standard error²" expected (estimates |> Array.map (fun e -> e.StandardError ** 2.0)))

          testCase "Hutch++: unbiased, and its intervals cover" (fun () ->
              for name, a in [ "spread", spread; "indefinite", indefinite; "decaying", decaying ] do
                  unbiasedAndCovered $"Hutch++, {name}" (traceOf a) (fun seed -> Trace.hutchPlusPlus seed 60 (byProducts a)))

          testCase "Hutch++ at the same products is at least ten times nearer where the spectrum decays" (fun () ->
              let error (run: int64 -> Estimate) =
                  [| for seed in 1..50 -> (run (int64 seed)).Value - traceOf decaying |] |> Array.averageBy (fun e -> e * e) |> sqrt

              let plain = error (fun seed -> Trace.hutchinson seed 60 (byProducts decaying))
              let better = error (fun seed -> Trace.hutchPlusPlus seed 60 (byProducts decaying))
              printfn $"rms errors of the trace from 60 products: Hutchinson {plain:G3}, Hutch++ {better:G3}"
              Expect.isGreaterThan (plain / better) 10.0 "ratio of errors")

          testCase "products are counted, and as many as promised" (fun () ->
              let mutable used = 0

              let counting =
                  SymmetricOperator.createForBlocks size Dtype.Float64 Device.CPU (fun v ->
                      used <- used + (if v.dim = 1 then 1 else v.shape[1])
                      spread.matmul v)

              for products in [ 6; 7; 8; 60; 61; 200 ] do
                  used <- 0
                  let estimate = Trace.hutchPlusPlus 1L products counting
                  Expect.equal estimate.Products used "Hutch++: counted"
                  Expect.isLessThanOrEqual used products "Hutch++: promised"

              used <- 0
              Expect.equal (Trace.hutchinson 1L 40 counting).Products used "Hutchinson")

          testCase "a subspace that is all of it leaves no error" (fun () ->
              let estimate = Trace.hutchPlusPlus 1L 300 (byProducts spread)
              close 1e-12 "trace" (traceOf spread) estimate.Value
              Expect.isLessThan estimate.StandardError 1e-10 "error"
              close 1e-12 "exact" (traceOf spread) (Trace.exact (byProducts spread)))

          testCase "refusals" (fun () ->
              refuses [ "at least 2"; "1" ] (fun () -> Trace.hutchinson 1L 1 (byProducts spread))
              refuses [ "at least 6"; "5" ] (fun () -> Trace.hutchPlusPlus 1L 5 (byProducts spread))
              refuses [ "level" ] (fun () -> (Trace.hutchinson 1L 4 (byProducts spread)).Interval 1.0)
              refuses [ "at least two" ] (fun () -> Estimate.ofSamples 1 [| 1.0 |])) ]

let private diagonals =
    testList
        "diagonal"
        [ testCase "exact" (fun () -> same 1e-13 "diagonal" (spread.diagonal ()) (Diagonal.exact (byProducts spread)))

          testCase "estimated: unbiased and covered, element by element, and of the variance Σ_{j≠i} A_ij²" (fun () ->
              let found = [| for seed in 1..seeds -> Diagonal.estimate (int64 seed) 20 (byProducts indefinite) |]

              for i in [ 0; 17; 59 ] do
                  let expected = float indefinite[i, i]

                  let estimates =
                      found
                      |> Array.map (fun one ->
                          { Value = float one.Value[i]
                            StandardError = float one.StandardError[i]
                            Samples = one.Probes
                            Products = one.Probes })

                  expectUnbiased "element" expected (estimates |> Array.map _.Value)
                  covers $"diagonal element {i}" expected estimates
                  let row = indefinite[i]
                  let variance = (float ((row * row).sum()) - expected * expected) / 20.0
                  expectUnbiased "variance" variance (estimates |> Array.map (fun e -> (e.Value - expected) ** 2.0)))

          testCase "of a diagonal matrix: one probe would do" (fun () ->
              let d = normal 5 [ 30 ]
              let found = Diagonal.estimate 1L 2 (SymmetricOperator.diagonal d)
              same 1e-15 "value" d found.Value
              Expect.equal (float (found.StandardError.max ())) 0.0 "error") ]

let private logDeterminantOf (a: Tensor) = floats (fst (a.eigh ())) |> Array.sumBy log

let private determinants =
    testList
        "ln det"
        [ testCase "unbiased, and its intervals cover" (fun () ->
              unbiasedAndCovered "ln det" (logDeterminantOf spread) (fun seed ->
                  match LogDeterminant.estimate seed 10 25 ValueNone (byProducts spread) with
                  | Ok found -> found.Estimate
                  | Error fault -> failtest $"{fault}"))

          testCase "Gauss above, Radau below: the bracket holds the exact mean over its probes, and closes" (fun () ->
              // condition 1,000: five steps are far from enough
              let a = withSpectrum 6 [ for i in 0..79 -> 10.0 ** (-3.0 * float i / 79.0) ]

              let find degree =
                  match LogDeterminant.estimate 3L 4 degree (ValueSome 0.9e-3) (byProducts a) with
                  | Ok found -> found
                  | Error fault -> failtest $"{fault}"

              // all 80 steps: zᵀ ln(A) z of the same probes, exact
              let exact = (find 80).Estimate.Value

              let widths =
                  [ for degree in [ 5; 10; 20; 40 ] do
                        let found = find degree
                        let struct (low, high) = found.Bracket.Value
                        Expect.isLessThan low exact "below"
                        Expect.isGreaterThan high exact "above"

                        Expect.isGreaterThan
                            found.QuadratureChange
                            (abs (found.Estimate.Value - exact))
                            "doubling changed more than is left"

                        high - low ]

              Expect.isGreaterThan widths[0] 1.0 "nothing proven by five steps"
              Expect.isLessThan widths[3] (0.05 * widths[0]) "narrower by forty"
              Expect.equal (List.sortDescending widths) widths "ever narrower")

          testCase "the bracket holds at a bound that is an eigenvalue, as the prior's often is" (fun () ->
              let a = withSpectrum 7 [ for i in 1..50 -> if i <= 30 then 1.0 else float i ]

              match LogDeterminant.estimate 1L 5 50 (ValueSome 1.0) (byProducts a) with
              | Ok found ->
                  let struct (low, high) = found.Bracket.Value
                  Expect.isLessThan (high - low) 1e-8 "closed: 21 distinct eigenvalues, 50 steps"
              | Error fault -> failtest $"{fault}")

          testCase "what it costs nothing to know: multiples of 1" (fun () ->
              let a = dsharp.eye (20, dtype = Dtype.Float64) * 3.0

              match LogDeterminant.estimate 1L 2 10 ValueNone (byProducts a) with
              | Ok found ->
                  close 1e-12 "value" (20.0 * log 3.0) found.Estimate.Value
                  Expect.isLessThan found.Estimate.StandardError 1e-12 "error"
                  Expect.equal found.Degree 1 "one step"
              | Error fault -> failtest $"{fault}")

          testCase "an eigenvalue that is not positive is named" (fun () ->
              match LogDeterminant.estimate 1L 2 30 ValueNone (byProducts indefinite) with
              | Error fault ->
                  close 1e-3 "least" -1.9 fault.Least
                  Expect.isGreaterThan fault.Count 3 "how many, at least"
              | Ok found -> failtest $"{found}"

              refuses [ "lower bound"; "0" ] (fun () -> LogDeterminant.estimate 1L 2 5 (ValueSome 0.0) (byProducts spread))) ]

let private densities =
    testList
        "spectral density"
        [ testCase "its integral is 1, and traces of powers are exact for the probes" (fun () ->
              let measure = SpectralMeasure.estimate 1L 5 30 (byProducts spread)
              let grid = [| for i in 0..2000 -> -2.0 + 7.0 * float i / 2000.0 |]
              let density = SpectralMeasure.density 0.1 grid measure
              close 1e-6 "integral" 1.0 (Array.sum density * 7.0 / 2000.0)
              let hutchinson = Trace.hutchinson 1L 5 (byProducts spread)
              // the same seed draws other signs, five at once: both are Hutchinson's estimate of the trace
              let first = SpectralMeasure.trace id measure
              let apart = abs (first.Value - hutchinson.Value) / (first.StandardError + hutchinson.StandardError)
              Expect.isLessThan apart 6.0 "as many standard errors"
              close 1e-12 "nothing to estimate" (float size) (SpectralMeasure.trace (fun _ -> 1.0) measure).Value
              Expect.equal measure.Products 150 "products")

          testCase "against the smoothed spectrum of the matrix: unbiased and covered at points of the grid" (fun () ->
              let values = floats (fst (indefinite.eigh ()))
              let width = 0.3

              let measures =
                  [| for seed in 1..seeds -> SpectralMeasure.estimate (int64 seed) 10 30 (byProducts indefinite) |]

              for x in [ -1.0; 0.7; 3.9 ] do
                  let bump node = exp (-0.5 * ((x - node) / width) ** 2.0) / (width * sqrt (2.0 * Math.PI))
                  let expected = values |> Array.averageBy bump

                  let estimates =
                      measures |> Array.map (SpectralMeasure.trace bump >> Estimate.affine 0.0 (1.0 / float size))

                  expectUnbiased $"density at {x}" expected (estimates |> Array.map _.Value)
                  covers $"density at {x}" expected estimates
                  let density = SpectralMeasure.density width [| x |] measures[0]
                  close 1e-12 "density" estimates[0].Value density[0])

          testCase "its range is inside the spectrum, and near its ends" (fun () ->
              let struct (least, most) = (SpectralMeasure.estimate 1L 2 25 (byProducts indefinite)).Range
              Expect.isTrue (least >= -1.9 - 1e-12 && least < -1.8) $"{least}"
              Expect.isTrue (most <= 4.0 + 1e-12 && most > 3.9) $"{most}")

          testCase "refusals" (fun () ->
              refuses [ "width" ] (fun () -> SpectralMeasure.density 0.0 [| 1.0 |] (SpectralMeasure.estimate 1L 2 2 (byProducts spread)))
              refuses [ "at least 2" ] (fun () -> SpectralMeasure.estimate 1L 1 2 (byProducts spread))
              refuses [ "at least 1" ] (fun () -> SpectralMeasure.estimate 1L 2 0 (byProducts spread))) ]

let private estimates =
    testCase "mean, standard error and interval of four samples, by hand" (fun () ->
        let estimate = Estimate.ofSamples 7 [| 1.0; 2.0; 3.0; 6.0 |]
        close 1e-15 "mean" 3.0 estimate.Value
        // (4 + 1 + 0 + 9)/3 over 4
        close 1e-14 "standard error" (sqrt (14.0 / 12.0)) estimate.StandardError
        let struct (low, high) = estimate.Interval 0.95
        // the 97.5 % point of t with three degrees of freedom, from a table
        close 1e-6 "upper end" (3.0 + 3.182446 * sqrt (14.0 / 12.0)) high
        close 1e-12 "symmetric" 6.0 (low + high)
        Expect.equal (estimate.Samples, estimate.Products) (4, 7) "counts"
        let moved = Estimate.affine 10.0 -2.0 estimate
        close 1e-15 "10 − 2x" 4.0 moved.Value
        close 1e-14 "its error" (2.0 * sqrt (14.0 / 12.0)) moved.StandardError
        Expect.equal ((Estimate.exact 2.0).Interval 0.9) (struct (2.0, 2.0)) "exact")

let tests = testList "estimators" [ estimates; traces; diagonals; determinants; densities ]
