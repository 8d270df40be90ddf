using MassTransit;
using Microsoft.Extensions.Logging;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>
/// Decides what becomes of an event: syncs, nothing, or a place among the parked ones. A second delivery is harmless: the syncs
/// carry the event's id, and their sagas exist.
/// </summary>
public sealed partial class EventIntake(EventSwitches switches, ParkedEvents parked, CoveredEvents covered, ITelemetry telemetry, SyncMetrics metrics, ILogger<EventIntake> logger)
{
    /// <param name="domain">The domain that the queue belongs to.</param>
    /// <param name="body">The message's text.</param>
    /// <param name="ownId">An id for a message that did not come from SNS.</param>
    /// <param name="sender">Where syncs are sent through.</param>
    /// <returns>False when it is parked: still, in a replay.</returns>
    /// <exception cref="MalformedEventException">Nobody can read it.</exception>
    public async Task<bool> TakeAsync(ISyncDomain domain, string body, Guid ownId, ISendEndpointProvider sender, CancellationToken cancellationToken)
    {
        var incoming = EventEnvelope.Read(body, ownId);
        var isOn = incoming.IsInternal || switches.IsOn(domain.SwitchName, incoming.Type);
        var reading = isOn ? domain.Read(incoming) : EventReading.Parked;
        if (reading.IsParked)
        {
            await parked.ParkAsync(domain.Name, incoming, body, cancellationToken);
            LogParked(incoming.Type, incoming.Id, isOn ? "its domain is not here yet" : "its switch is off");
            metrics.EventTaken(domain.Name, "parked");
            return false;
        }

        if (!reading.IsKnown)
        {
            LogUnknown(domain.Name, incoming.Type);
            metrics.EventTaken(domain.Name, "unknown");
            return true;
        }
        if (reading.Changes.Count > 0)
            await SendAsync(domain, incoming.Id, reading.Changes, sender, cancellationToken);
        foreach (var telemetryEvent in reading.Events)
            telemetry.Track(telemetryEvent);
        metrics.EventTaken(domain.Name, reading.Changes.Count > 0 ? "taken" : "skipped");
        return true;
    }

    async Task SendAsync(ISyncDomain domain, Guid id, IReadOnlyList<SyncChange> changes, ISendEndpointProvider sender, CancellationToken cancellationToken)
    {
        var syncs = await sender.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
        for (var i = 0; i < changes.Count; i++)
        {
            var syncId = changes.Count == 1 ? id : DerivedId.From($"{id:N}/{i}");
            if (await covered.TryEndAsync(syncId, domain.Name, changes[i], cancellationToken))
                continue;
            // The event's id is the message's too: the inbox then knows a doubled event before a saga is loaded.
            await syncs.Send(new SyncRequested(syncId, domain.Name, changes[i]), x => x.MessageId = syncId, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{EventType} {Id} is parked: {Reason}")]
    partial void LogParked(string eventType, Guid id, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Domain} does not handle {EventType}")]
    partial void LogUnknown(string domain, string eventType);
}
