using System.Globalization;

namespace NoiseScale.Training.Data;

/// <summary>How many synthetic digits to draw and how much to distort them; the defaults leave a visible generalisation gap.</summary>
/// <remarks>Lengths are in pixels of the 28 × 28 image. Values out of range are refused where the settings are used.</remarks>
public sealed record SyntheticDigitsSettings
{
    /// <summary>Number of training images, at least 1.</summary>
    public int TrainCount { get; init; } = 10_000;

    /// <summary>Number of test images, at least 1.</summary>
    public int TestCount { get; init; } = 5_000;

    /// <summary>Image i is a function of (seed, i) and the distortions below, whatever the counts.</summary>
    public long Seed { get; init; }

    /// <summary>Standard deviation of the rotation, in degrees.</summary>
    public double Rotation { get; init; } = 10;

    /// <summary>Standard deviation of the horizontal shear (the slant of the hand), as a tangent.</summary>
    public double Shear { get; init; } = 0.2;

    /// <summary>Standard deviation of the logarithms of width and height.</summary>
    public double Scale { get; init; } = 0.1;

    /// <summary>Standard deviation of the shift in each direction.</summary>
    public double Translation { get; init; } = 0.9;

    /// <summary>Standard deviation of the elastic displacement at the nodes of its 4 × 4 lattice.</summary>
    public double Elastic { get; init; } = 2.0;

    /// <summary>Smallest half-width of the stroke.</summary>
    public double MinimumStroke { get; init; } = 0.7;

    /// <summary>Largest half-width of the stroke.</summary>
    public double MaximumStroke { get; init; } = 1.7;

    /// <summary>Standard deviation of the noise added to every pixel, white being 1.</summary>
    public double Noise { get; init; } = 0.1;

    /// <summary>Refuses values out of range, each by its name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value breaks its rule.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(TrainCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TestCount, 1);
        RequireBetween(Rotation, 0, 180, nameof(Rotation));
        RequireBetween(Shear, 0, 2, nameof(Shear));
        RequireBetween(Scale, 0, 1, nameof(Scale));
        RequireBetween(Translation, 0, SyntheticDigits.Size, nameof(Translation));
        RequireBetween(Elastic, 0, SyntheticDigits.Size, nameof(Elastic));
        RequireBetween(MinimumStroke, 0.1, SyntheticDigits.Size, nameof(MinimumStroke));
        RequireBetween(MaximumStroke, MinimumStroke, SyntheticDigits.Size, nameof(MaximumStroke));
        RequireBetween(Noise, 0, 1, nameof(Noise));
    }

    /// <summary>All values, as they enter the content hash.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"train {TrainCount} test {TestCount} seed {Seed} rotation {Rotation:R} shear {Shear:R} scale {Scale:R} "
        + $"translation {Translation:R} elastic {Elastic:R} stroke {MinimumStroke:R}-{MaximumStroke:R} noise {Noise:R}");

    private static void RequireBetween(double value, double low, double high, string name)
    {
        // written so that NaN is refused too
        if (!(value >= low && value <= high))
        {
            throw new ArgumentOutOfRangeException(name, value, $"must be from {low} to {high}");
        }
    }
}
