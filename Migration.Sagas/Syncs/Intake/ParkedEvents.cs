using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>Events that came while their switch was off: kept in <c>migration.parked_events</c> until they are replayed.</summary>
public sealed class ParkedEvents(LedgerDatabase database)
{
    /// <summary>A second delivery finds it parked.</summary>
    public Task ParkAsync(string domain, IncomingEvent incoming, string body, CancellationToken cancellationToken) => database.ExecuteAsync(
        "insert into migration.parked_events (id, domain, event_type, body) values ($1, $2, $3, $4) on conflict (id, domain) do update set replayed_at = null",
        cancellationToken, incoming.Id, domain, incoming.Type, body);

    /// <summary>Oldest first.</summary>
    /// <param name="eventType">Null for every type.</param>
    public Task<List<ParkedEvent>> ListAsync(string domain, string? eventType, int limit, CancellationToken cancellationToken) => database.QueryAsync(
        """
        select id, domain, event_type, body, parked_at from migration.parked_events
        where domain = $1 and ($2 = '' or event_type = $2) and replayed_at is null order by parked_at, id limit $3
        """,
        x => new ParkedEvent(x.GetGuid(0), x.GetString(1), x.GetString(2), x.GetString(3), x.GetFieldValue<DateTimeOffset>(4)), cancellationToken, domain, eventType ?? "", limit);

    public Task<List<ParkedCount>> CountAsync(CancellationToken cancellationToken) => database.QueryAsync(
        "select domain, event_type, count(*), min(parked_at) from migration.parked_events where replayed_at is null group by 1, 2 order by 1, 2",
        x => new ParkedCount(x.GetString(0), x.GetString(1), x.GetInt64(2), x.GetFieldValue<DateTimeOffset>(3)), cancellationToken);
}

/// <param name="Id">The event's id.</param>
/// <param name="Body">The message as it lay on the queue.</param>
public sealed record ParkedEvent(Guid Id, string Domain, string EventType, string Body, DateTimeOffset ParkedAt);

public sealed record ParkedCount(string Domain, string EventType, long Events, DateTimeOffset Oldest);
