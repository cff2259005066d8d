// P5, Cold Posteriors and Aleatoric Uncertainty: what is computed and how finely, as values, in three profiles and a rehearsal.
#load "../common/figure.fsx"

open Figure

let paper = "Cold Posteriors and Aleatoric Uncertainty"

let intro =
    "Adlam, Snoek and Smith, 2020 (arXiv 2008.00029), its claims put to the test on Gaussian processes: in regression every T > 0 is the posterior of another prior, and to tune T is \
     empirical Bayes; in classification the usual priors expect more chance in labels than curated labels have, and cold posteriors are better for it. Only the paper's abstract could be \
     compared: its figures and settings are not known to us, and all settings are ours. Bands are 95 % intervals of the mean over seeds."

/// What stands in the column of the paper: no figure of it could be compared.
let abstractSays claim = $"{claim} (abstract; the paper's own figures could not be compared)"

/// The same where even the abstract is silent.
let derived = "not in the abstract: derived"

let arguments = arguments "cold-posteriors" [ "quick"; "standard"; "paper"; "rehearsal" ]

/// Regression on a line. (Figs 1 and 2)
type Curve =
    {
        Examples: int
        /// where the posterior is drawn
        GridPoints: int
        Temperatures: float list
        /// draws of the data from the model itself, for the mean of T*
        Draws: int
    }

/// The prior's belief about labels. (Fig 3)
type Prior =
    {
        /// log₁₀ of the logits' variance, from and to, in steps
        Decades: int * int
        PerDecade: int
        MonteCarloDraws: int
        /// images at which the kernel is evaluated
        Images: int
        Depths: int list
    }

/// A softmax of Gaussian processes on images. (Fig 4)
type Softmax =
    {
        Classes: int list
        /// hidden layers of the infinitely wide network
        Depth: int
        TrainingPerClass: int
        TestPerClass: int
        /// log₂ T, 0 among them
        Temperatures: float list
        FlipRate: float
        Seeds: int
        Chains: int
        WarmUp: int
        Draws: int
        Thin: int
        /// leapfrog steps of a path, at most
        Steps: int
    }

type Profile = { Curve: Curve; Prior: Prior; Softmax: Softmax; Threads: int }

let private quick =
    { Curve =
        { Examples = 24
          GridPoints = 81
          Temperatures = [ 0.1; 0.5; 1.0; 4.0 ]
          Draws = 400 }
      Prior =
        { Decades = -2, 5
          PerDecade = 4
          MonteCarloDraws = 40_000
          Images = 500
          Depths = [ 1..5 ] }
      Softmax =
        { Classes = [ 3; 5; 8 ]
          Depth = 2
          TrainingPerClass = 34
          TestPerClass = 200
          Temperatures = [ for k in -4 .. 2 -> float k ]
          FlipRate = 0.2
          Seeds = 6
          Chains = 8
          WarmUp = 100
          Draws = 40
          Thin = 1
          Steps = 12 }
      Threads = 1 }

/// All ten classes, more examples and longer chains.
let private standard =
    { quick with
        Curve = { quick.Curve with Draws = 2000 }
        Prior = { quick.Prior with PerDecade = 8; MonteCarloDraws = 400_000; Images = 5000 }
        Softmax =
            { quick.Softmax with
                Classes = [ 0..9 ]
                TrainingPerClass = 30
                TestPerClass = 100
                Temperatures = [ for k in -6 .. 2 -> float k ]
                Seeds = 8
                WarmUp = 300
                Draws = 100
                Thin = 2
                Steps = 16 } }

/// What the paper ran is not known to us; this is what we would run with a day to spare.
let private paperProfile =
    { standard with
        Softmax =
            { standard.Softmax with
                TrainingPerClass = 100
                TestPerClass = 500
                Seeds = 10
                Chains = 16
                WarmUp = 600
                Draws = 200
                Thin = 4
                Steps = 24 } }

/// The paper profile in a few draws: the numbers say nothing.
let private rehearsal =
    { paperProfile with
        Curve = { paperProfile.Curve with Draws = 3 }
        Prior =
            { paperProfile.Prior with
                Decades = 0, 1
                PerDecade = 1
                MonteCarloDraws = 100
                Images = 20 }
        Softmax =
            { paperProfile.Softmax with
                TrainingPerClass = 2
                TestPerClass = 2
                Temperatures = [ -2.0; 0.0; 2.0 ]
                Seeds = 2
                Chains = 2
                WarmUp = 4
                Draws = 8
                Thin = 1
                Steps = 2 } }

let profile =
    match arguments.Profile with
    | "standard" -> standard
    | "paper" -> paperProfile
    | "rehearsal" -> rehearsal
    | _ -> quick

/// The command that makes a figure again.
let command figure =
    let data = if arguments.Data.IsSome then " --data DIR" else ""
    $"dotnet fsi paper-figures/cold-posteriors/{figure}.fsx --profile {arguments.Profile}{data}"

let publish = Figure.publish arguments paper intro
