// A program that uses the packages: two schedules of one noise scale, and whether a perceptron can tell them apart.
// With a folder of packages in place of a feed that carries them:
//   dotnet pack Research.sln -c Release -o out/packages
//   dotnet run --project scripts/packages -c Release -p:RestoreAdditionalProjectSources=$PWD/out/packages
using DiffSharp;
using NoiseScale;
using NoiseScale.Training;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

var decaying = Schedule.Parse("lr 0.02 /4 @4; batch 25; momentum 0.9; epochs 6; examples 1000");
var growing = decaying.TradeDecayForBatch(maxBatch: 100);

TorchRuntime.Ensure();
Console.WriteLine($"libtorch {TorchRuntime.Report.LibTorchVersion}, by {TorchRuntime.Report.LibTorchRule}");

var digits = SyntheticDigits.Generate(new SyntheticDigitsSettings { TrainCount = 1000, TestCount = 500, Seed = 1 });
var network = new MultilayerPerceptron(new ImageShape(1, 28, 28), classCount: 10, 64);

var losses = new List<double>();
foreach (var (name, schedule) in new[] { ("decaying", decaying), ("growing", growing) })
{
    using var outcome = Trainer.Train(schedule.Plan(), network, digits, new TrainingSettings { Seed = 1 });
    var end = outcome.Records[^1];
    losses.Add(end.TrainLoss);
    Console.WriteLine($"{name,-9} {outcome.Updates,4} updates: loss {end.TrainLoss:F4}, test accuracy {end.TestAccuracy:P1}");
}

if (growing.Plan().Updates >= decaying.Plan().Updates || Math.Abs(losses[0] - losses[1]) > 0.1)
    throw new InvalidOperationException("The growing batch should save updates and end at the same loss.");
