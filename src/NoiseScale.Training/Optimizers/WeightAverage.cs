namespace NoiseScale.Training;

/// <summary>An exponential moving average of parameters, a ← ρa + (1−ρ)w, that starts at the parameters themselves.</summary>
/// <remarks>Owns its tensors, outside every dispose scope. ρ may differ from update to update, as the EMA scaling rule ρ → ρᵏ asks
/// (Busbridge et al., How to scale your EMA, NeurIPS 2023).</remarks>
public sealed class WeightAverage : IDisposable
{
    private readonly Tensor[] _parameters;
    private readonly Tensor[] _averages;
    private readonly UpdateKernel _kernel;

    /// <summary>Starts at the present values of <paramref name="parameters"/>.</summary>
    /// <param name="parameters">What to average; at least one, of floating-point type.</param>
    /// <exception cref="ArgumentException"><paramref name="parameters"/> is empty.</exception>
    public WeightAverage(IReadOnlyList<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count == 0)
            throw new ArgumentException("is empty; there must be at least one parameter", nameof(parameters));

        using var noGrad = torch.no_grad();
        _parameters = [.. parameters];
        _averages = Array.ConvertAll(_parameters, parameter => parameter.detach().clone().DetachFromDisposeScope());
        _kernel = UpdateKernel.Towards(_averages);
    }

    /// <summary>The averages, in the order of the parameters; they require no gradient.</summary>
    public IReadOnlyList<Tensor> Averages => _averages;

    /// <summary>Moves the average towards the present parameters.</summary>
    /// <param name="momentum">ρ of this update, in [0, 1): the fraction of the average that stays.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="momentum"/> is outside [0, 1).</exception>
    public void Update(double momentum)
    {
        if (!(momentum >= 0 && momentum < 1))
            throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "must be in [0, 1)");

        _kernel.Invoke(_parameters, 1 - momentum);
    }

    /// <summary>Frees the averages.</summary>
    public void Dispose()
    {
        _kernel.Dispose();
        foreach (var average in _averages)
            average.Dispose();
    }
}
