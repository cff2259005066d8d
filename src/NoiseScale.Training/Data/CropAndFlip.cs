namespace NoiseScale.Training.Data;

/// <summary>A random change of training images that is a pure function of their place in the stream of examples.</summary>
public interface IAugmentation
{
    /// <summary>The changed images, new tensors on the same device and of the same shape.</summary>
    /// <param name="images">float, [k, channels, height, width]; the examples at k consecutive positions.</param>
    /// <param name="firstPosition">Stream position of the first, at least 0.</param>
    /// <param name="trainingSetSize">N, which divides positions into epochs.</param>
    Tensor Apply(Tensor images, long firstPosition, int trainingSetSize);
}

/// <summary>
/// The usual CIFAR augmentation: pad each side, cut out a window of the original size at a uniformly random place, and mirror it left to
/// right with probability 1/2. The draws of an example depend on (seed, epoch, offset within the epoch) alone.
/// </summary>
/// <param name="seed">Every seed gives draws of its own.</param>
/// <param name="padding">Pixels added on each side, at least 0; they are 0, the mean colour of normalised images.</param>
/// <param name="flip">Whether to mirror; digits must not be.</param>
/// <remarks>The draws are made on the processor, k small numbers; the images are moved by one gather on their own device.</remarks>
public sealed class CropAndFlip(long seed, int padding = 4, bool flip = true) : IAugmentation
{
    private readonly int _padding = padding >= 0
        ? padding
        : throw new ArgumentOutOfRangeException(nameof(padding), padding, "must be at least 0");

    /// <summary>The window and the mirroring of one example: the window's corner within the padded image and whether it is mirrored.</summary>
    /// <param name="epoch">The epoch, at least 0.</param>
    /// <param name="offset">The place within the epoch, at least 0.</param>
    public (int Row, int Column, bool Mirrored) Draw(long epoch, int offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);

        // a 64-bit word is enough for the three draws of an example, but the key has room for only one number beside the seed
        var ofEpoch = new CounterRandom(seed, RandomPurpose.Augmentation, epoch);
        var random = new CounterRandom((long)ofEpoch.NextBits(), RandomPurpose.Augmentation, offset);
        return (random.NextBelow((2 * _padding) + 1), random.NextBelow((2 * _padding) + 1), flip && random.NextBelow(2) == 1);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, long firstPosition, int trainingSetSize)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegative(firstPosition);
        ArgumentOutOfRangeException.ThrowIfLessThan(trainingSetSize, 1);
        if (images.ndim != 4 || !images.is_floating_point())
        {
            throw new ArgumentException(
                $"images are {images.dtype} [{string.Join(", ", images.shape)}]; they must be floating point [k, channels, height, width]",
                nameof(images));
        }

        var shape = images.shape;
        var (count, channels, height, width) = (shape[0], shape[1], shape[2], shape[3]);
        var paddedWidth = width + (2 * _padding);
        var (firstRows, columns, steps) = (new long[count], new long[count], new long[count]);
        for (var i = 0; i < count; i++)
        {
            var epoch = Math.DivRem(firstPosition + i, trainingSetSize, out var offset);
            var (row, column, mirrored) = Draw(epoch, (int)offset);

            // column of output x is column + x, or counted down from the window's right edge
            (firstRows[i], columns[i], steps[i]) = (row * paddedWidth, mirrored ? column + width - 1 : column, mirrored ? -1 : 1);
        }

        using var scope = torch.NewDisposeScope();
        var y = OfExamples(firstRows).Plus(UpTo(height, paddedWidth));
        var x = OfExamples(columns).Plus(OfExamples(steps) * UpTo(width, 1));
        var source = y.unsqueeze(2).Plus(x.unsqueeze(1)).view(count, 1, -1).expand(count, channels, height * width);
        var padded = torch.nn.functional.pad(images, [_padding, _padding, _padding, _padding]);
        return padded.view(count, channels, -1).gather(2, source).view(count, channels, height, width).MoveToOuterDisposeScope();

        Tensor OfExamples(long[] values) => torch.tensor(values, device: images.device).view(count, 1);

        // 0, step, 2·step, …
        Tensor UpTo(long length, long step)
        {
            var values = new long[length];
            for (var i = 1; i < length; i++)
                values[i] = values[i - 1] + step;

            return torch.tensor(values, device: images.device);
        }
    }
}
