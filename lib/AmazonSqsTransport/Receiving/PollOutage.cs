using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// What an endpoint does while polls fail: it reports itself unhealthy, tries again with growing pauses, and reports itself ready with the
/// first poll that succeeds. What it has in hand goes on meanwhile.
/// </summary>
sealed class PollOutage(ReceiveEndpointContext endpoint, TimeProvider time)
{
    const int ToleratedFailures = 2;
    static readonly BackOff BackOff = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15));

    int _failures;
    int _isReported;

    /// <summary>Returns early when <paramref name="stopping" /> is cancelled.</summary>
    public async Task Pause(Exception exception, CancellationToken stopping)
    {
        var attempt = Interlocked.Increment(ref _failures) - 1;
        // A throttled queue works, and a missing one is created by the next poll: neither is an outage unless it lasts.
        var isOutage = attempt >= ToleratedFailures || !(SqsErrors.IsThrottling(exception) || SqsErrors.IsMissingQueue(exception));
        if (isOutage && Interlocked.Exchange(ref _isReported, 1) == 0)
        {
            LogContext.Warning?.Log(exception, "Receiving from {InputAddress} fails, trying again", endpoint.InputAddress);
            await endpoint.TransportObservers.NotifyFaulted(endpoint.InputAddress,
                new ConnectionException($"Receiving fails: {endpoint.InputAddress}", exception)).ConfigureAwait(false);
        }
        await Task.Delay(BackOff.Delay(attempt), time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async Task End()
    {
        if (Volatile.Read(ref _failures) == 0)
            return;
        Interlocked.Exchange(ref _failures, 0);
        if (Interlocked.Exchange(ref _isReported, 0) == 0)
            return;
        LogContext.Info?.Log("Receiving from {InputAddress} works again", endpoint.InputAddress);
        await endpoint.TransportObservers.NotifyReady(endpoint.InputAddress).ConfigureAwait(false);
    }
}
