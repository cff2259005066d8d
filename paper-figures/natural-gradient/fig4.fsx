// Fig 4: accuracy and cross-entropy against batch size, the smallest training set.
#load "network.fsx"

open Claims
open Settings
open Seeds
open Running
open Network

let private swept = sweep "Figure 4" [ hidden.Sets.Head ] |> List.head
let private isPapers = swept.Set.Examples = 1024

let private eyed = [ 16, 1.6; 32, 1.37; 64, 1.297; 128, 1.31; 256, 1.346; 512, 1.376 ]

let private accurate: Claim =
    let best = swept.Scores |> List.map (List.map _.EnsembleAccuracy >> mean) |> List.maxBy _.Mean

    { Claim = "accuracy of the ensemble at its best B"
      Paper = "about 0.569 at B = 64 (Fig 4a, by eye)"
      Ours = interval best
      Verdict =
        if not (isPapers && data.Name.StartsWith "mnist") then NotTestable
        elif best.Low > 0.569 - 0.05 && best.High < 0.569 + 0.05 then Holds
        else Fails }

publish
    { Key = "fig4"
      Title = "Figure 4: batch size, a small training set"
      Caption = $"N = {swept.Set.Examples}; {setting}."
      Panels = [ accuracyPanel "4a" swept; lossPanel "4b" swept ]
      Claims =
        [ optimal "B = 64 = εN/2 at N = 1024 (Fig 4b)" swept
          if isPapers then
              along eyed swept
          ensembleWins swept
          accurate ]
      Provenance = origin [ swept ]
      Command = command "fig4" }
