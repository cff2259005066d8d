// Fig 5: cross-entropy against batch size for larger training sets: the best batch size grows with N.
#load "network.fsx"

open System
open NoiseScale.Training.Runs
open Claims
open Settings
open Seeds
open Running
open Network

let private swept = sweep "Figure 5" hidden.Sets
let private larger = swept.Tail

let private eyed =
    [ 4096, [ 32, 1.307; 64, 1.18; 128, 1.105; 256, 1.094; 512, 1.109; 1024, 1.113; 2048, 1.124; 4096, 1.12 ]
      16_384, [ 128, 1.073; 256, 1.028; 512, 1.025; 1024, 1.023; 2048, 1.026; 4096, 1.024; 8192, 1.026; 16_384, 1.04 ] ]
    |> dict

/// ln B_opt against ln N over the sets whose optimum is interior, Fig 4's among them, seed by seed.
let private grows: Claim =
    let optima =
        [ for s in swept -> s, lowest (s.Set.BatchSizes |> List.map (float >> Math.Log2)) (s.Scores |> List.map (List.map _.EnsembleLoss)) ]
        |> List.filter (fun (_, l) -> l.IsInterior)

    let slopes =
        if optima.Length < 2 then
            []
        else
            [ for seed in 0 .. hidden.Seeds - 1 ->
                  let xs = [| for s, _ in optima -> Math.Log2(float s.Set.Examples) |]
                  let ys = [| for _, l in optima -> l.OfSeeds[seed] |]
                  let struct (_, slope) = MathNet.Numerics.Fit.Line(xs, ys)
                  slope ]

    match slopes with
    | [] ->
        { Claim = "the best batch size is proportional to N"
          Paper = "B = εN/2: 64, 256, 1024 at N = 1024, 4096, 16384"
          Ours = "fewer than two optima lie within their grids"
          Verdict = NotTestable }
    | _ ->
        let m: MeanInterval = mean slopes

        { Claim = "the best batch size is proportional to N: slope 1 ± 0.5 of ln B against ln N"
          Paper = "B = εN/2: 64, 256, 1024 at N = 1024, 4096, 16384"
          Ours = $"slope {interval m} over {optima.Length} sizes"
          Verdict =
            if m.Low > 0.5 && m.High < 1.5 then Holds
            elif m.Mean > 0.5 && m.Mean < 1.5 then WithinBand
            else Fails }

publish
    { Key = "fig5"
      Title = "Figure 5: batch size, larger training sets"
      Caption = $"""N = {larger |> List.map (fun s -> string s.Set.Examples) |> String.concat " and "}; {setting}."""
      Panels = larger |> List.mapi (fun i s -> lossPanel $"5{char (int 'a' + i)}" s)
      Claims =
        [ for s in larger do
              optimal "B = 256 at N = 4096, 1024 at 16384 (Fig 5)" s

              match eyed.TryGetValue s.Set.Examples with
              | true, values -> along values s
              | _ -> ()

              ensembleWins s
          grows ]
      Provenance = origin swept
      Command = command "fig5" }
