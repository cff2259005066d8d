using System.Runtime.InteropServices;
using DiffSharp;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Sweeps.Replicas;

/// <summary>
/// Losses and gradients of R replicas of one network, each on a batch of its own, in a few calls: products of stacks of matrices, grouped
/// convolutions. The derivative is written out, so that there is no graph to build and no gradient to allocate; the tests hold it against
/// automatic differentiation.
/// </summary>
/// <remarks>
/// A replica's numbers depend on its slices alone: what is not finite stays within it, and (on a processor, with one thread) its bits are the
/// same however many replicas there are. A grouped convolution is computed in ways that depend on the number of groups; so there are always
/// four, the last of them idle where there are fewer replicas.
/// </remarks>
internal sealed class ReplicaKernel : IDisposable
{
    // A script ends with a newline or the parser ends the process. Labels are [R, B]; parameters and gradients lie as the network orders them.
    private const string Source = """
        def cross_entropy(logits: Tensor, labels: Tensor, minus_one: Tensor):
            # logits [R, B, K]; gives the mean loss of each replica, and its derivative by the logits
            right = labels.unsqueeze(2)
            logarithms = torch.log_softmax(logits, 2)
            losses = torch.gather(logarithms, 2, right).squeeze(2).mean(1).neg()
            derivative = torch.exp(logarithms).scatter_add_(2, right, minus_one.expand_as(right))
            return losses, derivative.div_(labels.size(1))

        def perceptron(ps: List[Tensor], gs: List[Tensor], images: Tensor, labels: Tensor, minus_one: Tensor):
            # weights [R, out, in], biases [R, 1, out], images [R, B, in]
            layers = len(ps) // 2
            activations = [images]
            for i in range(layers - 1):
                activations.append(torch.baddbmm(ps[2 * i + 1], activations[i], ps[2 * i].transpose(1, 2)).relu_())
            logits = torch.baddbmm(ps[2 * layers - 1], activations[layers - 1], ps[2 * layers - 2].transpose(1, 2))
            losses, d = cross_entropy(logits, labels, minus_one)
            for j in range(layers):
                i = layers - 1 - j
                torch.bmm(d.transpose(1, 2), activations[i], out=gs[2 * i])
                torch.sum(d, [1], True, out=gs[2 * i + 1])
                if i > 0:
                    d = torch.threshold_backward(torch.bmm(d, ps[2 * i]), activations[i], 0)
            return losses

        def convolutional(ps: List[Tensor], gs: List[Tensor], images: Tensor, labels: Tensor, minus_one: Tensor):
            # filters [R·out, in, k, k], their biases [R·out], dense weights [R, K, F], their biases [R, 1, K], images [B, R·C, H, W]
            replicas, batch = labels.size(0), labels.size(1)
            first = torch.conv2d(images, ps[0], ps[1], [2, 2], [2, 2], [1, 1], replicas).relu_()
            second = torch.conv2d(first, ps[2], ps[3], [2, 2], [1, 1], [1, 1], replicas).relu_()
            features = second.view([batch, replicas, -1]).transpose(0, 1).contiguous()
            logits = torch.baddbmm(ps[5], features, ps[4].transpose(1, 2))
            losses, d = cross_entropy(logits, labels, minus_one)
            torch.bmm(d.transpose(1, 2), features, out=gs[4])
            torch.sum(d, [1], True, out=gs[5])
            d = torch.bmm(d, ps[4]).transpose(0, 1).reshape(second.shape)
            d = torch.threshold_backward(d, second, 0)
            d, weight, bias = torch.convolution_backward(d, first, ps[2], [ps[3].size(0)], [2, 2], [1, 1], [1, 1], False, [0, 0], replicas, [True, True, True])
            gs[2].copy_(weight)
            gs[3].copy_(bias)
            d = torch.threshold_backward(d, first, 0)
            d, weight, bias = torch.convolution_backward(d, images, ps[0], [ps[1].size(0)], [2, 2], [2, 2], [1, 1], False, [0, 0], replicas, [False, True, True])
            gs[0].copy_(weight)
            gs[1].copy_(bias)
            return losses

        """;

    private const int Groups = 4;

    private static readonly Lazy<torch.jit.CompilationUnit> Script = new(() =>
    {
        TorchRuntime.Ensure();
        return torch.jit.compile(Source);
    });

    private readonly Network _network; // of the weights themselves
    private readonly List<(Tensor Gradient, Scalar Factor)> _scaled = [];
    private readonly int _replicas;
    private readonly int _slots; // replicas and idle ones
    private readonly Tensor[] _parameters;
    private readonly Tensor[] _gradients;
    private readonly Tensor _minusOne;
    private readonly object[] _arguments;

    /// <summary>The most replicas of a network that one kernel takes.</summary>
    public static int Most(Network network) => Of(network) is ConvolutionalNetwork ? Groups : int.MaxValue;

    /// <summary>What the kernel computes: under a parameterisation W = s·θ the network of the weights W.</summary>
    public static Network Of(Network network) => network is ParameterisedNetwork parameterised ? parameterised.Inner : network;

    /// <summary>Zeros in the place of all parameters and gradients.</summary>
    public ReplicaKernel(Network network, int replicas, Device device)
    {
        var factors = (network as ParameterisedNetwork)?.Factors;
        (_network, _replicas) = (Of(network), replicas);
        network = _network;
        _slots = Math.Max(replicas, network is ConvolutionalNetwork ? Groups : replicas);
        using var scope = torch.NewDisposeScope();
        Tensor[] Zeros() =>
            [.. network.ParameterShapes.Select(shape => torch.zeros(StackedShape(shape), torch.ScalarType.Float32, device).DetachFromDisposeScope())];
        (_parameters, _gradients) = (Zeros(), Zeros());
        _minusOne = Arithmetic.Full([1, 1, 1], -1).to(device).alias().DetachFromDisposeScope();
        _arguments = [_parameters, _gradients, _minusOne, _minusOne, _minusOne];

        // SGD on θ at the rate ε is SGD on W = s·θ at the rate s²ε, whatever the momentum: weight decay is left as it is by scaling gradients
        foreach (var (gradient, factor) in _gradients.Zip(factors ?? []).Where(pair => pair.Second != 1))
        {
            var rate = (factor * factor).ToScalar();
            _scaled.Add((gradient, rate));
        }
    }

    /// <summary>How many replicas it was made for.</summary>
    public int Replicas => _replicas;

    /// <summary>The parameters of one replica, as the network takes them: views, to be freed by the caller.</summary>
    public Tensor[] ParametersOf(int replica) => ViewsOf(_parameters, replica);

    /// <summary>The gradients of one replica, as the update rules take them, under a parameterisation times s²: views, to be freed by the caller.</summary>
    public Tensor[] GradientsOf(int replica) => ViewsOf(_gradients, replica);

    /// <summary>Computes all gradients, into the tensors whose views <see cref="GradientsOf"/> gives.</summary>
    /// <param name="images">[R·B, channels, height, width], the batches one behind the other.</param>
    /// <param name="labels">[R·B].</param>
    /// <returns>The mean loss of each batch, [R], in the current dispose scope.</returns>
    public Tensor Invoke(Tensor images, Tensor labels)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        if (_slots > _replicas)
            (images, labels) = (Filled(images), Filled(labels));

        _arguments[2] = _network is ConvolutionalNetwork ? SideBySide(images) : images.view(_slots, -1, _network.Input.Length);
        _arguments[3] = labels.view(_slots, -1);
        try
        {
            var losses = (Tensor)Script.Value.invoke(_network is ConvolutionalNetwork ? "convolutional" : "perceptron", _arguments);
            foreach (var (gradient, factor) in _scaled)
                gradient.mul_(factor);

            return (_slots > _replicas ? losses.narrow(0, 0, _replicas) : losses).MoveToOuterDisposeScope();
        }
        catch (ExternalException failure)
        {
            throw new InvalidOperationException($"libtorch refuses the gradient of {_replicas} replicas of {_network.Name}: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[.. _parameters, .. _gradients, _minusOne])
            tensor.Dispose();

        foreach (var (_, factor) in _scaled)
            factor.Dispose();
    }

    // the idle ones compute on the first batch: on anything that is finite
    private Tensor Filled(Tensor batches)
    {
        var first = batches.narrow(0, 0, batches.size(0) / _replicas);
        return torch.cat([batches, .. Enumerable.Repeat(first, _slots - _replicas)], 0);
    }

    // [R·B, C, H, W] → [B, R·C, H, W]: the channels of the replicas beside each other, for a convolution in R groups
    private Tensor SideBySide(Tensor images)
    {
        var shape = _network.Input;
        return images.view(_slots, -1, shape.Channels, shape.Height, shape.Width).transpose(0, 1)
            .reshape(-1, (long)_slots * shape.Channels, shape.Height, shape.Width);
    }

    private long[] StackedShape(ParameterShape shape) => shape.Shape.Count switch
    {
        4 => [_slots * shape.Shape[0], .. shape.Shape.Skip(1)],
        1 when shape.Name.StartsWith("convolution", StringComparison.Ordinal) => [_slots * shape.Shape[0]],
        1 => [_slots, 1, shape.Shape[0]],
        _ => [_slots, .. shape.Shape],
    };

    private Tensor[] ViewsOf(Tensor[] stacked, int replica)
    {
        using var scope = torch.NewDisposeScope();
        return [.. stacked.Zip(_network.ParameterShapes, (tensor, shape) =>
            tensor.view([_slots, .. shape.Shape]).select(0, replica).DetachFromDisposeScope())];
    }
}
