// P1, Don't Decay the Learning Rate, Increase the Batch Size: the runs behind its figures, in three profiles and a rehearsal.
// Every schedule but the baseline is a transformation of the baseline, in the linear form of the noise scale, as in the paper.
#load "../common/figure.fsx"

open System
open NoiseScale.Training
open NoiseScale.Training.Data
open NoiseScale.Training.Networks
open NoiseScale.Training.Runs
open NoiseScale.Schedules
open Figure
open Panel

let paper = "Don't Decay the Learning Rate, Increase the Batch Size"

let intro =
    "Smith, Kindermans, Ying and Le, ICLR 2018 (arXiv 1711.00489), remade: decaying the learning rate and growing the batch give the same \
     learning curve against epochs, and very different numbers of parameter updates. Bands are 95 % intervals of the mean over seeds."

let arguments = arguments "dont-decay" [ "quick"; "standard"; "paper"; "rehearsal" ]

type Profile =
    {
        /// N; the whole training set if it has fewer
        TrainingSetSize: int
        Epochs: float
        /// batch of the baseline
        BatchSize: float
        /// learning rate of the baseline, with momentum 0.9
        LearningRate: float
        /// of Adam, which has no counterpart in momentum
        AdamLearningRate: float
        WeightDecay: float
        Network: ImageDataSet -> Network
        Augmentation: AugmentationSpec option
        MicroBatchSize: int option
        Seeds: int64 list
        Evaluations: int
        /// the training cross-entropy is measured on so many examples at most
        TrainEvaluationSize: int
        /// an unfinished run saves its state so often
        CheckpointInterval: TimeSpan
    }

let private perceptron (widths: int list) (data: ImageDataSet) : Network =
    MultilayerPerceptron(data.Train.Shape, data.ClassCount, widths |> List.toArray)

let private wideResNet ghostSize (data: ImageDataSet) : Network =
    WideResNet(data.Train.Shape, data.ClassCount, 16, 4, ResidualNormalisation.GhostBatchNorm ghostSize)

/// The paper's own: N = 50 000, B = 128, 204.8 epochs, Wide-ResNet 16-4, crops and flips. Learning rates of SGD and Adam and the weight
/// decay are not found in it: ε/(1−m), TensorFlow's default and the Wide-ResNets' 5e-4 stand in.
let private paperProfile =
    { TrainingSetSize = 50_000
      Epochs = 204.8
      BatchSize = 128.0
      LearningRate = 0.1
      AdamLearningRate = 1e-3
      WeightDecay = 5e-4
      Network = wideResNet 128
      Augmentation = Some(AugmentationSpec())
      MicroBatchSize = Some 1280
      Seeds = [ 1L; 2L ]
      Evaluations = 100
      TrainEvaluationSize = 5_000
      CheckpointInterval = TimeSpan.FromMinutes 2.0 }

/// The paper profile in minutes on two cores: its network, augmentation, optimizers and schedules, with about as many first batches in N/10, on
/// so few images, ghost batches and pieces of batches that every run is a few updates. It shows that a run would come to its end; its numbers say nothing.
let private rehearsalProfile =
    { paperProfile with
        TrainingSetSize = 640
        Epochs = 0.25
        BatchSize = 2.0
        Network = wideResNet 8
        MicroBatchSize = Some 16
        Evaluations = 2
        TrainEvaluationSize = 16
        CheckpointInterval = TimeSpan.FromSeconds 2.0 }

/// The same in small: N/B and the fractions of training at which the learning rate steps are of the paper's order. The weight decay keeps a
/// perceptron from interpolating its data, after which there would be no gradient noise left to scale.
let private quickProfile =
    { TrainingSetSize = 6_000
      Epochs = 32.0
      BatchSize = 16.0
      LearningRate = 0.03
      AdamLearningRate = 1e-3
      WeightDecay = 4e-3
      Network = perceptron [ 100 ]
      Augmentation = None
      MicroBatchSize = None
      Seeds = [ 1L .. 5L ]
      Evaluations = 32
      TrainEvaluationSize = 5_000
      CheckpointInterval = TimeSpan.FromMinutes 2.0 }

let private standardProfile =
    { quickProfile with TrainingSetSize = 10_000; Network = perceptron [ 400 ] }

let profile =
    match arguments.Profile with
    | "paper" -> paperProfile
    | "standard" -> standardProfile
    | "rehearsal" -> rehearsalProfile
    | _ -> quickProfile

let data =
    match arguments.Profile with
    | "rehearsal" -> (dataSet arguments).First(profile.TrainingSetSize, 16)
    | _ -> dataSet arguments

if arguments.Profile = "paper" && data.Train.Shape.Channels <> 3 then
    eprintfn "the paper profile trains on CIFAR-10: give its binary files with --data DIR or NOISESCALE_DATA"
    exit 1

let trainingSetSize = min profile.TrainingSetSize data.Train.Count

/// The largest batch that a schedule begins with: 5ε, and then momentum 0.98, each for 5 times the batch (Fig 5).
let private largestFirstBatch = 25.0 * profile.BatchSize

if float trainingSetSize < largestFirstBatch then
    eprintfn
        $"{data.Name} has {trainingSetSize} training images; the {arguments.Profile} profile begins with batches of up to {largestFirstBatch}: give it more"

    exit 1

// ---- schedules ----------------------------------------------------------------------------------------------------------------

let private ok = ScheduleError.orFail

/// Epochs of the steps: 60, 120 and 160 of 204.8 in the paper (read off Fig 1 by eye), the same fractions elsewhere.
let boundaries = [ for t in [ 60.0; 120.0; 160.0 ] -> t / 204.8 * profile.Epochs * 1.0<epoch> ]

let cap = Cap.TenthOfTrainingSet

/// The baseline: ε divided by 5 at each step, for an optimizer.
let decaying optimizer learningRate momentum =
    Schedule.create
        optimizer
        (int64 trainingSetSize * 1L<example>)
        (profile.Epochs * 1.0<epoch>)
        (Curve.stepDecay learningRate 5.0 boundaries)
        (Curve.constant profile.BatchSize)
        (Curve.constant momentum)
    |> Result.bind (Schedule.withWeightDecay profile.WeightDecay)
    |> ok

let trade until = Trade.decayForBatch TradeRule.Linear Form.Linear cap until >> ok

/// Decay, hybrid and increase of Figs 1 to 4, by name.
let three optimizer learningRate momentum =
    let baseline = decaying optimizer learningRate momentum

    [ "decaying learning rate", baseline
      "hybrid", trade (Some boundaries[1]) baseline
      "increasing batch size", trade None baseline ]

let heavyBall = Optimizer.HeavyBall MomentumConvention.LearningRateOutside

let momentumSchedules = three heavyBall profile.LearningRate 0.9

let nesterovSchedules =
    three (Optimizer.Nesterov MomentumConvention.LearningRateOutside) profile.LearningRate 0.9

/// Plain SGD at the effective learning rate ε/(1−m) of the others.
let sgdSchedules = three Optimizer.Sgd (profile.LearningRate / Momentum.complement 0.9) 0.0

let adamSchedules = three (Optimizer.Adam AdamConstants.Default) profile.AdamLearningRate 0.0

/// The four of Fig 5: 5ε with 5B, and then momentum 0.98 with 5B again.
let fourSchedules =
    let baseline = snd momentumSchedules.Head
    let larger = Transform.scaleLearningRate Form.Linear 5.0 baseline |> ok

    [ "original", baseline
      "increasing batch size", trade None baseline
      "increased initial learning rate", trade None larger
      "increased momentum coefficient", Transform.setMomentum Form.Linear 0.98 larger |> ok |> trade None ]

// ---- runs ---------------------------------------------------------------------------------------------------------------------

let private evaluationEpochs =
    // just before each step too, where a phase of training ends
    [ for i in 1 .. profile.Evaluations -> profile.Epochs * float i / float profile.Evaluations ]
    @ [ for t in boundaries -> float t ]
    |> List.distinct
    |> List.sort

let private network = profile.Network data

let private dataSpec =
    if trainingSetSize = data.Train.Count then
        DataSpec.Of data
    else
        DataSpec.Of(data, trainingSetSize, 0L)

let private device = DiffSharp.TorchRuntime.DefaultDevice.``type`` |> string |> _.ToLowerInvariant()

let spec (schedule: Schedule) seed =
    RunSpec(
        Data = dataSpec,
        Network = network,
        Schedule = NoiseScale.Schedule.FromJson(Json.print schedule),
        Seed = seed,
        EvaluationEpochs = List.toArray evaluationEpochs,
        TrainEvaluationSize = Nullable(min trainingSetSize profile.TrainEvaluationSize),
        MicroBatchSize = Option.toNullable profile.MicroBatchSize,
        Augmentation = Option.toObj profile.Augmentation,
        Device = device,
        // on a GPU without effect on the numbers, and one number finds the results again on every machine
        Threads =
            (if arguments.Profile = "paper" && device = "cpu" then
                 Environment.ProcessorCount
             else
                 1)
    )

/// The runs of named schedules, a list of seeds each.
type Group = { Name: string; Schedule: Schedule; Runs: RunResult list }

let train label (schedules: (string * Schedule) list) =
    let specs =
        [ for _, schedule in schedules do
              for seed in profile.Seeds -> spec schedule seed ]

    let results =
        run arguments profile.CheckpointInterval label data specs |> List.chunkBySize profile.Seeds.Length

    [ for (name, schedule), runs in List.zip schedules results -> { Name = name; Schedule = schedule; Runs = runs } ]

let provenanceOf (groups: Group list) = provenance data (groups |> List.collect _.Runs)

/// Name of the data and the setting in a few words, for captions.
let setting =
    $"{data.Name}, N = {trainingSetSize:N0}, {network.Name}, B₀ = {profile.BatchSize}, ε₀ = {profile.LearningRate}, {profile.Epochs} epochs, \
      {profile.Seeds.Length} seeds ({arguments.Profile} profile)"

let command figure =
    let data = if arguments.Data.IsSome then " --data DIR" else ""
    $"dotnet fsi paper-figures/dont-decay/{figure}.fsx --profile {arguments.Profile}{data}"

// ---- curves and their comparison ----------------------------------------------------------------------------------------------

let trainLoss (r: TrainingRecord) = r.TrainLoss
let testAccuracy (r: TrainingRecord) = r.TestAccuracy

let private diverged (group: Group) = group.Runs |> List.filter (fun r -> r.Status = RunStatus.Diverged) |> List.length

/// The runs that diverged, in words, and of how many; none if all came to their end.
let divergence (groups: Group list) =
    let counts = [ for g in groups -> g.Name, diverged g ] |> List.filter (fun (_, n) -> n > 0)

    if counts.IsEmpty then
        None
    else
        let names = counts |> List.map (fun (name, n) -> $"{name} {n}") |> String.concat ", "
        Some $"{counts |> List.sumBy snd} of {groups |> List.sumBy _.Runs.Length} runs diverged: {names}"

/// What is compared of groups, and the verdict. A run that diverged has no end to compare: then that is the result, and the claim fails.
let compared (groups: Group list) (compare: unit -> string * Claims.Verdict) =
    match divergence groups with
    | None -> compare ()
    | Some words -> words, Claims.Fails

/// Mean and band of a quantity against epochs or against updates; a group with diverged runs has neither, only its entry in the legend.
let curves against (quantity: TrainingRecord -> float) (groups: Group list) =
    [ for i, group in List.indexed groups do
          if diverged group > 0 then
              series i $"{group.Name} (diverged)" [] []
          else
              let band = Statistics.BandOf(group.Runs |> List.toArray, Func<_, _> quantity)
              let records = group.Runs.Head.Records |> Seq.toArray
              let xs = records |> Array.map against
              let of' (f: MeanInterval -> float) = band.Y |> Seq.map f
              banded i group.Name xs (of' _.Mean) (of' _.Low) (of' _.High) ]

let againstEpochs (r: TrainingRecord) = r.RequestedEpoch
let againstUpdates (r: TrainingRecord) = float r.Update

/// A quantity of every run at its last evaluation.
let final (quantity: TrainingRecord -> float) (group: Group) = group.Runs |> List.map (fun r -> quantity r.Final) |> List.toArray

/// A quantity of every run at the evaluation asked for at an epoch.
let at (epoch: float) (quantity: TrainingRecord -> float) (group: Group) =
    group.Runs
    |> List.map (fun r -> r.Records |> Seq.find (fun record -> record.RequestedEpoch = epoch) |> quantity)
    |> List.toArray

/// Whether each count is below the one before.
let falling (counts: int64 list) = counts |> List.pairwise |> List.forall (fun (a, b) -> b < a)

let updates (group: Group) = group.Runs.Head.PlannedUpdates

/// Equivalence by two one-sided paired t tests at 5 %, seeds paired: holds if shown, within band if the mean alone lies within the margin.
let equivalence (margin: float) (reference: float[]) (others: float[] list) =
    let tests = others |> List.map (fun other -> Statistics.Equivalence(other, reference, margin))

    let verdict =
        if tests |> List.forall _.IsEquivalent then
            Claims.Holds
        elif tests |> List.forall (fun t -> abs t.Difference < t.Margin) then
            Claims.WithinBand
        else
            Claims.Fails

    tests, verdict

/// "+0.01 [−0.02, +0.04]" in percentage points.
let points (t: EquivalenceTest) =
    $"{100.0 * t.Difference:``+0.00;−0.00;0.00``} [{100.0 * t.Low:``+0.00;−0.00;0.00``}, {100.0 * t.High:``+0.00;−0.00;0.00``}]"

/// "80 000, 34 750".
let numbers (counts: int64 list) =
    counts
    |> List.map (fun n -> (string n |> Seq.rev |> Seq.chunkBySize 3 |> Seq.map (Array.rev >> String) |> Seq.rev |> String.concat " "))
    |> String.concat ", "

/// "93.12 ± 0.08 %".
let percent (values: float[]) =
    let m = Statistics.Mean values
    $"{100.0 * m.Mean:F2} ± {100.0 * m.HalfWidth:F2} %%"

/// Accuracies of two runs count as equal within this.
let accuracyMargin = 0.005

/// The claim that schedules end at the same test accuracy.
let sameAccuracy (optimizer: string) paperValue (groups: Group list) : Claims.Claim =
    let ours, verdict =
        compared groups (fun () ->
            let tests, verdict =
                equivalence accuracyMargin (final testAccuracy groups.Head) (groups.Tail |> List.map (final testAccuracy))

            let differences =
                List.zip groups.Tail tests |> List.map (fun (g, t) -> $"{g.Name} {points t}") |> String.concat "; "

            $"{groups.Head.Name} {percent (final testAccuracy groups.Head)}; differences in percentage points, 90 %% interval: {differences} \
              (margin ±{100.0 * accuracyMargin})",
            verdict)

    { Claim = $"{optimizer}: the schedules end at the same test accuracy"
      Paper = paperValue
      Ours = ours
      Verdict = verdict }

/// How two learning curves compare against epochs, in training cross-entropy at the end of every phase of the schedule.
let private comparedCurves (groups: Group list) =
    let margin = log 1.1
    let phaseEnds = [ for t in boundaries -> float t ]
    let logLoss r = log (trainLoss r)

    let pairs =
        [ for g in groups.Tail do
              for t in phaseEnds do
                  $"{g.Name}, epoch {t:``0.#``}", at t logLoss groups.Head, at t logLoss g

              $"{g.Name}, end", final logLoss groups.Head, final logLoss g ]

    let results =
        pairs |> List.map (fun (name, reference, other) -> name, equivalence margin reference [ other ])

    let shown = results |> List.filter (fun (_, (_, v)) -> v = Claims.Holds) |> List.length

    let worst, (tests, _) =
        results |> List.maxBy (fun (_, (tests, _)) -> max (abs tests.Head.Low) (abs tests.Head.High))

    let ratio x = 100.0 * (exp x - 1.0)

    $"equivalent within 10 %% in {shown} of {results.Length} comparisons; the widest: {worst}, {ratio tests.Head.Difference:``+0.0;−0.0;0.0``} %% \
      [{ratio tests.Head.Low:``+0.0;−0.0;0.0``}, {ratio tests.Head.High:``+0.0;−0.0;0.0``}]",
    (if shown = results.Length then
         Claims.Holds
     elif results |> List.exists (fun (_, (_, v)) -> v = Claims.Fails) then
         Claims.Fails
     else
         Claims.WithinBand)

/// The claim that learning curves coincide against epochs.
let sameCurve optimizer paperValue (groups: Group list) : Claims.Claim =
    let ours, verdict = compared groups (fun () -> comparedCurves groups)

    { Claim = $"{optimizer}: the same training cross-entropy against epochs, at the end of every phase"
      Paper = paperValue
      Ours = ours
      Verdict = verdict }

/// Panels of one quantity for groups.
let lossPanel title against xTitle text groups : Panel =
    { Title = title
      XTitle = xTitle
      YTitle = "training cross-entropy"
      LogX = false
      LogY = true
      YRange = None
      Text = text
      Series = curves against trainLoss groups }

let accuracyPanel title against xTitle logX text groups : Panel =
    { Title = title
      XTitle = xTitle
      YTitle = "test accuracy"
      LogX = logX
      LogY = false
      YRange = None
      Text = text
      Series = curves against testAccuracy groups }

/// The counts of the paper's own schedules, from their plans.
let paperUpdates name = (DontDecay.tryFind name |> Option.get).Schedule |> Plan.ofSchedule |> _.Updates

let publish = Figure.publish arguments paper intro
