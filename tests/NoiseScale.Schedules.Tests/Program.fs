module NoiseScale.Schedules.Tests.Program

open Expecto
open NoiseScale.Schedules

let private documentation =
    testCase "every public member is documented" (fun () ->
        Expect.isEmpty (DocCoverage.missing typeof<Schedule>.Assembly) "members without a summary")

[<EntryPoint>]
let main argv =
    [ CurveLaws.tests
      IntegralLaws.tests
      NoiseScaleLaws.tests
      TransformLaws.tests
      ScaleBatchLaws.tests
      TradeLaws.tests
      WidthLaws.tests
      PlanLaws.tests
      PlanTests.tests
      TextLaws.tests
      PaperCounts.tests
      BadInput.tests
      Mutants.tests
      CitationTests.tests
      documentation ]
    |> testList "schedules"
    |> runTestsWithCLIArgs [] argv
