namespace NoiseScale.Theory.Sampling

open DiffSharp

/// <summary>How long chains run, and what is kept of them.</summary>
type ChainPlan =
    {
        /// updates before the first that can be kept, 0 or more
        BurnIn: int64
        /// of the updates after it every how-manyth is kept, at least 1
        Thinning: int
        /// how many are kept of each chain, 0 or more
        Samples: int
        /// the largest |w| that is no divergence; infinity where none is known. What is infinite or not a number always is one.
        LargestParameter: float
    }

    /// Updates in all.
    member this.Updates = this.BurnIn + int64 this.Thinning * int64 this.Samples

/// <summary>How far chains have come.</summary>
[<Struct>]
type ChainProgress =
    {
        /// updates made in this run
        Done: int64
        /// updates to make in this run
        Total: int64
        /// samples kept of each chain so far
        Kept: int
    }

/// <summary>What a run kept, and the state from which another goes on.</summary>
type ChainRun =
    {
        /// kept positions, [samples, chains, p], oldest first
        Samples: Tensor
        /// the update of each
        Updates: int64[]
        /// where the chains are: running on from here gives the bits of a longer run
        State: ChainState
    }

/// <summary>Why a run ended early, and what it had.</summary>
type BrokenRun =
    {
        /// what happened
        Fault: SamplingFault
        /// what was kept before
        Before: ChainRun
    }

/// Running chains.
[<RequireQualifiedAccess>]
module Chains =

    /// Updates between two reports, or between two clearings of memory, where samples are further apart.
    [<Literal>]
    let private Stretch = 256L

    let private check (plan: ChainPlan) =
        Fault.check
            [ plan.BurnIn < 0L, SamplingFault.BadSetting("BurnIn", float plan.BurnIn, "it is 0 or more")
              plan.Thinning < 1, SamplingFault.BadSetting("Thinning", float plan.Thinning, "it is at least 1")
              plan.Samples < 0, SamplingFault.BadSetting("Samples", float plan.Samples, "it is 0 or more")
              not (plan.LargestParameter > 0.0), SamplingFault.BadSetting("LargestParameter", plan.LargestParameter, "it is positive") ]

    let private requireBounded limit (state: ChainState) =
        if limit < infinity then
            let largest = ((state.Positions.abs ()).max(1).cast Dtype.Float64).toArray1D<float>()

            match Array.tryFindIndex (fun size -> not (size <= limit)) largest with
            | Some chain -> Fault.raise' (SamplingFault.Diverged(chain, state.Update, "largest parameter", largest[chain]))
            | None -> ()

    /// Some updates; temporaries go when they end.
    let private advance limit (sampler: Sampler) (count: int64) (state: ChainState) : Result<ChainState, SamplingFault> =
        dsharp.scope (fun () ->
            let mutable current = Ok state
            let mutable left = count

            while left > 0L && Result.isOk current do
                current <- Result.bind sampler.Step current
                left <- left - 1L

            current
            |> Result.bind (fun state ->
                Fault.catch (fun () ->
                    requireBounded limit state
                    state)))

    /// <summary>Runs chains on from a state.</summary>
    /// <param name="plan">how long, and what is kept</param>
    /// <param name="report">called at samples, and every few hundred updates between</param>
    /// <param name="sampler">the sampler</param>
    /// <param name="state">where to begin: of <c>Init</c>, or of an earlier run</param>
    /// <returns>what was kept and the state after the last update; or the fault, with chain, update and remedy, and what was kept before it</returns>
    let resume (plan: ChainPlan) (report: ChainProgress -> unit) (sampler: Sampler) (state: ChainState) : Result<ChainRun, BrokenRun> =
        let kept = ResizeArray<Tensor>()
        let updates = ResizeArray<int64>()
        let began = state.Update

        let soFar (state: ChainState) =
            { Samples =
                if kept.Count = 0 then
                    dsharp.zeros (
                        [| yield 0; yield! state.Positions.shape |],
                        dtype = state.Positions.dtype,
                        device = state.Positions.device
                    )
                else
                    dsharp.stack (kept.ToArray())
              Updates = updates.ToArray()
              State = state }

        let rec walk (state: ChainState) : Result<ChainRun, BrokenRun> =
            let made = state.Update - began

            if made >= plan.Updates then
                Ok(soFar state)
            else
                let next =
                    if made < plan.BurnIn then
                        plan.BurnIn
                    else
                        made + int64 plan.Thinning - (made - plan.BurnIn) % int64 plan.Thinning

                match advance plan.LargestParameter sampler (min Stretch (next - made)) state with
                | Error fault -> Error { Fault = fault; Before = soFar state }
                | Ok state ->
                    let made = state.Update - began

                    if made = next && made > plan.BurnIn then
                        kept.Add state.Positions
                        updates.Add state.Update

                    report { Done = made; Total = plan.Updates; Kept = kept.Count }

                    walk state

        match check plan with
        | Error fault -> Error { Fault = fault; Before = soFar state }
        | Ok() -> walk state

    /// <summary>Runs chains from positions.</summary>
    /// <param name="plan">how long, and what is kept</param>
    /// <param name="sampler">the sampler</param>
    /// <param name="positions">w [chains, p]</param>
    let run (plan: ChainPlan) (sampler: Sampler) (positions: Tensor) : Result<ChainRun, SamplingFault> =
        sampler.Init positions |> Result.bind (fun state -> resume plan ignore sampler state |> Result.mapError _.Fault)

    /// <summary>The positions of chains that all start at one place, [chains, p].</summary>
    /// <param name="chains">how many</param>
    /// <param name="w">[p]</param>
    let startAt (chains: int) (w: Tensor) : Tensor =
        dsharp.scope (fun () -> ((w.view [ 1; w.nelement ]).expand [ chains; w.nelement ]).clone())
