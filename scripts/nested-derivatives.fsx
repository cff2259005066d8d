// Derivatives of derivatives: each with respect to its own variable, through the others'.
//   dotnet build Research.sln -c Release && dotnet fsi scripts/nested-derivatives.fsx
#I "../src/NoiseScale.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "DiffSharp.dll"

open DiffSharp

dsharp.config (dtype = Dtype.Float64, device = Device.CPU)
let number (x: float) = dsharp.tensor x

// The classic test. The inner derivative is 1 whatever x is, so the outer one is 1; tools that confuse the two variables say 2.
let classic = dsharp.diff (fun x -> x * dsharp.diff (fun y -> x + y) (number 1.0)) (number 1.0)
printfn "d/dx x (d/dy (x + y))       = %g   (1)" (float classic)

// The inner derivative at the outer variable itself: 3x², times x is 3x³, whose derivative is 9x².
let atItself = dsharp.diff (fun x -> x * dsharp.diff (fun y -> y ** 3) x) (number 2.0)
printfn "d/dx x (d/dy y^3 at y = x)   = %g  (36)" (float atItself)

// A Taylor series needs many orders of one function: e^(sin x) about 0.3, evaluated half a unit away.
let f (x: Tensor) = x.sin().exp()
let derivatives = dsharp.ffdiffn 8 f (number 0.3)
printfn "\nTaylor series of e^(sin x) about 0.3, at 0.8: the value is %.10f" (f (number 0.8) |> float)

let mutable factorial, sum = 1.0, 0.0

for order in 0..8 do
    if order > 0 then
        factorial <- factorial * float order

    sum <- sum + float derivatives[order] * 0.5 ** float order / factorial

    if order % 2 = 0 then
        printfn "  to order %d: %.10f" order sum

// Vector calculus comes for free: a gradient has no curl, and a curl no divergence.
let potential (x: Tensor) = (x[0] * x[1]).sin() + x[2].exp() * x[0]
let field (x: Tensor) = dsharp.stack [ x[1] * x[2]; x[0] ** 2; x[0] * x[1] * x[2] ]
let here = dsharp.tensor [ 0.4; -1.1; 0.7 ]
printfn "\ncurl of a gradient     %O" (dsharp.curl (dsharp.grad potential) here)
printfn "divergence of a curl   %O" (dsharp.divergence (dsharp.curl field) here)
printfn "laplacian, div grad    %O %O" (dsharp.laplacian potential here) (dsharp.divergence (dsharp.grad potential) here)

// Newton's method, with the Hessian of Rosenbrock's valley.
let valley (x: Tensor) = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

let newton (x: Tensor) =
    let gradient, hessian = dsharp.gradhessian valley x
    x - hessian.solve gradient

printfn "\nNewton's method in Rosenbrock's valley:"

List.scan (fun x _ -> newton x) (dsharp.tensor [ -1.2; 1.0 ]) [ 1..6 ]
|> List.iteri (fun step x -> printfn "  step %d  f = %.3e  at %O" step (float (valley x)) x)
