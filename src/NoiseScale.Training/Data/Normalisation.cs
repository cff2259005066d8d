using System.Globalization;

namespace NoiseScale.Training.Data;

/// <summary>The affine map from grey level to network input, channel by channel: x = (pixel/255 − mean)/scale.</summary>
public sealed class Normalisation
{
    private readonly double[] _mean;
    private readonly double[] _scale;

    /// <summary>Normalises with one mean and one scale a channel, in units of the full range (0 black, 1 white).</summary>
    /// <param name="mean">The grey level that becomes 0, one a channel, finite.</param>
    /// <param name="scale">The difference of grey level that becomes 1, one a channel, positive and finite.</param>
    /// <exception cref="ArgumentException">The lengths differ or are 0, or a value breaks its rule.</exception>
    public Normalisation(IReadOnlyList<double> mean, IReadOnlyList<double> scale)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(scale);
        if (mean.Count == 0 || mean.Count != scale.Count)
        {
            {
                throw new ArgumentException(
                    $"{mean.Count} means and {scale.Count} scales; there must be one of each for every channel", nameof(scale));
            }
        }

        foreach (var value in mean)
        {
            if (!double.IsFinite(value))
                throw new ArgumentOutOfRangeException(nameof(mean), value, "every mean must be finite");
        }

        foreach (var value in scale)
        {
            if (!double.IsFinite(value) || value <= 0)
                throw new ArgumentOutOfRangeException(nameof(scale), value, "every scale must be positive and finite");
        }

        _mean = [.. mean];
        _scale = [.. scale];
    }

    /// <summary>The grey level that becomes 0, one a channel.</summary>
    public IReadOnlyList<double> Mean => _mean;

    /// <summary>The difference of grey level that becomes 1, one a channel.</summary>
    public IReadOnlyList<double> Scale => _scale;

    /// <summary>
    /// The mean and the standard deviation of all pixels of a channel, exactly: from the number of pixels of each of the 256 grey levels.
    /// A channel of one grey level gets scale 1.
    /// </summary>
    /// <param name="pixels">Images as bytes, row-major [n, channels, height, width].</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="pixelsPerChannel">height × width.</param>
    /// <exception cref="ArgumentException"><paramref name="pixels"/> is not a whole number of images, at least one.</exception>
    public static Normalisation Of(ReadOnlySpan<byte> pixels, int channels, int pixelsPerChannel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(pixelsPerChannel, 1);
        if (pixels.IsEmpty || pixels.Length % ((long)channels * pixelsPerChannel) != 0)
        {
            {
                throw new ArgumentException(
                    $"{pixels.Length} bytes are not a whole number of images of {channels} × {pixelsPerChannel} bytes", nameof(pixels));
            }
        }

        var counts = new long[channels, 256];
        for (var start = 0; start < pixels.Length; start += pixelsPerChannel)
        {
            var channel = start / pixelsPerChannel % channels;
            foreach (var pixel in pixels.Slice(start, pixelsPerChannel))
                counts[channel, pixel]++;
        }

        var total = pixels.Length / channels;
        var mean = new double[channels];
        var scale = new double[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            var sum = 0.0;
            for (var level = 0; level < 256; level++)
                sum += counts[channel, level] * (double)level;

            var average = sum / total;
            var squares = 0.0;
            for (var level = 0; level < 256; level++)
                squares += counts[channel, level] * (level - average) * (level - average);

            mean[channel] = average / 255;
            scale[channel] = squares > 0 ? Math.Sqrt(squares / total) / 255 : 1;
        }

        return new Normalisation(mean, scale);
    }

    /// <summary>Both numbers of every channel to 17 digits, as they enter the content hash.</summary>
    public override string ToString() => $"mean {Print(_mean)} scale {Print(_scale)}";

    private static string Print(double[] values) =>
        string.Join(",", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
}
