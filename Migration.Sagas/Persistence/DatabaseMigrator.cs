using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Migration.Sagas.Persistence;

/// <summary>Brings the schema up to date at start: one process at a time, under an advisory lock; the others wait and find it done.</summary>
public static partial class DatabaseMigrator
{
    const long LockKey = 0x4D49_4752_4154_4553; // any number, the same in every release

    public static async Task MigrateAsync(IServiceProvider services, CancellationToken cancellationToken = default)
    {
        await using var scope = services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MigrationDbContext>();
        var logger = scope.ServiceProvider.GetRequiredService<ILogger<MigrationDbContext>>();

        // A connection of its own: the lock outlives EF's transactions.
        await using var connection = new NpgsqlConnection(database.Database.GetConnectionString());
        await connection.OpenAsync(cancellationToken);
        await using (var enter = new NpgsqlCommand("select pg_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } } })
            await enter.ExecuteNonQueryAsync(cancellationToken);
        var pending = (await database.Database.GetPendingMigrationsAsync(cancellationToken)).ToArray();
        if (pending.Length == 0)
            return;
        LogMigrating(logger, string.Join(", ", pending));
        await database.Database.MigrateAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applying database migrations {Names}")]
    static partial void LogMigrating(ILogger logger, string names);
}
