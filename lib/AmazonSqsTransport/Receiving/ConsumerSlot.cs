namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// One message's share of the concurrency limit. It is left as soon as the consumer is done, before the message is deleted: the next message
/// does not wait for a request to SQS.
/// </summary>
sealed class ConsumerSlot(SemaphoreSlim consumers)
{
    int _isHeld;

    public async Task Enter(CancellationToken cancellationToken)
    {
        await consumers.WaitAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _isHeld, 1);
    }

    /// <summary>May be called more than once, or without having entered.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _isHeld, 0) == 1)
            consumers.Release();
    }
}
