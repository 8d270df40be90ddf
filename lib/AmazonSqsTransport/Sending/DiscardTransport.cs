using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Takes the place of <c>_error</c> and <c>_skipped</c> for a temporary queue: such queues would outlive it under a name that nobody knows. What fails
/// is logged; what nobody consumes is as a rule a response that came after its request had ended, or twice.
/// </summary>
sealed class DiscardTransport(string queueName) : IErrorTransport, IDeadLetterTransport
{
    public Task Send(ExceptionReceiveContext context)
    {
        MassTransit.LogContext.Warning?.Log(context.Exception, "A message of the temporary queue {Queue} failed and is discarded", queueName);
        TransportMetrics.DeadLettered(queueName);
        return Task.CompletedTask;
    }

    public Task Send(ReceiveContext context, string? reason)
    {
        MassTransit.LogContext.Debug?.Log("A message of the temporary queue {Queue} that nobody consumes is discarded", queueName);
        TransportMetrics.DeadLettered(queueName);
        return Task.CompletedTask;
    }
}
