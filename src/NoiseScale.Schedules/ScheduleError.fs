namespace NoiseScale.Schedules

open System.Globalization

/// Every way in which a curve, schedule, transformation or text can be refused; `ScheduleError.message` puts it into words.
[<RequireQualifiedAccess>]
type ScheduleError =
    /// A quantity that must be positive (a learning rate, a duration, a factor) is zero or negative at a time.
    | NonPositive of quantity: string * value: float * at: float<epoch>
    /// A quantity is infinite or not a number.
    | NonFinite of quantity: string * value: float
    /// The batch size falls below one example.
    | BatchBelowOne of value: float * at: float<epoch>
    /// The batch size exceeds the training set: give `tradeDecayForBatch` a cap, or scale by less.
    | BatchExceedsTrainingSet of value: float * trainingSetSize: int64<example> * at: float<epoch>
    /// The momentum leaves [0, 1).
    | MomentumOutOfRange of value: float * at: float<epoch>
    /// Two boundaries of a curve are not in increasing order.
    | BoundariesOutOfOrder of earlier: float<epoch> * later: float<epoch>
    /// The schedule has no data: no epochs, no examples, or a step without changes where some are needed.
    | EmptySchedule of reason: string
    /// A named parameter breaks its rule.
    | ParameterOutOfRange of parameter: string * value: float * rule: string
    /// A square-root rule would push a moment coefficient β of Adam below zero: scale the batch by less.
    | BetaBelowZero of beta: string * value: float * factor: float
    /// A law is asked of a convention, an optimizer or a schedule for which it does not hold.
    | LawDoesNotHold of law: string * reason: string
    /// The cap on the batch size is below a batch size that the schedule already has.
    | CapBelowBatch of cap: float * batchSize: float * at: float<epoch>
    /// Text that does not parse; line and column count from 1.
    | MalformedText of line: int * column: int * expected: string
    /// A file of a schema version this library does not know.
    | UnknownVersion of found: string * known: string

/// Words for errors.
[<RequireQualifiedAccess>]
module ScheduleError =
    let private number (value: float) = value.ToString("R", CultureInfo.InvariantCulture)

    /// The error in one English sentence: what was wrong, its value, where, and the rule it broke.
    let message error =
        match error with
        | ScheduleError.NonPositive(quantity, value, at) ->
            $"{quantity} is {number value} at epoch {number (float at)}: it must be greater than 0."
        | ScheduleError.NonFinite(quantity, value) -> $"{quantity} is {number value}: it must be a finite number."
        | ScheduleError.BatchBelowOne(value, at) -> $"batch size is {number value} at epoch {number (float at)}: it must be at least 1."
        | ScheduleError.BatchExceedsTrainingSet(value, n, at) ->
            $"batch size is {number value} at epoch {number (float at)}: it must not exceed the training set of {n} examples (give a cap, or scale by less)."
        | ScheduleError.MomentumOutOfRange(value, at) -> $"momentum is {number value} at epoch {number (float at)}: it must lie in [0, 1)."
        | ScheduleError.BoundariesOutOfOrder(earlier, later) ->
            $"boundaries out of order: epoch {number (float later)} follows epoch {number (float earlier)}; they must be 0 or more and increase."
        | ScheduleError.EmptySchedule reason -> $"empty schedule: {reason}."
        | ScheduleError.ParameterOutOfRange(parameter, value, rule) -> $"{parameter} is {number value}: {rule}."
        | ScheduleError.BetaBelowZero(beta, value, factor) ->
            $"{beta} would become {number value} when the batch size is scaled by {number factor}: it must stay at 0 or above, so scale by less."
        | ScheduleError.LawDoesNotHold(law, reason) -> $"{law} does not hold here: {reason}."
        | ScheduleError.CapBelowBatch(cap, batch, at) ->
            $"the cap on the batch size, {number cap}, is below the schedule's own batch size {number batch} at epoch {number (float at)}."
        | ScheduleError.MalformedText(line, column, expected) -> $"line {line}, column {column}: {expected}."
        | ScheduleError.UnknownVersion(found, known) -> $"unknown schema version {found}: this library reads {known}."

    /// The value of a result, or an ArgumentException that carries the error's sentence; for scripts, where an error ends the script.
    let orFail result =
        match result with
        | Ok value -> value
        | Error error -> raise (System.ArgumentException(message error))
