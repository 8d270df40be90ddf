using MassTransit;

namespace Migration.Tests.SagaPersistence;

/// <summary>Does something with the body of each message of the outbox before it goes to the transport.</summary>
sealed class BeforeSending(Func<string, CancellationToken, Task> act) : ISendObserver
{
    public Task PreSend<T>(SendContext<T> context)
        where T : class => act(context.Serializer.GetMessageBody(context).GetString(), context.CancellationToken);

    public Task PostSend<T>(SendContext<T> context)
        where T : class => Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;
}
