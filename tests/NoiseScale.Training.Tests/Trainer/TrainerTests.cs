using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests.Running;

internal static class TrainerTests
{
    public static Test All => TestList("trainer",
    [
        TestCase("does what a loop written out by hand does", AgreesWithLoop),
        TestCase("pieces of a batch compute what the batch does", PiecesAgree),
        TestCase("pieces respect ghost batches", GhostPieces),
        TestCase("the same run has the same bits, alone and beside others", SameBits),
        TestCase("evaluates at the update nearest to each requested epoch", EvaluatesWhereAsked),
        TestCase("measures cross-entropy and accuracy", Measures),
        TestCase("the weight average is evaluated beside the parameters", Averages),
        TestCase("a diverging run is recorded with its update", Diverges),
        TestCase("progress grows to 1 and is told on the same thread", Progresses),
        TestCase("neither tensors nor managed memory grow over 10 000 updates", LeaksNothing),
        TestCase("what does not belong together is refused", Refuses),
    ]);

    private static void AgreesWithLoop()
    {
        using var scope = torch.NewDisposeScope();
        var plan = Small.Everything.Plan();
        var p = Small.Network.Initialise(3);
        var velocities = Array.ConvertAll(p, w => torch.zeros_like(w));
        var order = new DataOrder(Small.TrainCount, 3);
        foreach (var update in plan)
        {
            var indices = new long[update.BatchSize];
            order.Fill(update.FirstExample, indices);
            var images = Small.Data.Train.Images.index_select(0, torch.tensor(indices)).reshape(update.BatchSize, -1);
            var labels = Small.Data.Train.Labels.index_select(0, torch.tensor(indices));
            var logits = torch.matmul((torch.matmul(images, p[0].t()) + p[1]).clamp_min(0), p[2].t()) + p[3];
            var loss = -logits.log_softmax(1).gather(1, labels.unsqueeze(1)).mean();
            foreach (var w in p)
                w.grad = null;

            loss.backward();
            using var noGrad = torch.no_grad();
            for (var i = 0; i < p.Length; i++)
            {
                velocities[i] = (update.Momentum * velocities[i]) + p[i].grad! + (0.001 * p[i]);
                p[i].sub_(update.LearningRate * velocities[i]);
            }
        }

        var trained = Small.Train(plan, new TrainingSettings { Seed = 3 });
        var expected = Small.Values(p);

        // float32 in another order of operations; the parameters have moved by about 0.1
        Check.Equal(expected.Length, trained.Length);
        Check.Close(0, expected.Zip(trained, (a, b) => Math.Abs(a - b)).Max(), 1e-5, "the largest difference of a parameter");
        foreach (var w in p)
            w.Dispose();
    }

    private static void PiecesAgree()
    {
        var plan = Small.Everything.Plan(PartialBatch.Keep);
        var whole = Small.Train(plan);
        foreach (var limit in new[] { 1, 7, 32 }) // 7 leaves a ragged last piece of 1, 4 and 6
        {
            var pieces = Small.Train(plan, new TrainingSettings { MicroBatchSize = limit });
            Check.Close(0, whole.Zip(pieces, (a, b) => Math.Abs(a - b)).Max(), 2e-6, $"the largest difference with pieces of {limit}");
        }
    }

    private static void GhostPieces()
    {
        var network = new WideResNet(new ImageShape(1, 28, 28), 10, 10, 1, new ResidualNormalisation.GhostBatchNorm(6));
        var plan = Schedule.Parse("lr 0.1; batch 24; epochs 0.5; examples 96").Plan();
        double[] Train(int? limit)
        {
            using var outcome = Trainer.Train(plan, network, Small.Data, new TrainingSettings { MicroBatchSize = limit });
            return Small.Values(outcome.Parameters);
        }

        var (whole, pieces) = (Train(null), Train(13)); // 13 becomes two ghost batches: 12
        Check.Close(0, whole.Zip(pieces, (a, b) => Math.Abs(a - b)).Max(), 1e-5, "the largest difference of a parameter");
        Check.Throws<ArgumentOutOfRangeException>(() => Train(5), "MicroBatchSize", "ghost batch of wrn-10-1", "6");
    }

    private static void SameBits()
    {
        var plan = Small.Everything.Plan();
        var alone = Small.Train(plan, new TrainingSettings { Seed = 5 });
        var beside = new double[4][];
        var threads = Enumerable.Range(0, beside.Length).Select(i => new Thread(() =>
            beside[i] = Small.Train(plan, new TrainingSettings { Seed = 5 - (i % 2) }))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Check.Sequence(alone, beside[0]);
        Check.Sequence(alone, beside[2]);
        Check.Sequence(beside[1], beside[3]);
        Check.True(!alone.SequenceEqual(beside[1]), "another seed gives another run");
    }

    private static void EvaluatesWhereAsked()
    {
        // batches of 32 in 96 examples: updates begin at epochs 0, 1/3, 2/3, …
        var plan = Schedule.Parse("lr 0.1; batch 32; epochs 2; examples 96").Plan();
        double[] requested = [0, 0.1, 0.2, 1, 1.5, 1.6, 1.9];
        using var outcome = Trainer.Train(plan, Small.Network, Small.Data, new TrainingSettings { EvaluationEpochs = requested });
        Check.Sequence([.. requested, 2.0], outcome.Records.Select(record => record.RequestedEpoch));
        Check.Sequence([0L, 0, 1, 3, 5, 5, 6, 6], outcome.Records.Select(record => record.Update));
        foreach (var record in outcome.Records)
        {
            Check.Close(record.Update / 3.0, record.Epoch, 1e-12);
            Check.True(Math.Abs(record.Epoch - record.RequestedEpoch) <= (0.5 / 3) + 1e-12, $"{record.RequestedEpoch} is answered at {record.Epoch}");
        }

        Check.Equal(null, outcome.Records[0].BatchLoss);
        Check.Equal(outcome.Records[0].TrainLoss, outcome.Records[1].TrainLoss);
        Check.True(outcome.Records[^1].TrainLoss < outcome.Records[0].TrainLoss, "training lowers the loss");
        Check.True(outcome.Records[3].BatchLoss is > 0, "the batch loss since the record before is there");
    }

    private static void Measures()
    {
        using var scope = torch.NewDisposeScope();
        using var evaluator = new Evaluator(Small.Network, Small.Data);
        using var subset = new Evaluator(Small.Network, Small.Data, 40);
        using var again = new Evaluator(Small.Network, Small.Data, 40);
        var p = Small.Network.Initialise(1);
        var logits = Small.Network.Apply(p, Small.Data.Test.Images).detach().to(torch.ScalarType.Float64);
        var labels = Small.Data.Test.Labels.data<long>().ToArray();
        var (loss, right) = (0.0, 0);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits[i].data<double>().ToArray();
            var largest = row.Max();
            loss += largest + Math.Log(row.Sum(z => Math.Exp(z - largest))) - row[labels[i]];
            right += Array.IndexOf(row, largest) == labels[i] ? 1 : 0;
        }

        var (train, test) = evaluator.Evaluate(p);
        Check.Close(loss / labels.Length, test.Loss, 1e-5);
        Check.Equal((double)right / labels.Length, test.Accuracy);
        Check.Equal(again.Evaluate(p).Train, subset.Evaluate(p).Train);
        Check.True(subset.Evaluate(p).Train != train, "the subset is not the whole");
        Check.Equal(90, subset.Examples);
        Check.Throws<ArgumentOutOfRangeException>(() => new Evaluator(Small.Network, Small.Data, 97), "trainEvaluationSize");
        foreach (var w in p)
            w.Dispose();
    }

    private static void Averages()
    {
        var schedule = Small.Everything.WithAveraging(new WeightAveraging(0.9));
        using var outcome = Trainer.Train(schedule.Plan(), Small.Network, Small.Data, new TrainingSettings { EvaluationEpochs = [0] });
        using var evaluator = new Evaluator(Small.Network, Small.Data);
        var (train, test) = evaluator.Evaluate(outcome.AveragedParameters!);
        Check.Equal(train.Loss, outcome.Records[^1].AveragedTrainLoss!.Value);
        Check.Equal(test.Loss, outcome.Records[^1].AveragedTestLoss!.Value);
        Check.Equal(test.Accuracy, outcome.Records[^1].AveragedTestAccuracy!.Value);
        Check.Equal(outcome.Records[0].TrainLoss, outcome.Records[0].AveragedTrainLoss!.Value);
        Check.True(outcome.Records[^1].TrainLoss != outcome.Records[^1].AveragedTrainLoss, "the average is not the parameters");

        // the average follows from the run without one, whose parameters are the same
        using var plain = Trainer.Train(Small.Everything.Plan(), Small.Network, Small.Data);
        Check.Sequence(Small.Values(plain.Parameters), Small.Values(outcome.Parameters));
        Check.Equal(null, plain.AveragedParameters);
    }

    private static void Diverges()
    {
        var plan = Schedule.Parse("lr 1e6; batch 8; momentum 0.9; epochs 20; examples 96").Plan();
        using var outcome = Trainer.Train(plan, Small.Network, Small.Data, new TrainingSettings { EvaluationEpochs = [0, 0.0834, 19] });
        var divergence = outcome.Divergence ?? throw new Expecto.AssertException("it did not diverge");
        Check.True(!double.IsFinite(divergence.Loss), "the loss is not finite");
        Check.Equal(divergence.Update + 1, outcome.Updates); // the update of that batch was taken, and the last
        Check.Close(divergence.Update * 8 / 96.0, divergence.Epoch, 1e-12);
        Check.True(outcome.Records.Count is 1 or 2, "the records before it are kept");
        Check.True(outcome.Updates < plan.Updates, "it ends there");
    }

    private static void Progresses()
    {
        var plan = Schedule.Parse("lr 0.01; batch 1 *8 @20; epochs 60; examples 96").Plan();
        var reports = new List<TrainingProgress>();
        var thread = Environment.CurrentManagedThreadId;
        Small.Train(plan, new TrainingSettings { EvaluationEpochs = [10, 30] }, new Tell<TrainingProgress>(report =>
        {
            Check.Equal(thread, Environment.CurrentManagedThreadId);
            reports.Add(report);
        }));
        Check.True(reports.Count >= 2, "it reports at the start and at the end");
        Check.Sequence(reports.Select(r => r.Fraction).Order(), reports.Select(r => r.Fraction));
        Check.Close(1, reports[^1].Fraction, 1e-12);
        Check.Equal(TimeSpan.Zero, reports[^1].Remaining);
        Check.Equal(plan.Updates, reports[^1].Update);
        Check.Equal(plan.Updates, reports[^1].Updates);
    }

    private static void LeaksNothing()
    {
        var network = new MultilayerPerceptron(new ImageShape(1, 28, 28), 10);
        var plan = Schedule.Parse("lr 0.001; batch 2; momentum 0.9; epochs 208.34; examples 96; average 0.99").Plan();
        Check.True(plan.Updates >= 10_000, "10 000 updates");
        var (live, bytes) = (new List<long>(), new List<long>());
        using var outcome = Trainer.Train(plan, network, Small.Data, settings: null, new Tell<TrainingProgress>(_ =>
        {
            live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            bytes.Add(GC.GetAllocatedBytesForCurrentThread());
        }));

        // the last report comes after everything temporary is gone; the first after one update
        Check.Equal(live[0], live[^1]);
        Check.True((bytes[^1] - bytes[0]) / plan.Updates < 20_000, $"{(bytes[^1] - bytes[0]) / plan.Updates} managed bytes an update");
    }

    private static void Refuses()
    {
        var plan = Small.Everything.Plan();
        void Train(Plan? p = null, Network? network = null, TrainingSettings? settings = null) =>
            Trainer.Train(p ?? plan, network ?? Small.Network, Small.Data, settings).Dispose();

        Check.Throws<ArgumentException>(
            () => Train(Schedule.Parse("lr 0.1; batch 8; epochs 1; examples 100").Plan()), "100 training examples", "96");
        Check.Throws<ArgumentException>(() => Train(network: new MultilayerPerceptron(new ImageShape(1, 8, 8), 10)), "1 × 8 × 8", "1 × 28 × 28");
        Check.Throws<ArgumentException>(() => Train(network: new MultilayerPerceptron(new ImageShape(1, 28, 28), 11)), "11 classes");
        foreach (var epochs in new double[][] { [-1], [6.0], [double.NaN], [1.0, 1.0], [2.0, 1.0] })
            Check.Throws<ArgumentOutOfRangeException>(() => Train(settings: new() { EvaluationEpochs = epochs }), "EvaluationEpochs");

        Check.Throws<ArgumentOutOfRangeException>(() => Train(settings: new() { MicroBatchSize = 0 }), "MicroBatchSize");
        Check.Throws<ArgumentOutOfRangeException>(() => Train(settings: new() { TrainEvaluationSize = 0 }), "TrainEvaluationSize");
        Check.Throws<ArgumentOutOfRangeException>(() => Train(settings: new() { TrainEvaluationSize = 97 }), "97");
        Check.Throws<ArgumentOutOfRangeException>(() => Train(settings: new() { Checkpoints = new("somewhere") { EveryUpdates = 0 } }), "EveryUpdates");
        Check.Throws<ArgumentException>(() => Train(settings: new() { Checkpoints = new(" ") }), "Directory");
    }
}
