namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp
open MathNet.Numerics.Integration
open NoiseScale.Theory.Curvature

/// How the aleatoric content of a prior is computed.
[<RequireQualifiedAccess>]
type AleatoricMethod =
    /// Gauss's rule in the gaps between ordered logits: two or three classes, to rounding
    | Quadrature
    /// means over draws of the logits, with standard errors
    | MonteCarlo of draws: int * seed: int64

/// <summary>How much chance a prior over functions expects in the label of one input: the aleatoric uncertainty it believes in, in nats.</summary>
/// <remarks>Numbers by quadrature have the standard error 0.</remarks>
type AleatoricContent =
    {
        /// C
        Classes: int
        /// v, the variance of every logit
        LogitVariance: float
        /// E H(softmax f): 0 where labels are certain given the function, ln C where they are pure chance
        Entropy: Estimate
        /// E max_c softmax_c(f), in [1/C, 1]
        MaxProbability: Estimate
        /// P(y₂ = y₁) of two labels of one input, E Σ_c softmax_c(f)², in [1/C, 1]
        Agreement: Estimate
    }

    /// I(y₂; y₁): what the first label of an input says about the second, ln C + a ln a + (1 − a) ln((1 − a)/(C − 1)) with a the agreement.
    member this.LabelInformation: Estimate =
        let a, c = this.Agreement.Value, float this.Classes
        let term p q = if p <= 0.0 then 0.0 else p * log (p / q)
        let slope = if a >= 1.0 then 0.0 else log (a * (c - 1.0) / (1.0 - a))

        { this.Agreement with
            Value = log c + term a 1.0 + term (1.0 - a) (c - 1.0)
            // to first order in the error of a
            StandardError = abs slope * this.Agreement.StandardError }

    /// I(f; y₁) = ln C − E H: what the first label says about the function's value.
    member this.FirstLabelGain: float = log (float this.Classes) - this.Entropy.Value

    /// I(f; y₂ | y₁) = H(y₂ | y₁) − E H: what relabelling the same input says about the function's value, beyond its first label.
    member this.RelabellingGain: float = this.FirstLabelGain - this.LabelInformation.Value

/// <summary>Aleatoric content of priors whose C logits at an input are independent, N(0, v). (Adlam, Snoek and Smith 2020: low aleatoric uncertainty is the belief that
/// one gains little by relabelling; measures derived)</summary>
[<Source(Paper.P5, "abstract")>]
[<RequireQualifiedAccess>]
module Aleatoric =

    let private require classes (variance: float) =
        if classes < 2 then
            invalidArg (nameof classes) $"there are at least two classes, not {classes}"

        if not (variance >= 0.0 && variance <= 1e10) then
            invalidArg (nameof variance) $"a variance of logits is in [0, 1e10], not {variance}"

    /// Entropy, largest probability and Σ p² of every row.
    let private measures (logits: Tensor) =
        let logs = logits.logsoftmax -1
        let p = logs.exp ()
        -(p * logs).sum -1, p.max -1, (p * p).sum -1

    /// Gauss–Legendre nodes and weights of a gap g ≥ 0 between two logits: panels of the softmax's own scale where it still sees the gap, of the prior's beyond.
    let private gaps (deviation: float) =
        let reach = 9.0 * deviation

        let rec panels a =
            [ if a < reach then
                  let next = a + min (deviation / 2.0) (if a < 40.0 then 4.0 else a)
                  GaussLegendreRule(a, next, 16)
                  yield! panels next ]

        let rules = panels 0.0

        [| for rule in rules do
               yield! rule.Abscissas |],
        [| for rule in rules do
               yield! rule.Weights |]

    /// Logits in descending order, the largest 0, and their probabilities: where classes are alike one order stands for all. [nodes, C]
    let private ordered classes (variance: float) =
        let numbers (values: float[]) = dsharp.tensor (values, dtype = Dtype.Float64, device = Device.CPU)
        let g, w = gaps (sqrt (2.0 * variance)) |> fun (nodes, weights) -> numbers nodes, numbers weights
        let n = g.nelement

        let logits, volumes =
            if classes = 2 then
                dsharp.stack ([ g.zerosLike (); -g ], 1), w
            else
                let first = ((g.unsqueeze 1).expand [ n; n ]).reshape [ -1 ]
                let second = ((g.unsqueeze 0).expand [ n; n ]).reshape [ -1 ]
                dsharp.stack ([ first.zerosLike (); -first; -first - second ], 1), (w.outer w).reshape [ -1 ]

        // what all logits share is integrated out: what remains of the density is that of their differences from the mean
        let centred = logits - logits.mean (1, keepDim = true)
        let densities = ((centred * centred).sum 1 * (-0.5 / variance)).exp() * volumes
        logits, densities / densities.sum ()

    /// <summary>The content of a prior with logits of a variance.</summary>
    /// <param name="method">how it is computed</param>
    /// <param name="classes">C, at least 2</param>
    /// <param name="variance">v, of every logit, in [0, 1e10]</param>
    /// <exception cref="T:System.ArgumentException">C or v is out of range; a quadrature over more than three classes; fewer than two draws.</exception>
    let content (method: AleatoricMethod) (classes: int) (variance: float) : AleatoricContent =
        require classes variance

        let result entropy largest agreement =
            { Classes = classes
              LogitVariance = variance
              Entropy = entropy
              MaxProbability = largest
              Agreement = agreement }

        dsharp.scope (fun () ->
            match method with
            | AleatoricMethod.Quadrature ->
                if classes > 3 then
                    invalidArg (nameof method) $"quadrature is for two or three classes, not {classes}; take Monte Carlo"

                let logits, weights =
                    if variance = 0.0 then
                        dsharp.zeros ([ 1; classes ], dtype = Dtype.Float64, device = Device.CPU),
                        dsharp.ones ([ 1 ], dtype = Dtype.Float64, device = Device.CPU)
                    else
                        ordered classes variance

                let entropy, largest, agreement = measures logits
                let mean (values: Tensor) = Estimate.exact (float (values.dot weights))
                result (mean entropy) (mean largest) (mean agreement)
            | AleatoricMethod.MonteCarlo(draws, seed) ->
                let logits =
                    dsharp.randn ([ draws; classes ], dtype = Dtype.Float64, device = Device.CPU, generator = Generator(seed, Device.CPU))

                let entropy, largest, agreement = measures (logits * sqrt variance)
                let mean (values: Tensor) = Estimate.ofSamples 0 (values.toFlatArray<float>())
                result (mean entropy) (mean largest) (mean agreement))

    /// <summary>The content at an input of a prior that is a Gaussian process for each logit, at a temperature: v = k(x, x), times T where the whole posterior is
    /// tempered and the prior with it.</summary>
    /// <param name="method">how it is computed</param>
    /// <param name="classes">C</param>
    /// <param name="temper">Temper.Untempered for the prior itself</param>
    /// <param name="kernel">k</param>
    /// <param name="x">[n, d]</param>
    /// <returns>of every input</returns>
    /// <exception cref="T:System.ArgumentException">As <c>content</c>; an input is not finite, or T not positive.</exception>
    let ofKernel (method: AleatoricMethod) (classes: int) (temper: Temper) (kernel: Kernel) (x: Tensor) : AleatoricContent[] =
        Tempering.check temper

        (KernelMatrix.diagonal kernel x).toFlatArray<float>()
        |> Array.map (fun variance -> content method classes (variance * temper.PriorScale))
