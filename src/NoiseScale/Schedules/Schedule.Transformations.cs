namespace NoiseScale;

// The scaling laws: what one transformation takes from the learning rate or the momentum it gives to the batch, so that g stays.
public sealed partial class Schedule
{
    /// <summary>
    /// Decay becomes growth: where ε lies below its running maximum by a factor a(t) it stays at the maximum and the batch grows instead,
    /// B → aB (exact: N/B′ − 1 = (N/B − 1)/a), up to the cap, from where the learning rate decays again. (P1 §3 and §5)
    /// </summary>
    /// <param name="maxBatch">The largest batch, in examples; at least the schedule's own.</param>
    /// <param name="until">The epoch from which decays remain decays (P1's hybrid); null: never.</param>
    /// <param name="rule">What a decay is traded for.</param>
    /// <param name="form">The form of the noise scale that is kept.</param>
    /// <returns>The transformed schedule; idempotent.</returns>
    /// <exception cref="ScheduleException">The cap is below the schedule's own batch, or the batch would exceed N.</exception>
    [Source(Sources.Paper.P1, "§3 and §5")]
    public Schedule TradeDecayForBatch(
        double maxBatch, Epochs? until = null, TradeRule rule = TradeRule.Linear, NoiseScaleForm form = NoiseScaleForm.Exact) =>
        double.IsFinite(maxBatch) && maxBatch >= 1
            ? Trade(BatchCap.Examples(maxBatch), until, rule, form, nameof(maxBatch))
            : throw ScheduleException.OutOfRange(nameof(maxBatch), maxBatch, "it must be finite and at least 1");

    /// <summary>
    /// Decay becomes growth, as <see cref="TradeDecayForBatch(double, NoiseScale.Epochs?, TradeRule, NoiseScaleForm)"/>, with a named cap.
    /// </summary>
    /// <param name="cap">Where the batch stops; null: at N/10, P1's rule.</param>
    /// <param name="until">The epoch from which decays remain decays (P1's hybrid); null: never.</param>
    /// <param name="rule">What a decay is traded for.</param>
    /// <param name="form">The form of the noise scale that is kept.</param>
    /// <returns>The transformed schedule; idempotent.</returns>
    /// <exception cref="ScheduleException">The cap is below the schedule's own batch, or the batch would exceed N.</exception>
    public Schedule TradeDecayForBatch(
        BatchCap? cap = null, Epochs? until = null, TradeRule rule = TradeRule.Linear, NoiseScaleForm form = NoiseScaleForm.Exact) =>
        Trade(cap ?? BatchCap.TenthOfTrainingSet, until, rule, form, nameof(cap));

    /// <summary>
    /// Growth becomes decay: the batch stays at its first value B₀ and ε → ε·B₀(N−B)/(B(N−B₀)), linear ε·B₀/B, so that g stays.
    /// </summary>
    /// <param name="form">The form of the noise scale that is kept.</param>
    /// <returns>
    /// The transformed schedule: the inverse of TradeDecayForBatch from a constant batch and a non-increasing learning rate.
    /// </returns>
    /// <exception cref="ScheduleException">The exact noise scale is 0 somewhere (full batch), which no learning rate can keep.</exception>
    public Schedule TradeBatchForDecay(NoiseScaleForm form = NoiseScaleForm.Exact) => Of(Core.Trade.batchForDecay(form.ToCore(), Inner));

    /// <summary>B ∝ ε: ε → kε, and B → kNB/(kB + N − B), linear kB, so that g stays. (P1 §2)</summary>
    /// <param name="k">The factor of the learning rate, greater than 0.</param>
    /// <param name="form">The form of the noise scale that is kept.</param>
    /// <returns>The transformed schedule; 1/k inverts it, k₁ then k₂ is k₁·k₂.</returns>
    /// <exception cref="ScheduleException">The factor is not positive, or the batch leaves [1, N].</exception>
    [Source(Sources.Paper.P1, "§2")]
    public Schedule ScaleLearningRate(double k, NoiseScaleForm form = NoiseScaleForm.Exact) =>
        Of(Core.Transform.scaleLearningRate(form.ToCore(), k, Inner));

    /// <summary>B ∝ 1/(1−m): m → m′, and N/B′ − 1 = (N/B − 1)(1−m′)/(1−m), linear B′ = B(1−m)/(1−m′), so that g stays. (P1 §3.2)</summary>
    /// <param name="momentum">m′(t), in [0, 1).</param>
    /// <param name="form">The form of the noise scale that is kept.</param>
    /// <returns>The transformed schedule; the old momentum inverts it.</returns>
    /// <exception cref="ScheduleException">
    /// The law does not hold (no momentum, dampened, Adam), or momentum or batch leaves its range.
    /// </exception>
    [Source(Sources.Paper.P1, "§3.2")]
    public Schedule SetMomentum(Curve momentum, NoiseScaleForm form = NoiseScaleForm.Exact)
    {
        ArgumentNullException.ThrowIfNull(momentum);
        return Of(Core.Transform.setMomentumCurve(form.ToCore(), momentum.Inner, Inner));
    }

    /// <summary>B → kB, and the learning rate by a rule; the linear one keeps g: ε → ε·k(N−B)/(N−kB), linear form kε.</summary>
    /// <param name="k">The factor of the batch, greater than 0.</param>
    /// <param name="rule">Null: <see cref="ScalingRule.Linear"/>; the others keep what their authors derive.</param>
    /// <param name="form">The form of the noise scale; AdaScale and LEGW do not depend on it.</param>
    /// <returns>The transformed schedule; 1/k inverts the linear and the square-root rule.</returns>
    /// <exception cref="ScheduleException">The rule is not for this optimizer, a β falls below 0, or the batch leaves [1, N].</exception>
    public Schedule ScaleBatch(double k, ScalingRule? rule = null, NoiseScaleForm form = NoiseScaleForm.Exact) =>
        Of(Core.Transform.scaleBatch((rule ?? ScalingRule.Linear).Inner, form.ToCore(), k, Inner));

    /// <summary>
    /// P4's law, ḡ = ε/(B(1−m)σ²) ∝ w, with the learning rate moved as the largest stable one is. For k = w′/w: Standard ε/k and B/k, NTK ε and B/k, the maximal
    /// update ε and B (exact form: the noise scale takes the factor k^p).
    /// </summary>
    /// <param name="from">w, the width that the schedule is for; greater than 0.</param>
    /// <param name="to">w′, the width it moves to; greater than 0.</param>
    /// <param name="parameterisation">Of both networks.</param>
    /// <param name="form">The form of the noise scale.</param>
    /// <returns>The transformed schedule; the way back inverts it, w to w′ to w″ is w to w″. Weight decay stays.</returns>
    /// <exception cref="ScheduleException">The schedule is Adam's, a width is not positive, or the batch leaves [1, N].</exception>
    /// <remarks>P4, abstract and §4; for the maximal update derived, and not tested there.</remarks>
    [Source(Sources.Paper.P4)]
    public Schedule TransferWidth(double from, double to, Parameterisation parameterisation, NoiseScaleForm form = NoiseScaleForm.Exact) =>
        Of(Core.Width.transfer(form.ToCore(), parameterisation.ToCore(), from, to, Inner));

    /// <summary>The same law at one batch size: ε → k^p·ε, Standard ε, NTK kε, the maximal update ε. Whoever raises ε must check that it is still stable.</summary>
    /// <param name="from">w, the width that the schedule is for; greater than 0.</param>
    /// <param name="to">w′, the width it moves to; greater than 0.</param>
    /// <param name="parameterisation">Of both networks.</param>
    /// <returns>The transformed schedule; the way back inverts it.</returns>
    /// <exception cref="ScheduleException">The schedule is Adam's, or a width is not positive.</exception>
    /// <remarks>P4, abstract and §4.</remarks>
    [Source(Sources.Paper.P4)]
    public Schedule TransferWidthKeepingBatch(double from, double to, Parameterisation parameterisation) =>
        Of(Core.Width.transferKeepingBatch(parameterisation.ToCore(), from, to, Inner));

    private Schedule Trade(BatchCap cap, Epochs? until, TradeRule rule, NoiseScaleForm form, string capParameter)
    {
        var result = Core.Trade.decayForBatch(rule.ToCore(), form.ToCore(), cap.Inner, (until?.Value).ToOption(), Inner);
        return result.IsOk ? new(result.ResultValue) : throw ScheduleException.From(result.ErrorValue, capParameter);
    }
}
