using System.CommandLine;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Tables;
using NoiseScale.Cli.Terminal;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Measuring;

/// <summary>The options of regression on a table: its rows and columns, the kernel and the noise.</summary>
/// <param name="depth">Hidden layers of the network kernel.</param>
/// <param name="weightVariance">σ_w² of the network kernel.</param>
/// <param name="biasVariance">σ_b² of the network kernel.</param>
public sealed class RegressionOptions(Option<string> depth, Option<string> weightVariance, Option<string> biasVariance)
{
    private readonly Option<string> _table = Value("--table", "FILE", "Regression instead: of a table of comma-separated values, its first line the names of its columns.");
    private readonly Option<string> _target = Value("--target", "NAME", "The column that is predicted. Default the last.");
    private readonly Option<string> _inputs = Value("--inputs", "LIST", "The columns it is predicted from. Default all others.");
    private readonly Option<string> _test = Value("--test", "FILE", "A table of held-out rows. Default: a fifth of the rows, drawn by --seed, or --test-examples of them; the others train, or --examples of them.");
    private readonly Option<bool> _standardise = Flag("--standardise", "Centre and scale every column by its training rows; hyper-parameters are then of the scaled columns.");

    private readonly Option<string> _kernel = Value("--kernel", "NAME", "rbf; matern:1/2, matern:3/2 or matern:5/2; linear; network. Default rbf.");
    private readonly Option<string> _variance = Value("--variance", "NUMBER", "v, the kernel's variance (not of network). Default: of most evidence.");
    private readonly Option<string> _lengthScale = Value("--length-scale", "LIST", "ℓ of rbf and matern: one for all inputs, or one for each. Default: one, of most evidence.");
    private readonly Option<bool> _ard = Flag("--ard", "A length scale for each input, of most evidence.");
    private readonly Option<string> _noise = Value("--noise", "NUMBER", "σ², the variance of the target's noise. Default: of most evidence.");

    /// <summary>Those that choose rows and columns, in the order of the help.</summary>
    public Option[] Table => [_table, _target, _inputs, _test, _standardise];

    /// <summary>Those that choose kernel and noise, in the order of the help.</summary>
    public Option[] Model => [_kernel, _variance, _lengthScale, _ard, _noise];

    /// <summary>Whether a table was named at all.</summary>
    /// <param name="result">The command line.</param>
    public bool AreMeant(ParseResult result) => Given(result, _table);

    /// <summary>Refuses the options that mean nothing without a table.</summary>
    /// <param name="result">The command line.</param>
    public void RequireAbsence(ParseResult result)
    {
        foreach (var option in (Option[])[.. Table, .. Model])
        {
            if (Given(result, option))
                throw CommandFailure.Usage($"{option.Name} belongs to regression: --table names the table.");
        }
    }

    /// <summary>The regression that was asked for.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="testRows">How many rows are held out; null for a fifth.</param>
    /// <param name="trainingRows">How many are trained on; null for all others.</param>
    /// <param name="seed">Draws the rows.</param>
    /// <param name="temperings">What is tempered, and at which T.</param>
    public RegressionRun Run(ParseResult result, int? testRows, int? trainingRows, long seed, IReadOnlyList<Tempering> temperings)
    {
        if (testRows is not null && Given(result, _test))
            throw CommandFailure.Usage("--test names the rows that are held out, and --test-examples draws them: give one of them.");

        var table = new ChosenTable(
            result.GetValue(_table)!, result.GetValue(_target), result.GetValue(_inputs)?.Split(',').Select(name => name.Trim()).ToList(), result.GetValue(_test), testRows, trainingRows,
            result.GetValue(_standardise), seed);
        var (kernel, given) = KernelOf(result);
        double? noise = Given(result, _noise) ? NotNegative(result, _noise, 0) : null;
        if (noise is not null)
            given.Add("noiseVariance");

        return new RegressionRun(
            table, kernel, data => noise ?? (0.1 * MeanSquare(data, data.Inputs.Count)), name => given.Contains(name.Split('[')[0]), temperings);
    }

    // where the search begins where nothing is given: at the sizes of the columns
    private (Func<RegressionData, ProcessKernel> Kernel, HashSet<string> Given) KernelOf(ParseResult result)
    {
        var typed = (result.GetValue(_kernel) ?? "rbf").Split(':', 2);
        var name = Choice.Of(_kernel.Name, typed[0], ("rbf", "rbf"), ("matern", "matern"), ("linear", "linear"), ("network", "network"));
        if (typed.Length == 2 && name != "matern")
            throw CommandFailure.Usage($"--kernel {string.Join(':', typed)}: only matern has a number.");

        var smoothness = (typed.Length == 2 ? typed[1] : "5/2") switch
        {
            "1/2" => 0,
            "3/2" => 1,
            "5/2" => 2,
            _ => throw CommandFailure.Usage($"--kernel matern:{typed[1]}: it is one of matern:1/2, matern:3/2, matern:5/2."),
        };
        RequireMeaning(result, name);
        HashSet<string> given = [];
        double? Fixed(Option<string> option, string hyper, double least)
        {
            if (!Given(result, option))
                return null;

            given.Add(hyper);
            return least > 0 ? Positive(result, option, 1) : NotNegative(result, option, 0);
        }

        var variance = Fixed(_variance, "variance", 1);
        if (name == "network")
        {
            var (weight, bias) = (Fixed(weightVariance, "weightVariance", 1) ?? 2, Fixed(biasVariance, "biasVariance", 0) ?? 0.1);
            var layers = Whole(result, depth, 2, 1);
            return (_ => ProcessKernel.WideNetwork(layers, weight, bias), given);
        }

        if (name == "linear")
            return (data => ProcessKernel.Linear(variance ?? (MeanSquare(data, data.Inputs.Count) / Enumerable.Range(0, data.Inputs.Count).Sum(i => MeanSquare(data, i)))), given);

        var scales = Scales(result);
        if (scales is not null)
            given.Add("lengthScale");

        var each = result.GetValue(_ard);
        return (data =>
        {
            var d = data.Inputs.Count;
            if (scales is { Length: > 1 } && scales.Length != d)
                throw CommandFailure.Usage($"--length-scale {result.GetValue(_lengthScale)}: there is one, or one for each of {d} inputs ({string.Join(", ", data.Inputs)}).");

            double[] spreads = [.. Enumerable.Range(0, d).Select(i => Deviation(data, i) * Math.Sqrt(d))];
            var (v, ell) = (variance ?? MeanSquare(data, d), scales ?? (each ? spreads : [Math.Sqrt(spreads.Average(s => s * s))]));
            return name == "rbf" ? ProcessKernel.RadialBasis(v, ell) : ProcessKernel.Matern(smoothness, v, ell);
        }, given);
    }

    private double[]? Scales(ParseResult result)
    {
        if (!Given(result, _lengthScale))
            return null;

        var typed = result.GetValue(_lengthScale)!;
        double[] scales = [.. typed.Split(',').Select(number => Choice.Number(_lengthScale.Name, number.Trim()))];
        return scales.All(scale => scale > 0) ? scales : throw CommandFailure.Usage($"--length-scale {typed}: a length is positive.");
    }

    private void RequireMeaning(ParseResult result, string kernel)
    {
        void Refuse(bool allowed, string why, params Option[] options)
        {
            foreach (var option in allowed ? [] : options.Where(option => Given(result, option)))
                throw CommandFailure.Usage($"{option.Name} has no meaning here: {why}.");
        }

        Refuse(kernel == "network", $"the kernel is {kernel}, and only network has layers", depth, weightVariance, biasVariance);
        Refuse(kernel != "network", "of network the weights' variance is --weight-variance", _variance);
        Refuse(kernel is "rbf" or "matern", "only rbf and matern have length scales", _lengthScale, _ard);
        if (Given(result, _ard) && Given(result, _lengthScale))
            throw CommandFailure.Usage("--ard has length scales fitted, and --length-scale gives them: give one of them.");
    }

    private static bool Given(ParseResult result, Option option) => result.GetResult(option) is { Implicit: false };

    // of the column as it is regressed on; a column that is 0 throughout has no size to begin from
    private static double MeanSquare(RegressionData data, int column) => Sized(data.Train.Average(row => Math.Pow(Scaled(data, row, column), 2)));

    private static double Deviation(RegressionData data, int column)
    {
        var mean = data.Train.Average(row => Scaled(data, row, column));
        return Sized(Math.Sqrt(data.Train.Average(row => Math.Pow(Scaled(data, row, column) - mean, 2))));
    }

    private static double Scaled(RegressionData data, double[] row, int column) => (row[column] - data.Scales[column].Centre) / data.Scales[column].Scale;

    private static double Sized(double size) => size > 0 && double.IsFinite(size) ? size : 1;
}
