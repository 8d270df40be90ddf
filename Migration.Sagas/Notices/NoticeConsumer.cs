using MassTransit;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Notices;

/// <summary>Passes notices on. A second delivery repeats an event or an audit entry: the last resort of at-least-once, and rare.</summary>
public sealed class NoticeConsumer(ITelemetry telemetry, IAuditQueue audit) : IConsumer<TelemetryNotice>, IConsumer<AuditNotice>
{
    public Task Consume(ConsumeContext<TelemetryNotice> context)
    {
        telemetry.Track(context.Message.Event);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<AuditNotice> context) => audit.SendAsync(context.Message, context.CancellationToken);
}

/// <summary>The audit service's queue.</summary>
public interface IAuditQueue
{
    Task SendAsync(AuditNotice notice, CancellationToken cancellationToken);
}
