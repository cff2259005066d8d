namespace NoiseScale.Theory.Sampling

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Schedules

/// <summary>Where many chains are after an update, and all that they need to go on: the same state gives the same future, bit for bit.</summary>
/// <remarks>One record for all samplers: what runs, stores or draws chains needs to know no sampler.</remarks>
type ChainState =
    {
        /// how many updates have been made
        Update: int64
        /// w, [chains, p]
        Positions: Tensor
        /// v of samplers with momentum, [chains, p]
        Momenta: Tensor option
        /// the moving average of metrics that have one, without damping, [chains, p, p]
        AverageMetric: Tensor option
    }

    /// The number of chains.
    member this.Chains = this.Positions.shape[0]

/// <summary>A sampler as its learning rate goes to 0: the stochastic differential equation dw = μ(w) dt + √(2D(w)) dW, one update being the time ε/N. (P3 after
/// Eq. 4)</summary>
/// <remarks>Its probability flux is J_i = μ_i·ρ − Σ_j ∂_j(D_ij·ρ): D is half the covariance per unit time. The density is stationary where ∇·J = 0; all
/// samplers here without momentum have J = 0.</remarks>
[<Source(Paper.P3, "after Eq. 4")>]
type Dynamics =
    {
        /// w [chains, d] → μ [chains, d]; d is p, or 2p with momenta behind the positions
        Drift: Tensor -> Tensor
        /// w [chains, d] → D [chains, d, d]
        Diffusion: Tensor -> Tensor
        /// w [chains, d] → ln ρ [chains], without a constant: what the sampler claims to sample
        LogDensity: Tensor -> Tensor
    }

/// <summary>What chains look like at a state.</summary>
type ChainDiagnostics =
    {
        /// how many updates have been made
        Update: int64
        /// C of every chain, summed over examples, in nats
        Cost: float[]
        /// ‖∇C‖ of every chain
        GradientNorm: float[]
        /// N·‖v‖²/(ε·p) of every chain: T on average, for samplers with momentum
        KineticTemperature: float[] option
    }

/// <summary>A sampler: how chains begin, how they step, and what is to be seen of them. Pure: random numbers are a function of its seed and the number of
/// the update.</summary>
type Sampler =
    {
        /// its name, and where it comes from
        Name: string
        /// what it samples
        Target: Target
        /// T at which it samples the target
        Temperature: PosteriorTemperature
        /// ε, of the mean cost C/N
        LearningRate: float
        /// positions [chains, p] → the state before the first update
        Init: Tensor -> Result<ChainState, SamplingFault>
        /// the state after one more update of all chains
        Step: ChainState -> Result<ChainState, SamplingFault>
        /// the state, measured
        Diagnose: ChainState -> ChainDiagnostics
        /// what it does as ε → 0
        Dynamics: Dynamics
    }

module internal ChainState =

    let requirePositions (target: Target) (w: Tensor) =
        let shape = w.shape

        Fault.check
            [ shape.Length <> 2 || shape[0] < 1 || shape[1] <> target.Parameters,
              SamplingFault.WrongShape("positions", $"[chains, {target.Parameters}], at least one chain", List.ofArray shape)
              not w.dtype.IsFloatingPoint,
              SamplingFault.WrongShape(
                  "positions",
                  $"[chains, {target.Parameters}] of floating-point numbers, not {w.dtype}",
                  List.ofArray shape
              ) ]

    /// The chain whose row is not finite, if one is not.
    let private firstBad (rows: Tensor) =
        let totals = ((rows.view [ rows.shape[0]; -1 ]).cast Dtype.Float64).sum(1).toArray1D<float>()

        totals
        |> Array.tryFindIndex (fun total -> not (Double.IsFinite total))
        |> Option.map (fun chain -> chain, totals[chain])

    /// Refuses what is not finite: one number read from the device when all is well.
    let requireFinite update quantity (rows: Tensor) : unit =
        if not (Double.IsFinite(rows.sum().toDouble())) then
            match firstBad rows with
            | Some(chain, value) -> Fault.raise' (SamplingFault.Diverged(chain, update, quantity, value))
            | None -> () // finite rows whose sum over chains alone overflows

    let start (target: Target) (w: Tensor) : Result<ChainState, SamplingFault> =
        requirePositions target w
        |> Result.bind (fun () -> Fault.catch (fun () -> requireFinite 0L "position" w))
        |> Result.map (fun () -> { Update = 0L; Positions = w; Momenta = None; AverageMetric = None })

    let private norms (rows: Tensor) = (rows * rows).sum(1).sqrt()

    let diagnose (target: Target) (kinetic: ChainState -> Tensor option) (state: ChainState) : ChainDiagnostics =
        dsharp.scope (fun () ->
            let floats (t: Tensor) = (t.cast Dtype.Float64).toArray1D<float>()

            { Update = state.Update
              Cost = floats (target.Cost state.Positions)
              GradientNorm = floats (norms (target.Gradient state.Positions))
              KineticTemperature = kinetic state |> Option.map floats })
