using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Migration.Sagas.Persistence;

/// <summary>
/// Brings the schema up to date at start: one process at a time, under an advisory lock; the others wait and find it done.
/// A database that is worked on under another protocol is refused.
/// </summary>
public static partial class DatabaseMigrator
{
    const long LockKey = 0x4D49_4752_4154_4553; // any number, the same in every release

    /// <summary>Raised when lane names, record names, the gate's key or token checks change: pause, drain, deploy, update the row, resume.</summary>
    const int Protocol = 1;

    /// <exception cref="InvalidOperationException">The database carries another protocol number.</exception>
    public static async Task MigrateAsync(IServiceProvider services, CancellationToken cancellationToken = default)
    {
        await using var scope = services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MigrationDbContext>();
        var logger = scope.ServiceProvider.GetRequiredService<ILogger<MigrationDbContext>>();

        // A connection of its own, which is closed for good: the lock outlives EF's transactions, and would outlive the return of a connection to the pool.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.Database.GetConnectionString()) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using (var enter = new NpgsqlCommand("select pg_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } } })
            await enter.ExecuteNonQueryAsync(cancellationToken);
        var pending = (await database.Database.GetPendingMigrationsAsync(cancellationToken)).ToArray();
        if (pending.Length > 0)
        {
            LogMigrating(logger, string.Join(", ", pending));
            await database.Database.MigrateAsync(cancellationToken);
        }
        await RequireProtocolAsync(connection, cancellationToken);
    }

    static async Task RequireProtocolAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "insert into migration.protocol (number) values ($1) on conflict (one) do update set number = protocol.number returning number", connection)
        {
            Parameters = { new() { Value = Protocol } },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is int found && found != Protocol)
            throw new InvalidOperationException(
                $"The database is worked on under protocol {found}, and this release speaks {Protocol}. Pause the domains, let them drain, stop the old pods, then set migration.protocol to {Protocol}.");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applying database migrations {Names}")]
    static partial void LogMigrating(ILogger logger, string names);
}
