namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp

/// How paths of Hamiltonian Monte Carlo are made.
type HamiltonianSettings =
    {
        /// leapfrog steps of a path, at most; half as many at least, drawn anew for every path
        Steps: int
        /// the mean acceptance that the warm-up tunes the step size for, in (0, 1)
        TargetAcceptance: float
        /// the step size that the warm-up begins with, positive; the whitened prior has width 1
        FirstStepSize: float
    }

    /// Up to 16 steps, an acceptance of 0.8, from 0.1.
    static member Default = { Steps = 16; TargetAcceptance = 0.8; FirstStepSize = 0.1 }

/// Chains of Hamiltonian Monte Carlo at an iteration.
type HamiltonianState =
    {
        /// iterations so far
        Iteration: int
        /// v, [chains, n, C]
        Whitened: Tensor
        /// ∇ ln p(v | y), [chains, n, C]
        Gradient: Tensor
        /// ln p(v | y) of every chain, without its constant
        LogDensities: float[]
        /// ε, of all chains
        StepSize: float
        /// the dual average's mean of ln ε, which the warm-up ends with
        MeanLogStep: float
        /// the dual average's mean of target − acceptance
        MeanError: float
        /// Σ of the acceptances of iterations since the warm-up, means over chains
        Accepted: float
        /// gradients of each chain since the warm-up
        Gradients: int
        /// diverged transitions since the warm-up
        Divergences: int
        /// the iteration of the first of them
        FirstDivergence: int option
    }

/// <summary>Hamiltonian Monte Carlo in whitened coordinates, with the step size tuned by dual averaging in the warm-up. (Neal 2011; Hoffman and Gelman 2014)</summary>
[<Source(Paper.Hoffman2014)>]
[<RequireQualifiedAccess>]
module HamiltonianMonteCarlo =

    let private check (path: HamiltonianSettings) =
        if path.Steps < 1 then
            invalidArg (nameof path) $"a path has at least one step, not {path.Steps}"

        if not (path.TargetAcceptance > 0.0 && path.TargetAcceptance < 1.0) then
            invalidArg (nameof path) $"a target acceptance is in (0, 1), not {path.TargetAcceptance}"

        if not (Double.IsFinite path.FirstStepSize && path.FirstStepSize > 0.0) then
            invalidArg (nameof path) $"a step size is positive and finite, not {path.FirstStepSize}"

    /// ln p(v | y) of every chain and its gradient: chains do not see each other, so the gradient of the sum is each one's.
    let private density (posterior: LatentPosterior) (v: Tensor) : float[] * Tensor =
        dsharp.scope (fun () ->
            let mutable logs = [||]

            let gradient =
                dsharp.grad
                    (fun v ->
                        let each = LatentPosterior.logDensity posterior v
                        logs <- each.toFlatArray<float>()
                        each.sum ())
                    v

            logs, gradient)

    /// <summary>Chains at draws of the prior.</summary>
    /// <param name="path">how paths are made</param>
    /// <param name="settings">chains and seed</param>
    /// <param name="posterior">what is sampled</param>
    /// <exception cref="T:System.ArgumentException">A setting is out of range.</exception>
    let start (path: HamiltonianSettings) (settings: ChainSettings) (posterior: LatentPosterior) : HamiltonianState =
        check path

        dsharp.scope (fun () ->
            let v = Chains.start posterior settings
            let logs, gradient = density posterior v

            { Iteration = 0
              Whitened = v
              Gradient = gradient
              LogDensities = logs
              StepSize = path.FirstStepSize
              MeanLogStep = log path.FirstStepSize
              MeanError = 0.0
              Accepted = 0.0
              Gradients = 0
              Divergences = 0
              FirstDivergence = None })

    /// The next step size of the warm-up. (Hoffman and Gelman 2014, Eq. 6, with their γ = 0.05, t₀ = 10, κ = 0.75)
    let private tuned (path: HamiltonianSettings) acceptance (state: HamiltonianState) =
        let t = float (state.Iteration + 1)
        let share = 1.0 / (t + 10.0)
        let error = (1.0 - share) * state.MeanError + share * (path.TargetAcceptance - acceptance)
        let logStep = log (10.0 * path.FirstStepSize) - sqrt t / 0.05 * error
        let weight = t ** -0.75

        { state with
            StepSize = exp logStep
            MeanError = error
            MeanLogStep = weight * logStep + (1.0 - weight) * state.MeanLogStep }

    /// <summary>One path of all chains, accepted or not; a function of the state and (seed, iteration). In the warm-up the step size is tuned.</summary>
    /// <param name="path">how paths are made</param>
    /// <param name="settings">warm-up and seed</param>
    /// <param name="posterior">what is sampled</param>
    /// <param name="state">where the chains are</param>
    let step
        (path: HamiltonianSettings)
        (settings: ChainSettings)
        (posterior: LatentPosterior)
        (state: HamiltonianState)
        : Result<HamiltonianState, SamplerError> =
        match state.LogDensities |> Array.tryFindIndex (Double.IsFinite >> not) with
        | Some chain -> Error(SamplerError.NotFinite(state.Iteration, chain))
        | None ->
            dsharp.scope (fun () ->
                let device = posterior.X.device
                let generator = Chains.generator device settings.Seed state.Iteration
                let chains = state.LogDensities.Length
                let momentum = Chains.normal generator (List.ofArray state.Whitened.shape)
                let uniform = Chains.uniform generator [ chains + 1 ]
                // a fixed length can return to where it began
                let least = (path.Steps + 1) / 2
                let steps = least + int (uniform[chains] * float (path.Steps - least + 1))
                let e = state.StepSize
                let kinetic (p: Tensor) = ((p * p).sum(-1).sum(-1) * 0.5).toFlatArray<float>()

                let rec leap remaining (v: Tensor) (p: Tensor) (gradient: Tensor) =
                    let half = p + gradient * (e / 2.0)
                    let v = v + half * e
                    let logs, gradient = density posterior v
                    let p = half + gradient * (e / 2.0)

                    if remaining = 1 then
                        v, p, logs, gradient
                    else
                        leap (remaining - 1) v p gradient

                let v, p, logs, gradient = leap steps state.Whitened momentum state.Gradient
                let before, after = kinetic momentum, kinetic p
                let gains = Array.init chains (fun c -> (logs[c] - after[c]) - (state.LogDensities[c] - before[c]))
                // NaN compares false: it is a divergence, and rejected
                let diverged = gains |> Array.filter (fun gain -> not (gain > -1000.0)) |> _.Length
                let probabilities = gains |> Array.map (fun gain -> if gain > -1000.0 then exp (min 0.0 gain) else 0.0)
                let accepted = Array.init chains (fun c -> uniform[c] < probabilities[c])

                let taken = (Chains.each device (accepted |> Array.map (fun yes -> if yes then 1.0 else 0.0))).gt 0.5

                let choose (a: Tensor) (b: Tensor) = a.where (taken.expandAs a, b)
                let warming = state.Iteration < settings.WarmUp
                let acceptance = Array.average probabilities

                let next =
                    { state with
                        Whitened = choose v state.Whitened
                        Gradient = choose gradient state.Gradient
                        LogDensities = Array.init chains (fun c -> if accepted[c] then logs[c] else state.LogDensities[c])
                        Accepted = state.Accepted + acceptance
                        Gradients = state.Gradients + steps
                        Divergences = state.Divergences + diverged
                        FirstDivergence =
                            if diverged > 0 && state.FirstDivergence.IsNone then
                                Some state.Iteration
                            else
                                state.FirstDivergence }

                let next = if warming then tuned path acceptance next else next
                Ok { next with Iteration = state.Iteration + 1 })

    /// <summary>Chains from draws of the prior, through the warm-up, to the draws that are kept.</summary>
    /// <param name="path">how paths are made</param>
    /// <param name="settings">chains, warm-up, draws, thinning and seed</param>
    /// <param name="posterior">what is sampled</param>
    /// <returns>the draws with acceptance, step size and divergences, or why they stopped</returns>
    /// <exception cref="T:System.ArgumentException">A setting is out of range.</exception>
    let run (path: HamiltonianSettings) (settings: ChainSettings) (posterior: LatentPosterior) : Result<LatentChains, SamplerError> =
        dsharp.scope (fun () ->
            let warm (state: HamiltonianState) =
                { state with
                    StepSize = if settings.WarmUp = 0 then path.FirstStepSize else exp state.MeanLogStep
                    Accepted = 0.0
                    Gradients = 0
                    Divergences = 0
                    FirstDivergence = None }

            start path settings posterior
            |> Chains.collect settings (step path settings posterior) _.Whitened warm
            |> Result.bind (fun (draws, state) ->
                let iterations = float (settings.Draws * settings.Thin)

                match state.FirstDivergence with
                | Some iteration when float state.Divergences > 0.5 * iterations * float settings.Chains ->
                    Error(SamplerError.Diverged(iteration, state.StepSize))
                | _ ->
                    Ok
                        { Whitened = draws
                          Acceptance = state.Accepted / iterations
                          Evaluations = float state.Gradients / iterations
                          StepSize = Some state.StepSize
                          Divergences = state.Divergences }))
