// P6, On the Origin of Implicit Regularization in SGD: what is trained, as values, in three profiles and a rehearsal. Learning rates and penalties are powers
// of two, given by their exponents, as in the paper.
#load "../common/figure.fsx"

open System
open System.IO
open NoiseScale.Training.Data
open NoiseScale.Training.Networks
open NoiseScale.Training.Runs
open Figure

let paper = "On the Origin of Implicit Regularization in Stochastic Gradient Descent"

let intro =
    "Smith, Dherin, Barrett and De, ICLR 2021 (arXiv 2101.12176), remade: with random shuffling, SGD follows the gradient flow of \
     C + (ε/4m) Σ ‖∇Ĉ‖², so that a penalty λ in the place of ε gives a small learning rate the benefit of a large one. Bands are 95 % intervals \
     of the mean over seeds."

let arguments = arguments "implicit-regularization" [ "quick"; "standard"; "paper"; "rehearsal" ]

/// One kind of network on one data set, and the grids on which it is trained.
type Setting =
    {
        /// folder of the data within --data, where there are several
        Data: string
        TrainingSetSize: int
        Network: ImageDataSet -> Network
        WeightDecay: float
        Augmentation: AugmentationSpec option
        Epochs: float
        /// B of all figures but those that vary it
        BatchSize: int
        /// log₂ ε of the sweep of learning rates
        Rates: int list
        /// log₂ of the small learning rate at which λ is swept
        SmallRate: int
        /// log₂ λ of that sweep
        Penalties: int list
        /// log₂ of the fixed λ of Figs 1a and 2b, and log₂ ε there
        FixedPenalty: int
        RatesWithPenalty: int list
        /// B of the two figures that vary it, and log₂ of ε/B and of λ/B there
        RateBatches: int list
        RatesPerExample: int list
        PenaltyBatches: int list
        PenaltiesPerExample: int list
        /// n, log₂ of the bare α, the epochs of each n in the figure of equal epochs and of n = 1 in that of equal updates, the budgets
        Steps: int list
        BareRates: int list
        StepEpochs: float
        EqualUpdatesEpochs: float
        Budgets: float list
        /// whether the learning rate of n-step SGD is halved every tenth of training in its second half
        Decaying: bool
    }

type Profile =
    {
        /// Figs 1 to 3 and 5: the paper's Wide-ResNet 10-1 on CIFAR-10
        Wide: Setting
        /// Fig 4: its Wide-ResNet 16-4
        Deep: Setting
        /// Figs 6 and 7: its perceptron on Fashion-MNIST
        Perceptron: Setting
        Seeds: int64 list
        StepSeeds: int64 list
        /// of all runs of a cell, the best so many count
        Best: int
        Evaluations: int
        MicroBatchSize: int option
        Threads: int
    }

let private perceptron (widths: int list) (data: ImageDataSet) : Network =
    MultilayerPerceptron(data.Train.Shape, data.ClassCount, widths |> List.toArray)

let private wideResNet depth widening (data: ImageDataSet) : Network =
    WideResNet(data.Train.Shape, data.ClassCount, depth, widening, ResidualNormalisation.SkipInit())

/// Everything of a few thousand updates on a narrow perceptron of three hidden layers, for all figures: minutes on two cores.
let private small: Setting =
    { Data = ""
      TrainingSetSize = 1024
      Network = perceptron [ 64; 64; 64 ]
      WeightDecay = 0.0
      Augmentation = None
      Epochs = 32.0
      BatchSize = 16
      Rates = [ -8 .. -1 ]
      SmallRate = -7
      Penalties = [ -6 .. 0 ]
      FixedPenalty = -2
      RatesWithPenalty = [ -8 .. -3 ]
      RateBatches = [ 8; 16; 32; 64 ]
      RatesPerExample = [ -12 .. -6 ]
      PenaltyBatches = [ 8; 16; 32 ]
      PenaltiesPerExample = [ -9 .. -6 ]
      Steps = [ 1; 2; 4; 8 ]
      BareRates = [ -6 .. -2 ]
      StepEpochs = 8.0
      EqualUpdatesEpochs = 32.0
      Budgets = [ 4.0; 8.0 ]
      Decaying = false }

let private onSmall =
    { Wide = small
      Deep = { small with Decaying = true }
      Perceptron = small
      Seeds = [ 1L .. 3L ]
      StepSeeds = [ 1L .. 3L ]
      Best = 3
      Evaluations = 16
      MicroBatchSize = None
      Threads = 1 }

/// Twice the examples, a few more updates and seeds; for real images.
let private standard =
    let medium =
        { small with
            TrainingSetSize = 2048
            Epochs = 20.0
            StepEpochs = 5.0
            EqualUpdatesEpochs = 20.0
            Budgets = [ 2.5; 5.0 ] }

    { onSmall with
        Wide = medium
        Deep = { medium with Decaying = true }
        Perceptron = medium
        Seeds = [ 1L .. 5L ]
        StepSeeds = [ 1L .. 5L ]
        Best = 5 }

/// The paper's own, for a GPU: 6400 epochs of CIFAR-10 for Figs 1 to 3, 5 and up to 1600 for the rest. Its Fashion-MNIST is standardised image
/// by image, ours over the data set.
let private paperProfile =
    let wide =
        { small with
            Data = "cifar10"
            TrainingSetSize = 50_000
            Network = wideResNet 10 1
            WeightDecay = 5e-4
            Augmentation = Some(AugmentationSpec())
            Epochs = 6400.0
            BatchSize = 32
            Rates = [ -15 .. -3 ]
            SmallRate = -9
            Penalties = [ -15 .. -3 ]
            FixedPenalty = -6
            RatesWithPenalty = [ -12 .. -4 ]
            RateBatches = [ 16; 32; 64; 128 ]
            RatesPerExample = [ -17 .. -8 ]
            PenaltyBatches = [ 16; 32; 64; 128 ]
            PenaltiesPerExample = [ -17 .. -8 ] }

    let steps setting =
        { setting with
            Steps = [ 1; 2; 4; 8; 16 ]
            BareRates = [ -11 .. 1 ]
            StepEpochs = 400.0
            EqualUpdatesEpochs = 1600.0
            Budgets = [ 25.0; 50.0; 100.0; 200.0; 400.0; 800.0; 1600.0 ] }

    let fashion =
        { steps small with
            Data = "fashion-mnist"
            TrainingSetSize = 60_000
            Network = perceptron [ 4096; 4096; 4096 ]
            Epochs = 400.0
            Rates = [ -12 .. -3 ]
            SmallRate = -9
            Penalties = [ -9 .. 1 ]
            FixedPenalty = -2
            RatesWithPenalty = [ -12 .. -4 ]
            RateBatches = [ 4; 8; 16; 32; 64 ]
            RatesPerExample = [ -14 .. -6 ]
            PenaltyBatches = [ 8; 16; 32; 64 ]
            PenaltiesPerExample = [ -11 .. -4 ] }

    { Wide = wide
      Deep = { steps wide with Network = wideResNet 16 4; Decaying = true }
      Perceptron = fashion
      Seeds = [ 1L .. 7L ]
      StepSeeds = [ 1L .. 7L ]
      Best = 5
      Evaluations = 200
      MicroBatchSize = None
      Threads = 1 }

/// The paper profile in minutes on two cores: its networks, data and penalties on a few images, every grid by its ends. It shows that the runs would
/// come to their end; the numbers say nothing.
let private rehearsal =
    let ends (list: 'a list) = List.distinct [ list.Head; List.last list ]

    let shrink (s: Setting) =
        { s with
            TrainingSetSize = 64
            Epochs = 0.5
            BatchSize = 16
            Rates = List.distinct (s.SmallRate :: ends s.Rates)
            Penalties = List.distinct (s.FixedPenalty :: ends s.Penalties)
            RatesWithPenalty = ends s.RatesWithPenalty
            RateBatches = [ 8; 16 ]
            RatesPerExample = ends s.RatesPerExample
            PenaltyBatches = [ 8; 16 ]
            PenaltiesPerExample = ends s.PenaltiesPerExample
            Steps = [ 1; 2 ]
            BareRates = ends s.BareRates
            StepEpochs = 0.25
            EqualUpdatesEpochs = 0.5
            Budgets = [ 0.25 ] }

    { paperProfile with
        Wide = shrink paperProfile.Wide
        Deep = shrink paperProfile.Deep
        Perceptron = shrink paperProfile.Perceptron
        Seeds = [ 1L; 2L ]
        StepSeeds = [ 1L; 2L ]
        Best = 2
        Evaluations = 2 }

let profile =
    match arguments.Profile with
    | "paper" -> paperProfile
    | "rehearsal" -> rehearsal
    | "standard" -> standard
    | _ -> onSmall

let private loaded = Collections.Generic.Dictionary<string, ImageDataSet>()

let private load (folder: string option) =
    let key = defaultArg folder ""

    if not (loaded.ContainsKey key) then
        let data = dataSet { arguments with Data = folder }

        loaded[key] <-
            if arguments.Profile = "rehearsal" then
                data.First(min 64 data.Train.Count, min 16 data.Test.Count)
            else
                data

    loaded[key]

/// The data of a setting: --data itself, or the folder of the setting's data within it.
let dataOf (setting: Setting) =
    let within =
        arguments.Data
        |> Option.map (fun folder -> Path.Combine(folder, setting.Data))
        |> Option.filter (fun f -> setting.Data <> "" && Directory.Exists f)

    let data = load (within |> Option.orElse arguments.Data)

    if
        data.Train.Count < setting.TrainingSetSize
        || (setting.Data <> "" && (data.Train.Shape.Channels = 3) <> (setting.Data = "cifar10"))
    then
        eprintfn
            $"the {arguments.Profile} profile trains here on {setting.TrainingSetSize} images of {(if setting.Data = String.Empty then data.Name else setting.Data)}; \
              {data.Name} has {data.Train.Count} of {data.Train.Shape}: give --data a folder with them, or one that holds cifar10/ and fashion-mnist/"

        exit 1

    data
