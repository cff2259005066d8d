namespace NoiseScale;

// What a schedule's iterates descend.
public sealed partial class Schedule
{
    /// <summary>
    /// The modified loss at a time, to first order in the learning rate: C̃ = C + a‖∇C‖² + bΓ, with momentum m
    /// a = (η/4)(1+m)/(1−m) for heavy ball, (η/4)(1−m+2m²)/(1−m) for Nesterov, b = (η/2)·S·(N−B)/((N−1)B),
    /// S = Σ_{d=1}^{M−1} (M−d)(1 − m^(d+k))/(M(M−1)) with M = N/B and k = 0 for heavy ball, 1 for Nesterov; ½ without momentum.
    /// (P6 Eqs. 1 and 22; Ghosh et al. 2023)
    /// </summary>
    /// <param name="epoch">t, epochs of data seen, 0 or more.</param>
    /// <param name="sampling">How minibatches are drawn.</param>
    /// <returns>The coefficients; weight decay λ belongs to C, as (λ/2)‖w‖².</returns>
    /// <remarks>
    /// With momentum it holds while η times the largest curvature is below (1−√m)/(1+√m), for Nesterov below (1−m)/(1+m)²: 0.026 and 0.028 at
    /// m = 0.9. Beyond it the iterates swing.
    /// </remarks>
    /// <exception cref="ScheduleException">
    /// <paramref name="epoch"/> is negative or not finite, or the optimizer is Adam, whose correction has another form.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The sampling is not defined.</exception>
    [Source(Sources.Paper.P6, "Eqs. 1 and 22")]
    [Source(Sources.Paper.Ghosh2023)]
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
