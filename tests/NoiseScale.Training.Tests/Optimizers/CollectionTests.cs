namespace NoiseScale.Training.Tests.Optimization;

/// <summary>
/// The numbers of an update survive the garbage collector: a double that TorchSharp boxes for a script belongs to a temporary, and a
/// collection at the wrong moment used to free it before the kernel read it.
/// </summary>
internal static class CollectionTests
{
    private const int Updates = 6000;

    public static Test All => TestCase("updates on two threads are the same while garbage is collected", () =>
    {
        var expected = Train();
        var stop = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            var found = new float[2][];
            var workers = Array.ConvertAll([0, 1], i => new Thread(() => found[i] = Train()));
            foreach (var worker in workers) worker.Start();
            foreach (var worker in workers) worker.Join();
            foreach (var one in found)
                Check.True(one is not null && one.AsSpan().SequenceEqual(expected), "a thread's parameters differ, or it failed");
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collector.Join();
        }
    });

    private static float[] Train()
    {
        try
        {
            var parameter = torch.ones(5);
            var gradient = torch.full(5, 0.5f);
            using var rule = new AdamRule([parameter], weightDecay: 0.25);
            for (var i = 0; i < Updates; i++)
                rule.Step([gradient], 0.001);

            return parameter.data<float>().ToArray();
        }
        catch (InvalidOperationException)
        {
            return null!;
        }
    }
}
