using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Migration.Local.Postgres;
using Npgsql;

namespace Migration.Benchmarks.Sagas;

/// <summary>Postgres's own benchmark, "simple update" (<c>-N</c>): a transaction of an update, a select and an insert.</summary>
sealed partial class PgBench
{
    const int Scale = 10; // a million accounts

    readonly string _program;
    readonly NpgsqlConnectionStringBuilder _server;

    PgBench(string program, NpgsqlConnectionStringBuilder server) => (_program, _server) = (program, server);

    /// <summary>Fills its tables in the database; null when this machine does not have the program.</summary>
    public static async Task<PgBench?> PrepareAsync(string connectionString, CancellationToken cancellationToken)
    {
        var program = PostgresBinaries.Find() is { } folder ? Path.Combine(folder, "pgbench") : null;
        if (!File.Exists(program))
            return null;
        PgBench bench = new(program, new NpgsqlConnectionStringBuilder(connectionString));
        await bench.RunAsync(["-i", "-q", "-s", Text(Scale)], cancellationToken);
        return bench;
    }

    /// <summary>Commits a second.</summary>
    public async Task<double> MeasureAsync(int clients, TimeSpan duration, CancellationToken cancellationToken)
    {
        var output = await RunAsync(["-N", "-n", "-c", Text(clients), "-j", "2", "-T", Text((int)duration.TotalSeconds)], cancellationToken);
        return double.Parse(Commits().Match(output).Groups["tps"].Value, CultureInfo.InvariantCulture);
    }

    async Task<string> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_program, ["-h", _server.Host!, "-p", Text(_server.Port), "-U", _server.Username!, .. arguments, _server.Database!]) // all four are in the string
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (_server.Password is { } password)
            start.Environment["PGPASSWORD"] = password;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("pgbench did not start");
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"pgbench ended with {process.ExitCode}: {await errors}");
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^tps = (?<tps>[\d.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Commits();
}
