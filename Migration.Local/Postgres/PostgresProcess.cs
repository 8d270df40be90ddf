using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Migration.Local.Parts;
using Npgsql;

namespace Migration.Local.Postgres;

/// <summary><c>postgres</c> itself as a child process (not pg_ctl), on a free loopback port.</summary>
sealed class PostgresProcess : PostgresServer
{
    readonly Process _process;
    readonly string? _removeAtEnd;

    PostgresProcess(Process process, string connectionString, string? removeAtEnd)
    {
        _process = process;
        _removeAtEnd = removeAtEnd;
        AdminConnectionString = connectionString;
    }

    public override string AdminConnectionString { get; }
    internal override ProcessIdentity? Identity => ProcessIdentity.Of(_process);

    // postgres and initdb refuse to run as root.
    static string? UserName => Environment.UserName == "root" ? "postgres" : null;

    public static async Task<PostgresProcess> StartAsync(string binaries, PostgresOptions options, CancellationToken cancellationToken)
    {
        var folder = options.Folder ?? Path.Combine(Path.GetTempPath(), "migration-pg-" + Guid.NewGuid().ToString("N")[..8]);
        var removeAtEnd = options.Folder is null ? folder : null;
        if (!File.Exists(Path.Combine(folder, "PG_VERSION")))
            await InitializeAsync(binaries, folder, cancellationToken);

        var port = FreePort();
        var start = Command(binaries, "postgres", "-D", folder, "-p", port.ToString(), "-c", "listen_addresses=127.0.0.1", "-k", folder,
            "-c", "max_connections=300", "-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB", "-c", "logging_collector=on", "-c", "log_directory=log");
        if (!options.Durable)
            foreach (var setting in (string[])["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
            {
                start.ArgumentList.Add("-c");
                start.ArgumentList.Add(setting);
            }
        var process = Process.Start(start) ?? throw new PostgresUnavailableException("postgres did not start");
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);

        var server = new PostgresProcess(process, $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Include Error Detail=true", removeAtEnd);
        try
        {
            await server.WaitUntilReadyAsync(cancellationToken);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return server;
    }

    static async Task InitializeAsync(string binaries, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        if (UserName is { } owner)
            using (var chown = Process.Start("chown", [owner, folder]))
                await chown.WaitForExitAsync(cancellationToken);
        using var initdb = Process.Start(Command(binaries, "initdb", "-D", folder, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"))
            ?? throw new PostgresUnavailableException("initdb did not start");
        _ = initdb.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await initdb.StandardError.ReadToEndAsync(cancellationToken);
        await initdb.WaitForExitAsync(cancellationToken);
        if (initdb.ExitCode != 0)
            throw new PostgresUnavailableException($"initdb ended with {initdb.ExitCode}: {errors}");
    }

    static ProcessStartInfo Command(string binaries, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(binaries, program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        if (UserName is { } user)
            start.UserName = user;
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited)
                throw new PostgresUnavailableException($"postgres ended with {_process.ExitCode} at start");
            try
            {
                await using var connection = new NpgsqlConnection(AdminConnectionString + ";Pooling=false;Timeout=2");
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException) when (waited.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public override async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (!_process.HasExited)
        {
            // SIGINT is Postgres's fast shutdown; it cuts the connections that are left.
            using (var interrupt = Process.Start("kill", ["-INT", _process.Id.ToString()]))
                await interrupt.WaitForExitAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
        if (_removeAtEnd is not null && Directory.Exists(_removeAtEnd))
            Directory.Delete(_removeAtEnd, recursive: true);
    }
}
