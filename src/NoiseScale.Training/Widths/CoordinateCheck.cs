using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Widths;

/// <summary>How the outputs of one layer depend on the width: exponents of the width with their intervals over seeds, and what they should be.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Role">What its weights connect.</param>
/// <param name="Activation">Exponent of the root mean square of its outputs at the start.</param>
/// <param name="Update">Exponent of the root mean square of what the first update changes them by.</param>
/// <param name="ExpectedActivation">Of the theory.</param>
/// <param name="ExpectedUpdate">Of the theory.</param>
public sealed record LayerExponents(
    string Layer, LayerRole Role, MeanInterval Activation, MeanInterval Update, double ExpectedActivation, double ExpectedUpdate);

/// <summary>The outputs of one layer of one network.</summary>
/// <param name="Width">w.</param>
/// <param name="Seed">Of the parameters.</param>
/// <param name="Layer">The layer's name.</param>
/// <param name="Activation">Root mean square at the start.</param>
/// <param name="Update">Root mean square of the change by the first update.</param>
public sealed record LayerSize(int Width, long Seed, string Layer, double Activation, double Update);

/// <summary>A coordinate check: sizes of all layers over widths, and their exponents.</summary>
/// <param name="Layers">The exponents, from the first layer to the logits.</param>
/// <param name="Sizes">What they were fitted to.</param>
public sealed record CoordinateReport(IReadOnlyList<LayerExponents> Layers, IReadOnlyList<LayerSize> Sizes);

/// <summary>
/// Checks a parameterisation by its coordinates: how the outputs of every layer, and what the first update changes them by, grow with the width at one learning
/// rate. Under the maximal update no change depends on the width. (Yang et al. 2022, Appendix D)
/// </summary>
public static class CoordinateCheck
{
    /// <summary>Exponents of the width for a family of perceptrons.</summary>
    /// <param name="family">The family.</param>
    /// <param name="parameterisation">Which.</param>
    /// <param name="data">Where the examples are from.</param>
    /// <param name="widths">At least 3, different, each at least 1; exponents are those of large widths, so begin at 64 or more.</param>
    /// <param name="seeds">At least 2, different.</param>
    /// <param name="learningRate">ε of the one update; small enough that outputs change in proportion to it.</param>
    /// <param name="batchSize">The examples of the update, and those that outputs are looked at on; at least 1, at most N.</param>
    /// <param name="optimizer">SGD or Adam.</param>
    /// <param name="progress">Told after every network which part of all is done.</param>
    /// <returns>Exponents by least squares in ln w for each seed; their means and intervals over seeds.</returns>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    /// <exception cref="InvalidOperationException">Outputs of a layer are all 0, do not change, or overflow.</exception>
    public static CoordinateReport Run(
        WidthFamily.Perceptron family, Parameterisation parameterisation, ImageDataSet data, IReadOnlyList<int> widths, IReadOnlyList<long> seeds,
        double learningRate = 1e-3, int batchSize = 16, RateFamily optimizer = RateFamily.Sgd, IProgress<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(family);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(widths);
        ArgumentNullException.ThrowIfNull(seeds);
        if (widths.Distinct().Count() < 3 || widths.Distinct().Count() != widths.Count)
            throw new ArgumentException($"{widths.Distinct().Count()} widths; an exponent needs at least 3 different ones, and none twice", nameof(widths));

        if (seeds.Distinct().Count() < 2 || seeds.Distinct().Count() != seeds.Count)
            throw new ArgumentException("there must be at least 2 seeds, and no seed twice", nameof(seeds));

        if (!(learningRate > 0 && double.IsFinite(learningRate)))
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "it must be finite and greater than 0");

        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, data.Train.Count);
        var sizes = new List<LayerSize>();
        var done = 0;
        using var scope = torch.NewDisposeScope();
        var batch = data.Train.Slice(0, batchSize);
        foreach (var width in widths)
        {
            var network = family.At(data.Train.Shape, data.ClassCount, width, parameterisation, optimizer);
            foreach (var seed in seeds)
            {
                sizes.AddRange(Sizes(network, width, seed, batch, learningRate, optimizer));
                progress?.Report((double)++done / (widths.Count * seeds.Count));
            }
        }

        if (sizes.Find(size => !(size.Activation > 0 && size.Update > 0 && double.IsFinite(size.Activation + size.Update))) is { } none)
        {
            throw new InvalidOperationException(
                $"at width {none.Width}, seed {none.Seed}, the outputs of {none.Layer} are {none.Activation:G3} and change by {none.Update:G3}: no exponent is in that");
        }

        var layers = sizes.Select(size => size.Layer).Distinct().ToList();
        return new CoordinateReport([.. layers.Select((layer, i) => Exponents(layer, i, layers.Count, sizes, widths, seeds, parameterisation, optimizer))], sizes);
    }

    private static LayerExponents Exponents(
        string layer, int index, int count, List<LayerSize> sizes, IReadOnlyList<int> widths, IReadOnlyList<long> seeds, Parameterisation parameterisation, RateFamily optimizer)
    {
        var role = index == count - 1 ? LayerRole.Output : index == 0 ? LayerRole.Input : LayerRole.Hidden;
        MeanInterval Slope(Func<LayerSize, double> size) => PowerOfWidth.Exponent(widths, [.. seeds.Select(seed => (IReadOnlyList<double>)
            [.. sizes.Where(one => one.Layer == layer && one.Seed == seed).Select(size)])]);
        var (activation, update) = Coordinates.Expected(parameterisation, role, hiddenLayers: count - 1, optimizer);
        return new LayerExponents(layer, role, Slope(one => one.Activation), Slope(one => one.Update), activation, update);
    }

    private static List<LayerSize> Sizes(Network network, int width, long seed, Batch batch, double learningRate, RateFamily optimizer)
    {
        using var scope = torch.NewDisposeScope();
        var parameters = network.Initialise(seed, elementType: torch.ScalarType.Float64);
        try
        {
            var images = batch.Images.to(torch.ScalarType.Float64);
            var before = network.LayersOf(parameters, images);
            var loss = torch.nn.functional.cross_entropy(network.Apply(parameters, images), batch.Labels);
            var gradients = DiffSharp.Gradient.Of(loss, parameters);

            // Adam's first update, its averages free of bias: ε·g/|g|
            var changed = parameters.Zip(gradients, (parameter, gradient) =>
                parameter.detach().Plus((optimizer == RateFamily.Adam ? gradient.sign() : gradient).Times(-learningRate))).ToArray();
            var after = network.LayersOf(changed, images);
            return
            [
                .. before.Zip(after, (first, second) => new LayerSize(
                    width, seed, first.Layer, RootMeanSquare(first.Outputs), RootMeanSquare(second.Outputs.sub(first.Outputs)))),
            ];
        }
        finally
        {
            Array.ForEach(parameters, parameter => parameter.Dispose());
        }
    }

    private static double RootMeanSquare(Tensor outputs)
    {
        var values = outputs.detach();
        return Math.Sqrt(values.mul(values).mean().item<double>());
    }
}
