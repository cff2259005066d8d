using System.Globalization;

namespace NoiseScale;

/// <summary>
/// g = ε/(1−m)·(N/B − 1), the noise scale of stochastic gradient descent: the temperature of its stochastic differential equation, for a
/// cost that is a sum over examples. (P1 §2 and §3.2; P2 Eq. 13)
/// </summary>
/// <remarks>Its linear form is ε/(1−m)·N/B; whoever asks for one names the form. No number converts to it or from it by itself.</remarks>
/// <param name="Value">g, in units of the learning rate.</param>
[Source(Paper.P1, "§2 and §3.2")]
[Source(Paper.P2, "Eq. 13")]
public readonly record struct SgdNoiseScale(double Value) : IComparable<SgdNoiseScale>
{
    /// <summary>
    /// g of a learning rate, batch size and momentum that accelerates (dampening 0): ε/(1−m)·(N/B − 1), or ·N/B. (P1 §3.2)
    /// </summary>
    /// <param name="learningRate">ε, per update, for a mean over examples; greater than 0.</param>
    /// <param name="batchSize">B, in [1, N] examples.</param>
    /// <param name="trainingSetSize">N, examples.</param>
    /// <param name="momentum">m, in [0, 1).</param>
    /// <param name="form">Exact, or linear for B ≪ N.</param>
    /// <returns>The noise scale; 0 at full batch in the exact form.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    [Source(Paper.P1, "§3.2")]
    public static SgdNoiseScale Of(
        double learningRate, double batchSize, long trainingSetSize, double momentum = 0, NoiseScaleForm form = NoiseScaleForm.Exact)
    {
        RequireSettings(learningRate, trainingSetSize, momentum);
        var isBatch = batchSize >= 1 && batchSize <= trainingSetSize;
        Require(isBatch, nameof(batchSize), batchSize, $"it must lie in [1, N] = [1, {trainingSetSize}]");
        return new(Core.NoiseScaleModule.ofParts(form.ToCore(), trainingSetSize, batchSize, Effective(learningRate, momentum)).Value);
    }

    /// <summary>The batch size at which a learning rate has this noise scale: B = N/(1 + g(1−m)/ε), or Nε/((1−m)g). (P2 §5)</summary>
    /// <param name="learningRate">ε, per update; greater than 0.</param>
    /// <param name="trainingSetSize">N, examples.</param>
    /// <param name="momentum">m, in [0, 1).</param>
    /// <param name="form">Exact, or linear for B ≪ N.</param>
    /// <returns>A real number of examples; in the exact form at most N, in the linear form possibly more.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    [Source(Paper.P2, "§5")]
    public double BatchSizeFor(
        double learningRate, long trainingSetSize, double momentum = 0, NoiseScaleForm form = NoiseScaleForm.Exact)
    {
        RequireSettings(learningRate, trainingSetSize, momentum);
        return Core.NoiseScaleModule.batchSizeFor(
            form.ToCore(), trainingSetSize, Effective(learningRate, momentum), Core.NoiseScale.NewNoiseScale(Value));
    }

    /// <summary>T = g/2, the temperature at which SGD samples a posterior; of the exact form. (P3 Thm 4 beside P2 Eq. 13)</summary>
    /// <returns>The temperature; 1 is the posterior.</returns>
    [Source(Paper.P3, "Thm 4")]
    [Source(Paper.P2, "Eq. 13")]
    public PosteriorTemperature ToPosteriorTemperature() => new(Value / 2);

    /// <summary>T = g/N, the noise of one step for a cost averaged over examples; of the linear form. (P6 Eqs. 23–26)</summary>
    /// <param name="trainingSetSize">N, examples, at least 1.</param>
    /// <returns>The temperature ε/((1−m)B).</returns>
    /// <exception cref="ScheduleException"><paramref name="trainingSetSize"/> is below 1.</exception>
    [Source(Paper.P6, "Eqs. 23–26")]
    public StepTemperature LinearToStepTemperature(long trainingSetSize)
    {
        Require(trainingSetSize >= 1, nameof(trainingSetSize), trainingSetSize, "it must be at least 1");
        return new(Value / trainingSetSize);
    }

    /// <inheritdoc/>
    public int CompareTo(SgdNoiseScale other) => Value.CompareTo(other.Value);

    /// <summary>The number, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"g = {Value}");

    // ε/(1−m), as schedules have it
    private static double Effective(double learningRate, double momentum) =>
        Core.NoiseScaleModule.effectiveLearningRate(Optimizers.HeavyBall().ToCore(), learningRate, momentum);

    private static void RequireSettings(double learningRate, long trainingSetSize, double momentum)
    {
        var isRate = learningRate > 0 && double.IsFinite(learningRate);
        Require(isRate, nameof(learningRate), learningRate, "it must be finite and greater than 0");
        Require(trainingSetSize >= 1, nameof(trainingSetSize), trainingSetSize, "it must be at least 1");
        Require(momentum is >= 0 and < 1, nameof(momentum), momentum, "it must lie in [0, 1)");
    }

    private static void Require(bool holds, string parameter, double value, string rule)
    {
        if (!holds)
        {
            throw ScheduleException.OutOfRange(parameter, value, rule);
        }
    }
}
