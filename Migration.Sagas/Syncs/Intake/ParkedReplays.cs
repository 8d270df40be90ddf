using Migration.Sagas.Domains;
using Migration.Sagas.Persistence;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>Takes in what was parked, a batch a transaction with its audit event. Taken in twice it is one sync: it carries the event's id.</summary>
public sealed class ParkedReplays(ParkedEvents parked, EventSwitches switches, EventIntake intake, OperatorActions actions)
{
    const int Batch = 500;

    /// <summary>Oldest first, until none is left or one cannot be taken in.</summary>
    /// <param name="eventType">Null for every type.</param>
    /// <param name="who">User name of the token, else its client id.</param>
    public async Task<ParkedReplay> ReplayAsync(ISyncDomain domain, string? eventType, string who, CancellationToken cancellationToken)
    {
        var replay = new ParkedReplay(0, Refusal: null);
        while (replay.Refusal is null && await parked.ListAsync(domain.Name, eventType, Batch, cancellationToken) is { Count: > 0 } events)
        {
            if (events.FirstOrDefault(x => !switches.IsOn(domain.SwitchName, x.EventType)) is { } off)
                return replay with { Refusal = $"the switch of {off.EventType} is off: turn it on before its events are replayed" };
            var (taken, refusal) = (0, (string?)null);
            await actions.CommitAsync(who, async (database, sender) =>
            {
                foreach (var one in events)
                {
                    if (!await intake.TakeAsync(domain, one.Body, one.Id, sender, cancellationToken))
                    {
                        refusal = $"{one.EventType} cannot be taken in yet and stays parked; name another type";
                        break;
                    }
                    await database.ExecuteAsync($"update migration.parked_events set replayed_at = clock_timestamp() where id = {one.Id} and domain = {one.Domain}", cancellationToken);
                    taken++;
                }
                return taken == 0 ? null : new Audited("PARKED_EVENTS_REPLAYED", new { domain = domain.Name, replayed = taken });
            }, cancellationToken);
            replay = new ParkedReplay(replay.Replayed + taken, refusal);
        }
        return replay;
    }
}

/// <param name="Replayed">Events that were taken in.</param>
/// <param name="Refusal">Why the next one was not; null when none is left.</param>
public sealed record ParkedReplay(int Replayed, string? Refusal);
