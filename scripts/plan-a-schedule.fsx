// A schedule of one's own, seen before it runs: three ways to spend the same noise.
//   dotnet build Research.sln -c Release && dotnet fsi scripts/plan-a-schedule.fsx
#I "../src/NoiseScale.Cli/bin/Release/net10.0"
#r "NoiseScale.Schedules.dll"
#r "MathNet.Numerics.dll"

open NoiseScale.Schedules

let ok = ScheduleError.orFail

// five epochs of warm-up, then a cosine
let schedule =
    Syntax.parse "lr join(5, linear(0.01, 0.1, 5), cosine(0.1, 0, 85)); batch 256; momentum 0.9; epochs 90; examples 1281167"
    |> ok

let candidates =
    [ "as written", schedule
      "decay traded for batch, to N/10", Trade.decayForBatch TradeRule.Linear Form.Exact Cap.TenthOfTrainingSet None schedule |> ok
      "the same, from four times the learning rate",
      schedule
      |> Transform.scaleLearningRate Form.Exact 4.0
      |> Result.bind (Trade.decayForBatch TradeRule.Linear Form.Exact Cap.TenthOfTrainingSet None)
      |> ok
      "half the decay traded (Seesaw)", Trade.decayForBatch TradeRule.Seesaw Form.Exact Cap.TenthOfTrainingSet None schedule |> ok ]

printfn "%-46s %10s %8s %14s %10s" "" "updates" "saved" "largest batch" "|Δg/g|"

for name, candidate in candidates do
    let plan = Plan.ofSchedule candidate
    let diff = PlanDiff.between Form.Exact (Plan.ofSchedule schedule) plan
    let struct (_, batch) = diff.PeakBatchSize
    printfn "%-46s %10d %7.0f%% %14d %10.1e" name plan.Updates (100.0 * (1.0 - diff.UpdatesRatio)) batch diff.NoiseScaleDeviation

// P3 reads the same quantity as a temperature: at T = 1, SGD would sample the posterior
let T = NoiseScale.posteriorTemperatureAt 60.0<epoch> schedule
printfn "\nP3's temperature at epoch 60: %.3g" T.Value
