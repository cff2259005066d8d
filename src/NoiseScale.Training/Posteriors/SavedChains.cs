using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using NoiseScale.Torch;
using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Posteriors;

/// <summary>Chains that are kept in a file: a run that was stopped or killed goes on from there, to the same bits.</summary>
public static class SavedChains
{
    /// <summary>The parts of a run after which it is saved.</summary>
    private const int Parts = 20;

    private static readonly JsonSerializerOptions Lenient = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private sealed record Content(string Settings, double Temperature, long[] Updates, double[] Positions, ChainCheckpoint State);

    /// <summary>Samples a model, saving on the way; what the file already holds is not sampled again.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sampler">By which rule.</param>
    /// <param name="options">How many chains, how long. Asking for more samples of a finished run goes on with it.</param>
    /// <param name="path">The file; a new one is begun where there is none.</param>
    /// <param name="data">What tells the model's data from other data, such as a hash.</param>
    /// <param name="progress">Told how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it between updates; what was saved stays.</param>
    /// <returns>All samples, the caller's to dispose of.</returns>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of other settings or data; says which.</exception>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    /// <exception cref="SamplingException">A chain diverged, or its metric has no inverse; what was saved before stays.</exception>
    public static PosteriorSamples Run(
        PosteriorModel model, Sampler sampler, ChainOptions options, string path, string data, IProgress<SamplingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sampler);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path)!;
        var settings = SettingsOf(model, sampler, options, data);
        var all = Load(model, sampler, options, path, settings);
        try
        {
            StorageException.Guard(folder, () =>
            {
                Directory.CreateDirectory(folder);
                DurableFile.DeleteLeftovers(path);
            });
            var total = options.BurnIn + ((long)options.Thinning * options.Samples);
            while (Next(options, all) is { } part)
            {
                var (done, kept) = (all?.State.Update ?? 0, all?.Count ?? 0);
                var told = progress is null ? null : new Shifted(progress, done, total, kept);
                using var next = all is null
                    ? model.Sample(sampler, part, null, told, cancellationToken)
                    : model.Continue(all, part, told, cancellationToken);
                using var before = all;
                all = Joined(model, sampler, options, before, next);
                Save(all, settings, path, folder);
            }

            return all!;
        }
        catch
        {
            all?.Dispose();
            throw;
        }
    }

    // what to run next: a part of the burn-in, or of the samples; null where all is done
    private static ChainOptions? Next(ChainOptions options, PosteriorSamples? before)
    {
        var burnt = Math.Min(before?.State.Update ?? 0, options.BurnIn);
        if (burnt < options.BurnIn)
            return options with { BurnIn = Math.Min(options.BurnIn - burnt, Math.Max(1, options.BurnIn / Parts)), Samples = 0 };

        var left = options.Samples - (before?.Count ?? 0);
        return left > 0 || before is null ? options with { BurnIn = 0, Samples = Math.Min(left, Math.Max(1, options.Samples / Parts)) } : null;
    }

    private static PosteriorSamples Joined(PosteriorModel model, Sampler sampler, ChainOptions options, PosteriorSamples? before, PosteriorSamples next)
    {
        using var scope = torch.NewDisposeScope();
        var positions = (before is null ? next.Positions.clone() : torch.cat([before.Positions, next.Positions], 0)).DetachFromDisposeScope();
        return new PosteriorSamples(model, sampler, options, next.Temperature, new(positions, [.. before?.Updates ?? [], .. next.Updates], next.State));
    }

    private static void Save(PosteriorSamples samples, string settings, string path, string folder)
    {
        var content = new Content(settings, samples.Temperature.Value, [.. samples.Updates], samples.Numbers, samples.State);
        StorageException.Guard(folder, () => DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(content)));
    }

    private static PosteriorSamples? Load(PosteriorModel model, Sampler sampler, ChainOptions options, string path, string settings)
    {
        if (!File.Exists(path))
            return null;

        Content? content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged, or no file of chains: {e.Message}", e);
        }

        var size = (long)options.Chains * model.Parameters;
        if (content is not { Settings: { } before, Updates: { } updates, Positions: { } positions, State.Positions: { } state })
            throw new InvalidDataException($"{path} is no file of chains: a field is missing");

        if (before != settings)
            throw new InvalidDataException($"{path} is of other settings or data, so this run cannot go on from it: name another file");

        if (positions.Length != updates.Length * size || state.Length != size)
            throw new InvalidDataException($"{path} is damaged: {positions.Length} numbers are not {updates.Length} samples of {size}");

        var kept = torch.tensor(positions, [updates.Length, options.Chains, model.Parameters]).DetachFromDisposeScope();
        return new PosteriorSamples(model, sampler, options, new PosteriorTemperature(content.Temperature), new(kept, updates, content.State));
    }

    // all that decides the numbers, but not how many are asked for
    private static string SettingsOf(PosteriorModel model, Sampler sampler, ChainOptions options, string data) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
            '\n', RunSpec.LibraryVersion, data, sampler.GetType().Name, JsonSerializer.Serialize(sampler, sampler.GetType(), Lenient),
            JsonSerializer.Serialize(options with { Samples = 0 }, Lenient), model.Parameters, model.Examples, model.ClassCount, model.PriorPrecision.ToString("R", CultureInfo.InvariantCulture)))));

    private sealed class Shifted(IProgress<SamplingProgress> inner, long done, long total, int kept) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => inner.Report(new SamplingProgress(done + value.Done, total, kept + value.Kept));
    }
}
