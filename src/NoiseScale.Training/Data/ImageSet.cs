namespace NoiseScale.Training.Data;

/// <summary>Labelled images: float32 images [n, channels, height, width] and int64 labels [n], on one device.</summary>
/// <remarks>Owns its tensors, outside every dispose scope, until it is disposed. Never writes to them; neither may anyone else.</remarks>
public sealed class ImageSet : IDisposable
{
    /// <summary>Takes over images and labels; they leave the current dispose scope and live as long as this set.</summary>
    /// <param name="images">float32, [n, channels, height, width], n at least 1.</param>
    /// <param name="labels">int64, [n], on the device of <paramref name="images"/>.</param>
    /// <exception cref="ArgumentException">A shape, element type or device breaks its rule.</exception>
    public ImageSet(Tensor images, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        var shape = images.shape;
        if (shape.Length != 4 || shape.Any(length => length < 1) || images.dtype != torch.ScalarType.Float32)
        {
            throw new ArgumentException(
                $"images are {images.dtype} [{string.Join(", ", shape)}]; they must be Float32 [n, channels, height, width], each at least 1",
                nameof(images));
        }

        if (labels.ndim != 1 || labels.shape[0] != shape[0] || labels.dtype != torch.ScalarType.Int64)
        {
            throw new ArgumentException(
                $"labels are {labels.dtype} [{string.Join(", ", labels.shape)}]; for {shape[0]} images they must be Int64 [{shape[0]}]",
                nameof(labels));
        }

        if (labels.device.ToString() != images.device.ToString())
        {
            throw new ArgumentException($"labels are on {labels.device} and images on {images.device}; they must be together", nameof(labels));
        }

        Images = images.DetachFromDisposeScope();
        Labels = labels.DetachFromDisposeScope();
        Count = checked((int)shape[0]);
        Shape = new ImageShape((int)shape[1], (int)shape[2], (int)shape[3]);
    }

    /// <summary>float32, [<see cref="Count"/>, channels, height, width], normalised.</summary>
    public Tensor Images { get; }

    /// <summary>int64, [<see cref="Count"/>], each from 0 to the number of classes − 1.</summary>
    public Tensor Labels { get; }

    /// <summary>Number of examples.</summary>
    public int Count { get; }

    /// <summary>Channels, height and width of an image.</summary>
    public ImageShape Shape { get; }

    /// <summary>Where the tensors are.</summary>
    public Device Device => Images.device;

    /// <summary>The examples of the given indices, in their order, as new tensors of the current dispose scope.</summary>
    /// <param name="indices">int64, [k], on the device of this set, each from 0 to <see cref="Count"/> − 1 (not checked here: on a
    /// GPU that would wait for the device).</param>
    /// <exception cref="ArgumentException"><paramref name="indices"/> is not an int64 vector.</exception>
    public Batch Select(Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.ndim != 1 || indices.dtype != torch.ScalarType.Int64)
        {
            {
                throw new ArgumentException(
                    $"indices are {indices.dtype} with {indices.ndim} dimensions; they must be an Int64 vector", nameof(indices));
            }
        }

        return new Batch(Images.index_select(0, indices), Labels.index_select(0, indices));
    }

    /// <summary>The examples <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1, as views.</summary>
    /// <param name="first">Index of the first example.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the set.</exception>
    public Batch Slice(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count > Count - first)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"from {first} on there are {Count - first} of {Count} examples");
        }

        return new Batch(Images.narrow(0, first, count), Labels.narrow(0, first, count));
    }

    /// <summary>This set on another device: a copy, or, where it is there already, the same memory under a handle of its own.</summary>
    /// <param name="device">Where to.</param>
    public ImageSet To(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.ToString() == Device.ToString()
            ? new ImageSet(Images.alias(), Labels.alias())
            : new ImageSet(Images.to(device), Labels.to(device));
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}

/// <summary>Images and labels that are trained on together; both belong to the dispose scope they were made in.</summary>
/// <param name="Images">float32, [k, channels, height, width].</param>
/// <param name="Labels">int64, [k].</param>
public readonly record struct Batch(Tensor Images, Tensor Labels);

/// <summary>The size of one image.</summary>
/// <param name="Channels">Number of channels: 1 for grey, 3 for colour.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Numbers in one image: channels × height × width.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>For example <c>1 × 28 × 28</c>.</summary>
    public override string ToString() => $"{Channels} × {Height} × {Width}";
}
