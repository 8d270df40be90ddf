using MassTransit.Middleware;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>Gives a send context what the row holds. A delay shrinks by the time that the row has waited.</summary>
sealed class OutboxSendPipe(OutboxMessage message, DateTime now) : IPipe<SendContext>
{
    readonly OutboxMessageSendPipe _rest = new(message, message.DestinationAddress);

    public async Task Send(SendContext context)
    {
        await _rest.Send(context).ConfigureAwait(false);
        if (message.DueAt is { } due)
            context.Delay = due > now ? due - now : null;
    }

    public void Probe(ProbeContext context) => _rest.Probe(context);
}
