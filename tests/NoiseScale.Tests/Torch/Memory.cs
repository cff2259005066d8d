using System.Globalization;

namespace NoiseScale.Tests.Torch;

/// <summary>The memory of this process.</summary>
internal static class Memory
{
    /// <summary>
    /// Bytes of memory in use that are the process's own: on Linux without the pages of libraries, which come in as their code is first
    /// run; elsewhere the working set.
    /// </summary>
    internal static long InUse
    {
        get
        {
            const string status = "/proc/self/status", anonymous = "RssAnon:";
            var line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith(anonymous, StringComparison.Ordinal)) : null;
            return line is null
                ? Environment.WorkingSet
                : 1024 * long.Parse(line.AsSpan(anonymous.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
        }
    }
}
