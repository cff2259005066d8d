namespace NoiseScale.Training;

/// <summary>
/// Changes parameters by one update at a time, with the learning rate and the momentum that the plan gives for that update; the rule is the
/// subclass. Knows no schedule: the same rule follows any.
/// </summary>
/// <remarks>
/// Owns its state, one or more tensors a parameter, outside every dispose scope; not the parameters. Not thread-safe. All arithmetic is in
/// place and without gradient. Updates are in the element type of the parameters, with coefficients computed in double precision.
/// </remarks>
public abstract class UpdateRule : IDisposable
{
    private readonly Tensor[] _parameters;
    private readonly long[][] _shapes;
    private readonly List<(string Name, Tensor[] Tensors)> _state = [];

    private protected UpdateRule(IReadOnlyList<Tensor> parameters, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count == 0)
            throw new ArgumentException("is empty; there must be at least one parameter", nameof(parameters));

        if (!double.IsFinite(weightDecay) || weightDecay < 0)
            throw new ArgumentOutOfRangeException(nameof(weightDecay), weightDecay, "must be finite and at least 0");

        _parameters = [.. parameters];
        for (var i = 0; i < _parameters.Length; i++)
            RequireParameter(_parameters[i], _parameters[0], i);

        _shapes = Array.ConvertAll(_parameters, parameter => parameter.shape);
        WeightDecay = weightDecay;
    }

    /// <summary>What is optimised, in the caller's order.</summary>
    public IReadOnlyList<Tensor> Parameters => _parameters;

    /// <summary>λ, the coefficient of weight decay; 0 for none. Every parameter decays.</summary>
    public double WeightDecay { get; }

    /// <summary>How many updates have been taken, including those before a restored state.</summary>
    public long Updates { get; private set; }

    /// <summary>The state as (name, tensor) pairs, such as <c>velocity/0</c>, in a fixed order; the tensors themselves, not copies.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State =>
        [.. _state.SelectMany(part => part.Tensors.Select((tensor, i) => ($"{part.Name}/{i}", tensor)))];

    /// <summary>The rule of a schedule's optimizer, with its constants and its weight decay.</summary>
    /// <param name="schedule">Whose plan the rule is to follow.</param>
    /// <param name="parameters">Leaf tensors of one floating-point type on one device; changed in place by every update.</param>
    /// <exception cref="ArgumentException">A parameter breaks a rule.</exception>
    public static UpdateRule For(Schedule schedule, IReadOnlyList<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return schedule.Optimizer switch
        {
            SgdOptimizer => new SgdRule(parameters, schedule.WeightDecay),
            HeavyBallOptimizer o => new MomentumRule(parameters, o.Convention, nesterov: false, schedule.WeightDecay),
            NesterovOptimizer o => new MomentumRule(parameters, o.Convention, nesterov: true, schedule.WeightDecay),
            AdamOptimizer o => new AdamRule(parameters, o.Beta1, o.Beta2, o.Epsilon, schedule.WeightDecay),
            AdamWOptimizer o => new AdamRule(parameters, o.Beta1, o.Beta2, o.Epsilon, schedule.WeightDecay, decoupled: true),
            var other => throw new ArgumentException($"{other} has no update rule", nameof(schedule)),
        };
    }

    /// <summary>Takes one update.</summary>
    /// <param name="gradients">ĝ of the mean cost, one a parameter, of its shape and element type; left as they are.</param>
    /// <param name="learningRate">ε of this update, finite and at least 0.</param>
    /// <param name="momentum">m of this update, in [0, 1); 0 for rules without.</param>
    /// <exception cref="ArgumentException">An argument breaks its rule; nothing has been changed.</exception>
    public void Step(IReadOnlyList<Tensor> gradients, double learningRate, double momentum = 0)
    {
        if (!double.IsFinite(learningRate) || learningRate < 0)
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "must be finite and at least 0");

        // written so that NaN is refused too
        if (!(momentum >= 0 && momentum < 1))
            throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "must be in [0, 1)");

        var checkedGradients = RequireGradients(gradients);
        RequireMomentum(momentum);
        Apply(checkedGradients, learningRate, momentum, Updates + 1);
        Updates++;
    }

    /// <summary>Puts back a state of the same rule for the same parameters; copies the values.</summary>
    /// <param name="updates">How many updates led to it, at least 0.</param>
    /// <param name="state">As <see cref="State"/> was then: the same names in the same order.</param>
    /// <exception cref="ArgumentException">Names, shapes or element types differ; nothing has been changed.</exception>
    public void Restore(long updates, IReadOnlyList<(string Name, Tensor Tensor)> state)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(updates);
        ArgumentNullException.ThrowIfNull(state);
        var mine = State;
        if (state.Count != mine.Count)
            throw new ArgumentException($"holds {state.Count} tensors; {GetType().Name} has {mine.Count}", nameof(state));

        for (var i = 0; i < mine.Count; i++)
        {
            var (given, expected) = (state[i], mine[i]);
            if (given.Name != expected.Name)
                throw new ArgumentException($"tensor {i} is called {given.Name}; expected {expected.Name}", nameof(state));

            if (!given.Tensor.shape.SequenceEqual(expected.Tensor.shape) || given.Tensor.dtype != expected.Tensor.dtype)
                throw new ArgumentException($"{given.Name} is {Describe(given.Tensor)}; expected {Describe(expected.Tensor)}", nameof(state));
        }

        using var noGrad = torch.no_grad();
        for (var i = 0; i < mine.Count; i++)
            mine[i].Tensor.copy_(state[i].Tensor);

        Updates = updates;
    }

    /// <summary>Frees the state; the parameters stay.</summary>
    public void Dispose()
    {
        foreach (var (_, tensors) in _state)
        {
            foreach (var tensor in tensors)
                tensor.Dispose();
        }

        _state.Clear();
        DisposeOwn();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds a state tensor of zeros for every parameter.</summary>
    private protected Tensor[] AddState(string name)
    {
        using var noGrad = torch.no_grad();
        var tensors = Array.ConvertAll(_parameters, parameter => torch.zeros_like(parameter).DetachFromDisposeScope());
        _state.Add((name, tensors));
        return tensors;
    }

    /// <summary>One update with checked arguments; <paramref name="count"/> is its number, counted from 1.</summary>
    private protected abstract void Apply(Tensor[] gradients, double learningRate, double momentum, long count);

    /// <summary>Refuses a momentum that the rule has no place for.</summary>
    private protected virtual void RequireMomentum(double momentum)
    {
        if (momentum != 0)
            throw new ArgumentOutOfRangeException(nameof(momentum), momentum, $"must be 0: {GetType().Name} has no momentum that a plan could give");
    }

    private protected virtual void DisposeOwn()
    {
    }

    private protected static string Describe(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";

    private static void RequireParameter(Tensor parameter, Tensor first, int i)
    {
        if (parameter is null)
            throw new ArgumentException($"parameter {i} is null", "parameters");

        if (!parameter.is_floating_point() || !parameter.is_leaf || !parameter.is_contiguous())
        {
            throw new ArgumentException(
                $"parameter {i} is {Describe(parameter)}; it must be a leaf of floating-point type, contiguous in memory", "parameters");
        }

        if (parameter.dtype != first.dtype || parameter.device_type != first.device_type || parameter.device_index != first.device_index)
        {
            throw new ArgumentException(
                $"parameter {i} is {parameter.dtype} on {parameter.device} and parameter 0 {first.dtype} on {first.device}; all must be alike", "parameters");
        }
    }

    // dimension by dimension: Tensor.shape makes an array, and this is asked at every update
    private static bool HasShape(Tensor tensor, long[] shape)
    {
        if (tensor.ndim != shape.Length)
            return false;

        for (var i = 0; i < shape.Length; i++)
        {
            if (tensor.size(i) != shape[i])
                return false;
        }

        return true;
    }

    private Tensor[] RequireGradients(IReadOnlyList<Tensor> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (gradients.Count != _parameters.Length)
            throw new ArgumentException($"{gradients.Count} gradients for {_parameters.Length} parameters", nameof(gradients));

        for (var i = 0; i < _parameters.Length; i++)
        {
            var gradient = gradients[i] ?? throw new ArgumentException($"gradient {i} is null", nameof(gradients));
            if (gradient.dtype != _parameters[0].dtype || !HasShape(gradient, _shapes[i]))
                throw new ArgumentException($"gradient {i} is {Describe(gradient)}; its parameter is {Describe(_parameters[i])}", nameof(gradients));
        }

        return gradients as Tensor[] ?? [.. gradients];
    }
}
