// Fig 3: how much chance a prior expects in labels against the variance of its logits, and where a standard initialisation stands at images of digits.
#load "digits.fsx"

open System
open DiffSharp
open MathNet.Numerics
open MathNet.Numerics.Statistics
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Training.Data
open Panel
open Claims
open Settings
open Seeds
open Running
open Digits

let private prior = profile.Prior
let private classCounts = [ 2; 3; 10 ]

/// Two and three classes by quadrature, more by draws: the same ones at every variance.
let private content (classes: int) (variance: float) =
    let method =
        if classes <= 3 then
            AleatoricMethod.Quadrature
        else
            AleatoricMethod.MonteCarlo(prior.MonteCarloDraws, 31L)

    Aleatoric.content method classes variance

// ---- against the variance of logits ----------------------------------------------------------------------------------------

let private variances =
    let from, upTo = prior.Decades
    decades (float from) (float upTo) ((upTo - from) * prior.PerDecade + 1)

let private curves = [ for classes in classCounts -> classes, variances |> List.map (content classes) ]

let private falls: Claim =
    let steps (f: AleatoricContent -> float) =
        [ for _, contents in curves -> contents |> List.pairwise |> List.map (fun (a, b) -> f b - f a) ]

    let rising = steps _.Entropy.Value |> List.concat |> List.max
    let falling = steps _.MaxProbability.Value |> List.concat |> List.min

    { Claim = "the larger the logits' variance, the less chance the prior expects: E H falls and E max p rises, for 2, 3 and 10 classes"
      Paper = abstractSays "low aleatoric uncertainty means favouring functions that put high probability on one class"
      Ours = $"largest step of E H {rising:E1} nats, least step of E max p {falling:E1}"
      Verdict = holdsIf (rising < 0.0 && falling > 0.0) }

// ---- a standard initialisation at images -----------------------------------------------------------------------------------

let private images (set: ImageDataSet) =
    let rows = pixels set.Train
    rows[.. min prior.Images rows.shape[0] - 1]

let private variancesAt depth (rows: Tensor) = (KernelMatrix.diagonal (standardPrior depth) rows).toArray1D<float>()

/// The logits' variance at every image: of inputs with mean 0 and deviation 1, and of grey levels from 0 to 1.
let private standardised = variancesAt 1 (images whole)

let private greyLevels =
    use unit = whole.InUnitRange()
    variancesAt 1 (images unit)

/// By the recursion over layers, which the formula of `diagonal` does not go through.
let private depthless: Claim =
    let some = (images whole)[.. min 199 (standardised.Length - 1)]

    let byLayers depth = ((KernelMatrix.gram (standardPrior depth) some).diagonal()).toArray1D<float>()

    let off =
        [ for depth in prior.Depths ->
              Array.map2 (fun a b -> abs (a / b - 1.0)) (byLayers depth) standardised[.. some.shape[0] - 1] |> Array.max ]
        |> List.max

    { Claim =
        $"""the depth does not matter: weights of variance 2 give logits the same variance at depths {prior.Depths |> List.map string |> String.concat ", "}"""
      Paper = derived
      Ours = $"largest relative difference {off:E1} over {some.shape[0]} images"
      Verdict = holdsIf (off < 1e-10) }

// ---- what one knows of curated labels ---------------------------------------------------------------------------------------

/// Of a hundred curated digits, how many would be given another label a second time: at most, as we take it. Synthetic digits are drawn from their labels.
let private relabelled = 0.01

/// The largest entropy that labels can have of which so few change: all others alike.
let private known (classes: int) = -relabelled * log (relabelled / float (classes - 1)) - (1.0 - relabelled) * log (1.0 - relabelled)

/// The logits' variance at which the prior would expect no more chance than that: where E H meets it.
let private variancesNeeded =
    [ for classes in classCounts ->
          let off logV = (content classes (exp logV)).Entropy.Value - known classes
          classes, exp (RootFinding.Bisection.FindRoot(off, log 1e-2, log 1e8, 1e-6, 200)) ]
    |> dict

let private typical (values: float[]) = values.Median()

/// Content at the image of least, median and largest variance.
let private atImages classes =
    [ Array.min standardised; typical standardised; Array.max standardised ] |> List.map (content classes)

let private overestimates (classes: int) : Claim =
    match atImages classes with
    | [ _; middle; surest ] ->
        let ratio = surest.Entropy.Value / known classes

        { Claim =
            $"with {classes} classes the prior of a standard initialisation expects more than ten times the chance that curated digits' labels can have, at every image"
          Paper =
            abstractSays "priors used in BNNs can strongly overestimate the aleatoric uncertainty of labels on data such as MNIST and CIFAR"
          Ours =
            $"E H = {middle.Entropy.Value:F3} of ln {classes} = {log (float classes):F3} nats at the median image (v = {typical standardised:F2}), {surest.Entropy.Value:F3} at the surest: \
              {ratio:F1} times the {known classes:F3} nats of labels of which 1 in 100 would change; E max p = {middle.MaxProbability.Value:F3}, P(y₂ = y₁) = {middle.Agreement.Value:F3}"
          Verdict = holdsIf (ratio > 10.0) }
    | _ -> failwith "three images"

let private relabelling: Claim =
    let middle = content 10 (typical standardised)
    let sure = content 10 variancesNeeded[10]

    { Claim =
        "a standard prior says that much is learnt by relabelling an image, a prior that knows curated labels says little: by more than ten times, next to what the first label tells"
      Paper = abstractSays "T < 1 can better match the belief that one gains little information by relabelling existing examples"
      Ours =
        $"10 classes: a second label tells {middle.RelabellingGain:F3} nats of f, {middle.RelabellingGain / middle.FirstLabelGain:P0} of what the first told; \
          at v = {variancesNeeded[10]:F0}, {sure.RelabellingGain:F4} nats, {sure.RelabellingGain / sure.FirstLabelGain:P1}"
      Verdict = holdsIf (middle.RelabellingGain / middle.FirstLabelGain > 10.0 * sure.RelabellingGain / sure.FirstLabelGain) }

let private needed: Claim =
    let v = typical standardised

    let each =
        classCounts
        |> List.map (fun c ->
            $"{c} classes: v = {variancesNeeded[c]:F0}, {variancesNeeded[c] / v:F0} times, T = {sqrt (v / variancesNeeded[c]):F3}")

    { Claim =
        "logits would need more than a hundred times the variance; softmax(f/T), what is left of a tempered likelihood without Z_T, has it at T = √(v/v_known) < 0.1"
      Paper = "the abstract gives no number: ours (the paper's own figures could not be compared)"
      Ours = String.concat "; " each
      Verdict = holdsIf (classCounts |> List.forall (fun c -> variancesNeeded[c] > 100.0 * v)) }

// ---- panels -----------------------------------------------------------------------------------------------------------------

let private marks low high =
    [ series 3 "standard initialisation, inputs of deviation 1" [ typical standardised; typical standardised ] [ low; high ]
      series 4 "the same, grey levels from 0 to 1" [ typical greyLevels; typical greyLevels ] [ low; high ] ]

let private against title yTitle text (high: float) (value: AleatoricContent -> float) =
    { panel
          title
          "variance of a logit, v = k(x, x)"
          yTitle
          text
          [ for i, (classes, contents) in List.indexed curves do
                series i $"{classes} classes" variances (contents |> List.map value)
            yield! marks 0.0 high ] with
        LogX = true }

publish
    { Key = "fig3"
      Title = "Figure 3: the chance that a prior expects in labels"
      Caption =
        $"Independent normal logits of variance v. Marked: the NNGP of weights of variance 2 and biases 0, at the median of {standardised.Length} training images of {whole.Name}; \
          v is {Array.min standardised:F2} to {Array.max standardised:F2} there, {Array.min greyLevels:F2} to {Array.max greyLevels:F2} for grey levels from 0 to 1. The figure is ours."
      Panels =
        [ against
              "3a: entropy of labels"
              "E H(softmax f)/ln C"
              "From 1 at small variance to 0 at large; a standard initialisation stands near the upper end."
              1.0
              (fun c -> c.Entropy.Value / log (float c.Classes))
          against "3b: the surest label" "E max p" "From 1/C at small variance to 1 at large." 1.0 _.MaxProbability.Value
          against
              "3c: information gained by relabelling"
              "I(f; y₂ | y₁) [nats]"
              "Small at both ends: nothing to learn, or all learnt from the first label."
              0.3
              _.RelabellingGain
          against "3d: the second label next to the first" "I(f; y₂ | y₁)/I(f; y₁)" "Falls with the variance of logits." 1.0 (fun c ->
              c.RelabellingGain / c.FirstLabelGain) ]
      Claims =
        [ falls
          depthless
          for classes in classCounts do
              overestimates classes
          relabelling
          needed ]
      Provenance = provenance $"{whole.Name}, sha256 {whole.Hash}" $"draws of logits: 31"
      Command = command "fig3" }
