/// Losses of problems: how sum, mean, prior and single examples belong together, and what is refused.
module NoiseScale.Theory.Tests.ProblemTests

open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Property

let private number (t: Tensor) = float t

let tests =
    testList
        "problem"
        [ forEach "the summed cost is N mean costs, and the sum of its examples'" (fun problem w ->
              let n = problem.Count
              let summed = number (Problem.summedLoss problem w)
              close 1e-13 "mean" summed (float n * number (Problem.meanLoss problem w))
              close 1e-13 "examples" summed ([ 0 .. n - 1 ] |> List.sumBy (fun i -> number (Problem.exampleLoss i problem w)))
              close 1e-13 "all" summed (floats (Problem.costs problem w) |> Array.sum))

          forEach "the prior adds (λ/2)‖w‖²" (fun problem w ->
              let squares = w |> Array.sumBy (fun t -> floats t |> Array.sumBy (fun x -> x * x))

              close
                  1e-13
                  "cost"
                  (number (Problem.summedLoss problem w) + 0.5 * 0.7 * squares)
                  (number (Problem.summedLossWithPrior 0.7 problem w)))

          forEach "selected examples, repeated ones too" (fun problem w ->
              let costs = floats (Problem.costs problem w)
              let chosen = Problem.select [ 3; 0; 3 ] problem
              Expect.equal chosen.Count 3 "count"
              Expect.sequenceEqual (floats (Problem.costs chosen w)) [ costs[3]; costs[0]; costs[3] ] "costs")

          testCase "refusals" (fun () ->
              let create inputs targets = Problem.create (Likelihood.Categorical 3) network inputs targets
              refuses [ "example 1"; "label 7" ] (fun () -> create (normal 1 [ 2; 2 ]) (integers [ 0; 7 ]))
              refuses [ "2 targets" ] (fun () -> create (normal 1 [ 3; 2 ]) (integers [ 0; 1 ]))
              refuses [ "not finite" ] (fun () -> create (matrix (array2D [ [ 1.0; infinity ] ])) (integers [ 0 ]))) ]
