namespace NoiseScale.Theory.Sampling

open System

/// <summary>Why a sampler cannot be made, or cannot go on: each says what was found and what to change.</summary>
[<RequireQualifiedAccess>]
type SamplingFault =
    /// a temperature is negative or not finite
    | BadTemperature of value: float
    /// a learning rate, friction, damping or another setting breaks its rule
    | BadSetting of setting: string * value: float * rule: string
    /// a batch has fewer than one example, or more than there are
    | BatchOutOfRange of batchSize: int * trainingSetSize: int
    /// the sampler needs something that the target was made without
    | TargetLacks of what: string * remedy: string
    /// a metric that does not change has no inverse; its least eigenvalue
    | SingularMatrix of least: float
    /// the metric of a chain has no inverse at an update; its least eigenvalue, and the damping in it
    | SingularMetric of chain: int * update: int64 * least: float * damping: float
    /// a quantity of a chain has become infinite, not a number, or larger than allowed at an update
    | Diverged of chain: int * update: int64 * quantity: string * value: float
    /// positions or a state have another shape than the target needs
    | WrongShape of what: string * wanted: string * found: int list

    /// The fault as a sentence.
    override this.ToString() =
        match this with
        | BadTemperature value -> $"a temperature is 0 or more and finite, not {value}"
        | BadSetting(setting, value, rule) -> $"{setting} is {value}: {rule}"
        | BatchOutOfRange(batchSize, n) -> $"a batch has 1 to {n} examples, not {batchSize}: it cannot exceed the training set"
        | TargetLacks(what, remedy) -> $"the target has no {what}: {remedy}"
        | SingularMatrix least -> $"the metric has the eigenvalue {least}, so it has no inverse: add damping, G + δ·1 with δ > 0"
        | SingularMetric(chain, update, least, damping) ->
            $"at update {update} the metric of chain {chain} has the eigenvalue {least} with a damping of {damping}, so it has no inverse: use more damping, or more examples or draws for the Fisher information than there are parameters"
        | Diverged(chain, update, quantity, value) ->
            $"chain {chain} diverged at update {update}: its {quantity} is {value}; use a smaller learning rate, or more damping"
        | WrongShape(what, wanted, found) -> $"{what} have the shape {found}; wanted is {wanted}"

/// A fault on its way out of a computation; it never leaves the sampling library.
type internal SamplingException(fault: SamplingFault) =
    inherit Exception(string fault)
    member _.Fault = fault

module internal Fault =

    let raise' (fault: SamplingFault) : 'a = raise (SamplingException fault)

    /// What a body computes, or the fault it met.
    let catch (body: unit -> 'a) : Result<'a, SamplingFault> =
        try
            Ok(body ())
        with :? SamplingException as error ->
            Error error.Fault

    let check (faults: (bool * SamplingFault) list) : Result<unit, SamplingFault> =
        match faults |> List.tryFind fst with
        | Some(_, fault) -> Error fault
        | None -> Ok()

    let positive setting value =
        not (Double.IsFinite value && value > 0.0), SamplingFault.BadSetting(setting, value, "it is positive and finite")

    let notNegative setting value =
        not (Double.IsFinite value && value >= 0.0), SamplingFault.BadSetting(setting, value, "it is 0 or more and finite")

    let batch batchSize trainingSetSize =
        batchSize < 1 || batchSize > trainingSetSize, SamplingFault.BatchOutOfRange(batchSize, trainingSetSize)

/// What to do with a fault.
[<RequireQualifiedAccess>]
module SamplingFault =

    /// <summary>The value of a result, or an exception with the fault's sentence; for scripts, where a fault ends the script.</summary>
    /// <exception cref="T:System.ArgumentException">There was a fault.</exception>
    let orFail (result: Result<'a, SamplingFault>) : 'a =
        match result with
        | Ok value -> value
        | Error fault -> raise (ArgumentException(string fault))
