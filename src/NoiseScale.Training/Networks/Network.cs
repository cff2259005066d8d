using DiffSharp;
using NoiseScale.Training.Data;

namespace NoiseScale.Training.Networks;

/// <summary>
/// A classifier as a plain function of its parameters, logits = f(parameters, images), which can be differentiated twice with respect to
/// them. It holds no tensors and no state: the same network serves any number of parameter sets, threads and devices.
/// </summary>
public abstract class Network
{
    /// <summary>Describes a network.</summary>
    /// <param name="name">What to call it in results.</param>
    /// <param name="input">Size of one image.</param>
    /// <param name="classCount">Number of logits, at least 2.</param>
    /// <param name="parameterShapes">The parameters in the order in which the function takes them, with different names.</param>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    protected Network(string name, ImageShape input, int classCount, IReadOnlyList<ParameterShape> parameterShapes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(parameterShapes);
        RequireProblem(input, classCount);
        var names = new HashSet<string>();
        foreach (var parameter in parameterShapes)
        {
            if (!names.Add(parameter.Name))
            {
                throw new ArgumentException($"two parameters are called {parameter.Name}", nameof(parameterShapes));
            }
        }

        (Name, Input, ClassCount, ParameterShapes) = (name, input, classCount, parameterShapes);
        ParameterCount = parameterShapes.Sum(parameter => parameter.Count);
    }

    /// <summary>What to call it in results, such as <c>mlp-784-800-10</c>.</summary>
    public string Name { get; }

    /// <summary>Size of one image.</summary>
    public ImageShape Input { get; }

    /// <summary>Number of classes, and of logits for each image.</summary>
    public int ClassCount { get; }

    /// <summary>The parameters in the order in which the function takes them.</summary>
    public IReadOnlyList<ParameterShape> ParameterShapes { get; }

    /// <summary>Number of numbers in all parameters together.</summary>
    public long ParameterCount { get; }

    /// <summary>
    /// Draws parameters as <see cref="ParameterShapes"/> says, as leaf tensors that require a gradient, outside every dispose scope: the
    /// caller owns them.
    /// </summary>
    /// <param name="seed">Every seed gives parameters of its own; the same ones on every device and in every element type.</param>
    /// <param name="device">Where they are moved after being drawn on the processor; the processor if null.</param>
    /// <param name="elementType">Float32, or Float64 for tests of derivatives; drawn as Float32 in any case.</param>
    public Tensor[] Initialise(long seed, Device? device = null, torch.ScalarType elementType = torch.ScalarType.Float32)
    {
        TorchRuntime.Ensure();
        return Draw(seed, device ?? torch.CPU, elementType);
    }

    /// <summary>The logits of images, [k, classes], as in training: normalised, if at all, by the statistics of these very images.</summary>
    /// <param name="parameters">As <see cref="ParameterShapes"/> says, all of one floating-point type and on one device.</param>
    /// <param name="images">[k, channels, height, width], k at least 1, of that type and on that device.</param>
    /// <returns>A new tensor of the current dispose scope.</returns>
    /// <exception cref="ArgumentException">A tensor is not as expected; says which, what it is and what was expected.</exception>
    public Tensor Apply(IReadOnlyList<Tensor> parameters, Tensor images)
    {
        RequireTensors(parameters, images);
        using var scope = torch.NewDisposeScope();
        return Forward(parameters, images, null).MoveToOuterDisposeScope();
    }

    /// <summary>The logits of images, [k, classes], each independent of the others: normalised, if at all, by given statistics.</summary>
    /// <param name="parameters">As for <see cref="Apply"/>.</param>
    /// <param name="statistics">What <see cref="Calibrate"/> answered for the same parameters.</param>
    /// <param name="images">As for <see cref="Apply"/>.</param>
    /// <returns>A new tensor of the current dispose scope; without normalisation the same as <see cref="Apply"/>.</returns>
    /// <exception cref="ArgumentException">A tensor is not as expected; says which, what it is and what was expected.</exception>
    public Tensor Evaluate(IReadOnlyList<Tensor> parameters, NetworkStatistics statistics, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        RequireTensors(parameters, images);
        using var scope = torch.NewDisposeScope();
        return ForwardWith(parameters, statistics, images).MoveToOuterDisposeScope();
    }

    /// <summary>The outputs of every layer before its nonlinearity, by the name of its weights, from the first to the logits; as in training.</summary>
    /// <param name="parameters">As for <see cref="Apply"/>.</param>
    /// <param name="images">As for <see cref="Apply"/>.</param>
    /// <returns>New tensors of the current dispose scope, the images of a batch first.</returns>
    /// <exception cref="ArgumentException">A tensor is not as expected; says which, what it is and what was expected.</exception>
    public virtual IReadOnlyList<(string Layer, Tensor Outputs)> LayersOf(IReadOnlyList<Tensor> parameters, Tensor images)
    {
        RequireTensors(parameters, images);
        using var scope = torch.NewDisposeScope();
        var layers = new List<(string, Tensor)>();
        var logits = Forward(parameters, images, (name, outputs) => layers.Add((name, outputs.MoveToOuterDisposeScope())));
        layers.Add(("logits", logits.MoveToOuterDisposeScope()));
        return layers;
    }

    /// <summary>The statistics that <see cref="Evaluate"/> normalises by, measured in one pass over images; without gradient.</summary>
    /// <param name="parameters">As for <see cref="Apply"/>.</param>
    /// <param name="batches">Batches of training images; not read by a network that does not normalise.</param>
    /// <exception cref="ArgumentException">A tensor is not as expected, or there are no batches.</exception>
    public virtual NetworkStatistics Calibrate(IReadOnlyList<Tensor> parameters, IEnumerable<Tensor> batches) => NetworkStatistics.None;

    /// <summary>Logits from checked arguments; temporaries may be left to the surrounding dispose scope.</summary>
    /// <param name="parameters">Checked against <see cref="ParameterShapes"/>.</param>
    /// <param name="images">Checked against <see cref="Input"/>.</param>
    /// <param name="observe">Shown the outputs of every layer but the last, before the nonlinearity, with the layer's name; null for nobody.</param>
    protected abstract Tensor Forward(IReadOnlyList<Tensor> parameters, Tensor images, Action<string, Tensor>? observe);

    /// <summary>Logits from checked arguments and given statistics; a network without normalisation has no use for them.</summary>
    /// <param name="parameters">Checked against <see cref="ParameterShapes"/>.</param>
    /// <param name="statistics">To be checked by the network.</param>
    /// <param name="images">Checked against <see cref="Input"/>.</param>
    protected virtual Tensor ForwardWith(IReadOnlyList<Tensor> parameters, NetworkStatistics statistics, Tensor images) =>
        Forward(parameters, images, null);

    /// <summary>Refuses tensors the function is not defined for, before libtorch sees them.</summary>
    /// <param name="parameters">To be checked against <see cref="ParameterShapes"/>.</param>
    /// <param name="images">To be checked against <see cref="Input"/>.</param>
    /// <exception cref="ArgumentException">Says which tensor, what it is and what was expected.</exception>
    protected void RequireTensors(IReadOnlyList<Tensor> parameters, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(images);
        if (images.ndim != 4 || images.size(0) < 1 || images.size(1) != Input.Channels || images.size(2) != Input.Height || images.size(3) != Input.Width)
        {
            throw new ArgumentException(
                $"images are [{string.Join(", ", images.shape)}]; {Name} takes [k, {Input.Channels}, {Input.Height}, {Input.Width}], k at least 1",
                nameof(images));
        }

        if (!images.is_floating_point())
            throw new ArgumentException($"images are {images.dtype}; they must be floating point, as the parameters are", nameof(images));

        if (parameters.Count != ParameterShapes.Count)
            throw new ArgumentException($"{parameters.Count} parameters; {Name} has {ParameterShapes.Count}", nameof(parameters));

        var (type, deviceType, deviceIndex) = (images.dtype, images.device_type, images.device_index);
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i]
                ?? throw new ArgumentException($"parameter {i} is null; expected {ParameterShapes[i]}", nameof(parameters));
            if (!HasShape(parameter, ParameterShapes[i].Shape))
            {
                throw new ArgumentException(
                    $"parameter {i} has shape [{string.Join(", ", parameter.shape)}]; expected {ParameterShapes[i]}", nameof(parameters));
            }

            if (parameter.dtype != type || parameter.device_type != deviceType || parameter.device_index != deviceIndex)
            {
                throw new ArgumentException(
                    $"parameter {i}, {ParameterShapes[i]}, is {parameter.dtype} on {parameter.device}; the images are {type} on {images.device}",
                    nameof(parameters));
            }
        }
    }

    /// <summary>Refuses a problem no network solves: images without pixels, fewer than two classes.</summary>
    /// <param name="input">Size of one image.</param>
    /// <param name="classCount">Number of classes.</param>
    private protected static void RequireProblem(ImageShape input, int classCount)
    {
        if (input.Channels < 1 || input.Height < 1 || input.Width < 1)
            throw new ArgumentOutOfRangeException(nameof(input), input, "channels, height and width must each be at least 1");

        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
    }

    // dimension by dimension: Tensor.shape makes an array, and this is asked of every parameter at every update
    private static bool HasShape(Tensor tensor, IReadOnlyList<long> expected)
    {
        if (tensor.ndim != expected.Count)
            return false;

        for (var i = 0; i < expected.Count; i++)
        {
            if (tensor.size(i) != expected[i])
                return false;
        }

        return true;
    }

    private Tensor[] Draw(long seed, Device device, torch.ScalarType elementType)
    {
        if (elementType is not (torch.ScalarType.Float32 or torch.ScalarType.Float64))
            throw new ArgumentOutOfRangeException(nameof(elementType), elementType, "must be Float32 or Float64");

        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed, torch.CPU);
        var parameters = new Tensor[ParameterShapes.Count];
        for (var i = 0; i < parameters.Length; i++)
        {
            var parameter = ParameterShapes[i];
            long[] shape = [.. parameter.Shape];
            var drawn = Arithmetic.Full(shape, parameter.InitialMean);
            if (parameter.InitialDeviation > 0)
                drawn.Add(torch.randn(shape, torch.ScalarType.Float32, generator: generator), parameter.InitialDeviation);

            // a tensor that is already as wanted comes back under a second handle; the one from the scope dies with the scope
            parameters[i] = drawn.to(elementType).to(device).alias().DetachFromDisposeScope().requires_grad_(true);
        }

        return parameters;
    }
}
