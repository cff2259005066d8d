namespace DiffSharp

open System
open TorchSharp

/// <summary>The way between this library's tensors and TorchSharp's, for models that are written in TorchSharp: derivatives go through it, to any order.</summary>
[<AbstractClass; Sealed>]
type TorchTensors private () =

    /// <summary>A tensor of TorchSharp as one of this library. They share their elements and stand at the same place of the graph; each is released by itself.</summary>
    /// <param name="tensor">stays the caller's; nobody may write to it any more, for tensors here are immutable</param>
    static member Wrap(tensor: torch.Tensor) : Tensor =
        ArgumentNullException.ThrowIfNull tensor
        TorchRuntime.Ensure()
        let inner = tensor.alias ()

        match Frame.Current with
        | null -> Tensor.View(inner.DetachFromDisposeScope())
        | _ -> Tensor.View inner

    /// <summary>A tensor as TorchSharp has it. They share their elements and stand at the same place of the graph; each is released by itself.</summary>
    /// <param name="tensor">a tensor</param>
    /// <returns>the caller's, in its current dispose scope; not to be written to</returns>
    static member Unwrap(tensor: Tensor) : torch.Tensor =
        ArgumentNullException.ThrowIfNull tensor
        let inner = tensor.Native.alias ()
        GC.KeepAlive tensor
        inner

    /// <summary>A function of TorchSharp's tensors as one of this library's, to be differentiated like any other: nothing in it may depend on gradients being off.</summary>
    /// <param name="name">for messages</param>
    /// <param name="f">a pure function; the tensors it is given are not to be written to, disposed of or kept</param>
    /// <returns>the function; it raises a TensorException where f fails</returns>
    static member Lift(name: string, f: Func<torch.Tensor[], torch.Tensor>) : Tensor[] -> Tensor =
        ArgumentNullException.ThrowIfNull f

        fun xs ->
            let natives = xs |> Array.map _.Native

            let result =
                Guard.run name (fun () -> Describe.tensors natives) (fun () ->
                    // outside every scope of ours too, what f makes on the way is released
                    Guard.scoped (fun () ->
                        let result = f.Invoke natives

                        if natives |> Array.exists (fun x -> Object.ReferenceEquals(x, result)) then
                            result.alias ()
                        else
                            result))

            GC.KeepAlive xs

            match Frame.Current with
            | null -> Tensor.Own(result.DetachFromDisposeScope())
            | _ -> Tensor.Own result
