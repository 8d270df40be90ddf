namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Finds the back-off table of a message by its types, when a consumer is done with it: only then, with the body read, are they known. A delivery that fails
/// later, or is given back, uses the table.
/// </summary>
sealed class BackOffByType(IReadOnlyDictionary<string, IReadOnlyList<TimeSpan>> tables) : IReceiveObserver
{
    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Choose(context);

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Choose(context);

    Task Choose<T>(ConsumeContext<T> context)
        where T : class
    {
        // The message's own type comes first; raw JSON names none, and is what its consumer takes it for.
        foreach (var messageUrn in context.SupportedMessageTypes.Append(MessageUrn.ForTypeString<T>()))
        {
            if (!tables.TryGetValue(messageUrn, out var backOff))
                continue;
            if (context.ReceiveContext.TryGetPayload(out SqsReceiveContext? delivery))
                delivery.UseBackOff(backOff);
            break;
        }
        return Task.CompletedTask;
    }
}
