namespace DiffSharp

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open TorchSharp

module private GradientScript =
    // A List[Tensor] argument does not match List[Optional[Tensor]], hence the copy in `vjp`.
    [<Literal>]
    let Text =
        """
def grad(fs: List[Tensor], xs: List[Tensor], retain: bool, create: bool):
    return torch.autograd.grad(fs, xs, None, retain, create, True)
def vjp(fs: List[Tensor], xs: List[Tensor], vs: List[Tensor], retain: bool, create: bool):
    weights: List[Optional[Tensor]] = []
    for v in vs:
        weights.append(v)
    return torch.autograd.grad(fs, xs, weights, retain, create, True)
"""

/// <summary>Reverse-mode derivatives whose every failure is an exception.</summary>
/// <remarks>
/// The calls of <c>torch.autograd.grad</c> have no exception barrier in TorchSharp's native half: an unused input or a graph already freed
/// ends the process. The same operator called through TorchScript, as here, computes the same numbers as fast and fails politely.
/// </remarks>
[<AbstractClass; Sealed>]
type Gradient private () =

    static let script =
        lazy
            (TorchRuntime.Ensure()
             torch.jit.compile GradientScript.Text)

    static let shapeOf (tensor: torch.Tensor) = $"""[{String.Join(", ", tensor.shape)}]"""

    static let requireTensors (name: string) (tensors: IReadOnlyList<torch.Tensor>) =
        if isNull (box tensors) then
            nullArg name

        if tensors.Count = 0 then
            invalidArg name "is empty; it must hold at least one tensor"

        for i in 0 .. tensors.Count - 1 do
            if isNull (box tensors[i]) then
                invalidArg name $"tensor {i} is null"

            if not tensors[i].requires_grad then
                invalidArg name $"tensor {i} does not require a gradient, so nothing can be differentiated through it"

    static let requireScalars (outputs: IReadOnlyList<torch.Tensor>) =
        for i in 0 .. outputs.Count - 1 do
            if outputs[i].numel() <> 1L then
                invalidArg (nameof outputs) $"output {i} has shape {shapeOf outputs[i]}; it must be a single number"

    static let requireVectors (outputs: IReadOnlyList<torch.Tensor>) (vectors: IReadOnlyList<torch.Tensor>) =
        if isNull (box vectors) then
            nullArg (nameof vectors)

        if vectors.Count <> outputs.Count then
            invalidArg (nameof vectors) $"{vectors.Count} vectors for {outputs.Count} outputs; there must be one for each"

        for i in 0 .. outputs.Count - 1 do
            if isNull (box vectors[i]) then
                invalidArg (nameof vectors) $"vector {i} is null"

            if vectors[i].shape <> outputs[i].shape || vectors[i].dtype <> outputs[i].dtype then
                invalidArg
                    (nameof vectors)
                    $"vector {i} is {vectors[i].dtype} {shapeOf vectors[i]}; its output is {outputs[i].dtype} {shapeOf outputs[i]}"

    // The native message is a page of stack frames around one sentence.
    static let sentence (message: string) =
        message.Split '\n'
        |> Array.map _.Trim()
        |> Array.filter (fun line -> line <> "" && not (line.StartsWith "frame #") && not (line.StartsWith "Exception raised from"))
        |> fun lines ->
            // TorchScript puts the error below its own traceback, and advice may follow
            match lines |> Array.tryFind _.StartsWith("RuntimeError: ") with
            | Some error -> error.Substring "RuntimeError: ".Length
            | None -> Array.tryLast lines |> Option.defaultValue message

    static let asTensors (result: obj) : torch.Tensor[] =
        match result with
        | :? (torch.Tensor[]) as tensors -> tensors
        | :? (obj[]) as items ->
            items
            |> Array.map (function
                | :? torch.Tensor as tensor -> tensor
                | _ -> Unchecked.defaultof<torch.Tensor>)
        | other -> invalidOp $"the gradient script answered {other}"

    static let call (name: string) (inputs: IReadOnlyList<torch.Tensor>) allowUnused (arguments: obj[]) =
        let gradients =
            try
                script.Value.invoke (name, arguments) |> asTensors
            with :? ExternalException as error ->
                raise (InvalidOperationException($"the derivative cannot be computed: {sentence error.Message}", error))

        GC.KeepAlive arguments // the native half holds only what their tensors point to

        gradients
        |> Array.mapi (fun i gradient ->
            if not (isNull (box gradient)) then
                gradient
            elif allowUnused then
                torch.zeros_like inputs[i]
            else
                invalidArg
                    (nameof inputs)
                    $"no output depends on input {i} of shape {shapeOf inputs[i]}; pass allowUnused = true if its derivative is to be 0")

    /// <summary>The gradient of the sum of scalar outputs with respect to each input: ∂(Σᵢ fᵢ)/∂xⱼ.</summary>
    /// <param name="outputs">Tensors of one element each, which depend on the inputs.</param>
    /// <param name="inputs">Tensors that require a gradient.</param>
    /// <param name="createGraph">Whether the result can itself be differentiated; the graph is then kept.</param>
    /// <param name="retainGraph">Whether the graph of the outputs is kept for another derivative; otherwise it is freed.</param>
    /// <param name="allowUnused">Whether an input that no output depends on has derivative 0; otherwise it is refused.</param>
    /// <returns>One tensor for each input, of its shape, in the current dispose scope.</returns>
    /// <exception cref="T:System.ArgumentException">An argument breaks a rule above; says which tensor.</exception>
    /// <exception cref="T:System.InvalidOperationException">libtorch cannot differentiate: the graph was freed, for example.</exception>
    static member Of
        (
            outputs: IReadOnlyList<torch.Tensor>,
            inputs: IReadOnlyList<torch.Tensor>,
            [<Optional; DefaultParameterValue false>] createGraph: bool,
            [<Optional; DefaultParameterValue false>] retainGraph: bool,
            [<Optional; DefaultParameterValue false>] allowUnused: bool
        ) : torch.Tensor[] =
        requireTensors (nameof outputs) outputs
        requireTensors (nameof inputs) inputs
        requireScalars outputs

        call "grad" inputs allowUnused [| Seq.toArray outputs; Seq.toArray inputs; createGraph || retainGraph; createGraph |]

    /// <summary>The gradient of one scalar output with respect to each input: ∂f/∂xⱼ.</summary>
    /// <param name="output">A tensor of one element, which depends on the inputs.</param>
    /// <param name="inputs">Tensors that require a gradient.</param>
    /// <param name="createGraph">Whether the result can itself be differentiated; the graph is then kept.</param>
    /// <param name="retainGraph">Whether the graph of the output is kept for another derivative; otherwise it is freed.</param>
    /// <param name="allowUnused">Whether an input that the output does not depend on has derivative 0; otherwise it is refused.</param>
    /// <returns>One tensor for each input, of its shape, in the current dispose scope.</returns>
    /// <exception cref="T:System.ArgumentException">An argument breaks a rule above; says which tensor.</exception>
    /// <exception cref="T:System.InvalidOperationException">libtorch cannot differentiate: the graph was freed, for example.</exception>
    static member Of
        (
            output: torch.Tensor,
            inputs: IReadOnlyList<torch.Tensor>,
            [<Optional; DefaultParameterValue false>] createGraph: bool,
            [<Optional; DefaultParameterValue false>] retainGraph: bool,
            [<Optional; DefaultParameterValue false>] allowUnused: bool
        ) : torch.Tensor[] =
        Gradient.Of([| output |] :> IReadOnlyList<torch.Tensor>, inputs, createGraph, retainGraph, allowUnused)

    /// <summary>The product of vectors with the Jacobian of the outputs: Σᵢ vᵢᵀ ∂fᵢ/∂xⱼ.</summary>
    /// <param name="outputs">Tensors of any shape, which depend on the inputs.</param>
    /// <param name="inputs">Tensors that require a gradient.</param>
    /// <param name="vectors">One for each output, of its shape and element type.</param>
    /// <param name="createGraph">Whether the result can itself be differentiated; the graph is then kept.</param>
    /// <param name="retainGraph">Whether the graph of the outputs is kept for another derivative; otherwise it is freed.</param>
    /// <param name="allowUnused">Whether an input that no output depends on has derivative 0; otherwise it is refused.</param>
    /// <returns>One tensor for each input, of its shape, in the current dispose scope.</returns>
    /// <exception cref="T:System.ArgumentException">An argument breaks a rule above; says which tensor.</exception>
    /// <exception cref="T:System.InvalidOperationException">libtorch cannot differentiate: the graph was freed, for example.</exception>
    static member VectorJacobian
        (
            outputs: IReadOnlyList<torch.Tensor>,
            inputs: IReadOnlyList<torch.Tensor>,
            vectors: IReadOnlyList<torch.Tensor>,
            [<Optional; DefaultParameterValue false>] createGraph: bool,
            [<Optional; DefaultParameterValue false>] retainGraph: bool,
            [<Optional; DefaultParameterValue false>] allowUnused: bool
        ) : torch.Tensor[] =
        requireTensors (nameof outputs) outputs
        requireTensors (nameof inputs) inputs
        requireVectors outputs vectors

        let arguments: obj[] =
            [| Seq.toArray outputs; Seq.toArray inputs; Seq.toArray vectors; createGraph || retainGraph; createGraph |]

        call "vjp" inputs allowUnused arguments
