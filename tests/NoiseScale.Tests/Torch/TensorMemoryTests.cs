using System.Diagnostics;
using System.Runtime.CompilerServices;
using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;

namespace NoiseScale.Tests.Torch;

internal static class TensorMemoryTests
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LeftLying() => new(2.0.ToScalar());

    internal static Test All => Runner.TestSequenced(Runner.TestList("native memory", [
        Runner.TestCase("a scalar left lying is found between steps", () =>
        {
            var scalar = LeftLying();
            var watch = Stopwatch.StartNew();
            while (scalar.IsAlive && watch.Elapsed < TimeSpan.FromSeconds(10))
            {
                TensorMemory.Tidy();
                Thread.Sleep(1);
            }

            Check.True(!scalar.IsAlive, "collected");
        }),
    ]));
}
