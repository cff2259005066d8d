// Fig 2: training and test accuracy against the learning rate, without and with a penalty.
#load "comparisons.fsx"

open Claims
open Experiment
open Comparisons
open Settings

let private e = experiment profile.Wide profile.Seeds

let private trained = train "Figure 2" e [ Sweep.rates e; Sweep.ratesWithPenalty e ]
let private without, penalised = trained[0], trained[1]

let private lambda = $"λ = {powerText e.Setting.FixedPenalty}"

let private accuracies title text trained =
    accuracyPanel
        title
        "log₂ ε"
        "accuracy"
        text
        [ curve 0 "training, at the end" e (fun c -> float c.Rate) finalTrain trained
          curve 1 "test, highest" e (fun c -> float c.Rate) bestTest trained ]

let private moved: Claim =
    let before, after = optimumOf rateOf e bestTest without, optimumOf rateOf e bestTest penalised

    { Claim = "with the penalty the test accuracy is best at a smaller ε"
      Paper = "2⁻⁶ without, 2⁻⁸ with λ = 2⁻⁶ (Fig 2)"
      Ours = $"without {optimumText before}; {lambda}: {optimumText after}"
      Verdict =
        if after.OfMean >= before.OfMean then Fails
        elif List.forall2 (<) after.OfSeeds before.OfSeeds then Holds
        else WithinBand }

publish
    { Key = "fig2"
      Title = "Figure 2: training and test accuracy against the learning rate"
      Caption = $"SGD without momentum, constant learning rate, B = {e.Setting.BatchSize}, {e.Setting.Epochs} epochs. {setting e}."
      Panels =
        [ accuracies "2a  λ = 0" "Training and test accuracy against the learning rate without a penalty." without
          accuracies $"2b  {lambda}" "Training and test accuracy against the learning rate with a penalty." penalised ]
      Claims =
        [ trainingOptimumSmaller "λ = 0" "training 2⁻¹⁰, test 2⁻⁶ (Fig 2a)" e without
          moved
          { Claim = "with the penalty training and test accuracy are best at the same ε"
            Paper = "both 2⁻⁸ (Fig 2b)"
            Ours = (trainingOptimumSmaller "" "" e penalised).Ours
            Verdict =
              let test, train = optimum e bestTest penalised, optimum e finalTrain penalised
              let top = (mean e finalTrain train).Mean

              match penalised |> List.filter (fun t -> (mean e finalTrain t).Mean = top) with
              | [ one ] -> holdsIf (one.Cell.Rate = test.Cell.Rate)
              | _ -> NotTestable } ]
      Provenance = provenanceOf e (without @ penalised)
      Command = command "fig2" }
