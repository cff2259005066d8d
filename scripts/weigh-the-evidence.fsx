// Which of two models should the data make us believe? Polynomials of rising degree on one noisy curve, weighed by their evidence. Run it after
// `dotnet build Research.sln -c Release`:
//   dotnet fsi scripts/weigh-the-evidence.fsx
#I "../src/NoiseScale.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "MathNet.Numerics.dll"
#r "Fractions.dll"
#r "DiffSharp.dll"
#r "NoiseScale.Theory.dll"

open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Evidence

TorchRuntime.Ensure()
let generator = Generator 2L
let count, noise = 30, 0.2
let x = dsharp.linspace (-1.0, 1.0, count, dtype = Dtype.Float64)

let curve (x: Tensor) : Tensor = 0.3 + 1.2 * x - 1.5 * x * x * x
let y = curve x + (dsharp.randn ([ count ], dtype = Dtype.Float64, generator = generator)) * noise
let elsewhere = dsharp.linspace (-0.97, 0.97, 200, dtype = Dtype.Float64)

let powers (degree: int) (x: Tensor) = dsharp.stack ([ for k in 0..degree -> if k = 0 then x.onesLike () else x ** k ], 1)

printfn "%6s %10s %10s %14s %10s %12s" "degree" "best λ" "ln P" "½ Σ ln(λᵢ/λ)" "γ" "error off data"

for degree in 0..9 do
    let model =
        LinearModel.create (Likelihood.Gaussian(noise * noise)) false (powers degree x) (y.unsqueeze 1)

    match EvidenceProfile.maximise ProfileOptions.Default 0.01 1e-4 1e4 model with
    | Error(lambda, error) -> printfn $"{degree, 6}: at λ = {lambda}: {error}"
    | Ok(best, _) ->
        let r = best.Report
        let prediction = (LinearModel.predict false best.Minimum.Weights (powers degree elsewhere)).squeeze 1
        let difference = prediction - curve elsewhere
        let error = sqrt (float ((difference * difference).mean()))

        printfn
            "%6d %10.3g %10.2f %14.2f %10.2f %12.4f"
            degree
            best.Lambda
            r.LogEvidence.Value
            r.Occam.Value
            r.EffectiveParameters.Value
            error

printfn "the curve has degree 3"
