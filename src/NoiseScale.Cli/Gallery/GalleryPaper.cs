namespace NoiseScale.Cli.Gallery;

/// <summary>One of the six papers, as the gallery shows it.</summary>
/// <param name="Key">P1 to P6, as <see cref="Citations"/> knows it.</param>
/// <param name="Folder">Its folder below paper-figures and below the gallery.</param>
/// <param name="Question">What it is about, in a sentence.</param>
public sealed record GalleryPaper(string Key, string Folder, string Question)
{
    /// <summary>The six papers, in their order.</summary>
    public static IReadOnlyList<GalleryPaper> All { get; } =
    [
        new("P1", "dont-decay", "Decaying the learning rate and growing the batch are one thing, if what counts is the noise scale g = ε/(1 − m)·(N/B − 1)."),
        new("P2", "bayesian-perspective", "A model is worth its Bayesian evidence, and the best batch size follows the noise scale: B ∝ εN/(1 − m)."),
        new("P3", "natural-gradient", "Natural gradient descent on minibatches samples a posterior, at a temperature of half the noise scale."),
        new("P4", "network-width", "The best noise scale grows with the width of a network."),
        new("P5", "cold-posteriors", "Tempering a posterior is choosing what its prior says about chance in labels."),
        new("P6", "implicit-regularization", "SGD follows a modified loss, whose penalty on gradients is what a large learning rate does for generalisation."),
    ];

    /// <summary>What is known of the paper.</summary>
    public Reference Reference => Citations.Work(Key)!;

    /// <summary>The paper of a name.</summary>
    /// <param name="name">Its folder, or any name that <see cref="Citations.Work"/> knows, in either case: network-width, P4, 1905.03776.</param>
    public static GalleryPaper? Of(string name) =>
        All.FirstOrDefault(paper => paper.Folder.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? (Citations.Work(name) is { } work ? All.FirstOrDefault(paper => paper.Key == work.Key) : null);
}
