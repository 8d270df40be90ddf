using System.Collections.Concurrent;
using System.Data;
using System.Runtime.InteropServices;
using System.Text;
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
sealed class OutboxDelivery<TDb>(IServiceScopeFactory scopes, IBus bus, OutboxOptions<TDb> options, OutboxMetrics<TDb> metrics, TimeProvider time, ILogger<OutboxDelivery<TDb>> logger)
    where TDb : DbContext
{
    const int LongestError = 2000;

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

                var outcomes = new Outcomes();
                await Task.WhenAll(rows.GroupBy(x => x.ScopeId).Select(x => SendInOrderAsync(x, outcomes, cancellationToken))).ConfigureAwait(false);

                // What was sent must be deleted even when a stop was asked for meanwhile.
                if (!outcomes.Sent.IsEmpty)
                    await db.Database.ExecuteSqlRawAsync(tables.Delete, [outcomes.Sent.ToArray()], CancellationToken.None).ConfigureAwait(false);
                if (!outcomes.Failed.IsEmpty)
                    await db.Database.ExecuteSqlRawAsync(tables.BackOff, [outcomes.Failed.Keys.ToArray(), outcomes.Failed.Values.ToArray(), options.LongestBackOff], CancellationToken.None).ConfigureAwait(false);
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return new OutboxPass(rows.Count, outcomes.Sent.Count, outcomes.Failed.Count);
            }
        }
    }

    async Task SendInOrderAsync(IEnumerable<OutboxMessage> rows, Outcomes outcomes, CancellationToken cancellationToken)
    {
        var hasTimedOut = false;
        foreach (var row in rows)
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            if (hasTimedOut)
            {
                // A destination that hangs may cost a pass one time-out, not one a row.
                outcomes.Failed[row.SequenceNumber] = "Not tried, because the message before it timed out.";
                continue;
            }
            try
            {
                await SendAsync(row, cancellationToken).ConfigureAwait(false);
                outcomes.Sent.Add(row.SequenceNumber);
                metrics.Delivered(time.GetUtcNow().UtcDateTime - row.AddedAt);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return; // a stop is no failure of the row
            }
            catch (Exception e)
            {
                // Whatever it was, it concerns this row: it is kept with its error and tried again, and the others go on.
                logger.LogWarning(e, "Outbox message {MessageId} to {DestinationAddress} could not be sent, attempt {Attempt}", row.MessageId, row.DestinationAddress, row.Attempts + 1);
                outcomes.Failed[row.SequenceNumber] = Storable($"{e.GetType().Name}: {e.Message}");
                metrics.Failed();
                hasTimedOut = e is OperationCanceledException;
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

    /// <summary>Postgres stores neither zero characters nor half a surrogate pair. An error text with one would fail the whole pass, after its messages were sent.</summary>
    static string Storable(string error) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(error.Length <= LongestError ? error : error[..LongestError])).Replace('\0', '\uFFFD');

    /// <summary>Sequence numbers; a row in neither was not tried.</summary>
    sealed class Outcomes
    {
        public ConcurrentBag<long> Sent { get; } = [];

        public ConcurrentDictionary<long, string> Failed { get; } = new();
    }
}

/// <summary>What one pass did.</summary>
[StructLayout(LayoutKind.Auto)]
readonly record struct OutboxPass(int Taken, int Sent, int Failed);
