namespace NoiseScale.Torch;

/// <summary>
/// A TorchSharp optimizer that follows a plan: learning rate, momentum and moment coefficients of every parameter group are set before each
/// step. Made by <see cref="OptimizerExtensions.Follow"/>, which first checks that the optimizer's arithmetic is the schedule's.
/// </summary>
/// <remarks>
/// <para>Checked: the family (SGD, Nesterov, Adam, AdamW, RMSProp with momentum) and the momentum convention: TorchSharp's SGD with
/// dampening 0
/// keeps the learning rate outside its buffer; with dampening equal to its momentum it is the dampened one. Not checkable: the arithmetic
/// of optimizers that TorchSharp does not bring along (their convention has to be stated), and what else changes the options between
/// steps.</para>
/// <para>Set: ε, m (with the dampening, in the dampened convention), β₁, β₂ and ε_Adam; the weight decay where the schedule has one, else
/// the groups keep theirs. The optimizer stays the caller's, to save, load and dispose.</para>
/// </remarks>
public sealed class PlanOptimizer
{
    private readonly ParameterGroup[] _groups;
    private readonly double[] _factors;
    private readonly MomentumBuffers? _rescaled;
    private readonly bool _hasMomentum;
    private PlannedUpdate? _previous;

    internal PlanOptimizer(
        torch.optim.Optimizer optimizer,
        Plan plan,
        bool rescaleBuffers,
        MomentumConvention? convention,
        IReadOnlyList<double>? groupFactors)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(plan);
        _groups = ParameterGroup.AllOf(optimizer);
        _factors = Factors(groupFactors, _groups.Length);
        var wanted = plan.Schedule.Optimizer;
        OptimizerCheck.Require(optimizer, _groups, wanted, convention, rescaleBuffers);

        (Optimizer, Plan) = (optimizer, plan);
        _hasMomentum = !plan.Schedule.Momentum.Equals(0);
        var buffers = new MomentumBuffers(optimizer);
        if (wanted is HeavyBallOptimizer { Convention: MomentumConvention.LearningRateInside }
            or NesterovOptimizer { Convention: MomentumConvention.LearningRateInside }
            && _groups.Any(group => group.Convention == MomentumConvention.LearningRateOutside))
        {
            _rescaled = buffers;
        }

        if (optimizer is TorchSharp.Modules.SGD && wanted is HeavyBallOptimizer { Convention: MomentumConvention.Dampened })
        {
            buffers.StartAtZero();
        }

        foreach (var group in _groups)
        {
            ApplyConstants(group, wanted, plan.Schedule.WeightDecay);
        }
    }

    /// <summary>The TorchSharp optimizer.</summary>
    public torch.optim.Optimizer Optimizer { get; }

    /// <summary>The plan that it follows.</summary>
    public Plan Plan { get; }

    /// <summary>Sets the optimizer's options for an update, without taking a step; call it once for every update, in their order.</summary>
    /// <param name="update">An update of the plan. After a resume the first one may be any.</param>
    public void Apply(PlannedUpdate update)
    {
        if (_rescaled is not null)
        {
            Rescale(_rescaled, update);
        }

        // TorchSharp drops the buffer while the momentum is exactly 0, and would lose the last gradient when it rises again
        var momentum = update.Momentum == 0 && _hasMomentum ? double.Epsilon : update.Momentum;
        for (var i = 0; i < _groups.Length; i++)
        {
            _groups[i].SetLearningRate(_factors[i] * update.LearningRate);
            if (_groups[i].Momentum is not null)
            {
                _groups[i].SetMomentum(momentum);
            }
        }

        _previous = update;
    }

    /// <summary>Applies an update and takes its step from the gradients that stand in <c>.grad</c>.</summary>
    /// <param name="update">An update of the plan.</param>
    /// <param name="closure">Evaluates loss and gradients anew, for optimizers that do so within a step; L-BFGS needs it.</param>
    /// <exception cref="ArgumentNullException">The optimizer is L-BFGS, and there is no closure.</exception>
    public void Step(PlannedUpdate update, Func<Tensor>? closure = null)
    {
        if (Optimizer is TorchSharp.Modules.LBFGS)
        {
            ArgumentNullException.ThrowIfNull(closure);
        }

        Apply(update);
        Optimizer.step(closure)?.Dispose();
    }

    // v = ε·u turns v ← m·v + ε·ĝ, w ← w − v into u ← m·(ε₋/ε)·u + ĝ, w ← w − ε·u: the buffer u only has to take up the change of ε.
    private void Rescale(MomentumBuffers buffers, PlannedUpdate update)
    {
        if (update.Index > 0 && update != _previous)
        {
            var before = _previous?.Index == update.Index - 1 ? _previous.Value : Plan[update.Index - 1];
            if (before.LearningRate != update.LearningRate)
            {
                buffers.Scale(before.LearningRate / update.LearningRate);
            }
        }
    }

    private static void ApplyConstants(ParameterGroup group, Optimizer wanted, double weightDecay)
    {
        switch (wanted)
        {
            case AdamOptimizer(var beta1, var beta2, var epsilon):
                group.SetBetas(beta1, beta2, epsilon);
                break;
            case AdamWOptimizer(var beta1, var beta2, var epsilon):
                group.SetBetas(beta1, beta2, epsilon);
                break;
        }

        if (weightDecay > 0)
        {
            group.SetWeightDecay(weightDecay);
        }
    }

    private static double[] Factors(IReadOnlyList<double>? factors, int groups)
    {
        if (factors is null)
        {
            return [.. Enumerable.Repeat(1.0, groups)];
        }

        if (factors.Count != groups)
        {
            throw new ArgumentException($"has {factors.Count} factors, and the optimizer has {groups} parameter groups", "groupFactors");
        }

        return factors.FirstOrDefault(factor => !(double.IsFinite(factor) && factor > 0), 1) is var bad and not 1
            ? throw new ArgumentOutOfRangeException("groupFactors", bad, "every factor must be finite and greater than 0")
            : [.. factors];
    }
}
