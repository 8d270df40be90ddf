using Migration.Sagas.Domains;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>Takes in what was parked, a batch a transaction with its audit event. Taken in twice it is one sync: it carries the event's id.</summary>
public sealed class ParkedReplays(ParkedEvents parked, EventSwitches switches, EventIntake intake, OperatorActions actions)
{
    const int Batch = 500;

    /// <summary>Oldest first, a type after the other.</summary>
    /// <param name="eventType">Null for every type; those that cannot be taken in are passed over.</param>
    /// <param name="who">User name of the token, else its client id.</param>
    public async Task<ParkedReplay> ReplayAsync(ISyncDomain domain, string? eventType, string who, CancellationToken cancellationToken)
    {
        if (eventType is not null)
            return await ReplayTypeAsync(domain, eventType, who, cancellationToken);
        var (replayed, stillParked) = (0, new List<string>());
        foreach (var type in (await parked.CountAsync(cancellationToken)).Where(x => x.Domain == domain.Name).Select(x => x.EventType))
        {
            var replay = await ReplayTypeAsync(domain, type, who, cancellationToken);
            replayed += replay.Replayed;
            stillParked.AddRange(replay.StillParked);
        }
        return new ParkedReplay(replayed, stillParked, Refusal: null);
    }

    async Task<ParkedReplay> ReplayTypeAsync(ISyncDomain domain, string type, string who, CancellationToken cancellationToken)
    {
        if (!switches.IsOn(domain.SwitchName, type))
            return new ParkedReplay(0, [type], $"the switch of {type} is off: turn it on before its events are replayed");
        var replayed = 0;
        while (await parked.ListAsync(domain.Name, type, Batch, cancellationToken) is { Count: > 0 } events)
        {
            var taken = 0;
            await actions.CommitAsync(who, async (database, sender) =>
            {
                foreach (var one in events)
                {
                    if (!await intake.TakeAsync(domain, one.Body, one.Id, sender, cancellationToken))
                        break;
                    await database.ExecuteAsync($"update migration.parked_events set replayed_at = clock_timestamp() where id = {one.Id} and domain = {one.Domain}", cancellationToken);
                    taken++;
                }
                return taken == 0 ? null : new Audited("PARKED_EVENTS_REPLAYED", new { domain = domain.Name, replayed = taken });
            }, cancellationToken);
            replayed += taken;
            if (taken < events.Count)
                return new ParkedReplay(replayed, [type], $"{type} cannot be taken in yet and stays parked");
        }
        return new ParkedReplay(replayed, [], Refusal: null);
    }
}

/// <param name="Replayed">Events that were taken in.</param>
/// <param name="StillParked">Types that cannot be taken in.</param>
/// <param name="Refusal">Why the type that was asked for cannot; null when it can, or all were asked for.</param>
public sealed record ParkedReplay(int Replayed, IReadOnlyList<string> StillParked, string? Refusal);
