using System.Collections.Concurrent;
using System.Data;
using System.Runtime.InteropServices;
using MassTransit.Serialization;
using MassTransit.Transports;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>
/// One pass: takes a batch of rows, sends them, deletes those that were sent and lets the others wait. All in one transaction, whose row locks keep other processes off.
/// A process that dies between sending and commit sends again later; the consumer's inbox knows the MessageId.
/// </summary>
sealed partial class OutboxDelivery<TDb>(IServiceScopeFactory scopes, IBus bus, OutboxOptions<TDb> options, TimeProvider time, ILogger<OutboxDelivery<TDb>> logger)
    where TDb : DbContext
{
    /// <summary>Returns how many rows were taken, sent and failed.</summary>
    public async Task<OutboxPass> DeliverAsync(CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var db = scope.ServiceProvider.GetRequiredService<TDb>();
            var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var tables = OutboxTables.Of(db);
                var rows = await db.Set<OutboxMessage>().FromSqlRaw(tables.SelectDue, options.QueryMessageLimit).AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false);
                if (rows.Count == 0)
                    return default;

                var failures = new ConcurrentDictionary<long, string>();
                await Task.WhenAll(rows.GroupBy(x => x.ScopeId).Select(x => SendInOrderAsync(x, failures, cancellationToken))).ConfigureAwait(false);

                // What was sent must be deleted even when a stop was asked for meanwhile.
                var sent = rows.Select(x => x.SequenceNumber).Where(x => !failures.ContainsKey(x)).ToArray();
                if (sent.Length > 0)
                    await db.Database.ExecuteSqlRawAsync(tables.Delete, [sent], CancellationToken.None).ConfigureAwait(false);
                if (!failures.IsEmpty)
                    await db.Database.ExecuteSqlRawAsync(tables.BackOff, [failures.Keys.ToArray(), failures.Values.ToArray(), options.LongestBackOff], CancellationToken.None).ConfigureAwait(false);
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return new OutboxPass(sent.Length, failures.Count);
            }
        }
    }

    async Task SendInOrderAsync(IEnumerable<OutboxMessage> rows, ConcurrentDictionary<long, string> failures, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            try
            {
                await SendAsync(row, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Whatever it was, it concerns this row: it is kept with its error and tried again, and the others go on.
                logger.LogWarning(e, "Outbox message {MessageId} to {DestinationAddress} could not be sent, attempt {Attempt}", row.MessageId, row.DestinationAddress, row.Attempts + 1);
                failures[row.SequenceNumber] = $"{e.GetType().Name}: {e.Message}";
            }
        }
    }

    async Task SendAsync(OutboxMessage row, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (row.ExpirationTime <= now)
            return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.MessageDeliveryTimeout);
        var endpoint = await bus.GetSendEndpoint(row.DestinationAddress ?? throw new MessageException(typeof(OutboxMessage), "There is no destination address.")).ConfigureAwait(false);
        await endpoint.Send(new SerializedMessageBody(), new OutboxSendPipe(row, now), limit.Token).ConfigureAwait(false);
    }
}

/// <summary>What one pass did.</summary>
[StructLayout(LayoutKind.Auto)]
readonly record struct OutboxPass(int Sent, int Failed)
{
    public int Taken => Sent + Failed;
}
