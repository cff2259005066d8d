using NoiseScale.Training.Sweeps.Replicas;

namespace NoiseScale.Training.Runs;

/// <summary>A spec with its name, which takes a while to compute.</summary>
internal sealed record NamedRun(string Hash, RunSpec Spec);

/// <summary>Runs that one worker computes at one go: one run, or stacked replicas of one shape.</summary>
/// <param name="Runs">In the order in which they were asked for.</param>
/// <param name="Work">In multiplications, about: what decides who goes first.</param>
internal sealed record RunUnit(IReadOnlyList<NamedRun> Runs, double Work)
{
    /// <summary>
    /// The units of a list of runs, the longest first. A function of the whole list, whatever of it is done already: an unfinished unit finds
    /// its checkpoint again.
    /// </summary>
    public static IReadOnlyList<RunUnit> Of(IReadOnlyList<NamedRun> runs)
    {
        var alone = runs.Where(run => !run.Spec.Stacked).Select(run => (NamedRun[])[run]);
        var together = runs.Where(run => run.Spec.Stacked)
            .GroupBy(run => ReplicaRule.ShapeOf(run.Spec))
            .SelectMany(group => group.Chunk(Size(group.Count(), ReplicaRule.MostTogether(group.First().Spec))));

        // the longest first, or the last one would be waited for alone
        return [.. alone.Concat(together).Select(Unit).OrderByDescending(unit => unit.Work)];
    }

    // few enough for a unit for every processor, and then as even as can be
    private static int Size(int runs, int most)
    {
        var units = Math.Max((runs + most - 1) / most, Math.Min(runs, Environment.ProcessorCount));
        return (runs + units - 1) / units;
    }

    private static RunUnit Unit(NamedRun[] runs) => new(runs, runs.Sum(run => WorkOf(run.Spec)));

    private static double WorkOf(RunSpec spec) =>
        new WorkEstimate(spec.Plan(), spec.Settings(null), spec.Device == "cpu", 0, 0).Total * MultiplicationsOf(spec.Network);

    // a filter is used at many places of an image: at an eighth of the pixels, over the layers of our networks
    private static double MultiplicationsOf(Networks.Network network) => network.ParameterShapes.Sum(
        shape => shape.Shape.Count == 4 ? shape.Count * (network.Input.Height * network.Input.Width / 8.0) : shape.Count);
}
