using System.Collections.Concurrent;
using System.Data;
using System.Net.Sockets;
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
sealed class OutboxDelivery<TDb>(IServiceScopeFactory scopes, IBusControl bus, OutboxOptions<TDb> options, OutboxMetrics<TDb> metrics, TimeProvider time, ILogger<OutboxDelivery<TDb>> logger)
    where TDb : DbContext
{
    const int LongestError = 2000;

    // The shortest back-off. To look for failed rows is to read the whole table.
    static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    long _retriedAt;
    bool _hasSentSinceFailure;

    /// <summary>Returns how many rows were taken, sent and failed. One pass at a time.</summary>
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
                var retries = IsRetryDue() ? (options.QueryMessageLimit + 3) / 4 : 0;
                var rows = await db.Set<OutboxMessage>().FromSqlRaw(tables.SelectDue, options.QueryMessageLimit, retries).AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false);
                var retried = rows.Count(x => x.LastError is not null);
                if (retries > 0)
                    _retriedAt = retried < retries ? time.GetTimestamp() : 0;
                if (rows.Count == 0)
                    return default;

                // What has lost its place goes by itself, so that it cannot hold up its scope again.
                var outcomes = new Outcomes();
                await Task.WhenAll(rows.GroupBy(x => (x.ScopeId, x.Attempts < OutboxMessage.AttemptsInPlace ? 0 : x.SequenceNumber))
                    .Select(x => SendInOrderAsync(x.Take(options.MessageDeliveryLimit), outcomes, cancellationToken))).ConfigureAwait(false);

                // What was sent must be deleted even when a stop was asked for meanwhile.
                if (!outcomes.Sent.IsEmpty)
                    await db.Database.ExecuteSqlRawAsync(tables.Delete, [outcomes.Sent.ToArray()], CancellationToken.None).ConfigureAwait(false);
                var isOutage = false;
                _hasSentSinceFailure |= !outcomes.Sent.IsEmpty;
                if (!outcomes.Failed.IsEmpty)
                {
                    var failures = outcomes.Failed.ToArray();
                    var counts = Array.ConvertAll(failures, x => _hasSentSinceFailure || !MeansOutage(x.Exception));
                    await db.Database.ExecuteSqlRawAsync(tables.BackOff,
                        [Array.ConvertAll(failures, x => x.SequenceNumber), Array.ConvertAll(failures, x => Storable($"{x.Exception.GetType().Name}: {x.Exception.Message}")), counts, options.LongestBackOff],
                        CancellationToken.None).ConfigureAwait(false);
                    _hasSentSinceFailure = false;
                    isOutage = counts.Contains(false);
                }
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return new OutboxPass(outcomes.Sent.Count, outcomes.Failed.Count, rows.Count >= options.QueryMessageLimit || (retries > 0 && retried >= retries), isOutage);
            }
        }
    }

    /// <summary>Also at once after a pass that met more failed rows than it may take.</summary>
    bool IsRetryDue() => _retriedAt == 0 || time.GetElapsedTime(_retriedAt) >= (options.LongestBackOff < RetryInterval ? options.LongestBackOff : RetryInterval);

    async Task SendInOrderAsync(IEnumerable<OutboxMessage> rows, Outcomes outcomes, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            if (cancellationToken.IsCancellationRequested)
                return;
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
                // Whatever it was, the row is kept with its error and tried again. What follows in its scope waits for it, other scopes go on.
                logger.LogWarning(e, "Outbox message {MessageId} to {DestinationAddress} could not be sent, attempt {Attempt}", row.MessageId, row.DestinationAddress, row.Attempts + 1);
                outcomes.Failed.Add((row.SequenceNumber, e));
                metrics.Failed();
                return;
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
        var sending = SendAsync(row, now, limit.Token);
        try
        {
            // A transport need not heed the token once the message is under way. What ends later than this is sent again.
            await sending.WaitAsync(options.MessageDeliveryTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _ = sending.ContinueWith(static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }

    async Task SendAsync(OutboxMessage row, DateTime now, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(row.DestinationAddress ?? throw new MessageException(typeof(OutboxMessage), "There is no destination address.")).ConfigureAwait(false);
        await endpoint.Send(new SerializedMessageBody(), new OutboxSendPipe(row, now), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The broker is away, so that it is not the message's fault: it must not lose its place. Believed only while nothing else can be sent either: a message whose own
    /// destination hangs looks the same.
    /// </summary>
    bool MeansOutage(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException or SocketException or IOException or TimeoutException or OperationCanceledException or ConnectionException)
                return true;
        }
        return bus.CheckHealth().Status != BusHealthStatus.Healthy;
    }

    /// <summary>Postgres stores neither zero characters nor half a surrogate pair. An error text with one would fail the whole pass, after its messages were sent.</summary>
    static string Storable(string error) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(error.Length <= LongestError ? error : error[..LongestError])).Replace('\0', '\uFFFD');

    /// <summary>Sequence numbers; a row in neither was not tried.</summary>
    sealed class Outcomes
    {
        public ConcurrentBag<long> Sent { get; } = [];

        public ConcurrentBag<(long SequenceNumber, Exception Exception)> Failed { get; } = [];
    }
}

/// <summary>What one pass did.</summary>
/// <param name="Sent">Rows handed to the transport, or expired.</param>
/// <param name="Failed">Rows that wait for another attempt.</param>
/// <param name="IsFull">There may be more rows than it could take.</param>
/// <param name="IsOutage">It seems that nothing can be sent at present.</param>
[StructLayout(LayoutKind.Auto)]
readonly record struct OutboxPass(int Sent, int Failed, bool IsFull, bool IsOutage);
