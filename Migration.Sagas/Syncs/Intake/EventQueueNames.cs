using Microsoft.Extensions.Configuration;
using Migration.Sagas.Domains;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>Names of the events queues, which SNS feeds: by the reference's variables, or the id itself where they are not set (spec: engine 8.4).</summary>
public sealed class EventQueueNames(IConfiguration configuration)
{
    public IEnumerable<string> Of(ISyncDomain domain) =>
        [.. domain.EventQueues.Select(Of), .. domain.SharedEventQueues.Select(Configured).OfType<string>()];

    /// <param name="id">The queue's id in the reference's configuration: <c>eventvisits</c>.</param>
    public string Of(string id) => Configured(id) ?? id;

    string? Configured(string id) => configuration[$"HMPPS_SQS_QUEUES_{id.ToUpperInvariant()}_QUEUE_NAME"] is { Length: > 0 } name ? name : null;
}
