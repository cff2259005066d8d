namespace NoiseScale.Training;

/// <summary>
/// Arithmetic with numbers that have an owner. TorchSharp makes a native scalar of every plain number, its only owner a temporary: a garbage
/// collection at the wrong moment frees it while libtorch reads it. It does so too where no number is to be seen: <c>a + b</c> is
/// a + 1·b, and <c>arange</c> begins at a number and counts by another.
/// </summary>
internal static class Arithmetic
{
    // of integers, which every element type takes
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    /// <summary>a ← a + b.</summary>
    public static Tensor Add(this Tensor changed, Tensor term) => changed.add_(term, One);

    /// <summary>a ← a + factor·b.</summary>
    public static Tensor Add(this Tensor changed, Tensor term, double factor)
    {
        using var scalar = factor.ToScalar();
        return changed.add_(term, scalar);
    }

    /// <summary>a ← factor·a + term, element by element.</summary>
    public static void Rescale(this Tensor changed, double factor, double term)
    {
        using var scale = factor.ToScalar();
        using var shift = term.ToScalar();
        changed.mul_(scale).add_(shift, One);
    }

    /// <summary>factor·a.</summary>
    public static Tensor Times(this Tensor changed, double factor)
    {
        using var scalar = factor.ToScalar();
        return changed.mul(scalar);
    }

    /// <summary>a/divisor.</summary>
    public static Tensor Over(this Tensor dividend, double divisor)
    {
        using var scalar = divisor.ToScalar();
        return dividend.div(scalar);
    }

    /// <summary>A tensor of one number throughout, float32 on the processor.</summary>
    public static Tensor Full(long[] shape, double number)
    {
        using var scalar = number.ToScalar();
        return torch.full(shape, scalar, torch.ScalarType.Float32);
    }
}
