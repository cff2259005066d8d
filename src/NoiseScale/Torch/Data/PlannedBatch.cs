namespace NoiseScale.Torch;

/// <summary>The data of one update.</summary>
/// <param name="Update">The update of the plan, with its learning rate and momentum.</param>
/// <param name="Tensors">Inputs, targets, …: each with one row for every example of the batch.</param>
public readonly record struct PlannedBatch(PlannedUpdate Update, Tensor[] Tensors);
