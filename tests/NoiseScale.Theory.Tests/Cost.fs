/// What modified losses and flows cost: `dotnet run --project tests/NoiseScale.Theory.Tests -c Release -- --cost [rounds]`.
module NoiseScale.Theory.Tests.Cost

open System
open System.Diagnostics
open System.Globalization
open System.IO
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError

let private perceptron (batch: int) (width: int) : Loss * Tensor[] =
    let generator = Generator(1L)
    let draw (shape: int list) = dsharp.randn (shape, generator = generator)
    let images = draw [ batch; 784 ]
    let labels = dsharp.randint (0, 10, [ batch ], generator = generator)
    let w = [| draw [ 784; width ] * 0.04; dsharp.zeros width; draw [ width; 10 ] * 0.04; dsharp.zeros 10 |]
    (fun w -> ((images.matmul w[0] + w[1]).relu().matmul w[2] + w[3]).crossEntropyLoss labels), w

/// Median milliseconds of a call.
let private milliseconds calls (act: unit -> unit) =
    for _ in 1 .. calls / 4 do
        act ()

    let times =
        [| for _ in 1..calls do
               let start = Stopwatch.GetTimestamp()
               act ()
               Stopwatch.GetElapsedTime(start).TotalMilliseconds |]

    (Array.sort times)[calls / 2]

let private median values = (List.sort values)[values.Length / 2]

/// PyTorch's time for the same gradient, by the benchmarks' step.py; None where there is no PyTorch.
let private pyTorch (batch: int) (threads: int) (calls: int) =
    let script = Path.Combine(Directory.GetCurrentDirectory(), "tests", "Benchmarks", "step.py")

    [ "python3"; "/usr/bin/python3" ]
    |> List.tryPick (fun python ->
        try
            let start =
                ProcessStartInfo(python, [| script; "penalty"; string batch; string threads; string (calls / 4); string calls |])

            start.RedirectStandardOutput <- true
            start.RedirectStandardError <- true
            start.Environment["OMP_WAIT_POLICY"] <- "passive"
            use run = Process.Start start |> Option.ofObj |> Option.get
            let output = run.StandardOutput.ReadToEnd()
            run.WaitForExit()

            if run.ExitCode = 0 then
                Some(Double.Parse(output, CultureInfo.InvariantCulture))
            else
                None
        with :? ComponentModel.Win32Exception ->
            None)

let private scoped (compute: unit -> Tensor[]) () = dsharp.scope compute |> ignore

let private penalty rounds =
    printfn "%-52s%8s%10s%10s%8s   [least, most]" "gradient of C + (λ/4)‖∇C‖², 784-800-10, ms" "threads" "ours" "PyTorch" "ratio"

    for threads in [ 1; 2 ] do
        for batch, calls in [ 32, 150; 1000, 25 ] do
            let loss, w = perceptron batch 800
            let penalised = GradientPenalty.penalised 0.1 loss

            let pairs =
                [ for _ in 1..rounds do
                      TorchSharp.torch.set_num_threads threads
                      milliseconds calls (scoped (fun () -> dsharp.grads penalised w)), pyTorch batch threads calls ]

            let ours = pairs |> List.map fst |> median

            match pairs |> List.choose (fun (a, b) -> b |> Option.map (fun b -> b, a / b)) with
            | [] -> printfn "%-52s%8d%10.3f" $"a function of tensors, B = {batch}" threads ours
            | theirs ->
                let ratios = theirs |> List.map snd |> List.sort

                printfn
                    "%-52s%8d%10.3f%10.3f%8.2f   [%.2f, %.2f]"
                    $"a function of tensors, B = {batch}"
                    threads
                    ours
                    (theirs |> List.map fst |> median)
                    (median ratios)
                    ratios.Head
                    (List.last ratios)

let private units rounds =
    TorchSharp.torch.set_num_threads 1
    printfn ""
    printfn "%-52s%8s   [least, most]" "784-100-10, B = 32, 1 thread, in gradients" "median"
    let loss, w = perceptron 32 100
    let direction = dsharp.grads loss w
    let gradient = scoped (fun () -> dsharp.grads loss w)

    let rows =
        [ "Hessian-vector product", (fun () -> dsharp.hessiansv loss w direction)
          for method in [ PenaltyMethod.DoubleBackward; PenaltyMethod.ForwardDifference; PenaltyMethod.CentralDifference ] do
              $"penalty, {method}", (fun () -> snd (GradientPenalty.gradient method 0.1 loss w))
          for order in 1..4 do
              $"modified flow of gradient descent, order {order}",
              (fun () -> ModifiedFlow.at ModifiedEquation.gradientDescent order 0.1 [| loss |] w)
          for order in 2..3 do
              $"modified flow of shuffling, 4 minibatches, order {order}",
              (fun () -> ModifiedFlow.at (ModifiedEquation.shuffled (Coefficient.OfInt 4)) order 0.1 (Array.create 4 loss) w) ]

    for name, compute in rows do
        let ratios =
            [ for _ in 1..rounds -> milliseconds 20 (scoped compute) / milliseconds 40 gradient ] |> List.sort

        printfn "%-52s%8.2f   [%.2f, %.2f]" name (median ratios) ratios.Head (List.last ratios)

let run (rounds: int) : int =
    TorchRuntime.EnableProcessSwitches()
    TorchRuntime.Ensure()
    penalty rounds
    units rounds
    0
