namespace NoiseScale.Torch;

/// <summary>Keeps native memory from growing between garbage collections.</summary>
/// <remarks>
/// <para>TorchSharp frees tensors with their dispose scope, but the scalars of expressions such as <c>x * 2.0</c> only when the garbage
/// collector finds them. Each is a few bytes; left lying between big blocks it keeps freed ones from being used again, so that a loop over big
/// tensors, whose managed garbage is too small to cause a collection, grows by megabytes a step.</para>
/// <para>The cure at the root is a scalar of one's own, <c>using var two = 2.0.ToScalar(); x * two</c>. It is also safe where several threads
/// compute at once: a collection that another thread causes may otherwise free the scalar of an operation that is just being called.</para>
/// </remarks>
public static class TensorMemory
{
    private const long Interval = 500; // milliseconds, of which a collection of the youngest generation takes at most one

    private static long _last = Environment.TickCount64;

    /// <summary>Collects the youngest garbage if that has not been done for half a second; call it between steps, where no operation runs.</summary>
    /// <remarks>Takes nanoseconds where it does nothing. <see cref="GradientAccumulation"/> calls it after every micro-batch.</remarks>
    public static void Tidy()
    {
        var (now, last) = (Environment.TickCount64, Interlocked.Read(ref _last));
        if (now - last >= Interval && Interlocked.CompareExchange(ref _last, now, last) == last)
        {
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        }
    }
}
