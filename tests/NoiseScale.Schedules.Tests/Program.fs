module NoiseScale.Schedules.Tests.Program

open Expecto

[<EntryPoint>]
let main argv = runTestsWithCLIArgs [] argv (testList "schedules" [ CurveLaws.tests; IntegralLaws.tests; NoiseScaleLaws.tests; TransformLaws.tests; ScaleBatchLaws.tests ])
