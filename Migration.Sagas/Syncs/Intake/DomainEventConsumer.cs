using MassTransit;
using Microsoft.Extensions.Logging;
using Migration.Sagas.Domains;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>
/// Takes in the events of a domain. A second delivery is harmless: the intake sends the same ids again. What nobody can read
/// becomes a dead letter at once, with the reason beside it; sent twice it is two dead letters, and nothing else.
/// </summary>
sealed partial class DomainEventConsumer(ISyncDomain domain, string queue, EventIntake intake, IEventDeadLetters deadLetters, SyncMetrics metrics, ILogger<DomainEventConsumer> logger)
    : IConsumer<EventMessage>
{
    public async Task Consume(ConsumeContext<EventMessage> context)
    {
        try
        {
            await intake.TakeAsync(domain, context.Message.Body, OwnId(context), context, context.CancellationToken);
        }
        catch (MalformedEventException exception)
        {
            await deadLetters.SendAsync(queue, context.Message.Body, exception.Message, context.CancellationToken);
            LogMalformed(queue, exception.Message);
            metrics.EventTaken(domain.Name, "malformed");
        }
    }

    // SQS keeps its id over redeliveries; should a move change it, the change is only brought once more.
    static Guid OwnId(ConsumeContext context) => context.ReceiveContext.TryGetPayload<AmazonSqsMessageContext>(out var sqs)
        ? DerivedId.From("sqs/" + sqs.TransportMessage.MessageId)
        : context.MessageId ?? NewId.NextGuid();

    [LoggerMessage(Level = LogLevel.Error, Message = "A message of {Queue} cannot be read and is a dead letter: {Reason}")]
    partial void LogMalformed(string queue, string reason);
}

/// <summary>The dead-letter queue of an events queue.</summary>
public interface IEventDeadLetters
{
    /// <param name="queue">The events queue.</param>
    /// <param name="body">The message as it came.</param>
    /// <param name="reason">Why it cannot be read; goes along as an attribute.</param>
    Task SendAsync(string queue, string body, string reason, CancellationToken cancellationToken);
}
