using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class SyntheticDigitsTests
{
    private static readonly SyntheticDigitsSettings Small = new() { TrainCount = 300, TestCount = 100, Seed = 3 };

    public static Test All => TestList("synthetic digits",
    [
        TestCase("the same settings give the same images and hash, in whatever order they are drawn", () =>
        {
            using var first = SyntheticDigits.Generate(Small);
            using var second = SyntheticDigits.Generate(Small);
            Check.Equal(first.Hash, second.Hash);
            using var scope = torch.NewDisposeScope();
            Check.Close(first.Train.Images, second.Train.Images, 0);
            Check.Equal((300, 100, 10), (first.Train.Count, first.Test.Count, first.ClassCount));
            Check.Equal(new ImageShape(1, 28, 28), first.Train.Shape);
        }),
        TestCase("image i depends on seed and i alone: a larger set begins with the smaller one", () =>
        {
            using var small = SyntheticDigits.Generate(Small);
            using var large = SyntheticDigits.Generate(Small with { TrainCount = 500 });
            using var scope = torch.NewDisposeScope();
            Check.Close(Pixels(small), Pixels(large).narrow(0, 0, 300), 1e-5);
            Check.Close(small.Train.Labels, large.Train.Labels.narrow(0, 0, 300), 0);
            Check.True(small.Hash != large.Hash);
        }),
        TestCase("another seed, and the test set, are other images", () =>
        {
            using var one = SyntheticDigits.Generate(Small with { TestCount = 300 });
            using var two = SyntheticDigits.Generate(Small with { Seed = 4 });
            Check.True(one.Hash != two.Hash);
            using var scope = torch.NewDisposeScope();
            Check.True((one.Train.Images - two.Train.Images).abs().flatten(1).amax([1]).min().item<float>() > 0.5);
            Check.True((one.Train.Images - one.Test.Images).abs().flatten(1).amax([1]).min().item<float>() > 0.5);
        }),
        TestCase("every setting changes the images and the hash", () =>
        {
            SyntheticDigitsSettings[] all =
            [
                Small, Small with { Rotation = 5 }, Small with { Shear = 0.1 }, Small with { Scale = 0.05 }, Small with { Translation = 0.5 },
                Small with { Elastic = 1 }, Small with { MinimumStroke = 1 }, Small with { MaximumStroke = 2 }, Small with { Noise = 0.05 },
            ];
            var sets = Array.ConvertAll(all, SyntheticDigits.Generate);
            Check.Equal(sets.Length, sets.Select(set => set.Hash).Distinct().Count());
            Check.Equal(sets.Length, sets.Select(set => set.Normalisation.Mean[0]).Distinct().Count());
            Array.ForEach(sets, set => set.Dispose());
        }),
        TestCase("every digit is drawn about equally often, with ink in the middle and none at the edge", () =>
        {
            using var set = SyntheticDigits.Generate(new() { TrainCount = 2000, TestCount = 1, Noise = 0 });
            using var scope = torch.NewDisposeScope();
            for (var digit = 0; digit < 10; digit++)
            {
                // 200 ± 4 standard deviations of 13.4
                Check.Close(200, set.Train.Labels.eq(digit).sum().item<long>(), 54);
            }

            var pixels = Pixels(set).squeeze(1);
            Check.True(pixels.narrow(1, 4, 20).narrow(2, 4, 20).amax([1, 2]).min().item<float>() > 0.6);
            Check.True(pixels.select(1, 0).mean().item<float>() < 0.02);
        }),
        TestCase("without distortion each digit is its strokes: a nearest mean tells all ten apart", () =>
        {
            var plain = new SyntheticDigitsSettings
            {
                TrainCount = 400, TestCount = 200, Rotation = 0, Shear = 0, Scale = 0, Translation = 0, Elastic = 0,
                MinimumStroke = 1.2, MaximumStroke = 1.2, Noise = 0,
            };
            using var set = SyntheticDigits.Generate(plain);
            using var scope = torch.NewDisposeScope();
            var (train, test) = (set.Train.Images.flatten(1), set.Test.Images.flatten(1));
            var nearest = torch.cdist(test, train).argmin(1);
            Check.True(set.Train.Labels.index_select(0, nearest).eq(set.Test.Labels).all().item<bool>());
        }),
        TestCase("settings out of range are refused by name", () =>
        {
            Refused(Small with { TrainCount = 0 }, "TrainCount");
            Refused(Small with { TestCount = -1 }, "TestCount");
            Refused(Small with { Rotation = double.NaN }, "Rotation");
            Refused(Small with { Shear = -0.1 }, "Shear");
            Refused(Small with { Scale = 2 }, "Scale");
            Refused(Small with { Translation = 100 }, "Translation");
            Refused(Small with { Elastic = double.PositiveInfinity }, "Elastic");
            Refused(Small with { MinimumStroke = 0 }, "MinimumStroke");
            Refused(Small with { MaximumStroke = 0.5 }, "MaximumStroke", "0.7");
            Refused(Small with { Noise = -1 }, "Noise");
        }),
    ]);

    private static Tensor Pixels(ImageDataSet set) => (set.Train.Images * set.Normalisation.Scale[0]) + set.Normalisation.Mean[0];

    private static void Refused(SyntheticDigitsSettings settings, params string[] pieces) =>
        Check.Throws<ArgumentOutOfRangeException>(() => SyntheticDigits.Generate(settings), pieces);
}
