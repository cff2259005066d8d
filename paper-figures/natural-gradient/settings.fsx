// P3, Stochastic natural gradient descent draws posterior samples in function space: what is sampled and for how long, as values, in three profiles and a rehearsal.
#load "../common/figure.fsx"

open Figure

let paper = "Stochastic natural gradient descent draws posterior samples in function space"

let intro =
    "Smith, Duckworth, Rezchikov, Le and Sohl-Dickstein, 2018 (arXiv 1806.09597v3), remade: natural gradient descent on minibatches is a sampler whose temperature is \
     T = (εN/2B)(1 − B/N), best at T = 1, where B is about εN/2. Figure 7 is ours: SNGD, which the paper proposes and does not test. Bands are 95 % intervals of the \
     mean over seeds."

let arguments = arguments "natural-gradient" [ "quick"; "standard"; "paper"; "rehearsal" ]

/// Logistic regression in the plane. (Fig 1)
type Plane =
    {
        /// updates before and while samples are taken
        BurnIn: int
        Samples: int
        /// chains from the minimum, for intervals; the paper shows one
        Chains: int
        /// draws of the data besides the one shown
        Draws: int
    }

/// Logistic regression with many inputs, over temperatures. (Figs 2 and 3)
type Wide =
    {
        Features: int
        TestExamples: int
        BurnIn: int
        Samples: int
        /// draws of training and test examples
        Seeds: int
        /// log₂ T
        Temperatures: float list
    }

/// A training set and the batch sizes tried on it.
type Batches = { Examples: int; BatchSizes: int list }

/// A network with one hidden layer on projected images, over batch sizes. (Figs 4 and 5)
type Hidden =
    {
        Features: int
        Width: int
        LearningRate: float
        Damping: float
        /// λ of the summed cost; "λ = 20/N" is read as that of the mean
        Regulariser: float
        FisherExamples: int
        BurnIn: int
        Samples: int
        TestExamples: int
        Seeds: int
        /// Fig 4, then Figs 5a and 5b
        Sets: Batches list
    }

/// A convolutional network, over temperatures. (Fig 6)
type Convolutional =
    {
        Channels: int
        Damping: float
        Regulariser: float
        FisherExamples: int
        /// ε·updates
        RateTimesUpdates: float
        /// the part of the updates, at the end, whose samples are averaged
        Averaged: float
        /// updates of SGD that the chains start from
        Pretraining: int
        TestExamples: int
        Seeds: int
        Temperatures: float list
        /// Fig 6a: one N, several ε
        Examples: int
        LearningRates: float list
        /// Fig 6b: one ε, several N
        LearningRate: float
        Sizes: int list
    }

/// A single parameter with a metric that changes strongly. (Fig 7)
type Strong =
    {
        LearningRates: float list
        /// in units of 1/ε updates
        BurnInTimes: float
        SampleTimes: float
        Chains: int
        Seeds: int
    }

type Profile =
    { Plane: Plane
      Wide: Wide
      Hidden: Hidden
      Convolutional: Convolutional
      Strong: Strong
      Threads: int }

/// 2^from … 2^upTo.
let private powers from upTo = [ for k in from..upTo -> pown 2 k ]

let private quick =
    { Plane = { BurnIn = 200; Samples = 2500; Chains = 16; Draws = 12 }
      Wide =
        { Features = 64
          TestExamples = 2000
          BurnIn = 150
          Samples = 400
          Seeds = 6
          Temperatures = [ for k in -3 .. 3 -> float k ] }
      Hidden =
        { Features = 10
          Width = 10
          LearningRate = 0.125
          Damping = 0.1
          Regulariser = 2.0
          FisherExamples = 128
          BurnIn = 200
          Samples = 200
          TestExamples = 1000
          Seeds = 3
          Sets =
            [ { Examples = 256; BatchSizes = powers 2 7 }
              { Examples = 512; BatchSizes = powers 3 8 }
              { Examples = 1024; BatchSizes = powers 4 9 } ] }
      Convolutional =
        { Channels = 2
          Damping = 0.1
          Regulariser = 4.0
          FisherExamples = 128
          RateTimesUpdates = 10.0
          Averaged = 0.2
          Pretraining = 200
          TestExamples = 500
          Seeds = 3
          Temperatures = [ -4.0; -2.0; 0.0; 2.0; 4.0 ]
          Examples = 1024
          LearningRates = [ 0.05; 0.1 ]
          LearningRate = 0.1
          Sizes = [ 256; 512; 1024 ] }
      Strong =
        { LearningRates = [ 0.2; 0.1; 0.05 ]
          BurnInTimes = 15.0
          SampleTimes = 60.0
          Chains = 128
          Seeds = 6 }
      Threads = 1 }

/// The paper's networks of Figs 1 to 5; its convolutional network with fewer updates, examples and temperatures. For real images.
let private standard =
    { quick with
        Plane = { BurnIn = 5000; Samples = 5000; Chains = 16; Draws = 12 }
        Wide =
            { quick.Wide with
                TestExamples = 10_000
                BurnIn = 1000
                Samples = 1000
                Seeds = 8 }
        Hidden =
            { quick.Hidden with
                Width = 40
                Regulariser = 20.0
                FisherExamples = 512
                BurnIn = 300
                Samples = 300
                TestExamples = 10_000
                Sets = [ { Examples = 1024; BatchSizes = powers 4 9 }; { Examples = 4096; BatchSizes = powers 6 11 } ] }
        Convolutional =
            { quick.Convolutional with
                Channels = 4
                Regulariser = 10.0
                FisherExamples = 256
                RateTimesUpdates = 20.0
                Pretraining = 1000
                TestExamples = 2000
                Examples = 2048
                Sizes = [ 512; 1024; 2048 ] } }

/// As printed. Not stated there, and chosen here: the number of test examples in Figs 2 and 3, seeds, and how the chains of Figs 2 to 5 start.
let private paperProfile =
    { standard with
        Wide = { standard.Wide with Seeds = 16 }
        Hidden =
            { standard.Hidden with
                FisherExamples = 1024
                BurnIn = 500
                Samples = 500
                Seeds = 5
                Sets =
                    [ { Examples = 1024; BatchSizes = powers 4 9 }
                      { Examples = 4096; BatchSizes = powers 5 12 }
                      { Examples = 16_384; BatchSizes = powers 7 14 } ] }
        Convolutional =
            { standard.Convolutional with
                Channels = 10
                Regulariser = 40.0
                FisherExamples = 1024
                RateTimesUpdates = 850.0
                Averaged = 0.002
                Pretraining = 10_000
                TestExamples = 10_000
                Seeds = 3
                Temperatures = [ for k in -4 .. 4 -> float k ]
                Examples = 8192
                LearningRates = [ 0.01; 0.05; 0.1 ]
                LearningRate = 0.05
                Sizes = [ 512; 1024; 2048; 4096; 8192 ] }
        Strong =
            { standard.Strong with
                LearningRates = [ 0.2; 0.1; 0.05; 0.025 ]
                SampleTimes = 400.0 } }

/// The paper profile in a few updates, every grid by its ends and the middle: the numbers say nothing.
let private rehearsal =
    let some (list: 'a list) = List.distinct [ list.Head; list[list.Length / 2]; List.last list ]
    let few = paperProfile

    { few with
        Plane = { BurnIn = 4; Samples = 20; Chains = 2; Draws = 2 }
        Wide =
            { few.Wide with
                TestExamples = 50
                BurnIn = 2
                Samples = 10
                Seeds = 2
                Temperatures = some few.Wide.Temperatures }
        Hidden =
            { few.Hidden with
                Width = 5
                FisherExamples = 64
                BurnIn = 2
                Samples = 4
                TestExamples = 100
                Seeds = 2
                Sets = few.Hidden.Sets |> List.truncate 2 |> List.map (fun set -> { set with BatchSizes = some set.BatchSizes }) }
        Convolutional =
            { few.Convolutional with
                Channels = 2
                FisherExamples = 64
                RateTimesUpdates = 0.5
                Averaged = 0.4
                Pretraining = 2
                TestExamples = 100
                Seeds = 2
                Temperatures = some few.Convolutional.Temperatures
                LearningRates = some few.Convolutional.LearningRates
                Examples = 1024
                Sizes = [ 512; 1024 ] }
        Strong =
            { few.Strong with
                LearningRates = [ 0.2; 0.1 ]
                BurnInTimes = 1.0
                SampleTimes = 5.0
                Chains = 8
                Seeds = 2 } }

let profile =
    match arguments.Profile with
    | "standard" -> standard
    | "paper" -> paperProfile
    | "rehearsal" -> rehearsal
    | _ -> quick

/// The command that makes a figure again.
let command figure =
    let data = if arguments.Data.IsSome then " --data DIR" else ""
    $"dotnet fsi paper-figures/natural-gradient/{figure}.fsx --profile {arguments.Profile}{data}"

let publish = Figure.publish arguments paper intro
