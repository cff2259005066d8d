namespace NoiseScale.Cli.Planning;

/// <summary>Parameterisations of networks as they are typed.</summary>
public static class WidthChoice
{
    /// <summary>All of them with their words, in the order of tables.</summary>
    public static IReadOnlyList<(string Word, Parameterisation Meaning)> Parameterisations { get; } =
        [("standard", NoiseScale.Parameterisation.Standard), ("ntk", NoiseScale.Parameterisation.Ntk), ("mup", NoiseScale.Parameterisation.MuP)];

    /// <summary>The parameterisation of a word.</summary>
    /// <param name="option">The option, such as --parameterisation.</param>
    /// <param name="typed">The word as typed.</param>
    public static Parameterisation Parameterisation(string option, string typed) => Choice.Of(option, typed, Parameterisations);

    /// <summary>The word of a parameterisation.</summary>
    /// <param name="parameterisation">Which.</param>
    public static string Word(Parameterisation parameterisation) => Parameterisations.First(choice => choice.Meaning == parameterisation).Word;
}
