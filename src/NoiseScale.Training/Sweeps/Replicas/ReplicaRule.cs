using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Sweeps.Replicas;

/// <summary>Which runs can be trained together, how many at a time, and whether that is faster than one by one.</summary>
public static class ReplicaRule
{
    private const int Most = 32;

    // of a core: beyond what it keeps at hand of parameters, gradients and velocities, more replicas make each of them slower again
    private const long CacheBytes = 8 << 20;

    /// <summary>Why a run cannot be one of stacked replicas; null if it can.</summary>
    /// <param name="spec">The run.</param>
    public static string? WhyNot(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec switch
        {
            _ when ReplicaKernel.Of(spec.Network) is not (MultilayerPerceptron or ConvolutionalNetwork { GhostBatch: null }) =>
                $"{spec.Network.Name} is neither a perceptron nor the small convolutional network without normalisation",
            { Network: ParameterisedNetwork, Schedule.Optimizer: AdamOptimizer or AdamWOptimizer } =>
                "Adam's updates under a parameterisation are not those of scaled gradients",
            { Schedule.Averaging: not null } => "its weights are averaged",
            { GradientPenalty: not 0 } => "it has a gradient penalty",
            { StepsPerMinibatch: not 1 } => $"it takes {spec.StepsPerMinibatch} steps on a minibatch",
            { Augmentation: not null } => "its images are augmented",
            { MicroBatchSize: not null } => "its batches are cut into pieces",
            { Device: "cpu", Threads: not 1 } => $"it computes with {spec.Threads} threads, whose shares would depend on what is beside it",
            { ModifiedLoss: not null } => "it measures the modified loss",
            _ => null,
        };
    }

    /// <summary>
    /// What runs must have in common to train together: everything but seed, subset, learning rate, momentum and weight decay; the learning rate
    /// and the momentum may also change in time, each in its own way.
    /// </summary>
    /// <param name="spec">A run that can be one of stacked replicas.</param>
    /// <returns>A text that is equal for runs of one shape.</returns>
    public static string ShapeOf(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var schedule = spec.Schedule.WithLearningRate(1).WithWeightDecay(0);
        return (spec with
        {
            Seed = 0,
            Data = new DataSpec(spec.Data.Name, spec.Data.Hash, spec.Data.TrainingSetSize),
            Schedule = schedule.Optimizer is SgdOptimizer ? schedule : schedule.WithMomentum(0),
        }).ToCanonicalJson();
    }

    /// <summary>How many runs of this shape go together: as many as the cache of a core holds, from 1 to 32; four convolutional networks.</summary>
    /// <param name="spec">A run.</param>
    public static int MostTogether(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);

        // parameters, gradients and a velocity, float32
        var bytes = spec.Network.ParameterCount * 3 * sizeof(float);
        return (int)Math.Clamp(CacheBytes / bytes, 1, Math.Min(Most, ReplicaKernel.Most(spec.Network)));
    }

    /// <summary>
    /// Whether stacking pays for a run of this shape: for perceptrons on a processor, and not for convolutional networks. A function of the run
    /// alone, so that it can be part of its name.
    /// </summary>
    /// <param name="spec">A run that can be one of stacked replicas.</param>
    /// <remarks>
    /// Measured in tests/Benchmarks (replicas). What is saved is the cost of calls, a graph and small kernels, which does not depend on B: it is
    /// most of a step of 784-12-10, and little of one of 784-200-10 from B = 32 on, which is products of matrices; never less than nothing, since
    /// the derivative is written out also for a single replica. Convolutions in groups cost what they cost one by one, or more. On a GPU it has not been measured.
    /// </remarks>
    public static bool IsFaster(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Device == "cpu" && ReplicaKernel.Of(spec.Network) is MultilayerPerceptron;
    }
}
