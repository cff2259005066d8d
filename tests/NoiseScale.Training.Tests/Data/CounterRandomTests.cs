using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class CounterRandomTests
{
    public static Test All => TestList("counter random",
    [
        TestCase("the same stream gives the same numbers, another stream others", () =>
        {
            ulong[] Draw(long seed, RandomPurpose purpose, long index)
            {
                var random = new CounterRandom(seed, purpose, index);
                return [.. Enumerable.Range(0, 4).Select(_ => random.NextBits())];
            }

            var reference = Draw(1, RandomPurpose.EpochOrder, 2);
            Check.Sequence(reference, Draw(1, RandomPurpose.EpochOrder, 2));
            ulong[] all =
            [
                .. reference, .. Draw(2, RandomPurpose.EpochOrder, 2), .. Draw(1, RandomPurpose.Subset, 2),
                .. Draw(1, RandomPurpose.EpochOrder, 3), .. Draw(2, RandomPurpose.EpochOrder, 1), .. Draw(-1, RandomPurpose.EpochOrder, 2),
            ];
            Check.Equal(all.Length, all.Distinct().Count());
        }),
        TestCase("whole numbers below a bound are uniform", () =>
        {
            // χ² with 6 degrees of freedom exceeds 22.5 with probability 0.001; the seed is fixed, so the answer is too
            var random = new CounterRandom(5, RandomPurpose.Subset, 0);
            var counts = new int[7];
            for (var i = 0; i < 70_000; i++)
                counts[random.NextBelow(7)]++;

            Check.True(counts.Sum(count => (count - 10_000.0) * (count - 10_000.0) / 10_000) < 22.5);
            Check.Equal(0, random.NextBelow(1));
            Check.Throws<ArgumentOutOfRangeException>(() => new CounterRandom(0, RandomPurpose.Subset, 0).NextBelow(0), "bound");
        }),
        TestCase("uniform and normal numbers have their first four moments", () =>
        {
            // 10⁵ draws: standard errors of the sample moments are below 0.035 (that of the normal fourth moment); bounds are 4 of each
            var random = new CounterRandom(6, RandomPurpose.SyntheticTest, 1);
            var (uniform, normal) = (new double[100_000], new double[100_000]);
            for (var i = 0; i < uniform.Length; i++)
                (uniform[i], normal[i]) = (random.NextUniform(), random.NextNormal());

            Check.True(uniform.All(value => value is >= 0 and < 1));
            Check.Close(0.5, uniform.Average(), 0.0037);
            Check.Close(1 / 3.0, uniform.Average(value => value * value), 0.0038);
            Check.Close(0, normal.Average(), 0.0127);
            Check.Close(1, normal.Average(value => value * value), 0.018);
            Check.Close(0, normal.Average(value => value * value * value), 0.049);
            Check.Close(3, normal.Average(value => value * value * value * value), 0.125);
        }),
    ]);
}
