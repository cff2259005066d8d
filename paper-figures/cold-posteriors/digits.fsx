// Images of digits as rows of numbers, and the prior that a standard initialisation gives functions of them: Figs 3 and 4.
#load "running.fsx"

open DiffSharp
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Training.Data
open Settings

/// All images and classes, normalised to mean 0 and deviation 1 of all pixels together, as networks are trained on them.
let whole = Figure.dataSet arguments

/// [n, pixels]
let pixels (set: ImageSet) : Tensor = (TorchTensors.Wrap set.Images).cast(Dtype.Float64).view [ set.Count; -1 ]

let labelled (set: ImageSet) : LabelledData = { Inputs = pixels set; Labels = (TorchTensors.Wrap set.Labels).clone() }

/// An infinitely wide network of rectifiers whose weights have variance 2/fan-in, as He's initialisation has, and biases 0.
let standardPrior depth = Kernel.ArcCosine(depth, 2.0, 0.0)
