using NoiseScale.Training.Data;

namespace NoiseScale.Training.Networks;

/// <summary>What keeps the activations of a deep residual network in range.</summary>
public abstract record ResidualNormalisation
{
    private ResidualNormalisation()
    {
    }

    /// <summary>
    /// None: each residual branch is multiplied by a trained number that starts at 0, and convolutions have biases (De and Smith, Batch
    /// normalization biases residual blocks towards the identity function in deep networks, NeurIPS 2020, section 4).
    /// </summary>
    public sealed record SkipInit : ResidualNormalisation;

    /// <summary>
    /// Batch normalisation over ghost batches of fixed size (Hoffer, Hubara and Soudry, Train longer, generalize better, NIPS 2017,
    /// Algorithm 1): in training, consecutive images form a ghost batch, and each is normalised by its own statistics.
    /// </summary>
    /// <param name="Size">Images in a ghost batch, at least 1.</param>
    /// <remarks>
    /// Ghost batch j holds images jS … (j+1)S − 1 of a batch; the last holds what is left, however few, so a large batch computed in
    /// micro-batches of a multiple of S images is normalised exactly as it would be at once.
    /// </remarks>
    public sealed record GhostBatchNorm(int Size) : ResidualNormalisation;
}

/// <summary>
/// The Wide-ResNet of depth d = 6n + 4 and widening k: a 3 × 3 convolution to 16 channels; three groups of n residual blocks of 16k, 32k and
/// 64k channels, the second and third halving height and width; mean over places; a dense layer (Zagoruyko and Komodakis, BMVC 2016).
/// </summary>
/// <remarks>
/// A block is x + branch(x), its branch twice [normalisation] – ReLU – 3 × 3 convolution. Where channels or size change, x is replaced by a
/// 1 × 1 convolution of the first [normalisation] – ReLU. Convolutions He-normal, the dense layer of variance 1/fan-in, biases 0, scales 1.
/// With ghost batch norm, <see cref="Network.Evaluate"/> uses the average over ghost batches of their means and (unbiased) variances.
/// </remarks>
public sealed class WideResNet : Network
{
    private const int StemChannels = 16;
    private const int Groups = 3;

    private readonly IReadOnlyList<Block> _blocks;

    /// <summary>A Wide-ResNet-<paramref name="depth"/>-<paramref name="widening"/>.</summary>
    /// <param name="input">Size of one image.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="depth">6n + 4, the number of convolutions with those of the three shortcuts: 10, 16, 22, 28, …</param>
    /// <param name="widening">k, at least 1.</param>
    /// <param name="normalisation">SkipInit or ghost batch norm.</param>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    public WideResNet(ImageShape input, int classCount, int depth, int widening, ResidualNormalisation normalisation)
        : this(input, classCount, $"wrn-{depth}-{widening}", Plan(depth, widening), normalisation)
    {
    }

    private WideResNet(ImageShape input, int classCount, string name, IReadOnlyList<Block> blocks, ResidualNormalisation normalisation)
        : base(name + Suffix(normalisation), input, classCount, WideResNetShapes.Of(input, classCount, blocks, normalisation))
    {
        _blocks = blocks;
        ResidualNormalisation = normalisation;
    }

    /// <summary>What keeps the activations in range.</summary>
    public ResidualNormalisation ResidualNormalisation { get; }

    /// <summary>One residual block: its place, its channels before and after, and by how much it shrinks height and width.</summary>
    internal sealed record Block(string Name, int ChannelsIn, int ChannelsOut, int Stride)
    {
        public bool HasShortcut => ChannelsIn != ChannelsOut || Stride != 1;
    }

    /// <inheritdoc/>
    public override NetworkStatistics Calibrate(IReadOnlyList<Tensor> parameters, IEnumerable<Tensor> batches) =>
        ResidualNormalisation is ResidualNormalisation.GhostBatchNorm(var size)
            ? Normaliser.Measuring.Over(size, batches, (images, normaliser) =>
            {
                RequireTensors(parameters, images);
                Normalised(parameters, images, normaliser, null);
            })
            : NetworkStatistics.None;

    /// <inheritdoc/>
    protected override Tensor Forward(IReadOnlyList<Tensor> parameters, Tensor images, Action<string, Tensor>? observe) =>
        ResidualNormalisation is ResidualNormalisation.GhostBatchNorm(var size)
            ? Normalised(parameters, images, new Normaliser.Ghost(size), observe)
            : SkipInitialised(parameters, images, observe);

    /// <inheritdoc/>
    protected override Tensor ForwardWith(IReadOnlyList<Tensor> parameters, NetworkStatistics statistics, Tensor images)
    {
        if (ResidualNormalisation is ResidualNormalisation.SkipInit)
            return SkipInitialised(parameters, images, null);

        // two normalisations a block, of its channels before and after, and one at the end
        statistics.RequireChannels(Name, [.. _blocks.SelectMany(block => new long[] { block.ChannelsIn, block.ChannelsOut }), _blocks[^1].ChannelsOut]);
        return Normalised(parameters, images, new Normaliser.Fixed(statistics), null);
    }

    private Tensor SkipInitialised(IReadOnlyList<Tensor> parameters, Tensor images, Action<string, Tensor>? observe)
    {
        var next = new Cursor(parameters);
        var x = Layers.Convolution(Layers.ChannelsLast(images), next.Take(), next.Take(), 1);
        observe?.Invoke("stem", x);
        foreach (var block in _blocks)
        {
            var active = x.relu();
            var shortcut = block.HasShortcut ? Layers.Convolution(active, next.Take(), next.Take(), block.Stride) : x;
            var branch = Layers.Convolution(active, next.Take(), next.Take(), block.Stride).relu();
            branch = Layers.Convolution(branch, next.Take(), next.Take(), 1);
            x = shortcut.Plus(next.Take() * branch);
            observe?.Invoke(block.Name, x);
        }

        return Classified(x.relu(), next);
    }

    private Tensor Normalised(IReadOnlyList<Tensor> parameters, Tensor images, Normaliser normaliser, Action<string, Tensor>? observe)
    {
        var next = new Cursor(parameters);
        var x = Layers.Convolution(Layers.ChannelsLast(images), next.Take(), null, 1);
        observe?.Invoke("stem", x);
        foreach (var block in _blocks)
        {
            var active = normaliser.Apply(x, next.Take(), next.Take()).relu();
            var shortcut = block.HasShortcut ? Layers.Convolution(active, next.Take(), null, block.Stride) : x;
            var branch = Layers.Convolution(active, next.Take(), null, block.Stride);
            branch = normaliser.Apply(branch, next.Take(), next.Take()).relu();
            x = shortcut.Plus(Layers.Convolution(branch, next.Take(), null, 1));
            observe?.Invoke(block.Name, x);
        }

        return Classified(normaliser.Apply(x, next.Take(), next.Take()).relu(), next);
    }

    private static Tensor Classified(Tensor activations, Cursor next) =>
        torch.nn.functional.linear(activations.mean([2, 3]), next.Take(), next.Take());

    private static List<Block> Plan(int depth, int widening)
    {
        if (depth < 10 || (depth - 4) % 6 != 0)
            throw new ArgumentOutOfRangeException(nameof(depth), depth, "must be 6n + 4 with n at least 1: 10, 16, 22, 28, …");

        ArgumentOutOfRangeException.ThrowIfLessThan(widening, 1);
        var blocks = new List<Block>();
        var channels = StemChannels;
        for (var group = 1; group <= Groups; group++)
        {
            var width = checked(StemChannels * widening << (group - 1));
            for (var i = 1; i <= (depth - 4) / 6; i++)
            {
                blocks.Add(new Block($"group{group}.block{i}", channels, width, group > 1 && i == 1 ? 2 : 1));
                channels = width;
            }
        }

        return blocks;
    }

    private static string Suffix(ResidualNormalisation normalisation) => normalisation switch
    {
        ResidualNormalisation.GhostBatchNorm(var size) => $"-ghost{size}",
        _ => "-skipinit",
    };

    /// <summary>Hands out the parameters in order: the forward pass reads in the order of <c>WideResNetShapes</c>.</summary>
    private sealed class Cursor(IReadOnlyList<Tensor> parameters)
    {
        private int _next;

        public Tensor Take() => parameters[_next++];
    }
}
