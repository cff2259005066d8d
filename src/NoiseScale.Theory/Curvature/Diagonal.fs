namespace NoiseScale.Theory.Curvature

open DiffSharp

/// A diagonal found by probing.
type DiagonalEstimate =
    {
        /// the estimate of every element, [p]
        Value: Tensor
        /// the standard error of every element, [p]
        StandardError: Tensor
        /// how many probes
        Probes: int
    }

/// <summary>The diagonal of an operator.</summary>
[<RequireQualifiedAccess>]
module Diagonal =

    /// <summary>The diagonal, exact: as much as the matrix costs, p products unless there is a shorter way.</summary>
    /// <param name="operator">A</param>
    /// <returns>[p]</returns>
    let exact (operator: SymmetricOperator) : Tensor = dsharp.scope (fun () -> operator.ToMatrix().diagonal().clone())

    /// <summary>An unbiased estimate of every element: the mean of z⊙Az over random signs z. The variance of element i is Σ_{j≠i} A_ij² / probes.
    /// (Bekas, Kokiopoulou and Saad 2007)</summary>
    /// <param name="seed">of the probes</param>
    /// <param name="probes">how many, at least 2: a product each</param>
    /// <param name="operator">A</param>
    /// <exception cref="T:System.ArgumentException">There are fewer than two probes.</exception>
    let estimate (seed: int64) (probes: int) (operator: SymmetricOperator) : DiagonalEstimate =
        Probes.requireCount (nameof probes) 2 probes
        let generator = Generator(seed, Device.CPU)

        dsharp.scope (fun () ->
            let samples =
                dsharp.cat (
                    [| for count in Probes.chunks probes ->
                           dsharp.scope (fun () ->
                               let z = Probes.signs generator operator count
                               z * operator.Apply z) |],
                    1
                )

            { Value = samples.mean 1
              StandardError = samples.stddev (1, unbiased = true) / sqrt (float probes)
              Probes = probes })
