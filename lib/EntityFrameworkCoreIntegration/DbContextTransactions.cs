using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MassTransit.EntityFrameworkCoreIntegration;

static class DbContextTransactions
{
    /// <summary>
    /// Commits the open transaction, and fails if it cannot be: after a failed statement, whose error somebody caught, Postgres answers COMMIT with ROLLBACK and no error,
    /// and the message would count as consumed. A statement before it does get the error, and goes in the same round trip.
    /// </summary>
    public static async Task CommitAsync(this DbContext db, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("select 1; commit", (NpgsqlConnection)db.Database.GetDbConnection());
        await using (command.ConfigureAwait(false))
        {
            try
            {
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InFailedSqlTransaction)
            {
                throw new InvalidOperationException("A statement of this message failed and its error was caught, but Postgres has undone the whole transaction: let the error pass, or set a savepoint before such a statement.", e);
            }
        }
    }
}
