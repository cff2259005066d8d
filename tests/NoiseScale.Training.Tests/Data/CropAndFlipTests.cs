using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class CropAndFlipTests
{
    public static Test All => TestList("crop and flip",
    [
        TestCase("each image is the window that was drawn for its place, pixel by pixel", () =>
        {
            const int size = 5, padding = 2, trainingSetSize = 7;
            var crop = new CropAndFlip(3, padding);
            using var scope = torch.NewDisposeScope();
            var images = torch.arange(1, 1 + (9 * 2 * size * 6), torch.ScalarType.Float32).view(9, 2, size, 6);
            var cropped = crop.Apply(images, 4, trainingSetSize);
            var (source, result) = (images.data<float>().ToArray(), cropped.data<float>().ToArray());
            for (var i = 0; i < 9; i++)
            {
                var (row, column, mirrored) = crop.Draw((4 + i) / trainingSetSize, (4 + i) % trainingSetSize);
                for (var channel = 0; channel < 2; channel++)
                {
                    for (var y = 0; y < size; y++)
                    {
                        for (var x = 0; x < 6; x++)
                        {
                            var fromY = y + row - padding;
                            var fromX = (mirrored ? 5 - x : x) + column - padding;
                            var inside = fromY is >= 0 and < size && fromX is >= 0 and < 6;
                            var expected = inside ? source[(((((i * 2) + channel) * size) + fromY) * 6) + fromX] : 0;
                            Check.Equal(expected, result[(((((i * 2) + channel) * size) + y) * 6) + x]);
                        }
                    }
                }
            }
        }),
        TestCase("a batch is augmented alike at once and in pieces", () =>
        {
            var crop = new CropAndFlip(5);
            using var scope = torch.NewDisposeScope();
            using var generator = new torch.Generator(1, torch.CPU);
            var images = torch.randn([10, 3, 8, 8], generator: generator);
            var pieces = torch.cat([crop.Apply(images.narrow(0, 0, 4), 95, 100), crop.Apply(images.narrow(0, 4, 6), 99, 100)]);
            Check.Close(crop.Apply(images, 95, 100), pieces, 0);
        }),
        TestCase("without padding and flip nothing happens; without flip nothing is mirrored", () =>
        {
            using var scope = torch.NewDisposeScope();
            using var generator = new torch.Generator(1, torch.CPU);
            var images = torch.randn([10, 3, 8, 8], generator: generator);
            Check.Close(images, new CropAndFlip(1, 0, flip: false).Apply(images, 0, 10), 0);
            var draws = Enumerable.Range(0, 1000).Select(i => new CropAndFlip(1, 4, flip: false).Draw(0, i));
            Check.True(draws.All(draw => !draw.Mirrored));
        }),
        TestCase("windows and mirrorings are uniform and independent, over places and over epochs", () =>
        {
            // 9 × 9 × 2 outcomes of 500 each: χ² with 161 degrees of freedom exceeds 222 with probability 0.001; the seed is fixed
            var crop = new CropAndFlip(9);
            foreach (var epochs in new[] { 1, 81_000 })
            {
                var counts = new int[162];
                for (var i = 0; i < 81_000; i++)
                {
                    var (row, column, mirrored) = epochs == 1 ? crop.Draw(0, i) : crop.Draw(i, 3);
                    counts[(((row * 9) + column) * 2) + (mirrored ? 1 : 0)]++;
                }

                Check.True(counts.Sum(count => (count - 500.0) * (count - 500.0) / 500) < 222);
            }
        }),
        TestCase("another seed draws other windows", () =>
        {
            var one = Enumerable.Range(0, 50).Select(i => new CropAndFlip(1).Draw(0, i));
            Check.True(!one.SequenceEqual(Enumerable.Range(0, 50).Select(i => new CropAndFlip(2).Draw(0, i))));
        }),
        TestCase("arguments out of range are refused by name", () =>
        {
            Check.Throws<ArgumentOutOfRangeException>(() => new CropAndFlip(0, -1), "padding");
            var crop = new CropAndFlip(0);
            using var scope = torch.NewDisposeScope();
            var images = torch.zeros(1, 1, 2, 2);
            Check.Throws<ArgumentException>(() => crop.Apply(images.squeeze(0), 0, 1), "images", "[1, 2, 2]");
            Check.Throws<ArgumentException>(() => crop.Apply(images.to(torch.ScalarType.Int64), 0, 1), "Int64");
            Check.Throws<ArgumentOutOfRangeException>(() => crop.Apply(images, -1, 1), "firstPosition");
            Check.Throws<ArgumentOutOfRangeException>(() => crop.Apply(images, 0, 0), "trainingSetSize");
        }),
    ]);
}
