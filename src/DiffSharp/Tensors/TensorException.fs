namespace DiffSharp

open System

/// <summary>An operation refused its arguments: their shapes, element types, devices or values do not allow it.</summary>
/// <remarks>Every error of the native library arrives as one of these; its message names the operation and the arguments.</remarks>
[<Sealed>]
type TensorException internal (operation: string, arguments: string, problem: string, cause: exn | null) =
    inherit
        ArgumentException(
            (if arguments = "" then
                 $"{operation}: {problem}"
             else
                 $"{operation} of {arguments}: {problem}"),
            cause
        )

    /// <summary>The operation's name, as called.</summary>
    member _.Operation = operation

    /// <summary>The tensors it was called with: element type and shape of each.</summary>
    member _.Arguments = arguments

    /// <summary>What is wrong.</summary>
    member _.Problem = problem
