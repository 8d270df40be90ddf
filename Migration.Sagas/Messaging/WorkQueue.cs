using MassTransit;

namespace Migration.Sagas.Messaging;

/// <summary>How a queue of work is received: the same for every kind of work, so that on-call staff find them alike.</summary>
/// <param name="Lease">How long a delivery may be worked on before SQS hands it out again, within what SQS allows.</param>
/// <param name="MaxReceives">After this many it becomes a dead letter.</param>
/// <param name="BackOff">Times between receives; the last one repeats.</param>
sealed record WorkQueue(TimeSpan Lease, int MaxReceives, IReadOnlyList<TimeSpan> BackOff)
{
    /// <param name="bus">The bus that gets the endpoint.</param>
    /// <param name="queue">The queue's name without its scope.</param>
    /// <param name="concurrency">Messages that one process works on at a time.</param>
    /// <param name="isOpen">Whether it is polled at the moment; null: always.</param>
    /// <param name="configure">Adds what consumes it.</param>
    public void Receive(IAmazonSqsBusFactoryConfigurator bus, string queue, int concurrency, Func<bool>? isOpen, Action<IAmazonSqsReceiveEndpointConfigurator> configure) =>
        bus.ReceiveEndpoint(queue, e =>
        {
            e.ConfigureConsumeTopology = false; // everything here is sent, nothing published
            e.ConcurrentMessageLimit = concurrency;
            e.PrefetchCount = concurrency * 2;
            e.QueueAttributes["VisibilityTimeout"] = (int)Math.Clamp(Lease.TotalSeconds, 5, 600);
            e.UseNativeDeadLetterQueue(MaxReceives, [.. BackOff]);
            if (isOpen is not null)
                e.PollWhile(isOpen);
            configure(e);
        });
}
