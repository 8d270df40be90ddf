namespace MassTransit.AmazonSqsTransport;

/// <summary>Measures the work on the messages of one queue.</summary>
sealed class ReceiveTelemetry(string queue) : IReceiveObserver
{
    public Task PreReceive(ReceiveContext context)
    {
        Spans.Receiving();
        TransportMetrics.InFlight(queue, 1);
        if (context.Redelivered)
            TransportMetrics.Redelivered(queue);
        return Task.CompletedTask;
    }

    public Task PostReceive(ReceiveContext context) => Ended(context, exception: null);

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Ended(context, exception);

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    Task Ended(ReceiveContext context, Exception? exception)
    {
        TransportMetrics.InFlight(queue, -1);
        TransportMetrics.Processed(queue, context.ElapsedTime, exception);
        return Task.CompletedTask;
    }
}
