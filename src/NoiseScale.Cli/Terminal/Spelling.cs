namespace NoiseScale.Cli.Terminal;

/// <summary>Guesses at what a mistyped word was meant to be.</summary>
public static class Spelling
{
    /// <summary>The known word nearest to a mistyped one, if one is near enough to be meant.</summary>
    /// <param name="typed">The word as typed.</param>
    /// <param name="known">The words there are.</param>
    public static string? Nearest(string typed, IEnumerable<string> known)
    {
        // A third of the letters wrong is a slip; more is another word.
        var allowed = Math.Max(1, typed.Length / 3);

        return known
            .Select(word => (word, distance: Distance(typed, word)))
            .Where(candidate => candidate.distance <= allowed)
            .OrderBy(candidate => candidate.distance)
            .Select(candidate => candidate.word)
            .FirstOrDefault();
    }

    /// <summary>Letters to insert, delete, replace or swap with their neighbour to get from one word to the other, in either case.</summary>
    private static int Distance(string first, string second)
    {
        var (a, b) = (first.ToLowerInvariant(), second.ToLowerInvariant());
        var cost = new int[a.Length + 1, b.Length + 1];

        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                cost[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(
                        Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1,
                        cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };

                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
