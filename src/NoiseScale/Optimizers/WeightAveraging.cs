using Microsoft.FSharp.Core;

namespace NoiseScale;

/// <summary>
/// An exponential moving average of the weights: an update of b examples at epoch t keeps ρ^(b/r(t)) of the average, r the reference batch;
/// without a reference it keeps ρ whatever its batch. (Busbridge et al. 2023)
/// </summary>
/// <param name="Momentum">ρ, in [0, 1); the horizon in data is r/(1−ρ) examples.</param>
/// <param name="ReferenceBatch">
/// The batch size ρ was chosen for, where updates have another one; null: ρ holds for the schedule's own batches.
/// </param>
[Source(Paper.Busbridge2023)]
public sealed record WeightAveraging(double Momentum, Curve? ReferenceBatch = null)
{
    internal static WeightAveraging? From(FSharpOption<Core.WeightAveraging>? averaging) =>
        averaging is null
            ? null
            : new(averaging.Value.Momentum, averaging.Value.ReferenceBatch is { } reference ? new Curve(reference.Value) : null);

    internal Core.WeightAveraging ToCore() =>
        new(Momentum, ReferenceBatch is null ? null : FSharpOption<Core.Curve>.Some(ReferenceBatch.Inner));
}
