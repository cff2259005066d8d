/// P2's logistic regression, zeros against ones of real MNIST: 800 images, 785 parameters.
module NoiseScale.Theory.Tests.MnistTests

open System
open System.Buffers.Binary
open System.Diagnostics
open System.IO
open System.IO.Compression
open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Tests.Fixtures

/// ../shared/data/mnist beside the repository, whose root is somewhere above the program.
let private folder =
    let rec root (directory: DirectoryInfo | null) =
        match directory with
        | null -> None
        | found when File.Exists(Path.Combine(found.FullName, "Research.sln")) -> Some found.FullName
        | other -> root other.Parent

    root (DirectoryInfo AppContext.BaseDirectory)
    |> Option.map (fun root -> Path.Combine(root, "..", "shared", "data", "mnist"))
    |> Option.filter Directory.Exists

let private read (file: string) header =
    use zipped = new GZipStream(File.OpenRead file, CompressionMode.Decompress)
    use bytes = new MemoryStream()
    zipped.CopyTo bytes
    let all = bytes.ToArray()
    BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(all, 4, 4)), all[header..]

/// The first so many training images of each of some digits, pixels in [0, 1], and their digits.
let private images folder digits each =
    let count, pixels = read (Path.Combine(folder, "train-images-idx3-ubyte.gz")) 16
    let _, labels = read (Path.Combine(folder, "train-labels-idx1-ubyte.gz")) 8

    let chosen =
        [| for digit in digits do
               yield! Seq.init count id |> Seq.filter (fun i -> int labels[i] = digit) |> Seq.truncate each |]

    let x = Array2D.init chosen.Length 784 (fun i j -> float pixels[chosen[i] * 784 + j] / 255.0)
    matrix x, [| for i in chosen -> int labels[i] |]

let private onMnist name body =
    testCase name (fun () ->
        match folder with
        | Some folder -> body folder
        | None -> skiptest $"{name}: skipped: no ../shared/data/mnist")

let private grid = [| 1e-3; 0.1; 1.0; 10.0; 1000.0 |]

let private profile x labels =
    let model = LinearModel.create Likelihood.Bernoulli true x (integers labels)
    let watch = Stopwatch.StartNew()

    match EvidenceProfile.overGrid ProfileOptions.Default model grid with
    | Error error -> failtest $"%A{error}"
    | Ok points ->
        printfn $"785 parameters, 800 images: {watch.Elapsed.TotalSeconds / float grid.Length:F2} s for each λ"

        for point in points do
            printfn
                $"λ {point.Lambda, 8}: C {point.Report.Cost, 9:F3}, E {point.Report.RatioToNull.Value.InFavourOfNull, 10:F3}, γ {point.Report.EffectiveParameters.Value, 7:F2}, {point.Minimum.Iterations} steps, C − C* ≤ {point.Minimum.CostGap:G2}, rounding {point.Report.OccamRounding:G2}"

        points

let tests =
    testSequenced
    <| testList
        "MNIST"
        [ onMnist
              "zeros and ones: the evidence favours the model with true labels, and the null with random ones, at every λ (P2 Figs. 1, 2)"
              (fun folder ->
                  let x, digits = images folder [ 0; 1 ] 400
                  let random = (labels 1 2 800).toArray1D<int64>() |> Array.map int
                  let informative, arbitrary = profile x digits, profile x random
                  Expect.equal informative[0].Report.Parameters 785 "784 weights and a bias"

                  for point in Array.append informative arbitrary do
                      Expect.isLessThan point.Report.OccamRounding 1e-3 "nats that rounding may have cost"

                  let e (point: ProfilePoint) = point.Report.RatioToNull.Value.InFavourOfNull
                  Expect.all arbitrary (fun point -> e point > 0.0) "random: for the null"
                  Expect.isTrue (informative |> Array.forall (fun point -> e point < 0.0)) "informative: for the model"
                  // most evidence inside the grid
                  let best = informative |> Array.minBy e
                  Expect.isTrue (best.Lambda > 1e-3 && best.Lambda < 1000.0) $"{best.Lambda}") ]
