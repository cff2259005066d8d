namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open DiffSharp

/// <summary>The four matrices that go by the name of Fisher information, each (1/n)·Σᵢ over n examples, as the mean cost C/N has them.</summary>
[<RequireQualifiedAccess>]
type FisherKind =
    /// E over the model's own labels, exact: (1/n)Σ JᵢᵀΛᵢJᵢ. (P3 Eq. 8)
    | [<Source(Paper.P3, "Eq. 8")>] Model
    /// that many labels drawn from the model for each example. (P3's experiments: 1)
    | MonteCarlo of draws: int
    /// the data's own labels. (P3 Eq. 10)
    | [<Source(Paper.P3, "Eq. 10")>] Empirical
    /// the covariance of the examples' gradients, denominator n − 1: what minibatch noise really has, away from minima too. (P3 Eq. 14; Mandt et al. 2017)
    | [<Source(Paper.P3, "Eq. 14"); Source(Paper.Mandt2017)>] Covariance

/// <summary>How the Fisher information is computed.</summary>
type FisherSettings =
    {
        /// which of the matrices
        Kind: FisherKind
        /// δ of F + δ·1, 0 or more
        Damping: float
        /// how many examples it is of: all, or a batch of its own for every chain and update, independent of the gradient's
        Examples: int option
    }

/// Fisher information as the metric of samplers.
[<Source(Paper.P3, "Eqs. 8, 10 and 14")>]
[<RequireQualifiedAccess>]
module FisherMetric =

    /// Weights c [chains, n] and rows u [chains, n, K] as functions of z, with F = (1/n) Σ c·(Jᵀu)(Jᵀu)ᵀ.
    let private columns (model: ChainModel) kind draw rows (z0: Tensor) : Tensor -> (Tensor * Tensor) list =
        let likelihood = model.Likelihood

        match kind with
        | FisherKind.Model -> ManyOutputs.curvatureColumns likelihood
        | FisherKind.Empirical
        | FisherKind.Covariance -> fun z -> [ z.onesLike z.shape[0..1], ManyOutputs.residuals likelihood z (Rows.targets rows) ]
        | FisherKind.MonteCarlo draws ->
            // no labels can be drawn from outputs that are not numbers
            ChainState.requireFinite draw.Update "output" z0
            let generator = Randomness.generator draw.Seed Purpose.FisherLabels draw.Update z0.device

            let costsOf (z: Tensor) (y: Tensor) = ManyOutputs.costs likelihood z (Rows.Own(z, y))

            let drawn =
                [ for _ in 1..draws ->
                      let y = ManyOutputs.sample likelihood generator z0
                      y, costsOf z0 y ]

            // Labels were drawn at z0. Away from it they count p(y|z)/p(y|z0): 1 here, but its derivative is part of F's: without it ∂F would lack the
            // change of the labels' distribution.
            fun z -> [ for y, before in drawn -> (before - costsOf z y).exp() / float draws, ManyOutputs.residuals likelihood z y ]

    /// F and F·v from per-example gradients.
    let private byColumns (model: ChainModel) kind rows (columnsOf: Tensor -> (Tensor * Tensor) list) : MetricField =
        let count = float (Rows.count rows)

        let gradients (w: Tensor) =
            [ for weight, u in columnsOf (model.Forward w rows) ->
                  let g = model.PullEach w rows u

                  match kind with
                  | FisherKind.Covariance -> weight, g - g.mean (1, keepDim = true)
                  | _ -> weight, g ]

        let scale =
            match kind with
            | FisherKind.Covariance -> 1.0 / (count - 1.0)
            | _ -> 1.0 / count

        { Matrix =
            fun w ->
                gradients w
                |> List.map (fun (weight, g) -> ((g * weight.unsqueeze 2).transpose(1, 2)).bmm g)
                |> List.reduce (+)
                |> fun sum -> sum * scale
          Times =
            fun w v ->
                gradients w
                |> List.map (fun (weight, g) ->
                    let along = g.bmm (v.unsqueeze 2) * weight.unsqueeze 2
                    (g.transpose (1, 2)).bmm(along).squeeze 2)
                |> List.reduce (+)
                |> fun sum -> sum * scale
          Derivative = None }

    let private field (model: ChainModel) (settings: FisherSettings) (draw: MetricDraw) (w0: Tensor) : MetricField =
        let rows =
            match settings.Examples with
            | Some size when size < model.Examples ->
                Randomness.batches draw.Seed Purpose.FisherBatch draw.Update w0.shape[0] model.Examples size w0.device
                |> Rows.select model.Inputs model.Targets
            | _ -> model.All

        match settings.Kind, model.SummedFisher with
        | FisherKind.Model, Some summed ->
            let count = float (Rows.count rows)

            let derivative =
                match rows, model.SummedFisherDerivative with
                | Rows.Shared _, Some derivative -> Some(fun w -> derivative w / count)
                | _ -> None

            { Metric.fieldOf (fun w -> summed w rows / count) with Derivative = derivative }
        | kind, _ ->
            let z0 =
                match kind with
                | FisherKind.MonteCarlo _ -> model.Forward (w0.noDiff ()) rows
                | _ -> w0

            byColumns model kind rows (columns model kind draw rows z0)

    /// <summary>The Fisher information of a model as a metric that varies with the parameters, F(w) + δ·1.</summary>
    /// <param name="settings">which matrix, damping, examples</param>
    /// <param name="model">the model and its data</param>
    /// <returns>the metric, or what is wrong with the settings</returns>
    let create (settings: FisherSettings) (model: ChainModel) : Result<Metric, SamplingFault> =
        let draws =
            match settings.Kind with
            | FisherKind.MonteCarlo draws -> draws
            | _ -> 1

        let least =
            match settings.Kind with
            | FisherKind.Covariance -> 2
            | _ -> 1

        let size = Option.defaultValue model.Examples settings.Examples

        Fault.check
            [ Fault.notNegative "damping" settings.Damping
              Fault.batch size model.Examples
              draws < 1, SamplingFault.BadSetting("draws", float draws, "there is at least one label for each example")
              size < least, SamplingFault.BadSetting("Examples", float size, "a covariance needs two") ]
        |> Result.map (fun () ->
            Metric.Varying
                { Parameters = model.Parameters
                  Damping = settings.Damping
                  Average = None
                  At = field model settings })

    /// <summary>F(w) + δ·1 at some points, [chains, p, p].</summary>
    /// <param name="settings">which matrix, damping, examples</param>
    /// <param name="seed">of what is drawn</param>
    /// <param name="model">the model and its data</param>
    /// <param name="w">[chains, p]</param>
    let at (settings: FisherSettings) (seed: int64) (model: ChainModel) (w: Tensor) : Tensor =
        dsharp.scope (fun () -> Factor.damp settings.Damping ((field model settings { Seed = seed; Update = 0L } w).Matrix w))
