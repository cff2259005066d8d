/// Kernels of every kind, inputs, and what tests of Gaussian processes share.
module NoiseScale.Theory.Tests.Processes

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open DiffSharp
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Tests.Fixtures

let ok result =
    match result with
    | Ok value -> value
    | Error error -> failtest $"{error}"

/// One of each kind, for inputs of two numbers.
let kernels =
    [ "constant", Kernel.Constant 0.7
      "white", Kernel.White 0.3
      "linear", Kernel.Linear 1.3
      "RBF", Kernel.RadialBasis(1.4, [ 0.8 ])
      "RBF, a length each", Kernel.RadialBasis(0.9, [ 0.6; 1.7 ])
      "Matérn 1/2", Kernel.Matern(Smoothness.Half, 1.1, [ 0.9; 1.2 ])
      "Matérn 3/2", Kernel.Matern(Smoothness.ThreeHalves, 0.8, [ 0.7 ])
      "Matérn 5/2", Kernel.Matern(Smoothness.FiveHalves, 1.6, [ 1.1; 0.5 ])
      "NNGP of 0 layers", Kernel.ArcCosine(0, 1.2, 0.4)
      "NNGP of 1 layer, no bias", Kernel.ArcCosine(1, 1.7, 0.0)
      "NNGP of 3 layers", Kernel.ArcCosine(3, 1.9, 0.3)
      "sum", Kernel.RadialBasis(0.5, [ 0.4 ]) + Kernel.Linear 0.2
      "product", (Kernel.RadialBasis(1.5, [ 1.4; 2.0 ]) + Kernel.Constant 0.3) * Kernel.ArcCosine(1, 1.3, 0.2) ]

let eachKernel name body = testList name [ for title, kernel in kernels -> testCase title (fun () -> body kernel) ]

/// A case of regression: kernel with white noise of the function itself, so that its covariance can be inverted.
type Case =
    { Kernel: Kernel
      Noise: float
      Temperature: float
      Inputs: Tensor
      Targets: Tensor
      Points: Tensor }

let private logUniform low high = Gen.choose (0, 1000) |> Gen.map (fun i -> low * (high / low) ** (float i / 1000.0))

let cases =
    gen {
        let! _, kernel = Gen.elements kernels
        let! noise = logUniform 0.03 3.0
        let! temperature = logUniform 0.02 50.0
        let! n = Gen.choose (1, 6)
        let! seed = Gen.choose (0, 100000)

        return
            { Kernel = kernel + Kernel.White 0.05
              Noise = noise
              Temperature = temperature
              Inputs = normal seed [ n; 2 ]
              Targets = normal (seed + 1) [ n ] * 1.5
              Points = normal (seed + 2) [ 3; 2 ] }
    }
    |> Arb.fromGen

let inputs = normal 71 [ 7; 2 ]

/// ln N(x; m, C) by eigenvalues.
let logNormal (mean: Tensor) (covariance: Tensor) (x: Tensor) =
    dsharp.scope (fun () ->
        let values, vectors = covariance.eigh ()
        let rotated = (vectors.transpose ()).matmul(x - mean)

        float ((rotated * rotated / values + values.log ()).sum()) * -0.5 - 0.5 * float x.nelement * log (2.0 * Math.PI))

/// ∫ g φ over two normal numbers, on a grid.
let normalMean2 (g: Tensor -> Tensor) =
    let half = 160
    let nodes = [| for i in -half .. half -> 8.0 * float i / float half |]
    let u = vector nodes
    let density = (u * u * -0.5).exp()
    let n = nodes.Length

    let pairs =
        dsharp.stack ([ ((u.unsqueeze 1).expand [ n; n ]).reshape [ -1 ]; ((u.unsqueeze 0).expand [ n; n ]).reshape [ -1 ] ], 1)

    let weights = (density.outer density).reshape [ -1 ]
    let values: Tensor = g pairs
    (values * (weights.unsqueeze 1)).sum 0
