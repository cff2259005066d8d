using System.Globalization;
using System.Text.Json;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>`noisescale temper --table`: regression of a table and its temperatures.</summary>
internal static class TableTests
{
    private static readonly string[] Given = ["--variance", "0.7", "--length-scale", "0.9", "--noise", "0.3"];

    public static Test All { get; } = Runner.TestList("regression of a table",
    [
        Runner.TestCase("evidence, equivalent models and scores are those of the process by dense algebra", () =>
        {
            using var scratch = new Scratch();
            var (train, test) = (Rows(14, 1), Rows(5, 2));
            var files = (Train: scratch.Write("train.csv", Csv(train)), Test: scratch.Write("test.csv", Csv(test)));
            foreach (var likelihoodOnly in new[] { false, true })
            {
                var found = Json(["--table", files.Train, "--test", files.Test, .. Given, "--temperatures", "0.5,1,3", .. likelihoodOnly ? (string[])["--likelihood-only"] : []]);
                foreach (var point in found.GetProperty("points").EnumerateArray())
                {
                    var t = Of(point, "tempering", "temperature");
                    var (v, noise) = (likelihoodOnly ? 0.7 : 0.7 * t, 0.3 * t);
                    var by = Dense.Regress(train, test, v, 0.9, noise);
                    Near(noise, Of(point, "noiseVariance"), 1e-12, "σ² → Tσ²");
                    Check.Equal(string.Create(CultureInfo.InvariantCulture, $"{v:g5}·RBF(ℓ = 0.9)"), point.GetProperty("kernel").GetString()!, "the kernel");
                    Near(by.LogEvidence, Of(point, "logEvidence"), 1e-8, "ln p(y)");
                    Near(by.RootMeanSquare, Of(point, "heldOut", "rootMeanSquare"), 1e-8, "RMSE");
                    Near(by.NegativeLogDensity, Of(point, "heldOut", "negativeLogDensity"), 1e-8, "−ln p");
                }

                // T* is above both of its neighbours, and what it gains is the difference to T = 1
                double Evidence(double t) => Dense.Regress(train, test, likelihoodOnly ? 0.7 : 0.7 * t, 0.9, 0.3 * t).LogEvidence;
                var best = found.GetProperty("best");
                var star = Of(best, "tempering", "temperature");
                Check.True(Evidence(star) > Evidence(star * 1.02) && Evidence(star) > Evidence(star / 1.02), $"T* = {star}");
                Near(Evidence(star) - Evidence(1), Of(best, "gain", "logEvidence"), 1e-6, "gain");
                Near(
                    Of(found, "untempered", "heldOut", "negativeLogDensity") - Of(best, "heldOut", "negativeLogDensity"), Of(best, "gain", "negativeLogDensity"), 1e-12,
                    "gain on what is held out");
            }
        }),
        Runner.TestCase("scaled columns: scores and evidence stay in the target's units", () =>
        {
            using var scratch = new Scratch();
            var (train, test) = (Rows(20, 3), Rows(6, 4));
            static double[] Moved(double[] row) => [row[0], row[1], (row[2] * 50) + 1000];
            JsonElement Of1(string name, double[][] a, double[][] b) => Json(
                ["--table", scratch.Write($"{name}.csv", Csv(a)), "--test", scratch.Write($"{name}-test.csv", Csv(b)), .. Given, "--standardise", "--temperatures", "1"]);
            var (small, large) = (Of1("small", train, test), Of1("large", [.. train.Select(Moved)], [.. test.Select(Moved)]));
            var (p, q) = (small.GetProperty("untempered"), large.GetProperty("untempered"));
            Near(50 * Of(p, "heldOut", "rootMeanSquare"), Of(q, "heldOut", "rootMeanSquare"), 1e-6, "an error in units of the target");
            Near(Of(p, "heldOut", "negativeLogDensity") + Math.Log(50), Of(q, "heldOut", "negativeLogDensity"), 1e-6, "a density per unit of the target");
            Near(Of(p, "logEvidence") - (20 * Math.Log(50)), Of(q, "logEvidence"), 1e-6, "and 20 of them");
            Near(Of(small, "best", "tempering", "temperature"), Of(large, "best", "tempering", "temperature"), 1e-6, "T* knows no units");

            // by hand: scaling by the training rows' mean and deviation (of N, not N − 1)
            (double Mean, double Deviation)[] scales = [.. Enumerable.Range(0, 3).Select(i => (train.Average(r => r[i]), Math.Sqrt(train.Average(r => Math.Pow(r[i] - train.Average(s => s[i]), 2)))))];
            double[][] Scaled(double[][] rows) => [.. rows.Select(row => row.Select((x, i) => (x - scales[i].Mean) / scales[i].Deviation).ToArray())];
            var by = Dense.Regress(Scaled(train), Scaled(test), 0.7, 0.9, 0.3);
            Near(by.LogEvidence - (20 * Math.Log(scales[2].Deviation)), Of(p, "logEvidence"), 1e-6, "ln p(y)");
            Near(by.RootMeanSquare * scales[2].Deviation, Of(p, "heldOut", "rootMeanSquare"), 1e-6, "RMSE");
        }),
        Runner.TestCase("what is given stays, the rest is of most evidence, and then T* is 1", () =>
        {
            using var scratch = new Scratch();
            var file = scratch.Write("t.csv", Csv(Rows(40, 5)));
            static Dictionary<string, (double Value, bool Fitted)> Numbers(JsonElement found) => found.GetProperty("hyperParameters").EnumerateArray()
                .ToDictionary(n => n.GetProperty("name").GetString()!, n => (n.GetProperty("value").GetDouble(), n.GetProperty("fitted").GetBoolean()));
            var free = Json(["--table", file, "--temperatures", "1"]);
            Check.True(Numbers(free).Values.All(n => n.Fitted) && free.GetProperty("converged").GetBoolean(), "all fitted");
            Near(1, Of(free, "best", "tempering", "temperature"), 1e-3, "T*");
            var held = Json(["--table", file, "--length-scale", "0.5", "--temperatures", "1"]);
            Check.Equal((0.5, false), Numbers(held)["lengthScale"], "given");
            Check.True(Numbers(held) is var n && n["variance"].Fitted && n["noiseVariance"].Fitted, "the others");
            Check.True(Of(free, "untempered", "logEvidence") >= Of(held, "untempered", "logEvidence"), "a constraint costs evidence");
            var all = Json(["--table", file, .. Given, "--temperatures", "1"]);
            Check.Equal(JsonValueKind.Null, all.GetProperty("converged").ValueKind, "nothing to search for");
            Check.True(Numbers(all).Values.All(n => !n.Fitted), "all given");
            Check.True(Numbers(Json(["--table", file, "--ard", "--kernel", "matern:3/2", "--temperatures", "1"])).Keys.Order().SequenceEqual(["lengthScale[0]", "lengthScale[1]", "noiseVariance", "variance"]), "one each");
            foreach (var kernel in new[] { "linear", "network", "matern" })
                Check.True(Of(Json(["--table", file, "--kernel", kernel, "--standardise", "--temperatures", "1"]), "untempered", "logEvidence") < 0, kernel);

            var table = CommandLine.Run("temper", "--table", file);
            Check.Has("tuning T is tuning them", table.Output, "what T* gains");
            Check.Has("  T*  ", table.Output, "its row");
            Check.Equal(table.Output, CommandLine.Run("temper", "--table", file).Output, "the same again");
            Check.Has("gains", CommandLine.Run(["temper", "--table", file, .. Given]).Output, "a prior that is given");
            Check.True(CommandLine.Run("temper", "--table", file, "--seed", "7").Output != table.Output, "another split");
            Check.Has("of its standard deviations away: --standardise", CommandLine.Run("temper", "--table", scratch.Write("far.csv", Csv([.. Rows(12, 5).Select(r => (double[])[r[0], r[1], r[2] + 90])])), "--temperatures", "1").Output, "far from the process's mean");
        }),
        Runner.TestCase("rows and columns: chosen by name, quoted, with a mark and Windows' line ends; a fifth held out", () =>
        {
            using var scratch = new Scratch();
            var rows = Rows(21, 6);
            var plain = scratch.Write("plain.csv", Csv(rows));
            var quoted = scratch.Write("quoted.csv", "\ufeff\"the \"\"y\"\"\", note,a,\"b, too\"\r\n" + string.Concat(rows.Select(r => $"{Text(r[2])},\"x, y\" ,{Text(r[0])}, {Text(r[1])}\r\n")) + "\r\n");
            var chosen = Json(["--table", quoted, "--target", "the \"y\"", "--inputs", "a", .. Given, "--temperatures", "1"]);
            Check.Equal((16L, 5L), (chosen.GetProperty("examples").GetInt64(), chosen.GetProperty("best").GetProperty("heldOut").GetProperty("count").GetInt64()), "a fifth of 21 rows, rounded up");
            Near(Of(Json(["--table", plain, "--inputs", "a", .. Given, "--temperatures", "1"]), "untempered", "logEvidence"), Of(chosen, "untempered", "logEvidence"), 1e-9, "the same rows");
            var few = Json(["--table", plain, "--test-examples", "2", "--examples", "9", .. Given, "--temperatures", "1"]);
            Check.Equal((9L, 2L), (few.GetProperty("examples").GetInt64(), few.GetProperty("best").GetProperty("heldOut").GetProperty("count").GetInt64()), "as many as asked for");
        }),
        Runner.TestCase("a table that does not read is refused with its line and column", () =>
        {
            using var scratch = new Scratch();
            foreach (var (text, says) in new (string, string[])[]
            {
                ("a;b\n1;2\n", ["line 1, column 1: there is one column", "not by ';'"]),
                ("a\tb\n1\t2\n", ["there is one column", "not by tabs"]),
                ("1,2\n3,4\n", ["line 1, column 1: it holds numbers where the names", "Put a line of names"]),
                ("a,b\n1,2\n1,x\n", ["line 3, column 3: 'x' in the column 'b' is no finite number", "\n  1,x\n    ^\n"]),
                ("a,b\n1,2\n1,nan\n", ["'nan' in the column 'b' is no finite number"]),
                ("a,b\n1,2\n1e999,2\n", ["line 3, column 1: '1e999'"]),
                ("a,b\n1,2\n3\n", ["line 3, column 1: it has 1 field, and the header has 2"]),
                ("a,b\n\n1,2\n3,4,5\n", ["line 4, column 5: it has 3 fields, and the header has 2", "Decimals take a point"]),
                ("", ["it is empty, where a table is expected"]),
                ("a,a\n1,2\n", ["line 1, column 3: two columns are named 'a'"]),
                ("a,,b\n1,2,3\n", ["line 1, column 3: a column has no name"]),
                ("a,b\n1,2\n,3\n", ["line 3, column 1: there is no number in the column 'a'", "--inputs names those"]),
                ("a,b\n1,\"2\n", ["line 2, column 3: a quote is opened and not closed"]),
                ("a,b\n\"1\"x,2\n", ["line 2, column 4: a comma is expected after the closing quote"]),
            })
            {
                var error = CommandLine.Ends(2, "temper", "--table", scratch.Write("t.csv", text)).Error;
                foreach (var piece in says)
                    Check.Has(piece, error, text);
            }
        }),
        Runner.TestCase("what cannot be regressed is refused in a sentence", () =>
        {
            using var scratch = new Scratch();
            var file = scratch.Write("t.csv", Csv(Rows(10, 8)));
            foreach (var (exit, arguments, says) in new (int, string[], string)[]
            {
                (1, ["--target", "yy"], "has no column 'yy'.\nDid you mean 'y'?"),
                (1, ["--inputs", "a,temperature"], "has no column 'temperature'.\nIt has a, b, y."),
                (2, ["--inputs", "a,y"], "'y' is the target"),
                (1, ["--test", scratch["none.csv"]], "there is no such file"),
                (1, ["--test", scratch.Write("other.csv", "a,c\n1,2\n")], "has no column 'b'"),
                (1, ["--test", scratch.Write("header.csv", "a,b,y\n")], "has no row to be held out"),
                (1, ["--test-examples", "10"], "leave none to train on"),
                (1, ["--test-examples", "8"], "there are at least 3"),
                (1, ["--examples", "9"], "--examples asks for 9"),
                (2, ["--test-examples", "0"], "it is 1 or more"),
                (2, ["--test", file, "--test-examples", "2"], "give one of them"),
                (2, ["--temperatures", "0"], "a temperature is positive"),
                (2, ["--temperatures", "-1,1"], "a temperature is positive"),
                (2, ["--noise", "-1"], "it is 0 or more"),
                (2, ["--variance", "0"], "it is positive"),
                (2, ["--length-scale", "1,-2"], "a length is positive"),
                (2, ["--length-scale", "1,2,3"], "one for each of 2 inputs (a, b)"),
                (2, ["--kernel", "rfb"], "Did you mean 'rbf'?"),
                (2, ["--kernel", "matern:2"], "matern:5/2"),
                (2, ["--kernel", "rbf:2"], "only matern has a number"),
                (2, ["--kernel", "linear", "--length-scale", "1"], "only rbf and matern have length scales"),
                (2, ["--kernel", "network", "--variance", "1"], "--weight-variance"),
                (2, ["--depth", "2"], "only network has layers"),
                (2, ["--ard", "--length-scale", "1"], "give one of them"),
                (1, ["--noise", "0", "--likelihood-only"], "the likelihood is the same at every temperature"),
                (2, ["--classes", "0,1"], "it is of classification"),
                (2, ["--chains", "4"], "it is of classification"),
            })
                Check.Has(says, CommandLine.Ends(exit, ["temper", "--table", file, .. arguments]).Error, string.Join(' ', arguments));

            Check.Has("--kernel belongs to regression: --table names the table", CommandLine.Ends(2, "temper", "--kernel", "rbf").Error, "without a table");
            Check.Has("there is no such file", CommandLine.Ends(1, "temper", "--table", scratch["none.csv"]).Error, "no table");
            var flat = scratch.Write("flat.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 8).Select(i => $"1,{i}\n")));
            Check.Has("The column 'a'", CommandLine.Ends(1, "temper", "--table", flat, "--standardise").Error, "a column that cannot be scaled");
            var zero = scratch.Write("zero.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 8).Select(i => $"{i},0\n")));
            Check.Has("all targets are 0", CommandLine.Ends(1, ["temper", "--table", zero, .. Given]).Error, "no amplitude");
        }),
    ]);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Csv(double[][] rows) => "a,b,y\n" + string.Concat(rows.Select(row => string.Join(',', row.Select(Text)) + "\n"));

    private static double[][] Rows(int count, int seed)
    {
        var random = new Random(seed);
        double Normal() => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;
        return [.. Enumerable.Range(0, count).Select(_ => (Normal(), Normal())).Select(x => (double[])[x.Item1, x.Item2, Math.Sin(1.5 * x.Item1) + (0.3 * x.Item2) + (0.4 * Normal())])];
    }

    private static void Near(double expected, double actual, double tolerance, string what) =>
        Check.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"{what}: expected {expected}, got {actual}");

    private static double Of(JsonElement found, params string[] path) => path.Aggregate(found, (at, name) => at.GetProperty(name)).GetDouble();

    private static JsonElement Json(string[] arguments) => JsonDocument.Parse(CommandLine.Run(["temper", .. arguments, "--json"]).Output).RootElement;
}
