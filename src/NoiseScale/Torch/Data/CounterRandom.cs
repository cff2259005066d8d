namespace NoiseScale.Torch;

/// <summary>
/// A counter-based random number generator: the k-th draw of the stream (seed, purpose, index) is mix(key + (k+1)γ), so any stream
/// can be opened anywhere, in any order and on any thread, and gives the same numbers.
/// </summary>
/// <remarks>
/// The mixing function and γ = 2⁶⁴/φ are those of SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators,
/// OOPSLA 2014); the key mixes seed, purpose and index one after the other. A mutable struct: pass it by <c>ref</c>.
/// </remarks>
public struct CounterRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15UL;

    private ulong _state;
    private double _spareNormal;
    private bool _hasSpareNormal;

    /// <summary>Opens the stream of (<paramref name="seed"/>, <paramref name="purpose"/>, <paramref name="index"/>).</summary>
    /// <param name="seed">The user's seed; every value is valid.</param>
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="index">The image, epoch or stream position the numbers belong to; every value is valid.</param>
    public CounterRandom(long seed, RandomPurpose purpose, long index)
    {
        var key = Mix((ulong)seed + Gamma);
        key = Mix(key ^ ((ulong)purpose * Gamma));
        _state = Mix(key ^ (ulong)index);
    }

    /// <summary>The next 64 uniformly random bits.</summary>
    /// <returns>Any 64-bit number.</returns>
    public ulong NextBits() => Mix(_state += Gamma);

    /// <summary>The next number uniform on [0, 1), a multiple of 2⁻⁵³.</summary>
    /// <returns>The number.</returns>
    public double NextUniform() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The next number uniform on [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="low">Lower end.</param>
    /// <param name="high">Upper end.</param>
    /// <returns>The number.</returns>
    public double NextUniform(double low, double high) => low + ((high - low) * NextUniform());

    /// <summary>The next whole number uniform on 0 … <paramref name="bound"/> − 1, without bias.</summary>
    /// <param name="bound">How many values there are, at least 1.</param>
    /// <returns>The number.</returns>
    /// <remarks>Multiply and shift with rejection (Lemire, Fast random integer generation in an interval, 2019).</remarks>
    public int NextBelow(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var high = Math.BigMul(NextBits(), (ulong)bound, out var low);
        if (low < (ulong)bound)
        {
            // of 2⁶⁴ inputs, 2⁶⁴ mod bound too many would land on some values: those are drawn again
            var surplus = (0UL - (ulong)bound) % (ulong)bound;
            while (low < surplus)
                high = Math.BigMul(NextBits(), (ulong)bound, out low);
        }

        return (int)high;
    }

    /// <summary>The next number of the standard normal distribution (Box–Muller; two come from one pair of uniform numbers).</summary>
    /// <returns>The number.</returns>
    public double NextNormal()
    {
        if (_hasSpareNormal)
        {
            _hasSpareNormal = false;
            return _spareNormal;
        }

        var radius = Math.Sqrt(-2 * Math.Log(1 - NextUniform())); // 1 − u is in (0, 1]: the logarithm is finite
        var (sine, cosine) = Math.SinCos(2 * Math.PI * NextUniform());
        _spareNormal = radius * sine;
        _hasSpareNormal = true;
        return radius * cosine;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
