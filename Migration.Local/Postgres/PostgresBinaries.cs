using System.Diagnostics;

namespace Migration.Local.Postgres;

/// <summary>Where <c>initdb</c> and <c>postgres</c> lie on this machine.</summary>
static class PostgresBinaries
{
    /// <summary>PG_BIN, then pg_config, then Debian's folders (highest version first), then Homebrew's. Null when none holds both programs.</summary>
    public static string? Find() => Candidates().FirstOrDefault(folder =>
        File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("PG_BIN") is { Length: > 0 } configured)
            yield return configured;
        if (AskPgConfig() is { } answered)
            yield return answered;
        foreach (var folder in Versions("/usr/lib/postgresql", "bin"))
            yield return folder;
        foreach (var folder in Versions("/opt/homebrew/opt", "bin").Concat(Versions("/usr/local/opt", "bin")).Where(x => x.Contains("postgresql", StringComparison.Ordinal)))
            yield return folder;
    }

    static IEnumerable<string> Versions(string root, string inner) => Directory.Exists(root)
        ? Directory.EnumerateDirectories(root)
            .OrderByDescending(x => double.TryParse(Path.GetFileName(x).Replace("postgresql@", "", StringComparison.Ordinal), out var version) ? version : 0)
            .Select(x => Path.Combine(x, inner))
        : [];

    static string? AskPgConfig()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("pg_config", "--bindir") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var folder = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? folder : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // not installed
        }
    }
}
