// The packages in a script: the gradient flow of a modified loss against gradient descent itself. With a feed that carries them,
//   dotnet fsi scripts/packages/from-packages.fsx
// is all; with a folder of them (dotnet pack Research.sln -c Release -o out/packages) the next line names it, by its full path:
// #i "nuget: /home/me/NoiseScale/out/packages"
#r "nuget: NoiseScale.Theory, 0.1.0"
#r "nuget: libtorch-cpu-linux-x64, 2.10.0" // into the package folder, where the library finds it

open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError

TorchRuntime.Ensure()

let loss: Loss = fun w -> (w[0] ** 4).sum() / 4.0 + w[0][0] * w[0][1]
let start = [| dsharp.tensor ([ 0.6; -0.4 ], dtype = Dtype.Float64) |]
let learningRate, steps = 0.05, 20
let step w = Parameters.addScaled -learningRate w (dsharp.grads loss w)
let descent = Seq.fold (fun w _ -> step w) start (seq { 1..steps })

let missed =
    [ for order in 1..4 ->
          let field = ModifiedFlow.at ModifiedEquation.gradientDescent order learningRate [| loss |]

          let flow = ModifiedFlow.solve 100 (learningRate * float steps) field start
          float ((descent[0] - flow[0]).norm()) ]

missed
|> List.iteri (fun i distance -> printfn $"gradient descent is {distance:g3} away from the flow of order {i + 1}")

if List.pairwise missed |> List.exists (fun (coarse, fine) -> fine > coarse / 2.0) then
    failwith "each order should come nearer"
