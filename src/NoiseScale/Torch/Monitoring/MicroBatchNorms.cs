namespace NoiseScale.Torch;

/// <summary>
/// The squared norms of the gradients of micro-batches, read from <c>.grad</c> as it grows: what a <c>backward</c> added is what it holds now without
/// what it held before.
/// </summary>
internal sealed class MicroBatchNorms : IDisposable
{
    private readonly Tensor[] parameters;
    private readonly Tensor?[] start; // what stood in .grad before the update
    private readonly Tensor?[] before; // and what does before the next micro-batch
    private readonly List<long> sizes = [];
    private readonly List<Tensor> norms = []; // of bₖ/n times the mean gradients; they stay on their device until all are there

    internal MicroBatchNorms(Tensor[] parameters)
    {
        this.parameters = parameters;
        start = Copies();
        before = [.. start];
    }

    /// <summary>Takes in a micro-batch; after the last one nothing needs to be kept.</summary>
    internal void Add(long examples, bool isLast)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        sizes.Add(examples);
        norms.Add(SquaredNorm(before).DetachFromDisposeScope());
        Release();
        if (!isLast)
        {
            Copies().CopyTo(before, 0);
        }
    }

    /// <summary>The measurement; null if there are fewer than two micro-batches or a number is not finite.</summary>
    internal GradientNoiseMeasurement? Measure(long? trainingSetSize)
    {
        if (sizes.Count < 2)
        {
            return null;
        }

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var values = torch.cat([.. norms, SquaredNorm(start)]).cpu().data<double>().ToArray();
        var examples = (double)sizes.Sum();
        // norm k is that of bₖ/n·gₖ
        var squaredNorms = sizes.Select((size, k) => values[k] * (examples / size) * (examples / size)).ToArray();
        return values.All(double.IsFinite)
            ? GradientNoiseMeasurement.OfMicroBatches(sizes, squaredNorms, values[^1], trainingSetSize)
            : null;
    }

    public void Dispose()
    {
        Release();
        foreach (var tensor in start.Concat(norms))
        {
            tensor?.Dispose();
        }
    }

    // a parameter that no loss has reached yet has no gradient
    private Tensor?[] Copies()
    {
        using var noGrad = torch.no_grad();
        return Array.ConvertAll(parameters, parameter =>
        {
            using var gradient = parameter.grad;
            return gradient?.detach().clone().DetachFromDisposeScope();
        });
    }

    // ‖.grad − earlier‖² as a float64 tensor [1]
    private Tensor SquaredNorm(Tensor?[] earlier)
    {
        Tensor? sum = null;
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].grad is not { } gradient)
            {
                continue;
            }

            var added = earlier[i] is { } old ? gradient.sub(old) : gradient;
            var wide = added.dtype is torch.ScalarType.Float64 or torch.ScalarType.Float32 ? added : added.to(torch.ScalarType.Float32);
            var square = wide.mul(wide).sum().to(torch.ScalarType.Float64).reshape(1);
            sum = sum is null ? square : sum.add(square.to(sum.device), MicroBatchLoss.One);
        }

        return sum ?? torch.zeros(1, torch.ScalarType.Float64);
    }

    private void Release()
    {
        for (var i = 0; i < before.Length; i++)
        {
            // by reference: tensors that are == hold equal numbers, and would be compared one by one
            if (!ReferenceEquals(before[i], start[i]))
            {
                before[i]?.Dispose();
            }

            before[i] = null;
        }
    }
}
