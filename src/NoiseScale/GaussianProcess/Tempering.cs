namespace NoiseScale;

/// <summary>What a temperature flattens (T &gt; 1) or sharpens (T &lt; 1, a cold posterior): the whole posterior, or the likelihood alone. (P5)</summary>
public readonly record struct Tempering
{
    private Tempering(double temperature, bool likelihoodOnly) => (Temperature, LikelihoodOnly) = (temperature, likelihoodOnly);

    /// <summary>T = 1: the posterior itself.</summary>
    public static Tempering None { get; } = new(1, false);

    /// <summary>T, positive; 1 is the posterior.</summary>
    public double Temperature { get; }

    /// <summary>Whether the prior stays as it is.</summary>
    public bool LikelihoodOnly { get; }

    /// <summary>[p(y | f)·p(f)]^(1/T). In regression it is the posterior with K → TK and σ² → Tσ².</summary>
    /// <param name="temperature">T, positive.</param>
    /// <returns>The operation.</returns>
    public static Tempering Of(PosteriorTemperature temperature) => new(temperature.Value, false);

    /// <summary>p(y | f)^(1/T)·p(f). In regression it is the posterior with σ² → Tσ².</summary>
    /// <param name="temperature">T, positive.</param>
    /// <returns>The operation.</returns>
    public static Tempering Of(LikelihoodTemperature temperature) => new(temperature.Value, true);

    /// <summary>What is tempered, and T.</summary>
    public override string ToString() => ToCore().ToString();

    internal Processes.Temper ToCore() => LikelihoodOnly
        ? Processes.Temper.NewLikelihood(Core.LikelihoodTemperature.NewLikelihoodTemperature(Temperature))
        : Processes.Temper.NewPosterior(Core.PosteriorTemperature.NewPosteriorTemperature(Temperature));
}
