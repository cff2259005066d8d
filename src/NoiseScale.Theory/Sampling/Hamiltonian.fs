namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open DiffSharp
open NoiseScale.Schedules

/// <summary>What stochastic gradient Hamiltonian Monte Carlo is told.</summary>
type HamiltonianSettings =
    {
        /// ε, of the mean cost C/N, positive
        LearningRate: float
        /// γ in (0, 1], the part of the momentum lost at every update: 1 − m of SGD's momentum m
        Friction: float
        /// T, 0 or more
        Temperature: PosteriorTemperature
        /// all examples, or minibatches
        Gradient: GradientSource
        /// the variance of ∇Ĉ/N in every coordinate, [p], if it is known: it is taken off the injected noise
        NoiseVariance: Tensor option
        /// of the noise, the first momenta and the batches
        Seed: int64
    }

/// <summary>Stochastic gradient Hamiltonian Monte Carlo, the reference with momentum. (Chen, Fox and Guestrin 2014)</summary>
[<Source(Paper.Chen2014)>]
[<RequireQualifiedAccess>]
module Hamiltonian =

    let private validate (s: HamiltonianSettings) (target: Target) =
        let n, t = float target.Examples, s.Temperature.Value

        let variance =
            match s.NoiseVariance with
            | Some variance when variance.shape = [| target.Parameters |] -> Ok variance
            | Some variance -> Error(SamplingFault.WrongShape("noise variances", $"[{target.Parameters}]", List.ofArray variance.shape))
            | None -> Ok(dsharp.zeros (target.Parameters, dtype = Dtype.Float64))

        let batch =
            match s.Gradient with
            | GradientSource.Full -> []
            | GradientSource.Minibatch size ->
                [ Fault.batch size target.Examples
                  target.BatchGradient.IsNone,
                  SamplingFault.TargetLacks("minibatches", "make it of a model or of examples' costs, or use the full gradient") ]

        Temperature.check s.Temperature
        |> Result.bind (fun _ ->
            Fault.check
                [ yield Fault.positive "learningRate" s.LearningRate
                  yield
                      not (s.Friction > 0.0 && s.Friction <= 1.0),
                      SamplingFault.BadSetting("friction", s.Friction, "it lies in (0, 1]: it is 1 − m of a momentum m")
                  yield! batch ])
        |> Result.bind (fun () -> variance)
        |> Result.bind (fun variance ->
            let wanted = 2.0 * s.Friction * t * s.LearningRate / n
            let most = s.LearningRate * s.LearningRate * float (variance.max ())

            if most > wanted then
                Error(
                    SamplingFault.BadSetting(
                        "noiseVariance",
                        float (variance.max ()),
                        $"the gradient's noise alone gives a variance of {most} an update where friction and temperature allow {wanted}: use more friction, a larger batch or a smaller learning rate"
                    )
                )
            else
                Ok variance)

    let private step (s: HamiltonianSettings) (target: Target) (deviation: Tensor) (state: ChainState) =
        let eta = s.LearningRate / float target.Examples

        Fault.catch (fun () ->
            let next =
                dsharp.scope (fun () ->
                    let w = state.Positions

                    let v =
                        match state.Momenta with
                        | Some v -> v
                        | None -> Fault.raise' (SamplingFault.WrongShape("momenta", $"{List.ofArray w.shape}, as Init gives them", []))

                    let gradient =
                        match s.Gradient, target.BatchGradient with
                        | GradientSource.Minibatch size, Some gradient ->
                            gradient w (Randomness.batches s.Seed Purpose.Batch state.Update w.shape[0] target.Examples size w.device)
                        | _ -> target.Gradient w

                    let xi = Randomness.normal s.Seed Purpose.Diffusion state.Update w.shape w
                    let v = (1.0 - s.Friction) * v - eta * gradient + deviation * xi
                    let w = w + v
                    ChainState.requireFinite (state.Update + 1L) "position" w
                    [| w; v |])

            { state with
                Update = state.Update + 1L
                Positions = next[0]
                Momenta = Some next[1] })

    /// In the time ε/N of an update: dw = (v/η)dt, dv = −(γv/η + ∇C)dt + √(2γT) dW, with η = ε/N. It leaves e^{−C/T − ‖v‖²/(2ηT)} stationary at any η.
    let private dynamics (s: HamiltonianSettings) (target: Target) : Dynamics =
        let p, eta, t = target.Parameters, s.LearningRate / float target.Examples, s.Temperature.Value
        let halves (wv: Tensor) = wv[*, .. p - 1], wv[*, p..]

        { Drift =
            fun wv ->
                dsharp.scope (fun () ->
                    let w, v = halves wv
                    dsharp.cat ([| v / eta; v * (-s.Friction / eta) - target.Gradient w |], dim = 1))
          Diffusion =
            fun wv ->
                dsharp.scope (fun () ->
                    let diagonal =
                        dsharp.cat
                            [| dsharp.zeros (p, dtype = wv.dtype, device = wv.device)
                               dsharp.full (p, s.Friction * t, dtype = wv.dtype, device = wv.device) |]

                    ((diagonal.diag ()).unsqueeze 0).expand [ wv.shape[0]; 2 * p; 2 * p ])
          LogDensity =
            fun wv ->
                dsharp.scope (fun () ->
                    let w, v = halves wv
                    target.Cost w / -t - (v * v).sum 1 / (2.0 * eta * t)) }

    /// <summary>v ← (1 − γ)v − ε∇Ĉ/N + ξ, w ← w + v, with E(ξξᵀ) = 2γTε/N − ε²·Var(∇Ĉ/N). It samples e^{−C/T}, and v ~ N(0, εT/N), as ε → 0: the kinetic
    /// temperature N‖v‖²/(εp) is a check. (Chen, Fox and Guestrin 2014, Eq. 15)</summary>
    /// <param name="settings">learning rate, friction, temperature, gradient, seed</param>
    /// <param name="target">what to sample</param>
    [<Source(Paper.Chen2014, "Eq. 15")>]
    let create (settings: HamiltonianSettings) (target: Target) : Result<Sampler, SamplingFault> =
        validate settings target
        |> Result.map (fun variance ->
            let n, epsilon, t = float target.Examples, settings.LearningRate, settings.Temperature.Value

            let deviation =
                dsharp.scope (fun () -> (2.0 * settings.Friction * t * epsilon / n - epsilon * epsilon * variance).sqrt())

            let init (w: Tensor) =
                ChainState.start target w
                |> Result.map (fun state ->
                    let v =
                        dsharp.scope (fun () -> Randomness.normal settings.Seed Purpose.Momentum 0L w.shape w * sqrt (epsilon * t / n))

                    { state with Momenta = Some v })

            let kinetic (state: ChainState) =
                state.Momenta |> Option.map (fun v -> (v * v).sum 1 * (n / (epsilon * float target.Parameters)))

            { Name = "stochastic gradient Hamiltonian Monte Carlo"
              Target = target
              Temperature = settings.Temperature
              LearningRate = epsilon
              Init = init
              Step = step settings target deviation
              Diagnose = ChainState.diagnose target kinetic
              Dynamics = dynamics settings target })
