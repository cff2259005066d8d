namespace DiffSharp

open System
open System.Collections.Generic
open TorchSharp

/// Text for messages.
module internal Describe =
    let dimensions (shape: seq<'a>) = $"""[{String.Join(", ", shape)}]"""

    let tensor (tensor: torch.Tensor) =
        if tensor.IsInvalid then
            "a released tensor"
        else
            $"{Dtype.OfTorch tensor.dtype} {dimensions tensor.shape}"

    let tensors (tensors: IReadOnlyList<torch.Tensor>) =
        let shown = tensors |> Seq.truncate 4 |> Seq.map tensor |> List.ofSeq
        let rest = if tensors.Count > 4 then [ $"{tensors.Count - 4} more" ] else []
        String.Join(" and ", shown @ rest)

    /// The one sentence in a page of stack frames.
    let sentence (message: string) =
        let lines =
            message.Split '\n'
            |> Array.map _.Trim()
            |> Array.filter (fun line -> line <> "" && not (line.StartsWith "frame #") && not (line.StartsWith "Exception raised from"))

        // an operator puts the error above its frames; TorchScript below its own traceback, and advice may follow
        let chosen =
            match lines |> Array.tryFind _.StartsWith("RuntimeError: ") with
            | Some error -> Some error
            | None -> Array.tryHead lines

        (defaultArg chosen message).Replace("RuntimeError: ", "")

/// Where native operations run: every failure becomes an exception that names the operation and its arguments.
module internal Guard =

    let failure operation arguments (error: exn) : exn =
        match error with
        | :? TensorException
        | :? ObjectDisposedException
        | :? TorchRuntimeException -> error
        | _ -> TensorException(operation, arguments, Describe.sentence error.Message, error)

    /// Refuses arguments by a rule of ours, before the native library sees them.
    let refuse operation arguments problem : 'a = raise (TensorException(operation, arguments, problem, null))

    /// Several native operations for one result: what is on the way is held until the end, and released then.
    let inline scoped ([<InlineIfLambda>] body: unit -> torch.Tensor) : torch.Tensor =
        use _ = torch.NewDisposeScope()
        (body ()).MoveToOuterDisposeScope()

    let inline run (operation: string) ([<InlineIfLambda>] arguments: unit -> string) ([<InlineIfLambda>] body: unit -> 'a) : 'a =
        try
            body ()
        with error ->
            raise (failure operation (arguments ()) error)
