// P4, The Effect of Network Width on SGD and Generalization: what is trained, as values, in three profiles and a rehearsal.
#load "../common/figure.fsx"

open System
open NoiseScale
open NoiseScale.Training.Networks
open NoiseScale.Training.Widths
open Figure

let paper = "The Effect of Network Width on Stochastic Gradient Descent and Generalization"

let intro =
    "Park, Sohl-Dickstein, Le and Smith, ICML 2019 (arXiv 1905.03776), remade: the best noise scale, in units of the initial weights, grows with the width, and so the largest \
     useful batch falls. The paper's widths, grids and numbers are not known to us: what is checked are its laws. Bands are 95 % intervals of the mean over seeds."

let arguments = arguments "network-width" [ "quick"; "standard"; "paper"; "rehearsal" ]

/// A family of networks swept over widths and batch sizes at a constant fraction of the largest stable learning rate.
type Sweep =
    {
        Family: WidthFamily
        /// images are averaged over squares of so many pixels a side, so that layers are wider than their input
        Pooling: int
        TrainingSetSize: int
        Widths: int list
        /// learning rates as fractions of the nominal ε_max of the parameterisation
        Fractions: float list
        /// B = 2^(k/2), k from … to by …
        Batches: int * int * int
        Updates: int
        Seeds: int64 list
    }

/// How ε_max is measured.
type Stability =
    { Updates: int
      BatchSize: int
      Rounds: int
      Seeds: int64 list
      Widths: int list }

/// Adam's learning rates tried at every width: 2^k.
type Transfer =
    { HiddenLayers: int
      Widths: int list
      Logs: int list
      Updates: int
      BatchSize: int
      Seeds: int64 list }

type Profile =
    {
        Perceptrons: Sweep
        Stability: Stability
        /// pairs of families, without and with batch normalisation
        Normalised: (Sweep * Sweep) list
        Transfer: Transfer
        /// of the coordinate check: widths and seeds
        Coordinates: int list * int64 list
        Momentum: float
        Threads: int
    }

let private quick =
    let convolutional ghost =
        { Family = WidthFamily.Convolutional(Option.toNullable ghost)
          Pooling = 2
          TrainingSetSize = 500
          Widths = [ 4; 16 ]
          Fractions = [ 0.125 ]
          Batches = 0, 12, 2
          Updates = 400
          Seeds = [ 1L; 2L ] }

    { Perceptrons =
        { Family = WidthFamily.Perceptron 1
          Pooling = 4
          TrainingSetSize = 1000
          Widths = [ 64; 256; 1024 ]
          Fractions = [ 0.5 ]
          Batches = 0, 16, 2
          Updates = 1500
          Seeds = [ 1L .. 3L ] }
      Stability =
        { Updates = 100
          BatchSize = 32
          Rounds = 6
          Seeds = [ 1L .. 3L ]
          Widths = [ 64; 256; 1024 ] }
      Normalised = [ (convolutional None, convolutional (Some 32)) ]
      Transfer =
        { HiddenLayers = 2
          Widths = [ 64; 512 ]
          Logs = [ -14 .. -4 ]
          Updates = 100
          BatchSize = 64
          Seeds = [ 1L .. 3L ] }
      Coordinates = [ 128; 256; 512; 1024 ], [ 1L .. 4L ]
      Momentum = 0.9
      Threads = 1 }

/// More widths, twice the grid, two learning rates, more seeds, longer; for real images.
let private standard =
    let longer (sweep: Sweep) =
        { sweep with
            TrainingSetSize = 1000
            Widths = [ 4; 8; 16 ]
            Batches = 0, 14, 2
            Updates = 1500
            Seeds = [ 1L .. 3L ] }

    { quick with
        Perceptrons =
            { quick.Perceptrons with
                Widths = [ 64; 128; 256; 512; 1024 ]
                Fractions = [ 0.5; 0.25 ]
                Batches = 0, 16, 1
                Updates = 4000
                Seeds = [ 1L .. 5L ] }
        Stability =
            { quick.Stability with
                Updates = 200
                Rounds = 8
                Seeds = [ 1L .. 5L ]
                Widths = [ 64; 128; 256; 512; 1024; 2048 ] }
        Normalised = quick.Normalised |> List.map (fun (without, with') -> longer without, longer with')
        Transfer =
            { quick.Transfer with
                Widths = [ 64; 128; 256; 512; 1024 ]
                Updates = 200
                Seeds = [ 1L .. 5L ] }
        Coordinates = [ 128; 256; 512; 1024; 2048; 4096 ], [ 1L .. 10L ] }

/// CIFAR-10 and Wide-ResNets, for a GPU. The paper's own widths and grids are not known to us.
let private paperProfile =
    let residual normalisation =
        { Family = WidthFamily.Residual(16, normalisation)
          Pooling = 1
          TrainingSetSize = 50_000
          Widths = [ 1; 2; 4; 8 ]
          Fractions = [ 0.5 ]
          Batches = 6, 20, 2
          Updates = 80_000
          Seeds = [ 1L .. 5L ] }

    { standard with
        Perceptrons =
            { standard.Perceptrons with
                Pooling = 1
                TrainingSetSize = 50_000
                Widths = [ 256; 512; 1024; 2048; 4096; 8192 ]
                Updates = 50_000 }
        Normalised = [ (residual (ResidualNormalisation.SkipInit()), residual (ResidualNormalisation.GhostBatchNorm 64)) ] }

/// The paper profile in a few updates, every grid by its ends: the numbers say nothing.
let private rehearsal =
    let ends (list: 'a list) = List.distinct [ list.Head; List.last list ]

    let short (sweep: Sweep) =
        let low, high, _ = sweep.Batches

        { sweep with
            TrainingSetSize = 64
            Widths =
                (match sweep.Family with
                 | :? WidthFamily.Residual -> [ 1; 2 ]
                 | _ -> [ 16; 64 ])
            Batches = low, min high 10, max 1 ((min high 10 - low) / 2)
            Updates = 3
            Seeds = [ 1L; 2L ] }

    { paperProfile with
        Perceptrons = short paperProfile.Perceptrons
        Stability =
            { paperProfile.Stability with
                Updates = 8
                Rounds = 1
                Seeds = [ 1L; 2L ]
                Widths = [ 16; 64 ] }
        Normalised = paperProfile.Normalised |> List.map (fun (without, with') -> short without, short with')
        Transfer =
            { paperProfile.Transfer with
                Widths = [ 16; 64 ]
                Logs = ends paperProfile.Transfer.Logs @ [ 3 ]
                Updates = 3
                BatchSize = 16
                Seeds = [ 1L; 2L ] }
        Coordinates = [ 16; 32; 64 ], [ 1L; 2L ] }

let profile =
    match arguments.Profile with
    | "standard" -> standard
    | "paper" -> paperProfile
    | "rehearsal" -> rehearsal
    | _ -> quick

let parameterisations = [ Parameterisation.Standard; Parameterisation.Ntk; Parameterisation.MuP ]

let nameOf (p: Parameterisation) =
    match p with
    | Parameterisation.Standard -> "standard"
    | Parameterisation.Ntk -> "NTK"
    | _ -> "maximal update"

/// ε_max about as fig3 and `noisescale width stability` measure it with momentum 0.9: what learning rates are fractions of, so that widths are compared alike.
/// That of residual networks is a guess.
let nominalRate (family: WidthFamily) (p: Parameterisation) (width: int) =
    match family, p with
    | :? WidthFamily.Perceptron, Parameterisation.Standard -> 32.0 / float width
    | :? WidthFamily.Perceptron, Parameterisation.Ntk -> 8.0
    | :? WidthFamily.Convolutional, Parameterisation.Standard -> 2.0 / float width
    | :? WidthFamily.Convolutional, Parameterisation.Ntk -> 5.0
    | :? WidthFamily.Residual, Parameterisation.Standard -> 1.0 / float width
    | :? WidthFamily.Residual, Parameterisation.Ntk -> 5.0
    | _ -> 0.6

let batchSizes (low, high, step) = [ for k in low..step..high -> int (Math.Round(Math.Pow(2.0, float k / 2.0))) ] |> List.distinct

/// The command that makes a figure again.
let command figure =
    let data = if arguments.Data.IsSome then " --data DIR" else ""
    $"dotnet fsi paper-figures/network-width/{figure}.fsx --profile {arguments.Profile}{data}"

let publish = Figure.publish arguments paper intro
