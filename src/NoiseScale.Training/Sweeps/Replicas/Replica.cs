using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Sweeps.Replicas;

/// <summary>One of the runs that train together: what is its own. Parameters and gradients are slices of the stacks.</summary>
internal sealed class Replica : IDisposable
{
    private readonly DataOrder _order;
    private readonly UpdateRule _rule;
    private readonly Tensor[] _gradients;
    private PlanEnumerator _updates; // not readonly: it is a mutable struct

    public Replica(RunSpec spec, ImageDataSet data, ReplicaKernel kernel, int index)
    {
        (Spec, Data, Plan) = (spec, data, spec.Plan());
        _order = new DataOrder(data.Train.Count, spec.Seed, spec.Sampling);
        Parameters = kernel.ParametersOf(index);
        _gradients = kernel.GradientsOf(index);
        var drawn = spec.Network.Initialise(spec.Seed, data.Train.Device);
        using (torch.no_grad())
        using (torch.NewDisposeScope())
        {
            var weights = spec.Network is ParameterisedNetwork parameterised ? parameterised.Weights(drawn) : drawn;
            for (var i = 0; i < drawn.Length; i++)
                Parameters[i].copy_(weights[i]);

            Array.ForEach(drawn, tensor => tensor.Dispose());
        }

        _rule = UpdateRule.For(spec.Schedule, Parameters);
        _updates = Plan.GetEnumerator();
    }

    public RunSpec Spec { get; }

    public ImageDataSet Data { get; }

    public Plan Plan { get; }

    /// <summary>The weights themselves, W = s·θ under a parameterisation: of the network that <see cref="ReplicaKernel.Of"/> gives.</summary>
    public Tensor[] Parameters { get; }

    /// <summary>The parameters as the network of the spec takes them: copies, of the caller.</summary>
    public Tensor[] Trained()
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var factors = (Spec.Network as ParameterisedNetwork)?.Factors;
        return [.. Parameters.Select((weight, i) => (factors is null ? weight.clone() : weight.Over(factors[i])).DetachFromDisposeScope())];
    }

    public BatchLosses Losses { get; } = new(onProcessor: true);

    public List<TrainingRecord> Records { get; } = [];

    /// <summary>Where the loss ceased to be finite; the others go on without it.</summary>
    public Divergence? Divergence { get; set; }

    /// <summary>Updates it took: all of the plan's, unless it diverged.</summary>
    public long Updates { get; private set; }

    /// <summary>The update that comes next; positions and batch sizes are those of all replicas.</summary>
    public PlannedUpdate Next => _updates.Current;

    /// <summary>Goes to the next update; false after the last.</summary>
    public bool MoveNext() => _updates.MoveNext();

    /// <summary>Which examples the next batch holds.</summary>
    public void FillIndices(Span<long> indices) => _order.Fill(Next.FirstExample, indices, 0);

    /// <summary>Takes the update whose gradient the kernel has computed.</summary>
    public void Step()
    {
        var update = Next;
        _rule.Step(_gradients, update.LearningRate, update.Momentum);
        Updates = update.Index + 1;
    }

    /// <summary>All tensors by name: what a checkpoint holds of it.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Tensors() =>
        Parameters.Select((tensor, i) => ($"parameter/{Spec.Network.ParameterShapes[i].Name}", tensor)).Concat(_rule.State);

    /// <summary>Goes on from a checkpoint taken after so many updates of the group.</summary>
    public void Restore(long updates, ReplicaState state, IReadOnlyList<(string Name, Tensor Tensor)> saved)
    {
        using (torch.no_grad())
        {
            foreach (var (mine, (_, theirs)) in Parameters.Zip(saved))
                mine.copy_(theirs);
        }

        _rule.Restore(updates, [.. saved.Skip(Parameters.Length)]);
        Losses.Restore(state.BatchLossSum, state.BatchLossExamples);
        Records.AddRange(state.Records);
        (Divergence, Updates) = (state.Divergence, state.Updates);
        _updates = Plan.From(updates).GetEnumerator();
    }

    public ReplicaState State() => new(Updates, Losses.Sum, Losses.Examples, Records, Divergence);

    public void Dispose()
    {
        Losses.Dispose();
        _rule.Dispose();
        foreach (var tensor in (Tensor[])[.. Parameters, .. _gradients])
            tensor.Dispose();
    }
}

/// <summary>What a checkpoint of replicas holds of each beside its tensors.</summary>
/// <param name="Updates">Updates it took.</param>
/// <param name="BatchLossSum">Sum of batch loss × batch size since its last record.</param>
/// <param name="BatchLossExamples">Examples in that sum.</param>
/// <param name="Records">Its evaluations so far.</param>
/// <param name="Divergence">Where it diverged; null if it did not.</param>
internal sealed record ReplicaState(
    long Updates, double BatchLossSum, long BatchLossExamples, IReadOnlyList<TrainingRecord> Records, Divergence? Divergence);
