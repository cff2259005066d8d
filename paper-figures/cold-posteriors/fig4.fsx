// Fig 4: cold-posterior curves: test cross-entropy and accuracy against temperature for digits with curated and with noisy labels, and for labels whose origin is known.
#load "softmax.fsx"

open System
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Training.Runs
open Panel
open Claims
open Settings
open Seeds
open Running
open Digits
open Softmax

let private flipped = LabelModel.Flipped settings.FlipRate

/// So many labellers that agree make a standard prior as sure as a curator: 25 raise the variance of logits 625-fold, as figure 3 asks for (577-fold for ten classes).
let private labellers = 25

let private agreed = LabelModel.GivenAgreement labellers

/// The curator's prior under a likelihood without labellers: softmax(Sf) with f of k is softmax f with f of S²k.
let private sureKernel = Kernel.scale (float (labellers * labellers)) kernel

/// Of labels drawn from the prior itself, where the rest of the model is right: fewer labellers, as the tests of the library have.
let private few = LabelModel.GivenAgreement 5

let private scenario name labels likelihood prior kind =
    { Name = name
      Labels = labels
      Likelihood = likelihood
      Kernel = prior
      Kind = kind }

let private softmax = LabelModel.Softmax

let private all =
    curves
        [ scenario "curated, softmax" Curated softmax kernel Whole
          scenario "curated, softmax, likelihood tempered" Curated softmax kernel LikelihoodAlone
          scenario $"curated, {labellers} labellers agree" Curated agreed kernel Whole
          scenario "flipped, softmax" (Noisy settings.FlipRate) softmax kernel Whole
          scenario "flipped, softmax, likelihood tempered" (Noisy settings.FlipRate) softmax kernel LikelihoodAlone
          scenario "flipped, likelihood of flips" (Noisy settings.FlipRate) flipped kernel Whole
          scenario "flipped, likelihood of flips, sure prior" (Noisy settings.FlipRate) flipped sureKernel Whole
          scenario "drawn by softmax, softmax" (Drawn softmax) softmax kernel LikelihoodAlone
          scenario "5 labellers agree, softmax" (Drawn few) softmax kernel LikelihoodAlone
          scenario "5 labellers agree, their likelihood" (Drawn few) few kernel LikelihoodAlone
          scenario "flipped, softmax" (Drawn flipped) softmax kernel LikelihoodAlone
          scenario "flipped, likelihood of flips" (Drawn flipped) flipped kernel LikelihoodAlone ]

let private curated, private curatedLikelihood, private curatedAgreed = all[0], all[1], all[2]

let private noisy, private noisyLikelihood, private noisyFlipped, private noisySure =
    all[3], all[4], all[5], all[6]

let private own, private ownAgreedSoftmax, private ownAgreed, private ownFlippedSoftmax, private ownFlipped =
    all[7], all[8], all[9], all[10], all[11]

let private logs = settings.Temperatures
let private one = logs |> List.findIndex ((=) 0.0)
let private seeds = [ 0 .. settings.Seeds - 1 ]
let private values (f: Scored -> float) (c: Curve) = c.Scores |> List.map (List.map f)
let private lossAt c i : float list = (values _.CrossEntropy c)[i]

// ---- where a curve is lowest -------------------------------------------------------------------------------------------------

/// The temperature on the grid with the least mean cross-entropy over some seeds, of those that a condition allows.
let private bestOver (allowed: float -> bool) (c: Curve) (chosen: int list) =
    [ for i, log2T in List.indexed logs do
          if allowed log2T then
              i, chosen |> List.averageBy (fun seed -> (lossAt c i)[seed]) ]
    |> List.minBy snd
    |> fst

/// What cooling gains over T = 1 in a score, seed by seed, at the T < 1 that is best for the other seeds: choosing T flatters nobody.
let private gain (c: Curve) (score: Scored -> float) =
    [ for seed in seeds ->
          let i = bestOver (fun log2T -> log2T < 0.0) c (List.except [ seed ] seeds)
          let scores = values score c
          scores[one][seed] - scores[i][seed] ]

/// log₂ of the best T of every seed: the top of a parabola through the seed's best point and its neighbours; the ends of the grid stay themselves.
let private optima (c: Curve) =
    [ for seed in seeds ->
          let at i = (lossAt c i)[seed]
          let i = [ 0 .. logs.Length - 1 ] |> List.minBy at

          if i = 0 || i = logs.Length - 1 then
              logs[i]
          else
              let fit =
                  MathNet.Numerics.Fit.Polynomial([| logs[i - 1]; logs[i]; logs[i + 1] |], [| at (i - 1); at i; at (i + 1) |], 2)

              if fit[2] > 0.0 then -fit[1] / (2.0 * fit[2]) else logs[i] ]

let private bestText (c: Curve) =
    let i = bestOver (fun _ -> true) c seeds
    let edge = if i = 0 || i = logs.Length - 1 then ", the end of the grid" else ""
    $"least at T = {temperatures[i]:G4}{edge}: {interval (mean (lossAt c i))} nats, {interval (mean (lossAt c one))} at T = 1"

// ---- claims ------------------------------------------------------------------------------------------------------------------

let private coldPaper = abstractSays "tuning T on validation data beats exact inference"

let private noisePaper =
    abstractSays "priors overestimate the aleatoric uncertainty of such labels; that noisier labels want a higher T is derived"

let private matchedPaper =
    abstractSays "priors overestimate the aleatoric uncertainty of such labels; that T = 1 is best once they do not is derived"

let private cold name (c: Curve) : Claim =
    let loss = mean (gain c _.CrossEntropy)
    let accuracy = mean (gain c (fun s -> -100.0 * s.Accuracy))

    { Claim = $"{name}: a T < 1, chosen on the other seeds, predicts better than T = 1"
      Paper = coldPaper
      Ours =
        $"cross-entropy lower by {interval loss} nats, accuracy higher by {accuracy.Mean:F2} [{accuracy.Low:F2}, {accuracy.High:F2}] points; {bestText c}"
      Verdict = holdsAboveZero (loss.Low, loss.Mean) }

/// Whether every seed's best T is one and the same end of the grid: the best lies beyond it, nobody knows how far.
let private isBeyond (c: Curve) =
    let all = optima c
    all |> List.forall ((=) logs.Head) || all |> List.forall ((=) (List.last logs))

let private movesUp name (from: Curve) (upTo: Curve) : Claim =
    let shift = difference (optima from) (optima upTo)
    let gains c = interval (mean (gain c _.CrossEntropy))

    let where =
        if isBeyond from && isBeyond upTo then
            $"both best at the end of the grid, T = {2.0 ** (optima from).Head:G4}, for every seed"
        else
            $"log₂ T higher by {interval shift}: from {interval (mean (optima from))} to {interval (mean (optima upTo))}"

    { Claim = $"{name}: with {settings.FlipRate:P0} of the labels flipped the best T is higher"
      Paper = noisePaper
      Ours = $"{where}; cooling gains {gains from} nats without flips, {gains upTo} with them"
      Verdict =
        if isBeyond from && isBeyond upTo then
            NotTestable
        else
            holdsAboveZero (shift.Low, shift.Mean) }

let private rhats (c: Curve) = c.Scores |> List.concat |> List.map _.Rhat |> List.sort
let private median (sorted: float list) = sorted[sorted.Length / 2]

/// Curves of chains so far apart are no curves of the posterior.
let private hasMixed (c: Curve) = median (rhats c) < 1.2

/// Within an octave of T = 1, and what the best T < 1 chosen on other seeds gains over it.
let private atOne paper name (c: Curve) : Claim =
    let m = mean (optima c)
    let cost = mean (gain c _.CrossEntropy)

    let unmixed =
        if hasMixed c then
            ""
        else
            $"; its chains have not mixed, R̂ = {median (rhats c):F2} in the median"

    { Claim = $"{name}: the best T is 1"
      Paper = paper
      Ours = $"log₂ T = {interval m}; the best T < 1 of other seeds gains {interval cost} nats; {bestText c}{unmixed}"
      Verdict =
        if not (hasMixed c) then NotTestable
        elif m.Low <= 0.0 && 0.0 <= m.High && m.High - m.Low < 2.0 then Holds
        elif m.Low <= 0.0 && 0.0 <= m.High then WithinBand
        else Fails }

let private less name (mismatched: Curve) (matched: Curve) : Claim =
    let all = difference (gain matched _.CrossEntropy) (gain mismatched _.CrossEntropy)
    let better = difference (lossAt matched one) (lossAt mismatched one)

    { Claim = $"{name}: cooling gains less than with the softmax, and T = 1 is better than with it"
      Paper = matchedPaper
      Ours = $"cooling gains {interval all} nats less; at T = 1 cross-entropy is lower by {interval better}"
      Verdict =
        match holdsAboveZero (all.Low, all.Mean), holdsAboveZero (better.Low, better.Mean) with
        | Holds, Holds -> Holds
        | Fails, _
        | _, Fails -> Fails
        | _ -> WithinBand }

let private believed: Claim =
    let scores = all |> List.collect (fun c -> List.concat c.Scores)
    let found = scores |> List.map _.Rhat |> List.sort
    let within (rs: float list) = rs |> List.filter (fun r -> r < 1.05) |> List.length

    let without =
        match all |> List.filter (hasMixed >> not) with
        | [] -> ""
        | unmixed when unmixed.Length = all.Length -> "; no curve's chains have mixed"
        | unmixed ->
            let rest = all |> List.filter hasMixed |> List.collect rhats
            let names = unmixed |> List.map (fun c -> $"'{c.Scenario.Name}'") |> String.concat ", "
            $"; without {names} at {within rest} of {rest.Length}, largest {List.max rest:F3}"

    { Claim = "the chains have mixed: R̂ of their log-likelihoods is below 1.05 at 95 % of the points"
      Paper = "a check of our sampler, nothing of the paper's"
      Ours =
        $"at {within found} of {found.Length}, median {median found:F3}, largest {List.last found:F3}{without}; acceptance {scores |> List.map _.Acceptance |> List.min:F2} \
          to {scores |> List.map _.Acceptance |> List.max:F2}"
      Verdict = holdsIf (float (within found) >= 0.95 * float found.Length) }

// ---- panels ------------------------------------------------------------------------------------------------------------------

let private against title yTitle text score (shown: Curve list) =
    { panel title "T" yTitle text [ for i, c in List.indexed shown -> curve i c.Scenario.Name temperatures (values score c) ] with
        LogX = true }

let private loss title text shown = against title "test cross-entropy [nats]" text _.CrossEntropy shown

publish
    { Key = "fig4"
      Title = "Figure 4: test error against temperature"
      Caption =
        $"""Digits {settings.Classes |> List.map string |> String.concat ", "} of {whole.Name}, {classes * settings.TrainingPerClass} training and {classes * settings.TestPerClass} test images, \
          drawn anew by each of {settings.Seeds} seeds; {kernel}, {settings.Chains} chains of Hamiltonian Monte Carlo, {settings.Draws} draws each. Test labels come about as the training labels do. \
          Panels a to d: the digits' own labels, the whole posterior tempered unless stated; panel e: labels of functions drawn from the prior, the likelihood tempered. The figure is ours."""
      Panels =
        [ loss "4a: curated labels" "Falls as T does." [ curated; curatedLikelihood; curatedAgreed ]
          against
              "4b: curated labels, accuracy"
              "test accuracy"
              "Rises a little as T falls."
              _.Accuracy
              [ curated; curatedLikelihood; curatedAgreed ]
          loss
              $"4c: {settings.FlipRate:P0} of the labels flipped"
              "Less is gained by small T."
              [ noisy; noisyLikelihood; noisyFlipped; noisySure ]
          against
              $"4d: {settings.FlipRate:P0} flipped, accuracy"
              "accuracy at flipped labels"
              "Depends little on T."
              _.Accuracy
              [ noisy; noisyLikelihood; noisyFlipped; noisySure ]
          loss
              "4e: labels of known origin"
              "Least at T = 1 where the likelihood is the labels'."
              [ own; ownAgreedSoftmax; ownAgreed; ownFlippedSoftmax; ownFlipped ] ]
      Claims =
        [ cold "curated labels, standard prior, whole posterior" curated
          cold "curated labels, standard prior, likelihood alone" curatedLikelihood
          movesUp "standard prior, whole posterior" curated noisy
          movesUp "standard prior, likelihood alone" curatedLikelihood noisyLikelihood
          less $"curated labels, the likelihood of {labellers} labellers who agree" curated curatedAgreed
          atOne matchedPaper $"curated labels, the likelihood of {labellers} labellers who agree" curatedAgreed
          atOne matchedPaper "flipped labels, the likelihood of flips, standard prior" noisyFlipped
          atOne matchedPaper "flipped labels, the likelihood of flips, a prior as sure as the curator" noisySure
          atOne derived "labels drawn from the model itself" own
          cold "labels of the prior that 5 labellers agree on, under a softmax" ownAgreedSoftmax
          atOne derived "the same under the likelihood of 5 labellers who agree" ownAgreed
          movesUp "labels of the prior, under a softmax" own ownFlippedSoftmax
          atOne derived "flipped labels of the prior, under the likelihood of flips" ownFlipped
          believed ]
      Provenance = provenance $"{whole.Name}, sha256 {whole.Hash}" $"1 to {settings.Seeds}"
      Command = command "fig4" }
