namespace DiffSharp

open System
open System.Threading
open TorchSharp

/// Outside scopes a tensor is freed when its handle is finalised, and the garbage collector does not know how much memory hangs on a handle:
/// this account tells it when to look.
type internal Account private () =
    static let mutable budget = 256L * 1024L * 1024L
    static let mutable spent = 0L

    [<ThreadStatic; DefaultValue>]
    static val mutable private seen: int64

    /// A tensor costs this much natively, besides its elements.
    [<Literal>]
    static let Overhead = 512L

    /// Bytes that may be allocated outside scopes between two collections.
    static member Budget
        with get () = Volatile.Read &budget
        and set (bytes: int64) = Volatile.Write(&budget, bytes)

    /// Whether a tensor that this thread has just made, or let go, belongs to no scope, of TorchSharp's either: those release theirs in time.
    static member IsOutside =
        let statistics = DisposeScopeManager.Statistics
        let count = statistics.CreatedOutsideScopeCount + statistics.DetachedFromScopeCount
        let isNew = count <> Account.seen
        Account.seen <- count
        isNew

    /// Adds a tensor that owns its elements, created or kept outside all scopes.
    static member Charge(bytes: int64) =
        if Interlocked.Add(&spent, bytes + Overhead) > Volatile.Read &budget then
            Interlocked.Exchange(&spent, 0L) |> ignore
            GC.Collect()
            GC.WaitForPendingFinalizers()

/// Whether this thread computes with dual numbers. A few of libtorch's operations have no formula for their second derivative then: the library
/// composes those of others that have one.
type internal ForwardMode private () =
    [<ThreadStatic; DefaultValue>]
    static val mutable private isOn: bool

    static member IsOn
        with get () = ForwardMode.isOn
        and set value = ForwardMode.isOn <- value

/// A stretch of code whose tensors are released when it ends, except those it keeps.
[<Sealed>]
type internal Frame private (name: string, outer: Frame | null, scope: DisposeScope) =

    [<ThreadStatic; DefaultValue>]
    static val mutable private current: Frame | null

    member _.Name = name
    member _.Outer = outer
    member _.Scope = scope

    /// The innermost of this thread.
    static member Current = Frame.current

    static member Open(name: string) =
        TorchRuntime.Ensure()
        let frame = new Frame(name, Frame.current, torch.NewDisposeScope())
        Frame.current <- frame
        frame

    interface IDisposable with
        member _.Dispose() =
            Frame.current <- outer
            scope.Dispose()
