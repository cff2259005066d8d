namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open DiffSharp
open NoiseScale.Schedules

/// Where the gradient of an update comes from.
[<RequireQualifiedAccess>]
type GradientSource =
    /// all N examples
    | Full
    /// a minibatch of its own for every chain and update, drawn without replacement. (P3 Eq. 11)
    | [<Source(Paper.P3, "Eq. 11")>] Minibatch of batchSize: int

/// Where the noise of an update comes from.
[<RequireQualifiedAccess>]
type internal NoiseSource =
    /// normal numbers of covariance 2TG/(εN) in the mean gradient
    | Injected of PosteriorTemperature
    /// the minibatch alone: T follows from its size
    | Minibatch

/// All samplers without momentum: w ← w − εG⁻¹(∇Ĉ/N + α) + (εT/N)·G⁻¹·correction, with E(ααᵀ) = 2TG/(εN) or the minibatch's own. (P3 Eqs. 1, 2, 4, 5, 12)
type internal FirstOrder =
    { Name: string
      Target: Target
      LearningRate: float
      Gradient: GradientSource
      Noise: NoiseSource
      Metric: Metric
      Correction: Correction
      Way: DivergenceWay
      Seed: int64 }

module internal FirstOrder =

    let private examples (s: FirstOrder) = float s.Target.Examples

    /// T, given or as the batch size makes it.
    let temperature (s: FirstOrder) : Result<PosteriorTemperature, SamplingFault> =
        match s.Noise, s.Gradient with
        | NoiseSource.Injected temperature, _ -> Temperature.check temperature
        | NoiseSource.Minibatch, GradientSource.Minibatch batchSize ->
            Temperature.ofBatch Form.Exact s.Target.Examples s.LearningRate batchSize
        | NoiseSource.Minibatch, GradientSource.Full -> Ok(PosteriorTemperature 0.0)

    let private validate (s: FirstOrder) =
        let parameters =
            match s.Metric with
            | Metric.Identity -> s.Target.Parameters
            | Metric.Static(matrix, _) -> matrix.shape[0]
            | Metric.Varying varying -> varying.Parameters

        let averaged =
            match s.Metric with
            | Metric.Varying { Average = Some _ } -> true
            | _ -> false

        let probes =
            match s.Way with
            | DivergenceWay.Exact -> 1
            | DivergenceWay.Probes count -> count

        let batch =
            match s.Gradient with
            | GradientSource.Full -> []
            | GradientSource.Minibatch batchSize ->
                [ Fault.batch batchSize s.Target.Examples
                  s.Target.BatchGradient.IsNone,
                  SamplingFault.TargetLacks("minibatches", "make it of a model or of examples' costs, or use the full gradient") ]

        Fault.check
            [ yield Fault.positive "learningRate" s.LearningRate
              yield! batch
              yield
                  parameters <> s.Target.Parameters,
                  SamplingFault.BadSetting(
                      "metric",
                      float parameters,
                      $"it is over as many parameters as the target, {s.Target.Parameters}"
                  )
              yield
                  averaged && not (Correction.isNone s.Correction),
                  SamplingFault.BadSetting(
                      "metric",
                      0.0,
                      "a moving average depends on the path, so derivatives cannot correct for it: use a metric without one"
                  )
              yield probes < 1, SamplingFault.BadSetting("probes", float probes, "there is at least one") ]

    let private stochasticGradient (s: FirstOrder) update (w: Tensor) : Tensor =
        match s.Gradient, s.Target.BatchGradient with
        | GradientSource.Minibatch batchSize, Some gradient ->
            gradient w (Randomness.batches s.Seed Purpose.Batch update w.shape[0] s.Target.Examples batchSize w.device)
        | _ -> s.Target.Gradient w

    /// The field at an update, its factor with damping, and the average that the next update starts from.
    let private geometry (s: FirstOrder) (state: ChainState) =
        match s.Metric with
        | Metric.Identity -> None, Factor.One, None
        | Metric.Static(_, inverse) -> None, Factor.Common inverse, None
        | Metric.Varying metric ->
            let field = metric.At { Seed = s.Seed; Update = state.Update } state.Positions
            let matrix = field.Matrix state.Positions

            let average =
                match metric.Average, state.AverageMetric with
                | Some alpha, Some before -> Some(alpha * before + (1.0 - alpha) * matrix)
                | Some _, None -> Some matrix
                | None, _ -> None

            let used = Factor.damp metric.Damping (Option.defaultValue matrix average)
            Some field, Factor.ofMatrices state.Update metric.Damping used, average

    /// a·v + b·g at an update.
    let private covector (s: FirstOrder) update (w: Tensor) (field: MetricField) (factor: Factor) =
        let divergence (inverse: Tensor) =
            match s.Way with
            | DivergenceWay.Exact -> Correction.divergence field w inverse
            | DivergenceWay.Probes count ->
                let draws = Randomness.normal s.Seed Purpose.Probe update [| count; w.shape[0]; w.shape[1] |] w
                Correction.probedDivergence field w [ for i in 0 .. count - 1 -> Factor.colour factor draws[i] ]

        Correction.covector s.Correction divergence field w (Factor.inverse factor w)

    let private step (s: FirstOrder) (temperature: float) (state: ChainState) : Result<ChainState, SamplingFault> =
        let n, epsilon = examples s, s.LearningRate

        Fault.catch (fun () ->
            let moved =
                dsharp.scope (fun () ->
                    let w = state.Positions
                    let field, factor, average = geometry s state
                    let downhill = stochasticGradient s state.Update w * (-epsilon / n)

                    let push =
                        match field with
                        | Some field when not (Correction.isNone s.Correction) && temperature > 0.0 ->
                            downhill + (epsilon * temperature / n) * covector s state.Update w field factor
                        | _ -> downhill

                    let next =
                        match s.Noise with
                        | NoiseSource.Injected _ when temperature > 0.0 ->
                            let xi = Randomness.normal s.Seed Purpose.Diffusion state.Update w.shape w
                            w + Factor.solveAndColour factor push (sqrt (2.0 * temperature * epsilon / n)) xi
                        | _ -> w + Factor.solve factor push

                    ChainState.requireFinite (state.Update + 1L) "position" next
                    Array.append [| next |] (Option.toArray average))

            { state with
                Update = state.Update + 1L
                Positions = moved[0]
                AverageMetric = Array.tryItem 1 moved })

    /// Σ with denominator N − 1, [chains, p, p]. (P3 Eq. 14, with P2's denominator)
    [<Source(Paper.P3, "Eq. 14")>]
    let exampleCovariance (gradients: Tensor) : Tensor =
        let centred = gradients - gradients.mean (1, keepDim = true)
        (centred.transpose (1, 2)).bmm centred / float (gradients.shape[1] - 1)

    /// As ε → 0. Metrics that are drawn or averaged are taken at update 0's draws: the limit is of a metric without noise.
    let private dynamics (s: FirstOrder) (temperature: float) : Dynamics =
        let at (w: Tensor) =
            let state = { Update = 0L; Positions = w; Momenta = None; AverageMetric = None }

            let field, factor, _ = geometry s state
            field, factor

        let drift (w: Tensor) =
            dsharp.scope (fun () ->
                let field, factor = at w

                let correction =
                    match field with
                    | Some field when not (Correction.isNone s.Correction) ->
                        covector { s with Way = DivergenceWay.Exact } 0L w field factor
                    | _ -> w.zerosLike ()

                Factor.solve factor (temperature * correction - s.Target.Gradient w))

        let diffusion (w: Tensor) =
            dsharp.scope (fun () ->
                let _, factor = at w
                let inverse = (Factor.inverse factor w).expand [ w.shape[0]; w.shape[1]; w.shape[1] ]

                match s.Noise, s.Target.ExampleGradients with
                | NoiseSource.Minibatch, Some gradients -> inverse.bmm(exampleCovariance (gradients w)).bmm inverse * temperature
                | _ -> inverse * temperature)

        let logDensity (w: Tensor) =
            dsharp.scope (fun () ->
                let _, factor = at w
                let energy = s.Target.Cost w / -temperature

                if s.Correction.Exponent = 0.0 then
                    energy
                else
                    energy + s.Correction.Exponent * Factor.logDeterminant factor w)

        { Drift = drift; Diffusion = diffusion; LogDensity = logDensity }

    /// The sampler of settings, or what is wrong with them.
    let sampler (s: FirstOrder) : Result<Sampler, SamplingFault> =
        validate s
        |> Result.bind (fun () -> temperature s)
        |> Result.map (fun temperature ->
            { Name = s.Name
              Target = s.Target
              Temperature = temperature
              LearningRate = s.LearningRate
              Init = ChainState.start s.Target
              Step = step s temperature.Value
              Diagnose = ChainState.diagnose s.Target (fun _ -> None)
              Dynamics = dynamics s temperature.Value })
