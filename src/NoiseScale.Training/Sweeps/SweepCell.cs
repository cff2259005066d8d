using System.Globalization;
using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Sweeps;

/// <summary>What distinguishes a cell of a sweep from its neighbours: one value of every axis.</summary>
/// <param name="TrainingSetSize">N, examples.</param>
/// <param name="SubsetSeed">Chooses the N examples; null where they are the whole training set.</param>
/// <param name="Network">The network.</param>
/// <param name="Length">How long it trains.</param>
/// <param name="BatchSize">B, examples.</param>
/// <param name="Momentum">m, in [0, 1).</param>
/// <param name="WeightDecay">λ, at least 0.</param>
/// <param name="LearningRate">ε, per update.</param>
/// <param name="Seed">Draws initial parameters and the order of the data.</param>
public sealed record SweepPoint(
    int TrainingSetSize, long? SubsetSeed, NetworkChoice Network, TrainingLength Length, int BatchSize, double Momentum, double WeightDecay,
    double LearningRate, long Seed)
{
    /// <summary>For example <c>N 1000 (subset 0), mlp 200, 10 epochs, B 32, m 0.9, λ 0, ε 0.1, seed 3</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"N {TrainingSetSize}{(SubsetSeed is { } subset ? $" (subset {subset})" : "")}, {Network}, {Length}, B {BatchSize}, m {Momentum}, λ {WeightDecay}, ε {LearningRate}, seed {Seed}");
}

/// <summary>One cell of a sweep: where it stands, and the run it is.</summary>
/// <param name="Index">Its place in the grid, from 0.</param>
/// <param name="Point">Its value of every axis.</param>
/// <param name="Spec">The run; a function of the point and of what the grid has in common.</param>
public sealed record SweepCell(int Index, SweepPoint Point, RunSpec Spec)
{
    /// <summary>The name of its result; see <see cref="RunSpec.Hash"/>.</summary>
    public string Hash { get; } = Spec.Hash;
}

/// <summary>A combination of values that is no run.</summary>
/// <param name="Point">The combination.</param>
/// <param name="Reason">Which rule it breaks.</param>
public sealed record ImpossibleCell(SweepPoint Point, string Reason);
