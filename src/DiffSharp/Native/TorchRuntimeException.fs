namespace DiffSharp

open System

/// <summary>libtorch or TorchSharp's native half could not be made ready: says what failed, why, and what to do about it.</summary>
/// <param name="problem">What could not be done, in one clause.</param>
/// <param name="cause">Why it could not be done, with the paths and messages that show it.</param>
/// <param name="cure">What the user can do about it.</param>
/// <param name="inner">The underlying exception, or null.</param>
[<Sealed>]
type TorchRuntimeException(problem: string, cause: string, cure: string, inner: exn | null) =
    inherit Exception($"{problem}. Cause: {cause}. Cure: {cure}.", inner)

    /// <summary>As the full constructor, with no underlying exception.</summary>
    new(problem, cause, cure) = TorchRuntimeException(problem, cause, cure, null)

    /// What could not be done, in one clause.
    member _.Problem = problem

    /// Why it could not be done.
    member _.Cause = cause

    /// What the user can do about it.
    member _.Cure = cure
