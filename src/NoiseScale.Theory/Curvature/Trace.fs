namespace NoiseScale.Theory.Curvature

open DiffSharp

/// <summary>The trace of an operator, estimated without the matrix.</summary>
[<RequireQualifiedAccess>]
module Trace =

    // zᵀAz for every column
    let private forms (operator: SymmetricOperator) (z: Tensor) : float[] = ((z * operator.Apply z).sum 0).cast(Dtype.Float64).toArray1D()

    /// <summary>The trace, exact: as much as the matrix costs.</summary>
    /// <param name="operator">A</param>
    let exact (operator: SymmetricOperator) : float = dsharp.scope (fun () -> float (operator.ToMatrix().trace()))

    /// <summary>Hutchinson's estimate: the mean of zᵀAz over random signs z. Unbiased, with the variance 2(‖A‖² − Σ A_ii²)/probes. (Hutchinson 1990)</summary>
    /// <param name="seed">of the probes</param>
    /// <param name="probes">how many, at least 2: a product each</param>
    /// <param name="operator">A</param>
    /// <exception cref="T:System.ArgumentException">There are fewer than two probes.</exception>
    let hutchinson (seed: int64) (probes: int) (operator: SymmetricOperator) : Estimate =
        Probes.requireCount (nameof probes) 2 probes
        let generator = Generator(seed, Device.CPU)

        [| for count in Probes.chunks probes do
               yield! dsharp.scope (fun () -> forms operator (Probes.signs generator operator count)) |]
        |> Estimate.ofSamples probes

    /// <summary>Hutch++: the trace on a subspace Q that a third of the products found, exact, and Hutchinson's estimate of the rest,
    /// tr(QᵀAQ) + tr((1 − QQᵀ)A(1 − QQᵀ)). Unbiased; its error falls as 1/products where Hutchinson's falls as 1/√products, for A without negative
    /// eigenvalues. (Meyer, Musco, Musco and Woodruff 2021)</summary>
    /// <param name="seed">of the probes</param>
    /// <param name="products">of A with a vector, at least 6; a third of them, rounded down, for each part</param>
    /// <param name="operator">A</param>
    /// <exception cref="T:System.ArgumentException">There are fewer than six products: a standard error takes two probes.</exception>
    let hutchPlusPlus (seed: int64) (products: int) (operator: SymmetricOperator) : Estimate =
        Probes.requireCount (nameof products) 6 products
        // more directions than dimensions span nothing more
        let third = min (products / 3) operator.Size
        let generator = Generator(seed, Device.CPU)

        dsharp.scope (fun () ->
            let sketch = operator.Apply(Probes.signs generator operator third)
            let basis, _, _ = sketch.svd ()
            let known = float ((basis * operator.Apply basis).sum())
            let probes = max 2 (products - 2 * third)

            let rest =
                [| for count in Probes.chunks probes do
                       yield!
                           dsharp.scope (fun () ->
                               let z = Probes.signs generator operator count
                               forms operator (z - basis.matmul (basis.transpose().matmul z))) |]

            Estimate.ofSamples (2 * third + probes) rest |> Estimate.affine known 1.0)
