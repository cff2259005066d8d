using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class MnistTests
{
    public static Test All => TestList("mnist",
    [
        SharedData.MnistTest("the real MNIST is recognised, and normalised as everyone does", directory =>
        {
            using var mnist = Mnist.Load(directory);
            Check.Equal("mnist", mnist.Name);
            Check.Equal(0, mnist.Warnings.Count);
            Check.Equal((60_000, 10_000, 10), (mnist.Train.Count, mnist.Test.Count, mnist.ClassCount));
            Check.Equal(new ImageShape(1, 28, 28), mnist.Train.Shape);
            Check.Close(0.1307, mnist.Normalisation.Mean[0], 5e-5);
            Check.Close(0.3081, mnist.Normalisation.Scale[0], 5e-5);
            using var scope = torch.NewDisposeScope();
            Check.Close(0, mnist.Train.Images.mean().item<float>(), 1e-4);
            Check.Close(1, mnist.Train.Images.std().item<float>(), 1e-4);

            // the first labels of both files, as in every tutorial
            Check.Sequence([5L, 0, 4, 1, 9], mnist.Train.Labels.narrow(0, 0, 5).data<long>().ToArray());
            Check.Sequence([7L, 2, 1, 0, 4], mnist.Test.Labels.narrow(0, 0, 5).data<long>().ToArray());
        }),
        TestCase("another set in the same format is read with a warning for each file", () =>
        {
            using var folder = new TemporaryFolder();
            IdxSample.WriteAll(folder);
            using var set = Mnist.Load(folder.Path);
            Check.Equal(Path.GetFileName(folder.Path), set.Name);
            Check.Equal(4, set.Warnings.Count);
            Check.True(set.Warnings.All(warning => warning.EndsWith("is not the canonical MNIST file", StringComparison.Ordinal)));

            using var scope = torch.NewDisposeScope();
            var pixels = Array.ConvertAll(IdxSample.Bytes(36, 256), pixel => pixel / 255.0);
            var mean = pixels.Average();
            var scale = Math.Sqrt(pixels.Average(pixel => (pixel - mean) * (pixel - mean)));
            var expected = torch.tensor(Array.ConvertAll(pixels, pixel => (float)((pixel - mean) / scale))).view(6, 1, 3, 2);
            Check.Close(expected, set.Train.Images, 1e-6);
            Check.Sequence(IdxSample.Bytes(6, 10).Select(label => (long)label), set.Train.Labels.data<long>().ToArray());
        }),
        TestCase("plain and gzip give the same set; the hash follows the content", () =>
        {
            using var plainFolder = new TemporaryFolder();
            using var packedFolder = new TemporaryFolder();
            IdxSample.WriteAll(plainFolder);
            IdxSample.WriteAll(packedFolder, ".gz", IdxSample.Gzip);
            using var plain = Mnist.Load(plainFolder.Path);
            using var packed = Mnist.Load(packedFolder.Path);
            Check.Equal(plain.Hash, packed.Hash);
            Check.True(plain.Hash.Length == 64);
            plainFolder.Write("t10k-labels-idx1-ubyte", IdxSample.Of([4], [0, 1, 2, 3]));
            using var changed = Mnist.Load(plainFolder.Path);
            Check.True(plain.Hash != changed.Hash);
        }),
        TestCase("mismatched files are refused by name", () =>
        {
            Refused(DataFileProblem.Missing, "train-labels-idx1-ubyte", null, "train-labels-idx1-ubyte", "nor with .gz");
            Refused(DataFileProblem.CountMismatch, "t10k-labels-idx1-ubyte", IdxSample.Of([5], new byte[5]), "5 labels", "4 images");
            Refused(DataFileProblem.LabelOutOfRange, "train-labels-idx1-ubyte", IdxSample.Of([6], [0, 1, 2, 3, 10, 5]), "label 4 is 10");
            Refused(DataFileProblem.ImageSizeMismatch, "t10k-images-idx3-ubyte", IdxSample.Of([4, 2, 3], new byte[24]), "1 × 2 × 3", "1 × 3 × 2");
            Refused(DataFileProblem.WrongDimensions, "train-images-idx3-ubyte", IdxSample.Of([6, 6], new byte[36]), "has 2 dimensions");
            Refused(DataFileProblem.WrongDimensions, "train-labels-idx1-ubyte", IdxSample.Of([6, 1], new byte[6]), "labels have 1");
            Refused(DataFileProblem.TruncatedPayload, "train-images-idx3-ubyte", IdxSample.Of([6, 3, 2], new byte[35]), "35 of the 36");
            Check.Equal(DataFileProblem.Missing, Check.Throws<DataFileException>(() => Mnist.Load("/no/such/folder")).Problem);
        }),
    ]);

    private static void Refused(DataFileProblem problem, string name, byte[]? content, params string[] pieces)
    {
        using var folder = new TemporaryFolder();
        IdxSample.WriteAll(folder);
        if (content is null)
            File.Delete(Path.Combine(folder.Path, name));
        else
            folder.Write(name, content);

        Check.Equal(problem, Check.Throws<DataFileException>(() => Mnist.Load(folder.Path), pieces).Problem);
    }
}
