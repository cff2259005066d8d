/// Small models with data, random but always the same, and how tensors are compared.
module NoiseScale.Theory.Tests.Fixtures

open System
open Expecto
open DiffSharp
open NoiseScale.Theory

let generator (seed: int) = Generator(int64 seed, Device.CPU)

let normal seed (shape: int list) = dsharp.randn (shape, dtype = Dtype.Float64, device = Device.CPU, generator = generator seed)

let labels seed classes (count: int) =
    dsharp.randint (0, classes, [ count ], dtype = Dtype.Int64, device = Device.CPU, generator = generator seed)

let vector (numbers: float seq) = dsharp.tensor (Array.ofSeq numbers, dtype = Dtype.Float64, device = Device.CPU)

let matrix (numbers: float[,]) = dsharp.tensor (numbers, dtype = Dtype.Float64, device = Device.CPU)

let integers (numbers: int seq) = dsharp.tensor (Array.ofSeq numbers, dtype = Dtype.Int64, device = Device.CPU)

let floats (t: Tensor) = (t.cast Dtype.Float64).toFlatArray<float>()

/// max |actual − expected| ≤ tolerance·max(1e-300, max |expected|)
let same tolerance what (expected: Tensor) (actual: Tensor) =
    if expected.shape <> actual.shape then
        failtest $"{what}: expected the shape %A{expected.shape}, found %A{actual.shape}"

    let size = float (expected.abs().max())
    let difference = float ((actual - expected).abs().max())

    if not (difference <= tolerance * max size 1e-300) then
        failtest $"{what}: differs by {difference}, of {size}"

/// A layer of tanh units and an affine layer: weights [h, d], biases [h], weights [K, h], biases [K].
let network (w: Tensor[]) (x: Tensor) =
    let hidden = tanh (x.matmul (w[0].transpose()) + w[1])
    hidden.matmul (w[2].transpose()) + w[3]

let networkWeights seed d h k =
    [| normal seed [ h; d ] * 0.7
       normal (seed + 1) [ h ] * 0.3
       normal (seed + 2) [ k; h ] * 0.8
       normal (seed + 3) [ k ] * 0.2 |]

let private examples = 7

/// A problem of each likelihood, and weights.
let problems =
    [ "softmax", Problem.create (Likelihood.Categorical 3) network (normal 1 [ examples; 2 ]) (labels 2 3 examples), networkWeights 10 2 3 3
      "logistic", Problem.create Likelihood.Bernoulli network (normal 3 [ examples; 2 ]) (labels 4 2 examples), networkWeights 20 2 3 1
      "normal errors",
      Problem.create (Likelihood.Gaussian 0.3) network (normal 5 [ examples; 2 ]) (normal 6 [ examples; 2 ]),
      networkWeights 30 2 3 2 ]

/// A test of each of them.
let forEach name body = testList name [ for title, problem, w in problems -> testCase title (fun () -> body problem w) ]

/// A symmetric matrix with given eigenvalues and random vectors.
let withSpectrum seed (eigenvalues: float seq) =
    let values = vector eigenvalues
    let basis, _, _ = (normal seed [ values.nelement; values.nelement ]).svd()
    (basis * values).matmul(basis.transpose ())

/// The mean of samples, in standard errors from what it should be: beyond ±4.9 with probability 1e-6, if normal.
let zScore expected (samples: float[]) =
    let mean = Array.average samples
    let variance = (samples |> Array.sumBy (fun s -> (s - mean) ** 2.0)) / float (samples.Length - 1)
    (mean - expected) / sqrt (variance / float samples.Length)

let expectUnbiased what expected samples =
    let z = zScore expected samples

    if not (abs z < 4.9) then
        failtest $"{what}: the mean {Array.average samples} of {samples.Length} is {z} standard errors from {expected}"

/// How often intervals cover what they estimate.
let coverage expected (intervals: struct (float * float) seq) =
    intervals |> Seq.averageBy (fun (struct (low, high)) -> if low <= expected && expected <= high then 1.0 else 0.0)

/// An ArgumentException whose message has these words.
let refuses (words: string list) (body: unit -> 'r) =
    try
        body () |> ignore
        failtest "nothing was refused"
    with :? ArgumentException as refusal ->
        for word in words do
            Expect.stringContains refusal.Message word "the message says what is wrong"
