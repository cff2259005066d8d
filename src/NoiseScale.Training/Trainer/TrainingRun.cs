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
    private readonly PenalisedGradient? _penalised;
    private readonly int _microBatchSize;
    private readonly int _stepsPerMinibatch;
    private readonly Tensor[] _gradients; // of the update being taken
    private bool _handedOver;

    public TrainingRun(Plan plan, Network network, ImageSet train, TrainingSettings settings)
    {
        (_plan, _network) = (plan, network);
        _microBatchSize = MicroBatch.Of(network, settings.MicroBatchSize);
        _parameters = network.Initialise(settings.Seed, train.Device);
        _gradients = new Tensor[_parameters.Length];
        _stepsPerMinibatch = settings.StepsPerMinibatch;
        _penalised = settings.GradientPenalty == 0 ? null : new PenalisedGradient(network, _parameters, settings.GradientPenalty);
        _rule = UpdateRule.For(plan.Schedule, _parameters);
        _average = plan.Schedule.Averaging is null ? null : new WeightAverage(_parameters);
        _reader = new BatchReader(train, new DataOrder(train.Count, settings.Seed, settings.Sampling), settings.Augmentation);
        _losses = new BatchLosses(onProcessor: train.Device.type == DeviceType.CPU);
    }

    /// <summary>Updates of the plan taken: the index of the next one. Each is as many steps of the rule as a minibatch gets.</summary>
    public long Updates => _rule.Updates / _stepsPerMinibatch;

    public Tensor[] Parameters => _parameters;

    public IReadOnlyList<Tensor>? Averages => _average?.Averages;

    public BatchLosses Losses => _losses;

    /// <summary>Takes one update of the plan, which must be the next one: one step on its minibatch, or several.</summary>
    public void Step(in PlannedUpdate update)
    {
        using var scope = torch.NewDisposeScope();
        Batch? whole = update.BatchSize <= _microBatchSize ? _reader.Read(update.FirstExample, update.BatchSize) : null;
        for (var step = 0; step < _stepsPerMinibatch; step++)
        {
            using var inner = torch.NewDisposeScope();
            var (loss, gradients) = whole is { } batch ? AtOnce(batch) : InPieces(update);
            if (step == 0)
                _losses.Add(loss, update);

            _rule.Step(gradients, update.LearningRate, update.Momentum);
        }

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
        _rule.Restore(updates * _stepsPerMinibatch, [.. saved.Skip(_parameters.Length).Take(states)]);
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
        _penalised?.Dispose();
        if (_handedOver)
            return;

        _average?.Dispose();
        foreach (var parameter in _parameters)
            parameter.Dispose();
    }

    private (Tensor Loss, Tensor[] Gradients) AtOnce(in Batch batch)
    {
        if (_penalised is not null)
            return _penalised.Of(batch);

        var loss = torch.nn.functional.cross_entropy(_network.Apply(_parameters, batch.Images), batch.Labels);
        loss.backward();
        return (loss, TakeGradients());
    }

    // Σⱼ (bⱼ/B) ∇(mean loss of piece j) is the gradient of the mean over the B examples, whatever the pieces
    private (Tensor Loss, Tensor[] Gradients) InPieces(PlannedUpdate update)
    {
        if (_penalised is not null)
            return _penalised.Of(update.BatchSize, Pieces(update));

        var total = torch.zeros(1, device: _parameters[0].device);
        foreach (var read in Pieces(update))
        {
            using var scope = torch.NewDisposeScope();
            var (images, labels) = read();
            using var share = ((double)labels.size(0) / update.BatchSize).ToScalar();
            var loss = torch.nn.functional.cross_entropy(_network.Apply(_parameters, images), labels).mul(share);
            loss.backward();
            using var noGrad = torch.no_grad();
            total.Add(loss);
        }

        return (total, TakeGradients());
    }

    private IEnumerable<Func<Batch>> Pieces(PlannedUpdate update)
    {
        for (var offset = 0; offset < update.BatchSize; offset += _microBatchSize)
        {
            var (first, count) = (offset, Math.Min(_microBatchSize, update.BatchSize - offset));
            yield return () => _reader.Read(update.FirstExample, count, first);
        }
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
