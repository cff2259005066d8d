using NoiseScale.Training.Data;

namespace NoiseScale.Training.Networks;

/// <summary>
/// Fully connected layers with ReLU between them: h₀ = the pixels, hᵢ = max(0, Wᵢhᵢ₋₁ + bᵢ), logits = W h + b.
/// </summary>
/// <remarks>Weights He-normal, those of the last layer of variance 1/fan-in, biases 0. P1 and P2 use one hidden layer of 800.</remarks>
public sealed class MultilayerPerceptron : Network
{
    /// <summary>A perceptron with the given hidden widths.</summary>
    /// <param name="input">Size of one image.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="hiddenWidths">Units of each hidden layer, each at least 1; none for logistic regression.</param>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    public MultilayerPerceptron(ImageShape input, int classCount, params IReadOnlyList<int> hiddenWidths)
        : base(NameOf(input, classCount, hiddenWidths), input, classCount, Shapes(input, classCount, hiddenWidths)) =>
        HiddenWidths = [.. hiddenWidths];

    /// <summary>Units of each hidden layer.</summary>
    public IReadOnlyList<int> HiddenWidths { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(IReadOnlyList<Tensor> parameters, Tensor images, Action<string, Tensor>? observe)
    {
        var activations = images.flatten(1);
        var last = parameters.Count - 2;
        for (var i = 0; i < last; i += 2)
        {
            var outputs = torch.nn.functional.linear(activations, parameters[i], parameters[i + 1]);
            observe?.Invoke($"hidden{(i / 2) + 1}", outputs);
            activations = torch.nn.functional.relu(outputs);
        }

        return torch.nn.functional.linear(activations, parameters[last], parameters[last + 1]);
    }

    private static string NameOf(ImageShape input, int classCount, IReadOnlyList<int> hiddenWidths) =>
        $"mlp-{string.Join('-', [input.Length, .. hiddenWidths ?? [], classCount])}";

    private static List<ParameterShape> Shapes(ImageShape input, int classCount, IReadOnlyList<int> hiddenWidths)
    {
        ArgumentNullException.ThrowIfNull(hiddenWidths);
        var shapes = new List<ParameterShape>();
        var width = input.Length;
        for (var i = 0; i < hiddenWidths.Count; i++)
        {
            if (hiddenWidths[i] < 1)
                throw new ArgumentOutOfRangeException(nameof(hiddenWidths), hiddenWidths[i], $"hidden layer {i + 1} must have at least 1 unit");

            shapes.Add(ParameterShape.BeforeRelu($"hidden{i + 1}.weight", hiddenWidths[i], width) with { Role = i == 0 ? LayerRole.Input : LayerRole.Hidden });
            shapes.Add(ParameterShape.Constant($"hidden{i + 1}.bias", 0, width, hiddenWidths[i]) with { Role = LayerRole.Input });
            width = hiddenWidths[i];
        }

        shapes.Add(ParameterShape.Linear("logits.weight", classCount, width) with { Role = hiddenWidths.Count == 0 ? LayerRole.Fixed : LayerRole.Output });
        shapes.Add(ParameterShape.Constant("logits.bias", 0, width, classCount));
        return shapes;
    }
}
