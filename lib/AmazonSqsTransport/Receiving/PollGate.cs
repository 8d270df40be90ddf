namespace MassTransit.AmazonSqsTransport;

/// <summary>Waits until the endpoint may poll. However many messages wait, the condition is asked by one loop.</summary>
sealed class PollGate(Func<bool> isOpen, TimeProvider time)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    readonly Lock _lock = new();
    Task? _opening;

    public Task WaitUntilOpen(CancellationToken cancellationToken)
    {
        if (isOpen())
            return Task.CompletedTask;
        lock (_lock)
        {
            if (_opening is null or { IsCompleted: true })
                _opening = Watch(cancellationToken);
            return _opening;
        }
    }

    async Task Watch(CancellationToken cancellationToken)
    {
        do
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        while (!isOpen());
    }
}
