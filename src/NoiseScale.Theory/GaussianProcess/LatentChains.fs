namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

/// Why a sampler of latent values stopped.
[<RequireQualifiedAccess>]
type SamplerError =
    /// the log-likelihood of a chain is not finite at that iteration
    | NotFinite of iteration: int * chain: int
    /// more than half of the transitions after the warm-up diverged: the energy rose by more than 1000 nats along the path; the first one's iteration, and the step size
    | Diverged of iteration: int * stepSize: float

    /// The error and what would help, in a sentence.
    override this.ToString() =
        match this with
        | NotFinite(iteration, chain) ->
            $"the log-likelihood of chain {chain} is not finite at iteration {iteration}; a kernel of smaller variance would help"
        | Diverged(iteration, stepSize) ->
            $"most paths diverge, the first after the warm-up at iteration {iteration} with the step size {stepSize}; a longer warm-up or a higher target acceptance would help"

/// How chains are run, whatever moves them.
type ChainSettings =
    {
        /// chains side by side, started from draws of the prior
        Chains: int
        /// iterations that are thrown away, in which step sizes adapt
        WarmUp: int
        /// draws of each chain that are kept
        Draws: int
        /// iterations from one kept draw to the next
        Thin: int
        /// of everything
        Seed: int64
    }

    /// 16 chains, 300 iterations of warm-up, 100 draws 5 iterations apart.
    static member Default = { Chains = 16; WarmUp = 300; Draws = 100; Thin = 5; Seed = 0L }

/// Draws of whitened latent values, and how they came about.
type LatentChains =
    {
        /// v, [draws, chains, n, C]; f = Lv
        Whitened: Tensor
        /// the mean probability with which proposals were accepted after the warm-up; 1 for slices, which always move
        Acceptance: float
        /// evaluations of the likelihood (or of its gradient) an iteration after the warm-up
        Evaluations: float
        /// the leapfrog's step size after the warm-up; none for slices
        StepSize: float option
        /// transitions after the warm-up along which the energy rose by more than 1000 nats, all chains together
        Divergences: int
    }

/// Random numbers and loops that both samplers share.
module internal Chains =

    /// The generator of an iteration: a function of (seed, iteration), so that a chain can be taken up anywhere. (SplitMix64's finaliser)
    let generator (device: Device) (seed: int64) (iteration: int) : Generator =
        let mutable z = uint64 seed * 0x9E3779B97F4A7C15UL + uint64 (iteration + 1) * 0xD1342543DE82EF95UL
        z <- (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
        z <- (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        Generator(int64 (z ^^^ (z >>> 31)), device)

    let normal (generator: Generator) (shape: int list) =
        dsharp.randn (shape, dtype = Dtype.Float64, device = generator.Device, generator = generator)

    let uniform (generator: Generator) (shape: int list) : float[] =
        (dsharp.rand (shape, dtype = Dtype.Float64, device = generator.Device, generator = generator)).toFlatArray<float>()

    let check (settings: ChainSettings) =
        if settings.Chains < 1 || settings.Draws < 1 || settings.Thin < 1 || settings.WarmUp < 0 then
            invalidArg
                "settings"
                $"chains, draws and thinning are at least 1 and the warm-up not negative, not {settings.Chains}, {settings.Draws}, {settings.Thin} and {settings.WarmUp}"

    /// A number for each chain, as it multiplies [chains, n, C].
    let each (device: Device) (numbers: float[]) =
        dsharp.tensor(numbers, dtype = Dtype.Float64, device = device).view [ numbers.Length; 1; 1 ]

    /// Where all chains begin: draws of the prior.
    let start (posterior: LatentPosterior) (settings: ChainSettings) =
        check settings
        normal (generator posterior.X.device settings.Seed -1) [ settings.Chains; posterior.Examples; posterior.C ]

    /// Warm-up and draws; `values` are a state's whitened values.
    let collect (settings: ChainSettings) (step: 's -> Result<'s, SamplerError>) (values: 's -> Tensor) (warm: 's -> 's) (first: 's) =
        let rec move count (state: 's) =
            if count = 0 then
                Ok state
            else
                dsharp.scope (fun () -> step state) |> Result.bind (move (count - 1))

        let rec keep count drawn (state: 's) =
            if count = 0 then
                Ok(dsharp.stack (List.rev drawn), state)
            else
                move settings.Thin state |> Result.bind (fun next -> keep (count - 1) (values next :: drawn) next)

        move settings.WarmUp first |> Result.bind (warm >> keep settings.Draws [])

/// What draws of latent values say about their own chains.
[<RequireQualifiedAccess>]
module LatentChains =

    /// <summary>Σᵢ ln p(yᵢ | fᵢ)/T of every draw, in nats: the quantity by which chains are compared. One number
    /// a draw, whatever n and C are.</summary>
    /// <param name="posterior">what was sampled</param>
    /// <param name="chains">its draws</param>
    /// <returns>as many chains and draws as there are</returns>
    /// <exception cref="T:System.ArgumentException">The draws are not of this posterior's shape.</exception>
    let logLikelihoods (posterior: LatentPosterior) (chains: LatentChains) : Sampling.Draws =
        let v = chains.Whitened

        if v.dim <> 4 || v.shape[2] <> posterior.Examples || v.shape[3] <> posterior.Classes then
            invalidArg (nameof chains) $"draws are [draws, chains, {posterior.Examples}, {posterior.Classes}], not {List.ofArray v.shape}"

        dsharp.scope (fun () ->
            let each =
                [ for draw in v.unstack () ->
                      dsharp.scope (fun () -> LatentPosterior.logLikelihood posterior (LatentPosterior.latent posterior draw)) ]

            (dsharp.stack each).transpose() |> Sampling.Draws.ofTensor)

    /// <summary>R̂, effective sample sizes, mean and variance of the draws' Σᵢ ln p(yᵢ | fᵢ)/T: whether the chains agree. (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021)</summary>
    /// <param name="posterior">what was sampled</param>
    /// <param name="chains">its draws, at least 8 of every chain</param>
    /// <returns>the diagnostics; or why there are none: too few draws, or chains that never moved</returns>
    /// <exception cref="T:System.ArgumentException">The draws are not of this posterior's shape.</exception>
    [<Source(Paper.Vehtari2021)>]
    let diagnose (posterior: LatentPosterior) (chains: LatentChains) : Result<Sampling.ChainSummary, Sampling.DiagnosticError> =
        logLikelihoods posterior chains |> Sampling.ChainSummary.ofDraws
