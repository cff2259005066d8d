// Logistic regression of normal inputs: data as the paper draws them, several data sets as the chains of one sampler, and exact moments in the plane.
#load "running.fsx"

open System
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Sampling

/// P3's setting: N, ε, δ and |w_true|.
let examples = 1000

let learningRate = 0.1
let damping = 1e-4
let private length = 16.0

/// x ~ N(0, 1) in n dimensions, P(y | x, w) = 1/(1 + e^{y w·x}) with y = ±1, labels from w_true = (16, 0, …): in the library's convention, p(1 | z) = 1/(1 + e^{−z}),
/// the features are −x.
let draw (seed: int64) features count : LinearModel =
    let generator = Generator(seed, Device.CPU)

    let normal =
        dsharp.randn ([ count; features ], dtype = Dtype.Float64, device = Device.CPU, generator = generator)

    let first = (normal.split ([ 1; features - 1 ], dim = 1))[0]
    let labels = ((first * -length).sigmoid().bernoulli(generator = generator)).squeeze 1
    LinearModel.create Likelihood.Bernoulli false (-normal) labels

/// w_true.
let truth features =
    dsharp.tensor (Array.init features (fun i -> if i = 0 then length else 0.0), dtype = Dtype.Float64, device = Device.CPU)

/// Several data sets at once: chain c sees data set c. Cost, gradients and the exact Fisher information F + δ·1 of all examples, in closed form.
let sideBySide (sets: LinearModel list) : Target * Metric =
    let x = dsharp.stack [ for set in sets -> set.Features ]
    let y = dsharp.stack [ for set in sets -> set.Targets ]
    let count, n, p = x.shape[0], x.shape[1], x.shape[2]
    let flatX, flatY = x.view [ count * n; p ], y.view [ count * n ]
    let offsets = (dsharp.arange (count, dtype = Dtype.Int64, device = x.device) * n).unsqueeze 1
    let logits (x: Tensor) (w: Tensor) = x.bmm(w.unsqueeze 2).squeeze 2
    let pull (x: Tensor) (r: Tensor) = (x.transpose (1, 2)).bmm(r.unsqueeze 2).squeeze 2

    let batchGradient (w: Tensor) (indices: Tensor) =
        let rows = (indices + offsets).view -1
        let size = indices.shape[1]

        let xs, ys =
            (flatX.indexSelect (0, rows)).view [ count; size; p ], (flatY.indexSelect (0, rows)).view [ count; size ]

        pull xs ((logits xs w).sigmoid() - ys) * (float n / float size)

    let fisher (w: Tensor) =
        let z = logits x w
        let weights = z.sigmoid () * (-z).sigmoid() / float n
        ((x * weights.unsqueeze 2).transpose(1, 2)).bmm x

    let target: Target =
        { Parameters = p
          Examples = n
          Cost = fun w -> let z = logits x w in ((z.softplus ()) - y * z).sum 1
          Gradient = fun w -> pull x ((logits x w).sigmoid() - y)
          BatchGradient = Some batchGradient
          ExampleGradients = None }

    target, Metric.ofFunction p fisher |> Metric.damped damping |> SamplingFault.orFail

/// The minimum of the cost by Newton's method with halved steps; none where the examples can be separated and it lies at infinity.
let minimum (model: LinearModel) : Tensor option =
    let rec go step (w: Tensor) =
        let cost, gradient = LinearModel.costAndGradient model w
        let hessian = (LinearModel.hessian model w).ToMatrix()

        if float (gradient.abs().max()) < 1e-8 then
            Some w
        elif step > 200 || float (w.abs().max()) > 1e4 then
            None
        else
            let direction = hessian.solve gradient

            let rec shorten (k: float) =
                let next = w - direction * k

                if k < 1e-6 || LinearModel.cost model next < cost then
                    next
                else
                    shorten (k / 2.0)

            go (step + 1) (shorten 1.0)

    go 0 (LinearModel.zero model)

// ---- the plane -------------------------------------------------------------------------------------------------------------

/// Mean and covariance of two parameters.
type Moments = { Mean: float[]; Covariance: float[][] }

/// −C(w) at many points, [points, 2].
let private logDensity (model: LinearModel) (points: float[][]) =
    [| for chunk in Array.chunkBySize 1000 points do
           yield!
               dsharp.scope (fun () ->
                   let w = dsharp.tensor (array2D chunk, dtype = Dtype.Float64, device = Device.CPU)
                   let z = w.matmul (model.Features.transpose ())
                   ((model.Targets * z - z.softplus ()).sum 1).toArray1D<float>()) |]

/// Moments of e^{−C} by the trapezium rule on a box about a centre, which converges faster than any power for a density that vanishes at its edge.
let private onGrid model (centre: float[]) (half: float[]) points =
    let axis i = Array.init points (fun k -> centre[i] + half[i] * (2.0 * (float k + 0.5) / float points - 1.0))
    let nodes = Array.allPairs (axis 0) (axis 1) |> Array.map (fun (a, b) -> [| a; b |])
    let logs = logDensity model nodes
    let top = Array.max logs
    let weights = logs |> Array.map (fun l -> exp (l - top))
    let total = Array.sum weights
    let expect f = Array.fold2 (fun sum node weight -> sum + f node * weight) 0.0 nodes weights / total
    let mean = [| expect (fun w -> w[0]); expect (fun w -> w[1]) |]

    { Mean = mean
      Covariance = [| for i in 0..1 -> [| for j in 0..1 -> expect (fun w -> (w[i] - mean[i]) * (w[j] - mean[j])) |] |] }

/// The exact posterior's moments at T = 1, and how far they moved at the last doubling of the grid, in deviations.
let exactMoments (model: LinearModel) (minimum: Tensor) (laplace: float[][]) : Moments * float =
    let centre = minimum.view(-1).toArray1D<float>()
    // wide enough for the longer tail towards large weights: first about the minimum, then about the mean found there
    let rough = onGrid model centre [| for i in 0..1 -> 12.0 * sqrt (laplace[i][i]) |] 96
    let half = [| for i in 0..1 -> 9.0 * sqrt (rough.Covariance[i][i]) |]
    let coarse, fine = onGrid model rough.Mean half 80, onGrid model rough.Mean half 160

    let moved =
        Seq.max
            [ for i in 0..1 do
                  abs (coarse.Mean[i] - fine.Mean[i]) / sqrt (fine.Covariance[i][i])
                  abs (coarse.Covariance[i][i] / fine.Covariance[i][i] - 1.0) ]

    if moved > 1e-4 then
        failwith $"the grid's moments still move by {moved}"

    fine, moved

/// The ellipse of three standard deviations.
let ellipse (m: Moments) =
    let a, b, c = m.Covariance[0][0], m.Covariance[0][1], m.Covariance[1][1]
    let l11 = sqrt a
    let l21 = b / l11
    let l22 = sqrt (c - l21 * l21)

    [| for k in 0..120 ->
           let angle = 2.0 * Math.PI * float k / 120.0
           let u, v = 3.0 * cos angle, 3.0 * sin angle
           m.Mean[0] + l11 * u, m.Mean[1] + l21 * u + l22 * v |]
    |> Array.unzip
