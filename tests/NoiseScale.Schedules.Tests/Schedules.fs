namespace NoiseScale.Schedules.Tests

open System
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules

/// A curve and the span on which it is looked at.
type CurveCase = { Curve: Curve; Horizon: float<epoch> }

/// Generated schedules, and the arbitraries the laws are stated over.
[<RequireQualifiedAccess>]
module Generate =
    open GenerateCurve

    let private epochs (t: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure t
    let private build = Gen.elements [ Smart; Smart; Raw ]

    let horizon =
        Gen.frequency
            [ 3, Gen.elements [ 1.0; 2.0; 8.0; 64.0 ] // dyadic
              3, Gen.elements [ 204.8; 90.0; 3.5; 1.0 / 7.0; 0.37 ]
              3, logUniform (0.05, 300.0) ]

    // ---- the parts of a schedule ---------------------------------------------------------------------------------------

    let trainingSetSize: Gen<int64<example>> =
        Gen.frequency
            [ 4, Gen.choose64 (1L, 20L)
              3, Gen.choose64 (21L, 1000L)
              3, Gen.elements [ 50_000L; 1_281_167L; 10_000_000L ]
              1, Gen.choose64 (1000L, 10_000_000L) ]
        |> Gen.map ((*) 1L<example>)

    let convention =
        Gen.elements [ MomentumConvention.LearningRateOutside; MomentumConvention.LearningRateInside; MomentumConvention.Dampened ]

    let private adamConstants =
        gen {
            let! beta1 = Gen.elements [ 0.0; 0.5; 0.9; 0.99 ]
            let! beta2 = Gen.elements [ 0.9; 0.99; 0.999; 0.9999 ]
            let! epsilon = Gen.elements [ 0.0; 1e-8; 1e-3 ]

            return { Beta1 = beta1; Beta2 = beta2; Epsilon = epsilon }
        }

    let optimizer =
        Gen.frequency
            [ 2, Gen.constant Optimizer.Sgd
              4, convention |> Gen.map Optimizer.HeavyBall
              2, convention |> Gen.map Optimizer.Nesterov
              1, adamConstants |> Gen.map Optimizer.Adam
              1, adamConstants |> Gen.map Optimizer.AdamW ]

    /// Momenta up to 1 − 10⁻⁶; as curves both plainly and as the complement of 1−m.
    let momentumCurve horizon =
        Gen.frequency
            [ 3, Gen.elements [ 0.0; 0.5; 0.9; 0.98 ] |> Gen.map Curve.constant
              1, logUniform (1e-6, 1e-2) |> Gen.map (fun c -> Curve.constant (1.0 - c))
              2, positive Smart 1 (0.01, 0.999999) horizon
              1, positive Smart 0 (1e-4, 0.999) horizon |> Gen.map (fun c -> Curve.sum (Curve.constant 1.0) (Curve.scale -1.0 c)) ]

    let learningRateCurve horizon =
        gen {
            let! build = build
            let! peak = logUniform (1e-3, 10.0)

            return!
                Gen.frequency
                    [ 6, positive build 2 (1e-5, 10.0) horizon
                      1, Gen.constant (Curve.cosine peak 0.0 (epochs horizon)) // to 0 exactly at the end
                      1, Gen.constant (Curve.linear peak 0.0 (epochs horizon))
                      1,
                      time (horizon / 3.0)
                      |> Gen.map (fun warmUp ->
                          Curve.warmUpLinear (peak / 10.0) (epochs warmUp) peak (Curve.cosine peak 0.0 (epochs (horizon - warmUp)))) ]
        }

    /// Batch sizes within [low, N], with N itself, N − 1 and N·(1 − 10⁻⁶) among them.
    let batchCurve (low: float) (n: float) horizon =
        gen {
            let! build = build
            let within curve = Curve.clamp low n curve

            return!
                Gen.frequency
                    [ 4, level (low, n) |> Gen.map Curve.constant
                      1, Gen.elements [ n; n - 1.0; n * (1.0 - 1e-6); n / 2.0; n / 10.0 ] |> Gen.map (Curve.constant >> within)
                      6, positive build 2 (low, n) horizon
                      1, positive Smart 1 (max low (n / 2.0), n * (1.0 - 1e-6) |> max low) horizon ]
        }

    let private averaging horizon =
        gen {
            let! rho = Gen.elements [ 0.0; 0.5; 0.9; 0.9999 ]
            let! reference = Gen.optionOf (positive Smart 1 (1.0, 1000.0) horizon)

            return! Gen.frequency [ 2, Gen.constant None; 1, Gen.constant (Some { Momentum = rho; ReferenceBatch = reference }) ]
        }

    // ---- schedules ---------------------------------------------------------------------------------------------------------

    /// A draw before validation: what `Schedule.create` says of it.
    let drawn (size: Gen<int64<example>>) (lowestBatch: float -> float -> float) =
        gen {
            let! n = size
            let! length = horizon
            let! optimizer = optimizer
            let! learningRate = learningRateCurve length
            let! batchSize = batchCurve (lowestBatch (float n) length) (float n) length

            let! momentum =
                if (Optimizer.convention optimizer).IsSome then
                    momentumCurve length
                else
                    Gen.constant (Curve.constant 0.0)

            let! weightDecay = Gen.elements [ 0.0; 1e-4 ]
            let! averaging = averaging length

            return
                Schedule.create optimizer n (epochs length) learningRate batchSize momentum
                |> Result.bind (Schedule.withWeightDecay weightDecay)
                |> Result.bind (Schedule.withAveraging averaging)
        }

    let private valid = Gen.map Result.toOption >> Gen.where Option.isSome >> Gen.map Option.get

    let private shrinkSchedule (s: Schedule) : Schedule seq =
        let smaller: Result<Schedule, ScheduleError> seq =
            seq {
                if s.Averaging.IsSome then
                    Schedule.withAveraging None s

                yield! shrink s.LearningRate |> Seq.map (fun c -> Schedule.withLearningRate c s)
                yield! shrink s.BatchSize |> Seq.map (fun c -> Schedule.withBatchSize c s)

                if s.Momentum <> Curve.constant 0.0 then
                    Schedule.withMomentum (Curve.constant 0.0) s
                    yield! shrink s.Momentum |> Seq.map (fun c -> Schedule.withMomentum c s)
                elif s.Optimizer <> Optimizer.Sgd then
                    Schedule.withOptimizer Optimizer.Sgd s

                if float s.Epochs > 1.0 && Math.Round(float s.Epochs) <> float s.Epochs then
                    Schedule.withEpochs (epochs (Math.Ceiling(float s.Epochs))) s
            }

        smaller |> Seq.choose Result.toOption |> Seq.filter (fun smaller -> smaller <> s)

    /// Any schedule.
    let anySchedule = drawn trainingSetSize (fun _ _ -> 1.0)

    let schedule = Arb.fromGenShrink (valid anySchedule, shrinkSchedule)

    let private mostUpdates = 2000.0
    let private fewUpdates (s: Schedule) = float (Schedule.idealUpdates s) <= 2.0 * mostUpdates

    /// Schedules of at most a few thousand updates, to be walked one by one.
    let shortSchedule =
        let lowest n length = min n (max 1.0 (n * length / mostUpdates))
        Arb.fromGenShrink (drawn trainingSetSize lowest |> valid |> Gen.where fewUpdates, shrinkSchedule >> Seq.filter fewUpdates)

    let policy =
        gen {
            let! partialBatch = Gen.elements [ PartialBatch.Drop; PartialBatch.Keep; PartialBatch.CarryOver ]

            let! rounding =
                Gen.elements [ BatchRounding.Leave; BatchRounding.Compensate Form.Exact; BatchRounding.Compensate Form.Linear ]

            return { PartialBatch = partialBatch; Rounding = rounding }
        }

    let form = Gen.elements [ Form.Exact; Form.Linear ]

    // ---- curves ----------------------------------------------------------------------------------------------------------

    let private caseOf (curves: float -> Gen<Curve>) =
        let generator =
            gen {
                let! length = horizon
                let! curve = curves length

                return { Curve = curve; Horizon = epochs length }
            }

        Arb.fromGenShrink (generator, (fun case -> shrink case.Curve |> Seq.map (fun curve -> { case with Curve = curve })))

    /// Positive curves of every kind, three combinators deep.
    let curve =
        caseOf (fun length ->
            gen {
                let! build = build
                let! depth = Gen.choose (0, 3)
                return! positive build depth (1e-3, 1e3) length
            })

    /// Curves of either sign.
    let signedCurve = caseOf signed

    /// Two curves over one horizon.
    let twoCurves =
        Arb.fromGen (
            gen {
                let! first = Arb.toGen curve
                let! build = build
                let! depth = Gen.choose (0, 1)
                let! second = positive build depth (1e-3, 1e3) (float first.Horizon)
                return first, second
            }
        )

    /// Piecewise-constant curves: steps, and joins, sums, products, shifts and stretches of them.
    let pieces length =
        let step =
            gen {
                let! times = boundaries 30 length
                let! levels = Gen.listOfLength (times.Length + 1) (level (1e-3, 1e3))
                return Curve.step levels.Head (List.zip (List.map epochs times) levels.Tail)
            }

        gen {
            let! a = step
            let! b = step
            let! t = time length

            return!
                Gen.elements
                    [ a
                      Curve.join a (epochs t) b
                      Curve.splice a (epochs t) b
                      Curve.product a b
                      Curve.sum a b
                      Curve.quotient a b
                      Curve.clamp 0.5 2.0 a
                      Curve.shift (epochs t) a
                      Curve.stretch 0.3 a
                      Curve.power -0.5 a ]
        }
