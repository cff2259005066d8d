/// What the tensors cost beside TorchSharp itself: `dotnet run --project tests/DiffSharp.Tests -c Release -- --cost`.
module Cost

open System
open System.Diagnostics
open DiffSharp
open TorchSharp

/// Two ways to compute the same, timed in turns: what disturbs one disturbs the other. Medians, in microseconds a call.
let private compare (calls: int) (ours: unit -> unit) (theirs: unit -> unit) =
    let time (act: unit -> unit) =
        let clock = Stopwatch.StartNew()

        for _ in 1..calls do
            act ()

        clock.Elapsed.TotalMicroseconds / float calls

    for _ in 1..3 do
        time ours |> ignore
        time theirs |> ignore

    let rounds = [| for _ in 1..15 -> time ours, time theirs |]
    let median values = (Array.sort values)[rounds.Length / 2]
    // the ratio of each round: the machine's mood is the same for both halves of it
    median (Array.map fst rounds), median (Array.map snd rounds), median (Array.map (fun (a, b) -> a / b) rounds)

let private report (what: string) (bound: string) (calls: int) ours theirs =
    let ours, theirs, ratio = compare calls ours theirs
    Console.WriteLine $"{what, -62} {ours, 10:F1} {theirs, 10:F1} {ratio, 7:F2}   {bound}"

/// An MLP of 784–800–10 and a batch of 32, in float32: weights of the size that Fig 6 trains.
type private Network() =
    let generator = new torch.Generator(1uL)

    let random (shape: int64[]) (scale: float) =
        use numbers = torch.randn (shape, generator = generator)
        use factor = scale.ToScalar()
        numbers.mul factor

    let weights =
        [| random [| 784L; 800L |] 0.05; torch.zeros 800L; random [| 800L; 10L |] 0.05; torch.zeros 10L |]

    let images = random [| 32L; 784L |] 1.0
    let labels = torch.randint (10L, [| 32L |], generator = generator)
    let directions = [| for w in weights -> random w.shape 1.0 |]
    let wrap (tensors: torch.Tensor[]) = tensors |> Array.map Tensor.ofTorch

    member val Weights = wrap weights
    member val Directions = wrap directions
    member val Images = Tensor.ofTorch images
    member val Labels = Tensor.ofTorch labels

    member this.Loss(w: Tensor[]) : Tensor =
        let hidden = (this.Images.matmul w[0] + w[1]).relu()
        (hidden.matmul w[2] + w[3]).crossEntropyLoss this.Labels

    member _.RawLoss(w: torch.Tensor[]) : torch.Tensor =
        let hidden = torch.nn.functional.relu (images.matmul w[0] + w[1])
        torch.nn.functional.cross_entropy (hidden.matmul w[2] + w[3], labels)

    /// As TorchSharp's users write it: leaves, backward, .grad.
    member this.RawGradient() : unit =
        use _ = torch.NewDisposeScope()

        for w in weights do
            w.requires_grad <- true

        this.RawLoss(weights).backward()

        for w in weights do
            match w.grad with
            | null -> failwith "no gradient"
            | gradient -> gradient.Dispose()

            w.grad <- null
            w.requires_grad <- false

let private small = [| 0.3f; 0.5f; -0.2f; 1.1f |]

/// Loops of small operations: what a wrapper costs shows in nothing else.
let private loops () =
    let x, a = dsharp.tensor small, dsharp.tensor [ 0.9f; 1.1f; 1.0f; 0.8f ]
    let rawX, rawA = torch.tensor small, torch.tensor [| 0.9f; 1.1f; 1.0f; 0.8f |]
    let count = 1_000

    report
        $"{100 * count} products of 4 numbers, in scopes of {count}"
        "at most 1.3"
        1
        (fun () ->
            for _ in 1..100 do
                dsharp.scope (fun () ->
                    let mutable y = x

                    for _ in 1..count do
                        y <- y * a)
                |> ignore)
        (fun () ->
            for _ in 1..100 do
                use _ = torch.NewDisposeScope()
                let mutable y = rawX

                for _ in 1..count do
                    y <- y * rawA)

    report
        $"{100 * count} steps x = (x a + b) 0.5, 3 operations each"
        "at most 1.3"
        1
        (fun () ->
            for _ in 1..100 do
                dsharp.scope (fun () ->
                    let mutable y = x

                    for _ in 1..count do
                        y <- (y * a + x) * 0.5)
                |> ignore)
        (fun () ->
            for _ in 1..100 do
                use _ = torch.NewDisposeScope()
                use half = (0.5).ToScalar()
                let mutable y = rawX

                for _ in 1..count do
                    y <- (y * rawA + rawX) * half)

let run () : int =
    TorchRuntime.EnableProcessSwitches()
    TorchRuntime.Ensure()

    match Environment.GetEnvironmentVariable "NOISESCALE_COST_THREADS" with
    | null -> ()
    | threads -> torch.set_num_threads (int threads)

    let network = Network()
    Console.WriteLine $"threads: {torch.get_num_threads ()}; medians of 15 rounds in turns, microseconds"
    let ours, theirs = "ours", "theirs"
    Console.WriteLine $"{String.Empty, -62} {ours, 10} {theirs, 10}   ratio   bound"

    let gradient () = dsharp.grads network.Loss network.Weights |> Array.iter (fun t -> t.Native.Dispose())

    let product () =
        dsharp.hessiansv network.Loss network.Weights network.Directions |> Array.iter (fun t -> t.Native.Dispose())

    let forward () =
        let _, gradients, products = Dual.fgradhessiansv network.Loss network.Weights network.Directions
        Seq.append gradients products |> Seq.iter (fun t -> t.Native.Dispose())

    report "gradient of an MLP 784-800-10 at B = 32; TorchSharp's backward" "at most 1.3" 20 gradient network.RawGradient
    report "Hessian-vector product of the same; a gradient (ours)" "at most 3" 20 product gradient
    report "the same forward over reverse; a gradient (ours)" "" 20 forward gradient

    let penalty () =
        dsharp.grads
            (fun w ->
                let loss, gradients = dsharp.fgrads network.Loss w
                loss + 0.025 * (gradients |> Array.sumBy (fun g -> (g * g).sum())))
            network.Weights
        |> Array.iter (fun t -> t.Native.Dispose())

    report "gradient of C + (eps/4) |grad C|^2; a gradient (ours)" "" 20 penalty gradient
    loops ()
    0
