using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MassTransit.EntityFrameworkCoreIntegration;

static class DbContextTransactions
{
    /// <summary>
    /// Adds the messages and commits the open transaction, in one round trip. Fails if the transaction cannot be committed: after a failed statement, whose error somebody
    /// caught, Postgres answers COMMIT with ROLLBACK and no error, and the message would count as consumed. A statement before it, an insert or one for this alone, does
    /// get the error.
    /// </summary>
    public static async Task CommitAsync(this DbContext db, IReadOnlyCollection<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection());
        await using (batch.ConfigureAwait(false))
        {
            foreach (var message in messages)
                batch.BatchCommands.Add(message.ToInsert(OutboxTables.Of(db)));
            if (messages.Count == 0)
                batch.BatchCommands.Add(new NpgsqlBatchCommand("select 1"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
            try
            {
                await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InFailedSqlTransaction)
            {
                throw new InvalidOperationException("A statement of this message failed and its error was caught, but Postgres has undone the whole transaction: let the error pass, or set a savepoint before such a statement.", e);
            }
        }
    }
}
