namespace NoiseScale.Theory.Curvature

open System
open DiffSharp

/// <summary>An operator's spectrum as some random vectors see it: stochastic Lanczos quadrature.</summary>
/// <remarks>For a probe z, zᵀf(A)z/zᵀz is the integral of f over a measure on the spectrum; k steps of Lanczos from z give its Gauss quadrature, and the
/// mean over probes estimates tr f(A)/p. (Bai, Fahey and Golub 1996; Ubaru, Chen and Saad 2017; Papyan 2019)</remarks>
type SpectralMeasure =
    {
        /// p
        Size: int
        /// what Lanczos left of each probe
        Probes: Tridiagonal[]
        /// products of the operator with a vector
        Products: int
    }

    /// The quadrature of each probe: nodes and weights as they are.
    member this.Quadratures: Quadrature[] = this.Probes |> Array.map Tridiagonal.gauss

    /// The smallest and the largest node of all probes: inside the spectrum.
    member this.Range: struct (float * float) =
        let nodes = this.Quadratures |> Array.map _.Nodes
        struct (nodes |> Array.map Array.head |> Array.min, nodes |> Array.map Array.last |> Array.max)

/// Functions of an operator, from its spectral measure.
[<RequireQualifiedAccess>]
module SpectralMeasure =

    /// <summary>Probes an operator with random signs.</summary>
    /// <param name="seed">of the probes</param>
    /// <param name="probes">how many, at least 2</param>
    /// <param name="degree">k, steps of Lanczos of each, at least 1: a product each</param>
    /// <param name="operator">A</param>
    /// <exception cref="T:System.ArgumentException">There are fewer than two probes, no step, or a product is not finite.</exception>
    let estimate (seed: int64) (probes: int) (degree: int) (operator: SymmetricOperator) : SpectralMeasure =
        Probes.requireCount (nameof probes) 2 probes
        Probes.requireCount (nameof degree) 1 degree
        let generator = Generator(seed, Device.CPU)

        // all at once, as far as their vectors are not more than half a gigabyte
        let together = max 1 (min probes (67108864 / operator.Size / min degree operator.Size))

        let tridiagonals =
            [| for first in 0..together .. probes - 1 do
                   yield!
                       dsharp.scope (fun () ->
                           // drawn one by one: what a seed gives does not depend on how many go together
                           let starts =
                               [ for _ in first .. min probes (first + together) - 1 -> Probes.signs generator operator 1 ]

                           Lanczos.fromEach degree (dsharp.cat (starts, 1)) operator) |]

        { Size = operator.Size
          Probes = tridiagonals
          Products = tridiagonals |> Array.sumBy _.Diagonal.Length }

    /// <summary>tr f(A), with a standard error over probes.</summary>
    /// <param name="f">a function of an eigenvalue; smooth, else k has to be large</param>
    /// <param name="measure">of A</param>
    let trace (f: float -> float) (measure: SpectralMeasure) : Estimate =
        measure.Quadratures
        |> Array.map (fun quadrature -> float measure.Size * quadrature.Integrate f)
        |> Estimate.ofSamples measure.Products

    /// <summary>The spectral density (1/p) Σᵢ δ(x − λᵢ), each δ a normal density of some width; its integral is 1. (Papyan 2019; Ghorbani, Krishnan and
    /// Xiao 2019)</summary>
    /// <param name="width">the standard deviation of that normal density, in units of eigenvalues</param>
    /// <param name="grid">where, in units of eigenvalues</param>
    /// <param name="measure">of A</param>
    /// <returns>the density at each point of the grid</returns>
    /// <exception cref="T:System.ArgumentException">The width is not positive.</exception>
    let density (width: float) (grid: float[]) (measure: SpectralMeasure) : float[] =
        if not (Double.IsFinite width && width > 0.0) then
            invalidArg (nameof width) $"a width is positive and finite, not {width}"

        let quadratures = measure.Quadratures
        let factor = 1.0 / (sqrt (2.0 * Math.PI) * width * float quadratures.Length)

        grid
        |> Array.map (fun x ->
            let bump node = exp (-0.5 * (x - node) * (x - node) / (width * width))
            factor * (quadratures |> Array.sumBy (fun quadrature -> quadrature.Integrate bump)))
