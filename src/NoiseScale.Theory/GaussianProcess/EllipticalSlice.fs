namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp

/// Chains of elliptical slices at an iteration.
type SliceState =
    {
        /// iterations so far
        Iteration: int
        /// v, [chains, n, C]
        Whitened: Tensor
        /// Σ ln p(y | f)/T of every chain
        LogLikelihoods: float[]
        /// evaluations of the likelihood since the warm-up
        Evaluations: int
    }

/// <summary>Elliptical slice sampling: from v and a draw ν of the prior N(0, 1) to a point v cos θ + ν sin θ of the ellipse through both, at which the likelihood is above
/// a level drawn below the present one. (Murray, Adams and MacKay 2010)</summary>
/// <remarks>It has no step size, and every iteration moves. All chains take their shrinking steps together.</remarks>
[<Source(Paper.Murray2010)>]
[<RequireQualifiedAccess>]
module EllipticalSlice =

    /// An interval halves at least every few steps: so many are never needed but for a likelihood that is not finite.
    [<Literal>]
    let private MostSteps = 120

    /// <summary>Chains at draws of the prior.</summary>
    /// <param name="settings">chains and seed</param>
    /// <param name="posterior">what is sampled</param>
    /// <exception cref="T:System.ArgumentException">A setting is out of range.</exception>
    let start (settings: ChainSettings) (posterior: LatentPosterior) : SliceState =
        dsharp.scope (fun () ->
            let v = Chains.start posterior settings
            let logs = LatentPosterior.logLikelihood posterior (LatentPosterior.latent posterior v)

            { Iteration = 0
              Whitened = v
              LogLikelihoods = logs.toFlatArray<float>()
              Evaluations = 0 })

    /// <summary>One iteration of all chains; a function of the state and (seed, iteration).</summary>
    /// <param name="settings">the seed</param>
    /// <param name="posterior">what is sampled</param>
    /// <param name="state">where the chains are</param>
    let step (settings: ChainSettings) (posterior: LatentPosterior) (state: SliceState) : Result<SliceState, SamplerError> =
        match state.LogLikelihoods |> Array.tryFindIndex (Double.IsFinite >> not) with
        | Some chain -> Error(SamplerError.NotFinite(state.Iteration, chain))
        | None ->
            dsharp.scope (fun () ->
                let device = posterior.X.device
                let generator = Chains.generator device settings.Seed state.Iteration
                let v = state.Whitened
                let chains = v.shape[0]
                let other = Chains.normal generator (List.ofArray v.shape)
                let f, otherF = LatentPosterior.latent posterior v, LatentPosterior.latent posterior other

                let levels =
                    Chains.uniform generator [ chains ] |> Array.map2 (fun log0 u -> log0 + log u) state.LogLikelihoods

                let draws = Chains.uniform generator [ MostSteps; chains ]
                let angles = Array.init chains (fun chain -> 2.0 * Math.PI * draws[chain])
                let low, high = angles |> Array.map (fun angle -> angle - 2.0 * Math.PI), Array.copy angles

                let onEllipse (a: Tensor) (b: Tensor) =
                    a * Chains.each device (Array.map cos angles) + b * Chains.each device (Array.map sin angles)

                let rec shrink steps =
                    let logs =
                        dsharp.scope (fun () -> (LatentPosterior.logLikelihood posterior (onEllipse f otherF)).toFlatArray<float>())

                    // a level is never above the present likelihood, at angle 0, to which the interval shrinks
                    let outside =
                        [| for chain in 0 .. chains - 1 do
                               if not (logs[chain] > levels[chain]) then
                                   chain |]

                    if outside.Length = 0 then
                        Ok(steps, logs)
                    elif steps = MostSteps then
                        Error(SamplerError.NotFinite(state.Iteration, outside[0]))
                    else
                        for chain in outside do
                            if angles[chain] < 0.0 then
                                low[chain] <- angles[chain]
                            else
                                high[chain] <- angles[chain]

                            angles[chain] <- low[chain] + (high[chain] - low[chain]) * draws[steps * chains + chain]

                        shrink (steps + 1)

                shrink 1
                |> Result.map (fun (steps, logs) ->
                    { Iteration = state.Iteration + 1
                      Whitened = onEllipse v other
                      LogLikelihoods = logs
                      Evaluations = state.Evaluations + steps }))

    /// <summary>Chains from draws of the prior, through the warm-up, to the draws that are kept.</summary>
    /// <param name="settings">chains, warm-up, draws, thinning and seed</param>
    /// <param name="posterior">what is sampled</param>
    /// <returns>the draws, or at which iteration of which chain the likelihood was not finite</returns>
    /// <exception cref="T:System.ArgumentException">A setting is out of range.</exception>
    let run (settings: ChainSettings) (posterior: LatentPosterior) : Result<LatentChains, SamplerError> =
        dsharp.scope (fun () ->
            start settings posterior
            |> Chains.collect settings (step settings posterior) _.Whitened (fun state -> { state with Evaluations = 0 })
            |> Result.map (fun (draws, state) ->
                { Whitened = draws
                  Acceptance = 1.0
                  Evaluations = float state.Evaluations / float (settings.Draws * settings.Thin)
                  StepSize = None
                  Divergences = 0 }))
