using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Migration.Clients;
using Migration.Simulator;
using Migration.Simulator.Sqs;
using Migration.Tests.Infrastructure;
using Npgsql;

namespace Migration.Tests.Service;

/// <summary>All that the service lives among, each of it real but for AWS and the estate: SQS over its protocol, the estate over HTTP, a database of its own.</summary>
sealed class World : IAsyncDisposable
{
    World(SqsServer sqs, EstateServer estate, string database) => (Sqs, EstateServer, ConnectionString, Database) = (sqs, estate, database, NpgsqlDataSource.Create(database));

    public SqsServer Sqs { get; private set; }
    public EstateServer EstateServer { get; }
    public Estate Estate => EstateServer.Estate;
    public string ConnectionString { get; }
    public NpgsqlDataSource Database { get; }

    /// <summary>What its services tell, whichever of them does.</summary>
    public CapturedTelemetry Telemetry { get; } = new();

    public static async Task<World> StartAsync(EstateOptions estate)
    {
        var database = TestPostgres.CreateDatabaseAsync();
        return new World(await SqsServer.StartAsync(), await EstateServer.StartAsync(estate), await database);
    }

    /// <summary>Settings of a service in this world: the engine's times cut short, pages of ten.</summary>
    public Dictionary<string, string?> Settings(IReadOnlyDictionary<string, string?>? changes = null)
    {
        var settings = new Dictionary<string, string?>(EstateServer.Settings.Select(x => KeyValuePair.Create(x.Key, (string?)x.Value)))
        {
            ["ConnectionStrings:Migration"] = ConnectionString + ";Maximum Pool Size=20",
            ["HMPPS_SQS_LOCALSTACK_URL"] = Sqs.Url.ToString(),
            ["API_TIMEOUT"] = "10s",
            ["API_MAPPING_TIMEOUT"] = "10s",
            ["Logging:LogLevel:Default"] = Environment.GetEnvironmentVariable("MIGRATION_TEST_LOG") ?? "None",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "None",
            ["Engine:PageSize"] = "10",
            ["Engine:Lease"] = "00:00:20",
            ["Engine:RenewEvery"] = "00:00:05",
            ["Engine:LeaseReserve"] = "00:00:03",
            ["Engine:SweepEvery"] = "00:00:00.3",
            ["Engine:WatchEvery"] = "00:00:00.1",
            ["Engine:SenderGrace"] = "00:00:02",
            ["Engine:CheckEvery"] = "00:00:01",
            ["Engine:Deferral"] = "00:00:00.5",
            ["Engine:SettleTime"] = "00:00:15",
            ["Engine:WarmUp"] = "00:00:00",
        };
        foreach (var (key, value) in changes ?? new Dictionary<string, string?>())
            settings[key] = value;
        return settings;
    }

    /// <summary>For specs that hold calls and count them: they wait longer than a busy machine needs.</summary>
    public static Dictionary<string, string?> PatientCalls() => new() { ["API_TIMEOUT"] = "30s", ["API_MAPPING_TIMEOUT"] = "30s", ["Engine:SettleTime"] = "00:00:30" };

    /// <summary>A token of the estate's auth service.</summary>
    /// <param name="client">Its secret is its id.</param>
    /// <param name="userName">Puts a user into the token.</param>
    /// <param name="roles">Replaces the client's roles.</param>
    public async Task<string> TokenAsync(string client = "operator", string? userName = null, string? roles = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(EstateServer.Url, "auth/oauth/token"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{client}:{client}")));
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        if (userName is not null)
            form["username"] = userName;
        if (roles is not null)
            form["roles"] = roles;
        request.Content = new FormUrlEncodedContent(form);
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (string)(await response.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!; // a token answer has one
    }

    /// <summary>Widens every upstream's bounds: answers that a busy machine slows down must not keep a spec from having in hand what it counts.</summary>
    public Task LetUpstreamsBeSlowAsync() => ExecuteAsync(
        "insert into migration.upstream_limits (upstream, lowest, highest, changed_by) select unnest($1), 64, 512, 'test' on conflict do nothing",
        (object)new[] { Upstreams.Nomis, Upstreams.Mapping, Upstreams.Visits, Upstreams.Sentencing, Upstreams.Finance });

    /// <summary>The SQS endpoint goes away and comes back at the same address, with its messages.</summary>
    public async Task RestartSqsAsync(Func<Task> whileAway)
    {
        var (broker, port) = (Sqs.Broker, Sqs.Url.Port);
        await Sqs.DisposeAsync();
        await whileAway();
        Sqs = await SqsServer.StartAsync(broker, port);
    }

    public async Task<T?> ReadAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async Task ExecuteAsync(string sql, params object[] parameters) => await ReadAsync<object>(sql, parameters);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await EstateServer.DisposeAsync();
        await Sqs.DisposeAsync();
        await TestPostgres.DropDatabaseAsync(ConnectionString);
    }
}
