using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>The state of a run between two updates, and how to take the next one. Everything else about the run is a function of its
/// settings and the index of that update.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly Plan _plan;
    private readonly Network _network;
    private readonly BatchReader _reader;
    private readonly Tensor[] _parameters;
    private readonly UpdateRule _rule;
    private readonly WeightAverage? _average;
    private readonly BatchLosses _losses;
    private readonly int _microBatchSize;
    private readonly Tensor[] _gradients; // of the update being taken
    private bool _handedOver;

    public TrainingRun(Plan plan, Network network, ImageSet train, TrainingSettings settings)
    {
        (_plan, _network) = (plan, network);
        _microBatchSize = MicroBatch.Of(network, settings.MicroBatchSize);
        _parameters = network.Initialise(settings.Seed, train.Device);
        _gradients = new Tensor[_parameters.Length];
        _rule = UpdateRule.For(plan.Schedule, _parameters);
        _average = plan.Schedule.Averaging is null ? null : new WeightAverage(_parameters);
        _reader = new BatchReader(train, new DataOrder(train.Count, settings.Seed, settings.Sampling), settings.Augmentation);
        _losses = new BatchLosses(onProcessor: train.Device.type == DeviceType.CPU);
    }

    /// <summary>Updates taken: the index of the next one.</summary>
    public long Updates => _rule.Updates;

    public Tensor[] Parameters => _parameters;

    public IReadOnlyList<Tensor>? Averages => _average?.Averages;

    public BatchLosses Losses => _losses;

    /// <summary>Takes one update of the plan, which must be the next one.</summary>
    public void Step(in PlannedUpdate update)
    {
        using var scope = torch.NewDisposeScope();
        if (update.BatchSize <= _microBatchSize)
            AtOnce(update);
        else
            InPieces(update);

        _rule.Step(TakeGradients(), update.LearningRate, update.Momentum);
        if (_average is not null)
            _average.Update(_plan.AveragingMomentum(update)!.Value);
    }

    /// <summary>All tensors by name, in a fixed order: what a checkpoint holds.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Tensors()
    {
        var tensors = new List<(string, Tensor)>();
        tensors.AddRange(_parameters.Select((tensor, i) => ($"parameter/{_network.ParameterShapes[i].Name}", tensor)));
        tensors.AddRange(_rule.State);
        tensors.AddRange((_average?.Averages ?? []).Select((tensor, i) => ($"average/{_network.ParameterShapes[i].Name}", tensor)));
        return tensors;
    }

    /// <summary>Puts back what <see cref="Tensors"/> gave after so many updates; names and shapes have been checked.</summary>
    public void Restore(long updates, IReadOnlyList<(string Name, Tensor Tensor)> saved)
    {
        using var noGrad = torch.no_grad();
        var states = _rule.State.Count;
        _rule.Restore(updates, [.. saved.Skip(_parameters.Length).Take(states)]);
        foreach (var (mine, (_, theirs)) in _parameters.Zip(saved))
            mine.copy_(theirs);

        foreach (var (mine, (_, theirs)) in (_average?.Averages ?? []).Zip(saved.Skip(_parameters.Length + states)))
            mine.copy_(theirs);
    }

    /// <summary>Gives the parameters and the averages to the caller; the run is over.</summary>
    public (Tensor[] Parameters, Tensor[]? Averages) HandOver()
    {
        _handedOver = true;
        return (_parameters, _average?.Averages.ToArray());
    }

    public void Dispose()
    {
        _losses.Dispose();
        _reader.Dispose();
        _rule.Dispose();
        if (_handedOver)
            return;

        _average?.Dispose();
        foreach (var parameter in _parameters)
            parameter.Dispose();
    }

    private void AtOnce(in PlannedUpdate update)
    {
        var (images, labels) = _reader.Read(update.FirstExample, update.BatchSize);
        var loss = torch.nn.functional.cross_entropy(_network.Apply(_parameters, images), labels);
        loss.backward();
        _losses.Add(loss, update);
    }

    // Σⱼ (bⱼ/B) ∇(mean loss of piece j) is the gradient of the mean over the B examples, whatever the pieces
    private void InPieces(in PlannedUpdate update)
    {
        var total = torch.zeros(1, device: _parameters[0].device);
        for (var offset = 0; offset < update.BatchSize; offset += _microBatchSize)
        {
            using var scope = torch.NewDisposeScope();
            var count = Math.Min(_microBatchSize, update.BatchSize - offset);
            var (images, labels) = _reader.Read(update.FirstExample, count, offset);
            using var share = ((double)count / update.BatchSize).ToScalar();
            var loss = torch.nn.functional.cross_entropy(_network.Apply(_parameters, images), labels).mul(share);
            loss.backward();
            using var noGrad = torch.no_grad();
            total.Add(loss);
        }

        _losses.Add(total, update);
    }

    // Backward adds to .grad, which is null between updates. It reports errors politely, as torch.autograd.grad does not, and is the faster.
    private Tensor[] TakeGradients()
    {
        for (var i = 0; i < _parameters.Length; i++)
        {
            _gradients[i] = _parameters[i].grad
                ?? throw new InvalidOperationException($"the logits of {_network.Name} do not depend on its parameter {_network.ParameterShapes[i]}");
            _parameters[i].grad = null;
        }

        return _gradients;
    }
}
