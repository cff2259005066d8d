using TorchSharp;

namespace NoiseScale.Tests.Torch;

/// <summary>Tensors alive on this thread, by TorchSharp's own count.</summary>
internal static class Live
{
    internal static long Tensors => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    /// <summary>Runs an action twice, the first time to warm up, and checks that the second leaves no tensor behind.</summary>
    internal static void NothingLeftBy(Action action, string what)
    {
        action();
        var before = Tensors;
        action();
        Check.Equal(before, Tensors, $"tensors alive after {what}");
    }
}
