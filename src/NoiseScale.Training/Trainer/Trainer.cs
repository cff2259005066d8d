using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>Trains a network on a data set exactly as a plan says.</summary>
/// <remarks>
/// The parameters after k updates are a function of (plan, network, data, settings) alone: the same bits again on the same machine with the
/// same libtorch, switches and number of threads, also when the run was interrupted and resumed from a checkpoint. Sets no process-wide state.
/// </remarks>
public static class Trainer
{
    /// <summary>Runs the plan from its start, or from a checkpoint that is found in the settings' directory, to its end.</summary>
    /// <param name="plan">The updates, for a training set of as many examples as the data have.</param>
    /// <param name="network">For images of the data's size and its number of classes.</param>
    /// <param name="data">Training and test examples; moved to the settings' device if they are elsewhere.</param>
    /// <param name="settings">Seed, evaluations, pieces, device, checkpoints; the defaults if null.</param>
    /// <param name="progress">Told several times a second, on this thread.</param>
    /// <param name="cancellation">Ends the run between two updates, after saving a checkpoint where the settings ask for checkpoints.</param>
    /// <returns>Records and parameters; a loss that ceased to be finite ends the run and is recorded, not thrown.</returns>
    /// <exception cref="ArgumentException">The parts do not belong together, or a setting is out of range; says which and why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TrainingOutcome Train(
        Plan plan, Network network, ImageDataSet data, TrainingSettings? settings = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        settings ??= new TrainingSettings();
        settings.Validate(plan.Schedule.Epochs.Value);
        RequireTogether(plan, network, data);

        using var scope = torch.NewDisposeScope();
        using var moved = settings.Device is { } device && !IsOn(data, device) ? data.To(device) : null;
        using var session = new TrainingSession(plan, network, moved ?? data, settings, progress);
        return session.Run(cancellation);
    }

    private static bool IsOn(ImageDataSet data, Device device) =>
        data.Train.Device.type == device.type && (device.index < 0 || data.Train.Device.index == device.index);

    internal static void RequireTogether(Plan plan, Network network, ImageDataSet data)
    {
        if (plan.Schedule.TrainingSetSize != data.Train.Count)
        {
            throw new ArgumentException(
                $"the plan is for {plan.Schedule.TrainingSetSize} training examples; {data.Name} has {data.Train.Count}", nameof(plan));
        }

        if (network.Input != data.Train.Shape || network.ClassCount != data.ClassCount)
        {
            throw new ArgumentException(
                $"{network.Name} takes images of {network.Input} in {network.ClassCount} classes; {data.Name} has {data.Train.Shape} in {data.ClassCount}",
                nameof(network));
        }
    }
}
