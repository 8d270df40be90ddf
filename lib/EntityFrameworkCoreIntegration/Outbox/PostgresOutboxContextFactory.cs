using System.Data;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>
/// Puts a message's effects into one transaction: the inbox row, the consumer's or saga's own changes, and the messages it sends. A second delivery, also a concurrent
/// one, finds the inbox row and is skipped. Sending is left to <see cref="OutboxDeliveryService{TDb}"/>, which costs one commit a message where the official package
/// needs three.
/// </summary>
sealed class PostgresOutboxContextFactory<TDb>(TDb db, IServiceProvider provider, OutboxSignal<TDb> signal, OutboxMetrics<TDb> metrics, TimeProvider time) : IOutboxContextFactory<TDb>
    where TDb : DbContext
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("postgresOutbox");

    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var messageId = context.MessageId ?? throw new MessageException(typeof(T), "A message without MessageId cannot be consumed through the inbox.");
        var outbox = new PostgresOutboxConsumeContext<TDb, T>(context, options, provider, db, time);
        var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, context.CancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            if (!await TryEnterInboxAsync(messageId, options.ConsumerId, context.CancellationToken).ConfigureAwait(false))
            {
                metrics.SkippedDuplicate();
                LogContext.Debug?.Log("Inbox skipped {MessageId}: {ConsumerType} has consumed it", messageId, options.ConsumerType);
                await context.NotifyConsumed(context, TimeSpan.Zero, options.ConsumerType).ConfigureAwait(false);
                return;
            }
            await next.Send(outbox).ConfigureAwait(false);
            if (db.ChangeTracker.HasChanges())
                await db.SaveChangesAsync(context.CancellationToken).ConfigureAwait(false);
            await db.CommitAsync(outbox.Sent, context.CancellationToken).ConfigureAwait(false);
        }
        if (outbox.Sent.Count > 0)
            signal.Set();
    }

    /// <summary>False when the message has been consumed. Straight to the driver, which prepares it: it runs for every message.</summary>
    async Task<bool> TryEnterInboxAsync(Guid messageId, Guid consumerId, CancellationToken cancellationToken)
    {
        using NpgsqlCommand insert = new(OutboxTables.Of(db).InsertInbox, (NpgsqlConnection)db.Database.GetDbConnection())
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = messageId }, new NpgsqlParameter<Guid> { TypedValue = consumerId } },
        };
        return await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) > 0;
    }
}
