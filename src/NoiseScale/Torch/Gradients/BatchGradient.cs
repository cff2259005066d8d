namespace NoiseScale.Torch;

/// <summary>The gradient of the mean loss of a batch.</summary>
/// <param name="Gradients">One tensor for each parameter, of its shape; owned by the dispose scope they were made in.</param>
/// <param name="Loss">The mean loss over the batch.</param>
public readonly record struct BatchGradient(Tensor[] Gradients, double Loss);
