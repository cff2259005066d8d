using System.Globalization;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

internal static class QuantityTests
{
    internal static Test All => Runner.TestList("quantities", [
        Runner.TestCase("epochs add, scale, compare and count examples", () =>
        {
            Epochs ten = 10;
            Check.Equal(15, ten + 5, "sum");
            Check.Equal(4, ten - 6, "difference");
            Check.Equal(20, 2 * ten, "multiple");
            Check.Equal(2.5, ten / 4, "ratio");
            Check.True(ten > 9 && ten >= 10 && 9 < ten && ten <= 10, "order");
            Check.Equal(500_000, ten.ToExamples(50_000), "examples");
            Check.Equal(ten, Epochs.OfExamples(500_000, 50_000), "and back");
            Check.Equal("10 epochs", ten.ToString(), "text");
            Check.Throws<ArgumentOutOfRangeException>(() => Epochs.OfExamples(1, 0), "an empty training set");
        }),
        Runner.TestCase("the noise scale from its parts, and the batch from the noise scale", () =>
        {
            foreach (var form in Enum.GetValues<NoiseScaleForm>())
            {
                var g = SgdNoiseScale.Of(0.1, 128, 50_000, momentum: 0.9, form: form);
                Check.Equal(ScheduleTests.Original.NoiseScaleAt(0, form), g, $"g, {form}");
                Check.Close(128, g.BatchSizeFor(0.1, 50_000, 0.9, form), 1e-14, $"its batch, {form}");
            }
        }),
        Runner.TestCase("temperatures convert by name", () =>
        {
            var g = SgdNoiseScale.Of(0.1, 128, 50_000);
            Check.Close(g.Value / 2, g.ToPosteriorTemperature().Value, 1e-15, "T = g/2");
            Check.Equal(g, g.ToPosteriorTemperature().ToNoiseScale(), "and back");
            var linear = SgdNoiseScale.Of(0.1, 128, 50_000, form: NoiseScaleForm.Linear);
            Check.Close(0.1 / 128, linear.LinearToStepTemperature(50_000).Value, 1e-15, "T = ε/B");
            Check.Close(linear.Value, linear.LinearToStepTemperature(50_000).ToLinearNoiseScale(50_000).Value, 1e-15, "and back");
        }),
        Runner.TestCase("temperatures sort from cold to hot, and read the same everywhere", () =>
        {
            double[] mixed = [1.5, 0.25, 10], sorted = [0.25, 1.5, 10];
            Check.SequenceEqual(sorted, mixed.Select(t => new PosteriorTemperature(t)).Order().Select(t => t.Value), "of posteriors");
            Check.SequenceEqual(sorted, mixed.Select(t => new LikelihoodTemperature(t)).Order().Select(t => t.Value), "of likelihoods");
            Check.SequenceEqual(sorted, mixed.Select(t => new StepTemperature(t)).Order().Select(t => t.Value), "of steps");
            var before = CultureInfo.CurrentCulture;
            try
            {
                var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
                comma.NumberFormat.NumberDecimalSeparator = ",";
                CultureInfo.CurrentCulture = comma;
                Check.Equal("T = 1.5 (posterior)", new PosteriorTemperature(1.5).ToString(), "of posteriors");
                Check.Equal("T = 1.5 (likelihood)", new LikelihoodTemperature(1.5).ToString(), "of likelihoods");
                Check.Equal("T = 1.5 (step)", new StepTemperature(1.5).ToString(), "of steps");
            }
            finally
            {
                CultureInfo.CurrentCulture = before;
            }
        }),
    ]);
}
