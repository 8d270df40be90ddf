using Migration.Local.Postgres;
using Npgsql;

namespace Migration.Tests.Infrastructure;

/// <summary>One Postgres for the test run, started when the first test asks for it. Durability is off: no test here measures it.</summary>
public static class TestPostgres
{
    static readonly Lazy<Task<PostgresServer>> Server = new(() => PostgresServer.StartAsync(
        new PostgresOptions(Durable: false, ConnectionString: Environment.GetEnvironmentVariable("MIGRATION_POSTGRES"))));

    static int _databases;

    public static Task<PostgresServer> GetAsync() => Server.Value;

    /// <summary>An empty database of its own for a fixture; returns the connection string.</summary>
    public static async Task<string> CreateDatabaseAsync(string? template = null) =>
        await (await GetAsync()).CreateDatabaseAsync($"test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}", template);

    /// <summary>Also cuts the connections that pools still hold: left open, those of a whole test run are more than the server has.</summary>
    public static async Task DropDatabaseAsync(string connectionString) =>
        await (await GetAsync()).DropDatabaseAsync(new NpgsqlConnectionStringBuilder(connectionString).Database!); // set by CreateDatabaseAsync

    public static async Task StopAsync()
    {
        if (Server.IsValueCreated)
            await (await Server.Value).DisposeAsync();
    }
}
