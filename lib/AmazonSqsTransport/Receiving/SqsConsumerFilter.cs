using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Runs one endpoint from start to stop: queue first, then the receiver. A queue that cannot be had is tried again by the receive transport.</summary>
sealed class SqsConsumerFilter(ReceiveEndpointContext endpoint, SqsReceiveSettings settings) : IFilter<SqsClientContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("amazonSqsReceiver");

    public async Task Send(SqsClientContext context, IPipe<SqsClientContext> next)
    {
        var connection = context.Connection;
        var queue = await FindQueue(context).ConfigureAwait(false);
        if (settings.PurgeOnStartup)
            await connection.Purge(queue).ConfigureAwait(false);

        if (settings.IsTemporary)
            await connection.TemporaryQueues.Sweep(context.CancellationToken).ConfigureAwait(false);

        using CancellationTokenSource ended = new();
        SqsMessageReceiver receiver = new(connection, queue, endpoint, settings);
        await receiver.Ready.ConfigureAwait(false);
        endpoint.AddConsumeAgent(receiver);
        await endpoint.TransportObservers.NotifyReady(endpoint.InputAddress).ConfigureAwait(false);
        try
        {
            if (settings.IsTemporary)
                _ = connection.TemporaryQueues.Keep(queue, ended.Token);
            await receiver.Completed.ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await endpoint.TransportObservers.NotifyCompleted(endpoint.InputAddress, receiver).ConfigureAwait(false);
            endpoint.LogConsumerCompleted(receiver.DeliveryCount, receiver.ConcurrentDeliveryCount);
            if (settings.IsTemporary)
                await DeleteQueue(connection).ConfigureAwait(false);
        }
    }

    async Task<QueueInfo> FindQueue(SqsClientContext context)
    {
        try
        {
            return await context.Connection.Queues.Get(settings.QueueName, create: true, context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            // The receive transport tries again, and tells of it only at the level of information.
            LogContext.Warning?.Log(exception, "The endpoint {InputAddress} cannot start, it will try again: {Reason}", endpoint.InputAddress, exception.Message);
            throw;
        }
    }

    async Task DeleteQueue(SqsConnection connection)
    {
        try
        {
            await connection.Queues.Delete(settings.QueueName).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogContext.Warning?.Log(exception, "The temporary queue {Queue} could not be deleted", settings.QueueName);
        }
    }
}
