module NoiseScale.Theory.Tests.Program

open Expecto
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError

let private documentation =
    testCase "every public member is documented" (fun () ->
        Expect.isEmpty (DocCoverage.missing typeof<BSeries>.Assembly) "members without a summary")

[<EntryPoint>]
let main argv =
    match argv with
    | [| "--cost" |] -> Cost.run 5
    | [| "--sampling-cost" |] -> Sampling.SamplingCost.run ()
    | [| "--cost"; rounds |] -> Cost.run (int rounds)
    | _ ->
        [ testList "models" [ LikelihoodTests.tests; ProblemTests.tests ]
          testList
              "backward error"
              [ CoefficientTests.tests
                TreeTests.tests
                BSeriesTests.tests
                SamplingTests.tests
                PotentialTests.tests
                DerivationTests.tests
                OrderTests.tests
                FlowTests.tests ]
          testList "curvature" [ OperatorTests.tests; CurvatureTests.tests; LanczosTests.tests; EstimatorTests.tests; SolveTests.tests ]
          testList
              "gradient noise"
              [ FiniteSampleTests.tests
                EstimateTests.tests
                CoverageTests.tests
                CriticalBatchTests.tests
                PerExampleTests.tests
                SpectrumTests.tests ]
          testList "evidence" [ PriorTests.tests; LaplaceTests.tests; LinearModelTests.tests; NetworkTests.tests; MnistTests.tests ]
          testList
              "sampling"
              [ Sampling.OracleTests.tests
                Sampling.DiagnosticsTests.tests
                Sampling.TemperatureTests.tests
                Sampling.FisherTests.tests
                Sampling.SamplerTests.tests
                Sampling.FluxTests.tests
                Sampling.StationaryTests.tests
                Sampling.InvarianceTests.tests
                Sampling.PosteriorTests.tests
                Sampling.CalibrationTests.tests ]
          testList
              "Gaussian processes"
              [ KernelTests.tests
                RegressionTests.tests
                TemperingTests.tests
                SoftmaxTests.tests
                AleatoricTests.tests
                SamplerTests.tests
                ColdPosteriorTests.tests ]
          Width.WidthTests.tests
          CitationTests.tests
          documentation ]
        |> testList "theory"
        |> runTestsWithCLIArgs [] argv
