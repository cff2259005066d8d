namespace DiffSharp

open System
open TorchSharp

/// One differentiation in progress on this thread.
[<Sealed>]
type internal Differentiation private (name: string, frame: Frame, outer: int, gradMode: IDisposable | null) =

    [<ThreadStatic; DefaultValue>]
    static val mutable private depth: int

    member _.Name = name
    member _.Frame = frame

    /// Whether this runs inside a function that is itself being differentiated, so that results have to stay differentiable.
    member _.IsNested = outer > 0

    /// Whether this thread is differentiating, in either mode.
    static member IsActive = Differentiation.depth > 0

    static member Begin(name: string) =
        if ForwardMode.IsOn then
            raise (TensorException(name, "", "it cannot be used inside a function that Dual differentiates; dsharp's functions nest", null))

        Differentiation.Enter name

    /// Forward mode, inside which no other derivative may begin.
    static member BeginDual(name: string) =
        let begun = Differentiation.Enter name
        ForwardMode.IsOn <- true
        begun

    static member private Enter(name: string) =
        let frame = Frame.Open name
        // a caller may have switched tracking off; here it is the point
        let gradMode = if torch.is_grad_enabled () then null else torch.enable_grad ()
        let outer = Differentiation.depth
        Differentiation.depth <- outer + 1
        new Differentiation(name, frame, outer, gradMode)

    interface IDisposable with
        member _.Dispose() =
            Differentiation.depth <- outer
            ForwardMode.IsOn <- false

            match gradMode with
            | null -> ()
            | mode -> mode.Dispose()

            (frame :> IDisposable).Dispose()

/// Variables to differentiate with respect to, and what functions of them gave.
module internal Tracking =

    let describe (tensor: Tensor) = Describe.dimensions tensor.shape

    /// A rule of ours about a function and its argument that has been broken.
    let refuse (name: string) problem : 'a = raise (TensorException(name, "", problem, null))

    /// A variable of its own that stands for x. No other differentiation knows it, so nothing confuses the two: where x is already tracked it is a
    /// node that leads back to x, so that outer derivatives see through it.
    let variable (name: string) (x: Tensor) : Tensor =
        if not x.dtype.IsFloatingPoint then
            refuse name $"x is {Describe.tensor x.Native}; only floating-point numbers have derivatives"

        let native = x.Native

        if native.requires_grad then
            // not alias(), which is another handle on the same node
            Tensor.View(native.view_as native)
        else
            let leaf = native.detach ()
            leaf.requires_grad <- true
            Tensor.View leaf

    let isTracked (x: Tensor) = x.Native.requires_grad

    /// The value as it leaves: still differentiable for an outer differentiation, a constant otherwise.
    let leave (stays: bool) (value: Tensor) : Tensor =
        if stays || not (isTracked value) then
            value
        else
            Tensor.View(value.Native.detach ())

    let zerosLike (x: Tensor) = Tensor.Own(torch.zeros_like (x.Native.detach ()))

    let requireSameShape name (what: string) (x: Tensor) (vName: string) (v: Tensor) =
        if x.Native.numel () <> v.Native.numel () || x.shape <> v.shape then
            refuse name $"{vName} has shape {describe v}, but {what} {describe x}; they have to agree"

    let requireScalarValue name (x: Tensor) (fx: Tensor) =
        if fx.dim <> 0 then
            refuse name $"f maps {describe x} to {describe fx}; it must be scalar-valued (a tensor without dimensions)"

    let requireVector name (x: Tensor) =
        if x.dim <> 1 then
            refuse name $"x has shape {describe x}; it must be a vector"

    let requireVectorValue name (x: Tensor) (fx: Tensor) =
        if x.dim <> 1 || fx.dim <> 1 then
            refuse name $"f maps {describe x} to {describe fx}; it must map a vector to a vector"

    let requireFloating name (x: Tensor) (fx: Tensor) =
        if not fx.dtype.IsFloatingPoint then
            refuse name $"f maps {describe x} to {Describe.tensor fx.Native}; only floating-point numbers have derivatives"

    let requireNumber name (x: Tensor) =
        if x.dim <> 0 then
            refuse name $"x has shape {describe x}; it must be a single number (a tensor without dimensions)"
