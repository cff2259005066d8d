namespace NoiseScale.Cli.Measuring;

/// <summary>A model at one λ: its evidence, and how it does.</summary>
/// <param name="Evidence">The evidence.</param>
/// <param name="TrainAccuracy">Part of the training examples whose likeliest class is right.</param>
/// <param name="TestAccuracy">The same on the test examples.</param>
/// <param name="TestLoss">Test cross-entropy, in nats an example.</param>
public sealed record WeighedModel(Evidence Evidence, double TrainAccuracy, double TestAccuracy, double TestLoss);
