/// Plans at their extremes: size, cost, and comparison.
module NoiseScale.Schedules.Tests.PlanTests

open System
open System.Threading
open Expecto
open NoiseScale.Schedules

let private schedule n epochs learningRate batch =
    Schedule.create Optimizer.Sgd (n * 1L<example>) epochs learningRate batch (Curve.constant 0.0) |> ScheduleError.orFail

let private create partialBatch schedule = Plan.create { PartialBatch = partialBatch; Rounding = BatchRounding.Leave } schedule

/// Runs a body where recursion over phases would end the process.
let private onSmallStack body =
    let failure = ref None

    let run () =
        try
            body ()
        with error ->
            failure.Value <- Some error

    let thread = Thread(run, 256 * 1024)
    thread.Start()
    thread.Join()
    failure.Value |> Option.iter raise

let private corners =
    testList
        "corners"
        [ testCase "examples left out are left out, though the batch before would have taken them" (fun () ->
              // B peaks at epoch 0.8, where 4 examples are left of the epoch and 5 are wanted; before and after it is 4
              let top, k = sqrt 4.55, sqrt 3.75
              let rising = Curve.linear (top - 0.8 * k) (top + 0.4 * k) 1.2<epoch>
              let falling = Curve.linear (top + 0.8 * k) (top - 0.4 * k) 1.2<epoch>
              // (B = 4.55 − 3.75·(t − 0.8)², so 2.15 at 0, 2.71 at 0.1, 3.42 at 0.25, 3.95 at 0.4, 4.4 at 0.6 and 1, and 4.55 at 0.8)
              let plan =
                  schedule 20L 1.2<epoch> (Curve.constant 0.1) (Curve.product rising falling) |> create PartialBatch.Drop

              let expected = [ 0L, 2; 2L, 3; 5L, 3; 8L, 4; 12L, 4; 20L, 4 ]
              let found = Algebra.updatesFrom plan 0L |> Array.map (fun u -> u.FirstExample, u.BatchSize)
              Expect.equal (List.ofArray found) expected "first examples and sizes"
              Expect.equal plan.Updates 6L "count"
              let last = Algebra.updatesFrom plan 5L |> Array.exactlyOne
              Expect.equal (last.FirstExample, last.BatchSize) (20L, 4) "found without walking")

          testCase "training shorter than half a batch has no updates when data carry over, and one when they are kept" (fun () ->
              let schedule = schedule 1000L 0.01<epoch> (Curve.constant 0.1) (Curve.constant 100.0)
              Expect.equal (create PartialBatch.CarryOver schedule).Updates 0L "carry over"
              Expect.equal (create PartialBatch.Drop schedule).Updates 0L "drop"
              Expect.equal (create PartialBatch.Keep schedule).Updates 1L "keep"
              let only = Algebra.updatesFrom (create PartialBatch.Keep schedule) 0L |> Array.exactlyOne
              Expect.equal only.BatchSize 10 "its ten examples"

              Expect.throwsT<ArgumentException>
                  (fun () -> Plan.noiseScaleAt Form.Exact 0.0<epoch> (create PartialBatch.Drop schedule) |> ignore)
                  "no update, no noise scale"

              let none = create PartialBatch.Drop schedule
              let diff = PlanDiff.between Form.Exact none none
              Expect.equal (diff.UpdatesSaved, diff.UpdatesRatio) (0L, 1.0) "as few, not 0/0")

          testCase "a training set of one example" (fun () ->
              let schedule = schedule 1L 7.0<epoch> (Curve.constant 0.1) (Curve.constant 1.0)

              for partialBatch in [ PartialBatch.Drop; PartialBatch.Keep; PartialBatch.CarryOver ] do
                  Expect.equal (create partialBatch schedule).Updates 7L $"{partialBatch}")

          testCase "a batch an ulp below N is full, one a millionth below it is not" (fun () ->
              let compensated batch =
                  schedule 1000L 2.0<epoch> (Curve.constant 0.1) (Curve.constant batch)
                  |> Plan.create
                      { PartialBatch = PartialBatch.CarryOver
                        Rounding = BatchRounding.Compensate Form.Exact }
                  |> fun plan -> Algebra.updatesFrom plan 0L |> Array.head

              let full = compensated (Math.BitDecrement 1000.0)
              Expect.equal (full.BatchSize, full.LearningRate) (1000, 0.1) "no noise to keep"
              let almost = compensated 999.999
              Expect.equal almost.BatchSize 999 "N examples would have no noise at all"
              // ε′·1/999 = 0.1·0.001/999.999
              Expect.floatClose Accuracy.high almost.LearningRate 9.9900099900e-5 "and keeps the noise")

          testCase "a boundary in the middle of a batch: the half decides, an exact half for the earlier side" (fun () ->
              let sizes at =
                  let batch = Curve.step 10.0 [ at, 20.0 ]

                  schedule 100L 1.0<epoch> (Curve.constant 0.1) batch
                  |> create PartialBatch.CarryOver
                  |> fun plan -> Algebra.updatesFrom plan 0L |> Array.map _.BatchSize |> Array.toList

              Expect.equal (sizes 0.25<epoch>) [ 10; 10; 10; 20; 20; 20; 20 ] "the middle of 20..30 lies on the boundary 25"
              Expect.equal (sizes 0.24<epoch>) [ 10; 10; 20; 20; 20; 20 ] "and beyond 24")

          testCase "the settings of an update across a boundary are those of its side" (fun () ->
              let rate = Curve.step 0.1 [ 0.24<epoch>, 0.01 ]
              let plan = schedule 100L 1.0<epoch> rate (Curve.constant 10.0) |> create PartialBatch.CarryOver
              let rates = Algebra.updatesFrom plan 0L |> Array.map _.LearningRate
              Expect.equal rates[..3] [| 0.1; 0.1; 0.01; 0.01 |] "20..30 has its middle at 25"
              let third = Algebra.updatesFrom plan 2L |> Array.head
              Expect.equal third.Epoch 0.2<epoch> "though it starts before the boundary") ]

let private parse text = Syntax.parse text |> ScheduleError.orFail

let private costs =
    testSequenced (
        testList
            "costs"
            [ testCase "a plan of ten million updates is made in closed form" (fun () ->
                  let large =
                      parse "lr 0.1 /5 @60,120,160; batch 128 *5 @60; momentum 0.9; epochs 204.8; examples 20000000"

                  Plan.ofSchedule large |> ignore

                  for partial in [ PartialBatch.CarryOver; PartialBatch.Keep; PartialBatch.Drop ] do
                      let policy = { PartialBatch = partial; Rounding = BatchRounding.Leave }

                      let before = GC.GetAllocatedBytesForCurrentThread()
                      let plan = Plan.create policy large
                      let bytes = GC.GetAllocatedBytesForCurrentThread() - before
                      Expect.isGreaterThan plan.Updates 10_000_000L $"updates under {partial}"
                      Expect.equal plan.Phases.Count 4 $"phases under {partial}"
                      // an update each would be hundreds of megabytes
                      Expect.isLessThan bytes 20_000L $"bytes for four phases under {partial}")

              testCase "stepping through a plan allocates nothing" (fun () ->
                  for text in
                      [ "lr 0.1 /5 @60; batch 128; momentum 0.9; epochs 100; examples 50000"
                        "lr cosine(0.1, 0, 100); batch 128 *5 @50; momentum 0.9; epochs 100; examples 50001"
                        "lr 0.1; batch linear(50, 150, 100); momentum 0.9; epochs 100; examples 50000" ] do
                      for partial in [ PartialBatch.CarryOver; PartialBatch.Keep; PartialBatch.Drop ] do
                          let policy = { PartialBatch = partial; Rounding = BatchRounding.Compensate Form.Exact }

                          let plan = Plan.create policy (parse text)

                          let sum () =
                              let mutable walk = plan.GetEnumerator()
                              let mutable sum = 0.0

                              while walk.MoveNext() do
                                  sum <- sum + walk.Current.LearningRate

                              sum

                          sum () |> ignore
                          let before = GC.GetAllocatedBytesForCurrentThread()
                          let total = sum ()
                          let bytes = GC.GetAllocatedBytesForCurrentThread() - before
                          Expect.isGreaterThan total 0.0 "walked"
                          Expect.equal bytes 0L $"bytes for {plan.Updates} updates under {partial}") ]
    )

let private size =
    testList
        "size"
        [ testCase "an update in the middle of ten million is found without walking" (fun () ->
              let schedule =
                  schedule 10_000_000L 100.5<epoch> (Curve.constant 0.1) (Curve.step 77.0 [ 50.3<epoch>, 99.0 ])

              for partialBatch in [ PartialBatch.Drop; PartialBatch.Keep; PartialBatch.CarryOver ] do
                  let plan = create partialBatch schedule
                  let middle = plan.Updates / 2L
                  let before = GC.GetAllocatedBytesForCurrentThread()
                  let mutable walk = plan.From middle
                  let found = walk.MoveNext()
                  let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                  Expect.isTrue found $"{partialBatch}"
                  Expect.equal walk.Current.Index middle $"{partialBatch}"
                  Expect.isLessThan allocated 1000L $"{partialBatch}: bytes allocated"
                  // the last one ends with the data
                  let mutable walk = plan.From(plan.Updates - 1L)
                  Expect.isTrue (walk.MoveNext()) "the last update"
                  let ends = walk.Current.FirstExample + int64 walk.Current.BatchSize
                  Expect.isLessThanOrEqual (abs (ends - 1_005_000_000L)) 99L "where it ends"
                  Expect.isFalse (walk.MoveNext()) "and nothing after it")

          testCase "positions up to 8·10¹⁸ examples do not overflow" (fun () ->
              let most = float Int32.MaxValue
              let schedule = schedule 8_000_000_000_000L 1e6<epoch> (Curve.constant 0.1) (Curve.constant most)
              let expected = 8e18 / most

              for partialBatch in [ PartialBatch.Drop; PartialBatch.Keep; PartialBatch.CarryOver ] do
                  let plan = create partialBatch schedule
                  Expect.isLessThan (abs (float plan.Updates / expected - 1.0)) 1e-3 $"{partialBatch}: {plan.Updates} updates"
                  let mutable walk = plan.From(plan.Updates - 1L)
                  Expect.isTrue (walk.MoveNext()) "the last update"
                  Expect.isLessThan (abs (float walk.Current.FirstExample / 8e18 - 1.0)) 1e-3 "and where it starts")

          testCase "a hundred thousand phases fit a small stack" (fun () ->
              let count = 100_000
              let times = [ for i in 1 .. count - 1 -> float i / 100.0 * 1.0<epoch> ]
              let rate = Curve.step 0.1 [ for i, t in List.indexed times -> t, (if i % 2 = 0 then 0.05 else 0.1) ]
              let batch = Curve.step 10.0 [ for i, t in List.indexed times -> t, (if i % 2 = 0 then 20.0 else 10.0) ]

              onSmallStack (fun () ->
                  let schedule = schedule 10_000L 1000.0<epoch> (Curve.product rate (Curve.stretch 1.5 rate)) batch
                  let scaled = Transform.scaleLearningRate Form.Exact 2.0 schedule |> ScheduleError.orFail
                  Expect.isGreaterThan (Plan.ofSchedule scaled).Phases.Count count "phases"))

          testCase "thousands of warm restarts can be traded on a small stack" (fun () ->
              onSmallStack (fun () ->
                  let schedule =
                      schedule 1000L 3000.0<epoch> (Curve.cosineRestarts 0.1 0.01 1.0<epoch> 1.0) (Curve.constant 10.0)

                  let traded =
                      Trade.decayForBatch TradeRule.Linear Form.Linear (Cap.Examples 50.0) None schedule |> ScheduleError.orFail

                  Expect.isLessThan (Schedule.idealUpdates traded) (Schedule.idealUpdates schedule) "updates saved")) ]

let private cifar = (DontDecay.tryFind "original").Value.Schedule
let private increase = (DontDecay.tryFind "increase-capped").Value.Schedule

let private diff =
    testList
        "comparison"
        [ testCase "the paper's growing batch saves 50 812 updates, at noise scales equal but for rounding" (fun () ->
              let first, second = Plan.ofSchedule cifar, Plan.ofSchedule increase
              let diff = PlanDiff.between Form.Linear first second
              Expect.equal diff.Updates (struct (80_000L, 29_188L)) "updates"
              Expect.equal diff.UpdatesSaved 50_812L "saved"
              Expect.floatClose Accuracy.veryHigh diff.UpdatesRatio (29_188.0 / 80_000.0) "ratio"
              Expect.isLessThan diff.NoiseScaleDeviation 1e-12 "whole batches need no rounding"
              Expect.equal diff.PeakLearningRate (struct (0.1, 0.1)) "peak learning rates"
              Expect.equal diff.PeakBatchSize (struct (128, 5120)) "peak batches")

          testCase "the exact form sees what the linear trade did to the noise" (fun () ->
              // at the last phase: (N/5120 − 1)/5 of the 25 against N/128 − 1
              let diff = PlanDiff.between Form.Exact (Plan.ofSchedule cifar) (Plan.ofSchedule increase)
              let n = 50_000.0
              let expected = 1.0 - (n / 5120.0 - 1.0) / 40.0 / ((n / 128.0 - 1.0) / 40.0) * 40.0
              Expect.floatClose Accuracy.high diff.NoiseScaleDeviation expected "deviation"
              Expect.isGreaterThanOrEqual diff.DeviationAt 120.0<epoch> "in the phases at the cap")

          testCase "the peak of a compensated plan is that of its updates" (fun () ->
              for rate in [ Curve.constant 0.1; Curve.cosine 0.1 0.01 20.0<epoch> ] do
                  for batch in [ Curve.constant 1.5; Curve.linear 1.2 7.0 20.0<epoch> ] do
                      let plan =
                          schedule 1000L 20.0<epoch> rate batch
                          |> Plan.create
                              { PartialBatch = PartialBatch.CarryOver
                                Rounding = BatchRounding.Compensate Form.Linear }

                      let peak = Algebra.updatesFrom plan 0L |> Array.map _.LearningRate |> Array.max
                      let struct (found, _) = (PlanDiff.between Form.Linear plan plan).PeakLearningRate
                      Expect.floatClose Accuracy.veryHigh found peak $"{rate}, {batch}")

          testCase "swapped, savings change sign" (fun () ->
              let first, second = Plan.ofSchedule cifar, Plan.ofSchedule increase
              let there, back = PlanDiff.between Form.Linear first second, PlanDiff.between Form.Linear second first
              Expect.equal back.UpdatesSaved -there.UpdatesSaved "saved") ]

let tests = testList "plans at their extremes" [ corners; costs; testSequenced size; diff ]
