namespace DiffSharp

open System
open System.Runtime.InteropServices
open System.Threading
open TorchSharp

module private DualLevel =
    [<DllImport("torch_cpu", EntryPoint = "_ZN5torch8autograd14ForwardADLevel12get_next_idxEv")>]
    extern uint64 enter()

    [<DllImport("torch_cpu", EntryPoint = "_ZN5torch8autograd14ForwardADLevel11release_idxEm")>]
    extern void leave(uint64 level)

    [<Literal>]
    let Text =
        """
def make(primal: Tensor, tangent: Tensor, level: int):
    return torch._make_dual(primal, tangent, level)
def tangent(dual: Tensor, level: int):
    return torch._unpack_dual(dual, level)[1]
"""

    let script =
        lazy
            (TorchRuntime.Ensure()
             torch.jit.compile Text)

    /// libtorch has one level for the whole process, and ends it when asked for a second: one at a time.
    let gate = obj ()

/// <summary>Derivatives by forward mode: numbers that carry their derivative along a direction through the computation.</summary>
/// <remarks>
/// <para>One pass, no graph: cheaper than reverse mode for one direction. For <c>hessianv</c> a reverse pass is carried along.</para>
/// <para>libtorch knows one level of this: no derivative inside a function that <c>Dual</c> differentiates, and no <c>Dual</c> inside one that is being
/// differentiated; both are refused. Calls from several threads wait for each other. An operation of TorchSharp's that has no formula is refused by
/// name, and <c>dsharp</c>'s functions of the same names may have one; ours all do.</para>
/// </remarks>
[<AbstractClass; Sealed>]
type Dual private () =

    static let tangentOf name (level: uint64) (value: Tensor) (like: Tensor) : Tensor =
        let tangent =
            Guard.run name (fun () -> Describe.tensor value.Native) (fun () ->
                DualLevel.script.Value.invoke ("tangent", value.Native, int64 level))

        match tangent with
        // a result that does not depend on x carries none
        | :? torch.Tensor as tangent when not tangent.IsInvalid && tangent.numel () = like.Native.numel () -> Tensor.View tangent
        | _ -> Tracking.zerosLike like

    /// A dual level around a computation; the level is given back whatever happens.
    static let run (name: string) (xs: Tensor[]) (vs: Tensor[]) (tracked: bool) (body: uint64 -> Tensor[] -> 'r) : 'r =
        if Differentiation.IsActive then
            Tracking.refuse name "it cannot be used inside a function that is being differentiated; dsharp's function of the same name can"

        if xs.Length <> vs.Length then
            Tracking.refuse name $"there are {vs.Length} directions for {xs.Length} tensors; there must be one for each"

        Array.iter2 (fun x v -> Tracking.requireSameShape name "x" x "v" v) xs vs

        lock DualLevel.gate (fun () ->
            use begun = Differentiation.BeginDual name
            let level = DualLevel.enter ()

            try
                let duals =
                    Array.map2
                        (fun (x: Tensor) (v: Tensor) ->
                            let variable = Tracking.variable name (x.noDiff ())

                            if not tracked then
                                variable.Native.requires_grad <- false

                            let direction = v.noDiff().cast x.dtype

                            let dual =
                                Guard.run name (fun () -> Describe.tensor x.Native) (fun () ->
                                    DualLevel.script.Value.invoke<torch.Tensor>("make", variable.Native, direction.Native, int64 level))

                            GC.KeepAlive variable
                            GC.KeepAlive direction
                            Tensor.View dual)
                        xs
                        vs

                body level duals |> Keep.from begun.Frame
            finally
                DualLevel.leave level)

    static let constant (value: Tensor) = Tensor.View(value.Native.detach ())

    // tangents go with the level: what survives has to be a copy without one
    static let settled (value: Tensor) = (constant value).clone()

    /// <summary>f x, and the derivative J v along a direction; of the shape of f x.</summary>
    /// <param name="f">A function of a tensor of any shape, to one of any shape.</param>
    /// <param name="x">Where.</param>
    /// <param name="v">The direction, of the shape of x.</param>
    /// <exception cref="T:DiffSharp.TensorException">v has not the shape of x, an operation in f has no forward formula, or derivatives are nested.</exception>
    static member fjacobianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor =
        run "Dual.jacobianv" [| x |] [| v |] false (fun level duals ->
            let value = Guard.run "Dual.jacobianv" (fun () -> "") (fun () -> f duals[0])
            settled value, settled (tangentOf "Dual.jacobianv" level value value))

    /// <summary>The derivative J v along a direction; of the shape of f x.</summary>
    /// <param name="f">A function of a tensor of any shape, to one of any shape.</param>
    /// <param name="x">Where.</param>
    /// <param name="v">The direction, of the shape of x.</param>
    /// <exception cref="T:DiffSharp.TensorException">v has not the shape of x, an operation in f has no forward formula, or derivatives are nested.</exception>
    static member jacobianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor = dsharp.scope (fun () -> Dual.fjacobianv f x v |> snd)

    /// <summary>f xs, the gradients ∂f/∂xᵢ, and the products Σⱼ ∂²f/∂xᵢ∂xⱼ vⱼ of the Hessian with a direction.</summary>
    /// <param name="f">A function of several tensors to a single number.</param>
    /// <param name="xs">Where: at least one tensor, each of any shape.</param>
    /// <param name="vs">The direction: one tensor for each of xs, of its shape.</param>
    /// <exception cref="T:DiffSharp.TensorException">The shapes do not agree, an operation in f has no formula, or derivatives are nested.</exception>
    static member fgradhessiansv (f: Tensor[] -> Tensor) (xs: Tensor[]) (vs: Tensor[]) : Tensor * Tensor[] * Tensor[] =
        let name = "Dual.hessianv"

        if xs.Length = 0 then
            Tracking.refuse name "xs is empty; there must be a tensor to differentiate with respect to"

        run name xs vs true (fun level duals ->
            let value = f duals
            Tracking.requireFloating name xs[0] value
            Tracking.requireScalarValue name xs[0] value
            // with a graph: without one, libtorch's formulas reuse factorisations that carry no tangent, and are silently wrong
            let gradients = Reverse.gradients name true true value duals

            let products =
                Array.map2 (fun (gradient: Tensor) x -> tangentOf name level gradient x |> settled) gradients xs

            settled value, Array.map settled gradients, products)

    /// <summary>f x, the gradient ∇f(x), and the product H v of its Hessian with a direction.</summary>
    /// <param name="f">A function to a single number.</param>
    /// <param name="x">Where; of any shape.</param>
    /// <param name="v">The direction, of the shape of x.</param>
    /// <exception cref="T:DiffSharp.TensorException">The shapes do not agree, an operation in f has no formula, or derivatives are nested.</exception>
    static member fgradhessianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor * Tensor =
        let value, gradients, products = Dual.fgradhessiansv (fun xs -> f xs[0]) [| x |] [| v |]

        value, gradients[0], products[0]

    /// <summary>The product H v of the Hessian with a direction; of the shape of x.</summary>
    /// <param name="f">A function to a single number.</param>
    /// <param name="x">Where; of any shape.</param>
    /// <param name="v">The direction, of the shape of x.</param>
    /// <exception cref="T:DiffSharp.TensorException">The shapes do not agree, an operation in f has no formula, or derivatives are nested.</exception>
    static member hessianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor =
        dsharp.scope (fun () ->
            let _, _, product = Dual.fgradhessianv f x v
            product)
