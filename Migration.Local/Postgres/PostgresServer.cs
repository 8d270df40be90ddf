using Migration.Local.Parts;
using Npgsql;

namespace Migration.Local.Postgres;

/// <summary>
/// A private Postgres for one run or one test session. Found in this order: a connection string from configuration,
/// Postgres binaries on this machine, a Docker engine. Disposing stops the server and removes its files, unless they
/// were to be kept.
/// </summary>
public abstract class PostgresServer : IAsyncDisposable
{
    /// <summary>Connection string of a superuser, to the database <c>postgres</c>.</summary>
    public abstract string AdminConnectionString { get; }

    /// <summary>The server's process, null when it is not ours (configuration or Docker).</summary>
    internal virtual ProcessIdentity? Identity => null;

    /// <exception cref="PostgresUnavailableException">None of the three sources works; the message names the fixes.</exception>
    public static async Task<PostgresServer> StartAsync(PostgresOptions options, CancellationToken cancellationToken = default)
    {
        if (options.ConnectionString is { Length: > 0 } configured)
            return new ExistingPostgres(configured);
        if (PostgresBinaries.Find() is { } binaries)
            return await PostgresProcess.StartAsync(binaries, options, cancellationToken);
        return await PostgresContainer.StartAsync(cancellationToken);
    }

    /// <summary>Creates a database and returns its connection string.</summary>
    /// <param name="name">Letters, digits and underscores only.</param>
    /// <param name="template">A database to copy, or null for an empty one. Nobody may be connected to it.</param>
    public async Task<string> CreateDatabaseAsync(string name, string? template = null, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(AdminConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            var copy = template is null ? "" : $" template {Quote(template)}";
            await using var create = new NpgsqlCommand($"create database {Quote(name)}{copy}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        return new NpgsqlConnectionStringBuilder(AdminConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Removes a database and cuts its connections. Nothing happens when it does not exist.</summary>
    public async Task DropDatabaseAsync(string name, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(AdminConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var drop = new NpgsqlCommand($"drop database if exists {Quote(name)} with (force)", connection);
        await drop.ExecuteNonQueryAsync(cancellationToken);
    }

    public abstract ValueTask DisposeAsync();

    static string Quote(string identifier) => identifier.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
        ? identifier
        : throw new ArgumentException("A database name has letters, digits and underscores only.", nameof(identifier));

    sealed class ExistingPostgres(string connectionString) : PostgresServer
    {
        public override string AdminConnectionString => connectionString;
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <param name="Folder">Data folder; null makes a new one under the temporary folder and removes it at the end. A folder that holds a cluster is started as it is, and kept.</param>
/// <param name="Durable">False switches fsync off: for tests only, never for a figure that is reported.</param>
/// <param name="ConnectionString">A server that is there already (superuser); then nothing is started.</param>
public sealed record PostgresOptions(string? Folder = null, bool Durable = true, string? ConnectionString = null);

/// <summary>No Postgres can be had on this machine.</summary>
public sealed class PostgresUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
