using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Intake;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains;

/// <summary>All that the sync engine needs to know of a domain whose changes are carried from NOMIS to DPS.</summary>
public interface ISyncDomain
{
    /// <summary>Lower-case word that begins its queues and names its rows: <c>visits</c>.</summary>
    string Name { get; }

    /// <summary>The domain's word in feature switches: <c>feature.event.visits.VISIT_CANCELLED</c> (spec: engine 4.2).</summary>
    string SwitchName { get; }

    /// <summary>Ids of its event queues in the reference's configuration (<c>eventvisits</c>): their names are <c>HMPPS_SQS_QUEUES_EVENTVISITS_QUEUE_NAME</c>.</summary>
    IReadOnlyList<string> EventQueues { get; }

    /// <summary>Ids of queues that it shares with other domains: listened to only where their names are configured.</summary>
    IReadOnlyList<string> SharedEventQueues => [];

    /// <summary>The upstreams that a push or a compensation calls.</summary>
    IReadOnlyList<string> Calls { get; }

    /// <summary>Which change an event is. Pure.</summary>
    /// <exception cref="MalformedEventException">The event's body cannot be read.</exception>
    EventReading Read(IncomingEvent incoming);

    /// <summary>The change that brings the present NOMIS state of a record once more, in mode <see cref="SyncMode.Look"/>.</summary>
    SyncChange LookAt(string entity, string key);

    /// <summary>Carries a change to DPS. Errors come back as outcomes.</summary>
    Task<PushOutcome> PushAsync(SyncWork work, CancellationToken cancellationToken);

    /// <summary>Writes the mapping of what a push created.</summary>
    Task<MappingOutcome> WriteMappingAsync(SyncWork work, string targetId, CancellationToken cancellationToken);

    /// <summary>Removes a record of ours that is one too many, and brings the survivor up to date, if that is safe (protocol section 9).</summary>
    Task<CompensationOutcome> CompensateAsync(SyncWork work, string targetId, CancellationToken cancellationToken);
}
