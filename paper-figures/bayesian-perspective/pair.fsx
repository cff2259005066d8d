// Logistic regression of two digits, with labels that mean something or none: accuracy, evidence and test cross-entropy against λ. Figs 1 and 2.
#load "../common/cache.fsx"
#load "settings.fsx"

open System
open System.Diagnostics
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Training.Data
open NoiseScale.Training.Runs
open Figure
open Panel
open Cache
open Settings

/// What is known of one model at one λ.
type Weighed =
    {
        Lambda: float
        TrainAccuracy: float
        TestAccuracy: float
        /// nats an example
        TestLoss: float
        /// E = C + ½ Σ ln(λᵢ/λ) − N ln n: the logarithm of the evidence ratio in favour of the null model
        InFavourOfNull: float
        /// ½ Σ ln(λᵢ/λ)
        Occam: float
        /// γ, parameters that the data determine
        EffectiveParameters: float
        /// ‖∇C‖²/2λ: the cost found is at most this above the least
        CostGap: float
    }

/// A profile over λ for one draw of data and labels.
type Profiled = { Seed: int64; Points: Weighed list }

/// Random or true labels.
type Labels =
    | Random
    | True

let pair = profile.Pair

let lambdas =
    let from, upTo = pair.Decades
    [ for i in 0 .. (upTo - from) * pair.PerDecade -> Math.Pow(10.0, float from + float i / float pair.PerDecade) ]

let whole =
    use found = dataSet arguments
    use unit = found.InUnitRange()
    unit.OfClasses(pair.Classes |> List.toArray)

let private weigh (data: ImageDataSet) : Weighed list =
    let inputs (set: ImageSet) : Tensor = (TorchTensors.Wrap set.Images).cast(Dtype.Float64).view [ set.Count; -1 ]
    let labels (set: ImageSet) : Tensor = (TorchTensors.Wrap set.Labels).clone()
    let trainInputs, trainLabels = inputs data.Train, labels data.Train
    let testInputs, testLabels = inputs data.Test, labels data.Test
    let model = LinearModel.create Likelihood.Bernoulli true trainInputs trainLabels

    let accuracy (w: Tensor) x (y: Tensor) =
        let z = LinearModel.predict true w x
        let right = ((z.squeeze 1).gt(0.0).cast Dtype.Float64) - (y.cast Dtype.Float64)
        1.0 - float (right.abs().mean())

    match EvidenceProfile.overGrid ProfileOptions.Default model (List.toArray lambdas) with
    | Error(lambda, error) -> failwith $"λ = {lambda}: {error}"
    | Ok points ->
        [ for p in points do
              let w = p.Minimum.Weights

              let loss =
                  (Likelihood.costs Likelihood.Bernoulli (LinearModel.predict true w testInputs) testLabels).mean()

              { Lambda = p.Lambda
                TrainAccuracy = accuracy w trainInputs trainLabels
                TestAccuracy = accuracy w testInputs testLabels
                TestLoss = float loss
                InFavourOfNull = (Option.get p.Report.RatioToNull).InFavourOfNull
                Occam = p.Report.Occam.Value
                EffectiveParameters = p.Report.EffectiveParameters.Value
                CostGap = p.Minimum.CostGap } ]

/// Profiles over λ, one a seed: the seed draws the images and, where they are random, the labels.
let profiles (kind: Labels) : Profiled list * float =
    let clock = Stopwatch.StartNew()

    let found =
        [ for i, seed in List.indexed pair.Seeds do
              let key =
                  $"{whole.Hash} {kind} {pair.TrainPerClass} {pair.TestPerClass} seed {seed} lambdas {lambdas |> List.map string}"

              cached arguments "evidence" key (fun () ->
                  use balanced = whole.Balanced(pair.TrainPerClass, pair.TestPerClass, seed)
                  eprintfn $"{kind} labels: seed {i + 1} of {pair.Seeds.Length}, {lambdas.Length} values of λ"

                  match kind with
                  | True -> { Seed = seed; Points = weigh balanced }
                  | Random ->
                      use random = balanced.WithRandomLabels seed
                      { Seed = seed; Points = weigh random }) ]

    found, clock.Elapsed.TotalSeconds

// ---- panels ---------------------------------------------------------------------------------------------------------------

/// Mean and interval over seeds at one place of the grid.
let at (found: Profiled list) i (quantity: Weighed -> float) = Statistics.Mean [| for p in found -> quantity p.Points[i] |]

let curve index name (found: Profiled list) quantity =
    let means = lambdas |> List.mapi (fun i _ -> at found i quantity)
    banded index name lambdas (means |> List.map _.Mean) (means |> List.map _.Low) (means |> List.map _.High)

let private panel title yTitle text series : Panel =
    { Title = title
      XTitle = "λ, precision of the prior"
      YTitle = yTitle
      LogX = true
      LogY = false
      YRange = None
      Text = text
      Series = series }

let panels number (found: Profiled list) =
    [ panel
          $"{number}a  accuracy"
          "accuracy"
          "Training and test accuracy against the regularisation coefficient."
          [ curve 0 "training" found _.TrainAccuracy; curve 1 "test" found _.TestAccuracy ]
      { panel
            $"{number}b  log evidence ratio E, in favour of the null model"
            "E, nats (below 0: the model is believed)"
            "The logarithm of the evidence ratio against the null model, over the regularisation coefficient."
            [ curve 0 "E" found _.InFavourOfNull; series 3 "the null model" [ lambdas.Head; List.last lambdas ] [ 0.0; 0.0 ] ] with
          LogY = false }
      panel
          $"{number}b  test cross-entropy"
          "nats an example"
          "Test cross-entropy against the regularisation coefficient; guessing costs ln 2."
          [ curve 1 "test cross-entropy" found _.TestLoss
            series 3 "ln 2" [ lambdas.Head; List.last lambdas ] [ log 2.0; log 2.0 ] ] ]

let setting =
    $"{whole.Name}, inputs from 0 to 1: logistic regression with {whole.Train.Shape.Length} weights and a bias, N = {2 * pair.TrainPerClass} training and \
      {2 * pair.TestPerClass} test images, balanced; minimum by Newton's method, evidence from all eigenvalues of the Hessian; {pair.Seeds.Length} draws of the images \
      ({arguments.Profile} profile)"

let provenance (found: Profiled list) seconds =
    [ "data", $"{whole.Name}, sha256 {whole.Hash}"
      "seeds", found |> List.map (fun p -> string p.Seed) |> String.concat ", "
      "library", RunSpec.LibraryVersion
      "largest C − C*", $"{found |> List.collect _.Points |> List.map _.CostGap |> List.max:E1} nats (certified by ‖∇C‖²/2λ)"
      "this run", $"{seconds:F1} s" ]
