namespace NoiseScale;

// What a schedule's iterates descend.
public sealed partial class Schedule
{
    /// <summary>
    /// The modified loss at a time, to first order in the learning rate: C̃ = C + a‖∇C‖² + bΓ, with momentum m
    /// a = (η/4)(1+m)/(1−m) for heavy ball, (η/4)(1−m+2m²)/(1−m) for Nesterov, b = (η/2)·S·(N−B)/((N−1)B), S = ½ without momentum.
    /// (P6 Eqs. 1 and 22; Ghosh et al. 2023)
    /// </summary>
    /// <param name="epoch">t, epochs of data seen, 0 or more.</param>
    /// <param name="sampling">How minibatches are drawn.</param>
    /// <returns>The coefficients; weight decay λ belongs to C, as (λ/2)‖w‖².</returns>
    /// <exception cref="ScheduleException">
    /// <paramref name="epoch"/> is negative or not finite, or the optimizer is Adam, whose correction has another form.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The sampling is not defined.</exception>
    public ModifiedLoss ModifiedLossAt(Epochs epoch, MinibatchSampling sampling = MinibatchSampling.Shuffled)
    {
        var drawn = sampling switch
        {
            MinibatchSampling.Shuffled => Backward.MinibatchSampling.Shuffled,
            MinibatchSampling.WithReplacement => Backward.MinibatchSampling.WithReplacement,
            _ => throw new ArgumentOutOfRangeException(nameof(sampling), sampling, "no such sampling"),
        };
        var found = Backward.ScheduledLossModule.at(drawn, RequireTime(epoch), Inner).OrThrow();
        return new(found.EffectiveLearningRate, found.GradientNormCoefficient, found.VarianceCoefficient);
    }
}
