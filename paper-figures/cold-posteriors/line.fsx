// A curve on a line, observed with noise, and the Gaussian process it is fitted with: Figs 1 and 2.
#load "running.fsx"

open DiffSharp
open NoiseScale.Theory.GaussianProcess
open Settings
open Seeds
open Running

/// The amplitude that the model expects is 1; the curve's is 2.
let kernel = Kernel.Matern(Smoothness.ThreeHalves, 1.0, [ 1.0 ])

let noiseVariance = 0.04

/// Inputs in (−4, 4), sorted, the seed's.
let inputs =
    let drawn =
        dsharp.rand ([ profile.Curve.Examples ], dtype = Dtype.Float64, generator = Generator(11L, Device.CPU))

    (drawn * 8.0 - 4.0).toArray1D<float>() |> Array.sort |> numbers

let targets = (inputs * 1.5).sin() * 2.0 + normal 12L [ profile.Curve.Examples ] * 0.3

let model = GpRegression.fit kernel noiseVariance inputs targets |> orExit
