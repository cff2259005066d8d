/// Kernels: known values, positive definiteness, derivatives, and the infinitely wide network against wide ones.
module NoiseScale.Theory.Tests.KernelTests

open System
open Expecto
open DiffSharp
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Processes
open NoiseScale.Theory.Tests.Property

let private between kernel (x: float list) (y: float list) =
    float (KernelMatrix.cross kernel ((vector x).unsqueeze 0) ((vector y).unsqueeze 0)).[0, 0]

let private values =
    let x, y = [ 0.3; -1.2 ], [ 1.1; 0.4 ]
    // (0.8/0.5)² + (1.6/2)²
    let r = sqrt (1.6 ** 2.0 + 0.8 ** 2.0)
    let scales = [ 0.5; 2.0 ]

    testList
        "known values"
        [ testCase "closed forms, written out" (fun () ->
              let dot = 0.3 * 1.1 - 1.2 * 0.4

              for kernel, expected in
                  [ Kernel.Constant 0.7, 0.7
                    Kernel.White 0.7, 0.0
                    Kernel.Linear 1.5, 1.5 * dot
                    Kernel.RadialBasis(2.0, scales), 2.0 * exp (-0.5 * r * r)
                    Kernel.RadialBasis(2.0, [ 0.5 ]), 2.0 * exp (-0.5 * (1.6 ** 2.0 + 3.2 ** 2.0))
                    Kernel.Matern(Smoothness.Half, 2.0, scales), 2.0 * exp -r
                    Kernel.Matern(Smoothness.ThreeHalves, 2.0, scales), 2.0 * (1.0 + sqrt 3.0 * r) * exp (-(sqrt 3.0) * r)
                    Kernel.Matern(Smoothness.FiveHalves, 2.0, scales),
                    2.0 * (1.0 + sqrt 5.0 * r + 5.0 / 3.0 * r * r) * exp (-(sqrt 5.0) * r)
                    Kernel.ArcCosine(0, 1.2, 0.4), 0.4 + 1.2 * dot / 2.0
                    Kernel.Constant 0.7 + Kernel.Linear 1.0, 0.7 + dot
                    Kernel.Constant 0.7 * Kernel.Linear 1.0, 0.7 * dot ] do
                  close 1e-13 $"{kernel}" expected (between kernel x y))

          testCase "one hidden layer: the arc-cosine of the angle between the inputs, and the ReLU's half of the variance at one" (fun () ->
              let kernel = Kernel.ArcCosine(1, 2.0, 0.0)
              let angle degrees = [ cos (degrees * Math.PI / 180.0); sin (degrees * Math.PI / 180.0) ]

              for degrees in [ 10.0; 60.0; 90.0; 135.0; 179.0 ] do
                  let theta = degrees * Math.PI / 180.0
                  // k₀ = 2·cos θ/2, so E φφ = (sin θ + (π − θ) cos θ)/2π, times σw² = 2
                  // near 180° the formula itself cancels
                  close
                      1e-9
                      $"{degrees}°"
                      ((sin theta + (Math.PI - theta) * cos theta) / Math.PI)
                      (between kernel [ 1.0; 0.0 ] (angle degrees))

              close 1e-14 "the same direction" 3.0 (between kernel [ 1.0; 0.0 ] [ 3.0; 0.0 ])
              Expect.isLessThan (abs (between kernel [ 1.0; 0.0 ] [ -3.0; 0.0 ])) 1e-13 "opposite directions"
              Expect.equal (between kernel [ 0.0; 0.0 ] [ 1.0; 0.0 ]) 0.0 "no direction")

          testCase "σ_w² = 2 without biases keeps variances through any depth (He's initialisation)" (fun () ->
              for depth in [ 0; 1; 5; 40 ] do
                  close
                      1e-12
                      $"{depth}"
                      2.5
                      (float (KernelMatrix.diagonal (Kernel.ArcCosine(depth, 2.0, 0.0)) (matrix (array2D [ [ 1.0; 2.0 ] ]))).[0] / 2.0))

          testCase "white noise is one set's own, Matérn 1/2 is exact at coinciding inputs" (fun () ->
              let twice = dsharp.cat ([ inputs; inputs ], 0) + 1e3
              let white = KernelMatrix.gram (Kernel.White 0.3) twice
              same 0.0 "no covariance of equal inputs" (dsharp.eye (14, dtype = Dtype.Float64) * 0.3) white
              let ou = KernelMatrix.gram (Kernel.Matern(Smoothness.Half, 1.0, [ 0.1 ])) twice
              Expect.equal (float ou[0, 7]) 1.0 "no cancellation") ]

let private laws =
    testList
        "laws"
        [ eachKernel "symmetric, positive semi-definite, and its diagonal" (fun kernel ->
              for n in [ 1; 9; 30 ] do
                  let x = dsharp.cat ([ normal (n + 5) [ n; 2 ] * 1.3; vector [ 0.1; 0.1 ] |> fun t -> t.unsqueeze 0 ], 0)
                  let k = KernelMatrix.gram kernel x
                  same 1e-14 "symmetric" k (k.transpose ())
                  same 1e-13 "diagonal" (k.diagonal ()) (KernelMatrix.diagonal kernel x)
                  let least, most = let values = fst (k.eigh ()) in float values[0], float values[-1]
                  Expect.isGreaterThan least (-1e-13 * most * float n) "no negative eigenvalue"

                  if n > 1 then
                      let shown = KernelMatrix.cross kernel x[..1] x
                      let own = KernelMatrix.cross kernel x x
                      same 1e-13 "rows of the whole" own[..1] shown)

          eachKernel
              "derivatives in the logarithms of the hyper-parameters, against central differences; coinciding inputs too"
              (fun kernel ->
                  let x = dsharp.cat ([ inputs; inputs[..1]; inputs[..0] * 2.0; inputs[..0] * -1.0 ], 0)
                  let weights = normal 8 [ x.shape[0]; x.shape[0] ]
                  let logs = Kernel.parameters kernel |> List.map (snd >> log)
                  let f (logs: Tensor) = (KernelMatrix.ofLogParameters kernel x logs * weights).sum()
                  let gradient = dsharp.grad f (vector logs)
                  let h = 1e-5

                  logs
                  |> List.iteri (fun i _ ->
                      let at step = float (f (vector (logs |> List.mapi (fun j v -> if j = i then v + step else v))))
                      let difference = (at h - at -h) / (2.0 * h)
                      // the truncation is h² of third derivatives, the rounding 1e-16/h
                      Expect.isLessThan (abs (float gradient[i] - difference)) (1e-7 * max 1.0 (abs difference)) $"hyper-parameter {i}")

                  same 1e-14 "the same matrix" (KernelMatrix.gram kernel x) (KernelMatrix.ofLogParameters kernel x (vector logs)))

          eachKernel "hyper-parameters out and in, a factor, and text" (fun kernel ->
              let names, values = Kernel.parameters kernel |> List.unzip
              Expect.equal (Kernel.withParameters values kernel) kernel "the same kernel"
              Expect.equal (List.distinct names) names "names are distinct"
              let other = Kernel.withParameters (values |> List.map ((*) 2.0)) kernel
              Expect.equal (Kernel.parameters other |> List.map snd) (values |> List.map ((*) 2.0)) "in their order"
              same 1e-14 "3 k" (KernelMatrix.gram kernel inputs * 3.0) (KernelMatrix.gram (Kernel.scale 3.0 kernel) inputs)
              Expect.equal (Kernel.scale 1.0 kernel) kernel "1 k is k"
              Expect.isNotEmpty (string kernel) "text")

          testCase "text is the formula" (fun () ->
              let text =
                  string ((Kernel.RadialBasis(1.5, [ 0.4; 2.0 ]) + Kernel.Linear 0.2) * Kernel.ArcCosine(3, 2.0, 0.1))

              Expect.equal text "(1.5·RBF(ℓ = 0.4, 2) + 0.2·x·x′) × NNGP(3 hidden layers, σw² = 2, σb² = 0.1)" "formula")

          testCase "inputs: a vector is a column; derivatives with respect to inputs exist" (fun () ->
              let kernel = Kernel.RadialBasis(1.0, [ 0.5 ])

              same
                  0.0
                  "column"
                  (KernelMatrix.gram kernel (vector [ 1.0; 2.0 ]))
                  (KernelMatrix.gram kernel (matrix (array2D [ [ 1.0 ]; [ 2.0 ] ])))

              let f (x: Tensor) = (KernelMatrix.gram kernel x)[0, 1]
              let slope = dsharp.grad f (vector [ 1.0; 2.0 ])
              // ∂k/∂x = −(x − x′)/ℓ²·k
              close 1e-12 "slope" (4.0 * exp -2.0) (float slope[0])) ]

/// The covariance of the outputs of one random network at inputs, given its last hidden layer.
let private wideNetwork seed depth width (weight: float) (bias: float) (x: Tensor) =
    dsharp.scope (fun () ->
        let generator = generator seed
        let draw (shape: int list) = dsharp.randn (shape, dtype = Dtype.Float64, device = Device.CPU, generator = generator)

        let layer (h: Tensor) _ =
            let z =
                h.matmul (draw [ h.shape[1]; width ]) * sqrt (weight / float h.shape[1]) + draw [ width ] * sqrt bias

            z.relu ()

        let last = Seq.fold layer x [ 1..depth ]
        last.matmul (last.transpose ()) * (weight / float width) + bias)

let private wide =
    testList
        "wide networks"
        [ for depth in [ 1; 3 ] do
              testCase $"{depth} hidden layers: a network's covariance differs from the NNGP's by 1/√width" (fun () ->
                  let weight, bias = 1.6, 0.2
                  let exact = KernelMatrix.gram (Kernel.ArcCosine(depth, weight, bias)) inputs
                  let networks = 24

                  let errors =
                      [ for width in [ 32; 64; 128; 256; 512 ] do
                            let differences =
                                [ for i in 1..networks -> wideNetwork (1000 * width + i) depth width weight bias inputs - exact ]

                            let rms = sqrt (differences |> List.averageBy (fun d -> float ((d * d).mean())))
                            rms ]

                  let slope = slopeOfHalvings errors
                  // each point is the root of a mean of 24 networks: some 10 %, so the slope is known to ±0.03
                  Expect.isLessThan (abs (slope - 0.5)) 0.12 $"slope {slope} of %A{errors}"
                  Expect.isLessThan (List.last errors) (0.25 * float (exact.max ())) "small") ]

let private refusals =
    testCase "refusals" (fun () ->
        let gram kernel = fun () -> KernelMatrix.gram kernel inputs
        refuses [ "variance"; "positive"; "0" ] (gram (Kernel.Constant 0.0))
        refuses [ "lengthScale"; "-1" ] (gram (Kernel.RadialBasis(1.0, [ -1.0 ])))
        refuses [ "lengthScale[1]"; "NaN" ] (gram (Kernel.Matern(Smoothness.Half, 1.0, [ 1.0; nan ])))
        refuses [ "one length scale"; "2 inputs"; "not 3" ] (gram (Kernel.RadialBasis(1.0, [ 1.0; 1.0; 1.0 ])))
        refuses [ "length scale" ] (gram (Kernel.RadialBasis(1.0, [])))
        refuses [ "weightVariance"; "-2" ] (gram (Kernel.ArcCosine(1, -2.0, 0.1)))
        refuses [ "biasVariance"; "-0.1" ] (gram (Kernel.ArcCosine(1, 2.0, -0.1)))
        refuses [ "depth"; "-1" ] (gram (Kernel.ArcCosine(-1, 2.0, 0.1)))
        refuses [ "variance"; "Infinity" ] (gram (Kernel.Linear 1.0 + Kernel.White infinity))

        refuses [ "number 1 of input 2"; "not finite" ] (fun () ->
            KernelMatrix.gram (Kernel.Linear 1.0) (matrix (array2D [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ]; [ 5.0; nan ] ])))

        refuses [ "[n, d]" ] (fun () -> KernelMatrix.gram (Kernel.Linear 1.0) (normal 1 [ 2; 2; 2 ]))
        refuses [ "as many numbers each"; "2"; "3" ] (fun () -> KernelMatrix.cross (Kernel.Linear 1.0) inputs (normal 1 [ 2; 3 ]))
        refuses [ "2 hyper-parameters"; "not 1" ] (fun () -> Kernel.withParameters [ 1.0 ] (Kernel.RadialBasis(1.0, [ 1.0 ])))

        refuses [ "hyper-parameters"; "[3]" ] (fun () ->
            KernelMatrix.ofLogParameters (Kernel.RadialBasis(1.0, [ 1.0 ])) inputs (vector [ 0.0; 0.0; 0.0 ]))

        refuses [ "factor"; "0" ] (fun () -> Kernel.scale 0.0 (Kernel.Constant 1.0)))

let tests = testList "kernels" [ values; laws; wide; refusals ]
