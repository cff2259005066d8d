namespace NoiseScale.Training.Data;

/// <summary>
/// The data set that needs no download: 28 × 28 grey images of the ten digits, drawn from strokes under random affine and elastic distortion,
/// with a pen of random width, and noise.
/// </summary>
/// <remarks>
/// Image i is a function of (seed, i) alone, so images are drawn in parallel and a larger set begins with the smaller one. The label is
/// uniform over the digits and the way of writing it uniform over those in <c>Glyphs</c>.
/// </remarks>
public static class SyntheticDigits
{
    /// <summary>Width and height of an image in pixels.</summary>
    public const int Size = 28;

    private const int ClassCount = 10;
    private const int Version = 1; // of the drawing: raise it whenever the same settings draw other images

    /// <summary>Draws the training and the test images; normalised with the mean and standard deviation of the training pixels.</summary>
    /// <param name="settings">How many and how distorted; the defaults if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static ImageDataSet Generate(SyntheticDigitsSettings? settings = null)
    {
        settings ??= new SyntheticDigitsSettings();
        settings.Validate();
        var train = Draw(settings, RandomPurpose.SyntheticTraining, settings.TrainCount);
        var test = Draw(settings, RandomPurpose.SyntheticTest, settings.TestCount);
        var normalisation = Normalisation.Of(train.Pixels.Span, 1, Size * Size);
        return RawImages.ToDataSet("synthetic-digits", $"synthetic digits {Version} {settings}", train, test, ClassCount, normalisation);
    }

    private static RawImages Draw(SyntheticDigitsSettings settings, RandomPurpose part, int count)
    {
        var pixels = new byte[checked(count * Size * Size)];
        var labels = new byte[count];
        Parallel.For(0, count, () => new DigitPen(settings), (i, _, pen) =>
        {
            var random = new CounterRandom(settings.Seed, part, i);
            labels[i] = (byte)random.NextBelow(ClassCount);
            pen.Draw(labels[i], ref random, pixels.AsSpan(i * Size * Size, Size * Size));
            return pen;
        }, _ => { });
        return new RawImages(pixels, labels, new ImageShape(1, Size, Size));
    }
}
