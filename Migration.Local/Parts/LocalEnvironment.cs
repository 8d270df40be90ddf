using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Migration.Local.Postgres;
using Spectre.Console;

namespace Migration.Local.Parts;

/// <summary>Everything that a migration needs, each part a real process on loopback. Disposing takes it down, unless it was left up.</summary>
sealed class LocalEnvironment : IAsyncDisposable
{
    static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    const int FewestPrisoners = 200;
    const int LargestTransaction = 300; // larger ones would be most of a day of a few thousand events

    readonly List<ChildProcess> _children = [];
    readonly List<Pod> _pods = [];
    readonly string _folder = Path.Combine(Path.GetTempPath(), "migration-local-" + Guid.NewGuid().ToString("N")[..8]);
    PostgresServer? _postgres;
    string? _sharedDatabase;
    bool _isLeft;
    LocalAddresses? _addresses;

    public LocalAddresses Addresses => _addresses ?? throw new InvalidOperationException("The environment is not up.");

    /// <summary>An earlier run left it up; this one only uses it.</summary>
    public bool WasUpBefore { get; private init; }

    public static async Task<LocalEnvironment> UseOrStartAsync(LocalOptions options, IAnsiConsole console, CancellationToken cancellationToken)
    {
        if (KeptEnvironment.Find() is { } kept)
        {
            if (options.Shaping.Count > 0)
                throw new LocalRunException($"An earlier run is still up, and {string.Join(", ", options.Shaping)} would not change it: take it down with ./run --stop first.");
            console.WriteLine("Using what an earlier run left up (./run --stop takes it down).");
            return new LocalEnvironment { WasUpBefore = true, _isLeft = true, _addresses = kept };
        }
        await KeptEnvironment.StopAsync(); // remains of one that is no longer whole
        var environment = new LocalEnvironment();
        try
        {
            await environment.StartAsync(options, console, cancellationToken);
            return environment;
        }
        catch
        {
            await environment.DisposeAsync();
            throw;
        }
    }

    async Task StartAsync(LocalOptions options, IAnsiConsole console, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        console.WriteLine("Starting Postgres, SQS, the simulated estate and the service …");
        var postgres = Path.Combine(_folder, "postgres");
        var configured = Environment.GetEnvironmentVariable("MIGRATION_POSTGRES");
        _postgres = await PostgresServer.StartAsync(new PostgresOptions(postgres, Durable: true, configured), cancellationToken);
        var databaseName = configured is null ? "migration" : "migration_" + Path.GetFileName(_folder)[^8..];
        var database = await _postgres.CreateDatabaseAsync(databaseName, cancellationToken: cancellationToken);
        _sharedDatabase = configured is null ? null : databaseName;

        var (sqs, estate) = (LoopbackAddress(), LoopbackAddress());
        var sqsProcess = StartProgram("sqs", "Migration.Simulator", ["sqs", "--port", Text(sqs.Port)], []);
        var estateProcess = StartProgram("estate", "Migration.Simulator",
            ["estate", "--port", Text(estate.Port), "--visits", Text(options.Visits), "--seed", Text(options.Seed),
             "--latency-ms", Text(options.LatencyMs), "--fail-rate", options.FailRate.ToString(CultureInfo.InvariantCulture),
             .. options.Sync ? (IEnumerable<string>)["--synchronised", "--prisoners", Text(Math.Max(FewestPrisoners, options.Events / 10)), "--largest-transaction", Text(LargestTransaction)] : []], []);
        await sqsProcess.WaitUntilUpAsync(http, new Uri(sqs, "health"), StartPatience, cancellationToken);
        await estateProcess.WaitUntilUpAsync(http, new Uri(estate, "nomis/health/ping"), StartPatience, cancellationToken);

        foreach (var number in Enumerable.Range(1, options.Pods))
        {
            var address = LoopbackAddress();
            _pods.Add(Pod.Start($"service-{Text(number)}", address, ServiceSettings(address, estate, sqs, database), _folder));
        }
        foreach (var pod in _pods)
            await WaitUntilReadyAsync(http, pod, cancellationToken);

        IReadOnlyList<ProcessIdentity> server = _postgres.Identity is { } process ? [process] : [];
        _addresses = new LocalAddresses([.. _pods.Select(x => x.Address)], estate, sqs, database, configured, [.. Stages(), server], _folder);
    }

    /// <summary>While something is done, kills one process of the service after the other, without warning, and starts it again; all of them are up at the end.</summary>
    /// <param name="interval">Between two kills; null: none is killed.</param>
    /// <param name="work">What is done meanwhile.</param>
    /// <exception cref="LocalRunException">The environment was left up by an earlier run.</exception>
    public async Task<T> KillPodsWhileAsync<T>(TimeSpan? interval, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        if (interval is not { } every)
            return await work();
        if (WasUpBefore)
            throw new LocalRunException("--kill-every needs processes of its own: take down what is up with ./run --stop.");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var killing = KillPodsAsync(every, end.Token);
        try
        {
            return await work();
        }
        finally
        {
            await end.CancelAsync();
            await killing;
        }
    }

    async Task KillPodsAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var timer = new PeriodicTimer(interval);
        try
        {
            for (var number = 0; await timer.WaitForNextTickAsync(cancellationToken); number = (number + 1) % _pods.Count)
            {
                await _pods[number].KillAndStartAsync();
                await WaitUntilReadyAsync(http, _pods[number], cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // enough
        }
        _addresses = Addresses with { Processes = [.. Stages(), Addresses.Processes[^1]] };
        foreach (var pod in _pods)
            await WaitUntilReadyAsync(http, pod, CancellationToken.None);
    }

    // The service while what it speaks to is still there.
    IReadOnlyList<IReadOnlyList<ProcessIdentity>> Stages() => [[.. _pods.Select(x => x.Process.Identity)], [.. _children.Select(x => x.Identity)]];

    static Task WaitUntilReadyAsync(HttpClient http, Pod pod, CancellationToken cancellationToken) =>
        pod.Process.WaitUntilUpAsync(http, new Uri(pod.Address, "health/readiness"), StartPatience, cancellationToken);

    static Dictionary<string, string?> ServiceSettings(Uri address, Uri estate, Uri sqs, string database) => new(StringComparer.Ordinal)
    {
        ["ASPNETCORE_URLS"] = address.ToString(),
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["Logging__LogLevel__Default"] = "Warning",
        ["ConnectionStrings__Migration"] = database,
        ["API_BASE_URL_HMPPS_AUTH"] = new Uri(estate, "auth").ToString(),
        ["API_BASE_URL_NOMIS"] = new Uri(estate, "nomis").ToString(),
        ["API_BASE_URL_MAPPING"] = new Uri(estate, "mapping").ToString(),
        ["API_BASE_URL_VISITS"] = new Uri(estate, "visits").ToString(),
        ["API_BASE_URL_SENTENCING"] = new Uri(estate, "sentencing").ToString(),
        ["API_BASE_URL_FINANCE"] = new Uri(estate, "finance").ToString(),
        ["NOMIS_PRISONER_API_CLIENT_ID"] = "nomis-prisoner-api",
        ["NOMIS_PRISONER_API_SECRET"] = "nomis-prisoner-api",
        ["NOMIS_MAPPING_API_CLIENT_ID"] = "nomis-mapping-api",
        ["NOMIS_MAPPING_API_SECRET"] = "nomis-mapping-api",
        ["VISITS_CLIENT_ID"] = "visits",
        ["VISITS_CLIENT_SECRET"] = "visits",
        ["SENTENCING_CLIENT_ID"] = "sentencing",
        ["SENTENCING_CLIENT_SECRET"] = "sentencing",
        ["FINANCE_CLIENT_ID"] = "finance",
        ["FINANCE_CLIENT_SECRET"] = "finance",
        ["HMPPS_SQS_LOCALSTACK_URL"] = sqs.ToString(),
    };

    /// <summary>The highest resident memory of one of the service's processes so far; 0 where the system does not tell.</summary>
    public double PeakMemoryMb() => Addresses.Processes[0].Select(x => ProcessMemory.PeakMb(x.Id)).DefaultIfEmpty(0).Max();

    /// <summary>Keeps everything up and says how to use it.</summary>
    public void Leave(IAnsiConsole console)
    {
        _isLeft = true;
        KeptEnvironment.Write(Addresses);
        var (pod, estate) = (Addresses.Pods[0], Addresses.Estate);
        console.WriteLine();
        console.WriteLine($"Everything is left up; ./run migrates again, ./run --stop takes it down.");
        console.WriteLine($"  Service    {string.Join("  ", Addresses.Pods)}  (API page: {new Uri(pod, "swagger-ui")})");
        console.WriteLine($"  Estate     {estate}   SQS {Addresses.Sqs}");
        console.WriteLine($"  Database   psql \"{ToUri(Addresses.Database)}\"");
        console.WriteLine($"  Logs       {Addresses.Folder}");
        console.WriteLine($"  Token      TOKEN=$(curl -s -u operator:operator -d grant_type=client_credentials {new Uri(estate, "auth/oauth/token")} | sed 's/.*\"access_token\":\"\\([^\"]*\\).*/\\1/')");
        console.WriteLine($"  Example    curl -H \"Authorization: Bearer $TOKEN\" {new Uri(pod, "migrate/history/active/VISITS")}");
    }

    ChildProcess StartProgram(string name, string assembly, IReadOnlyList<string> arguments, Dictionary<string, string?> environment)
    {
        var child = ChildProcess.Start(name, assembly, _folder, arguments, environment);
        _children.Add(child);
        return child;
    }

    static string ToUri(string connectionString)
    {
        var parts = new Npgsql.NpgsqlConnectionStringBuilder(connectionString);
        return $"postgresql://{parts.Username}@{parts.Host}:{Text(parts.Port)}/{parts.Database}";
    }

    /// <summary>An address that nobody uses at the moment.</summary>
    public static Uri LoopbackAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{Text(((IPEndPoint)listener.LocalEndpoint).Port)}/");
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        if (_isLeft)
            return;
        await ProcessEnd.StopAsync(Stages());
        if (_postgres is not null)
        {
            if (_sharedDatabase is not null)
                await _postgres.DropDatabaseAsync(_sharedDatabase);
            await _postgres.DisposeAsync();
        }
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
