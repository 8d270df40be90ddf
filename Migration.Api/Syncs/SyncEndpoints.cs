using System.Security.Claims;
using System.Text.Json;
using MassTransit;
using Migration.Api.Errors;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Notices;
using Migration.Sagas.Runs;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Api.Syncs;

/// <summary>What on-call staff do with syncs: look, retry, replay parked events. An addition to the reference.</summary>
static class SyncEndpoints
{
    public static void MapSyncs(this IEndpointRouteBuilder app)
    {
        var syncs = app.MapGroup("/syncs").RequireAuthorization(Roles.Update).WithTags("Syncs");
        syncs.MapGet("", ListAsync).Produces<IReadOnlyList<SyncSummary>>().Errors(400).WithName("listSyncs")
            .WithSummary("Syncs, newest first: by domain, state, record (domain/entity/key), or those that may have left a second record in DPS.");
        syncs.MapGet("/counts", CountAsync).Produces<IReadOnlyList<SyncCount>>().WithName("countSyncs")
            .WithSummary("How many syncs of each domain are in which state: all that go on, and those that ended within the last hour.");
        syncs.MapGet("/{syncId}", FindAsync).Produces<SyncView>().Errors(404).WithName("getSync")
            .WithSummary("One sync, and how it came to where it is.");
        syncs.MapPost("/{syncId}/retry", RetryAsync).Produces(202).Errors(404, 409).WithName("retrySync")
            .WithSummary("Lets a failed sync, or one that waits for a decision, begin again. What is known of its record is heeded.");
        syncs.MapGet("/parked-events", ParkedAsync).Produces<IReadOnlyList<ParkedCount>>().WithName("listParkedEvents")
            .WithSummary("Events that came while their feature switch was off, by domain and type.");
        syncs.MapPost("/parked-events/{domain}/replay", ReplayAsync).Produces<ReplayedEventsView>(202).Errors(404, 409).WithName("replayParkedEvents")
            .WithSummary("Takes in the parked events of one type, or of every type of the domain that can be taken in, each oldest first. A named type is refused while its switch is off, or its domain is not here yet.");
    }

    static async Task<IReadOnlyList<SyncSummary>> ListAsync(string? domain, string? state, string? record, bool? possibleDuplicate, int? page, int? size, SyncQueries syncs, CancellationToken cancellationToken)
    {
        var (number, length) = RequestValues.Page(page, size);
        return await syncs.ListAsync(domain, state, record, possibleDuplicate, number, length, cancellationToken);
    }

    static async Task<IReadOnlyList<SyncCount>> CountAsync(SyncQueries syncs, CancellationToken cancellationToken) => await syncs.CountAsync(cancellationToken);

    static async Task<SyncView> FindAsync(Guid syncId, SyncQueries syncs, CancellationToken cancellationToken) =>
        new(await RequireAsync(syncs, syncId, cancellationToken), await syncs.ListTransitionsAsync(syncId, cancellationToken));

    static async Task<IResult> RetryAsync(Guid syncId, SyncQueries syncs, SyncRequests requests, IBus bus, TimeProvider time, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var sync = await RequireAsync(syncs, syncId, cancellationToken);
        if (sync.State is not (SyncState.Failed or SyncState.NeedsOperator))
            throw new ConflictException($"{syncId} is {sync.State}; only a sync that failed or needs an operator can be retried");
        await requests.RetryAsync(syncId, user.Who(), cancellationToken);
        await bus.AuditAsync("SYNC_RETRY_REQUESTED", user, time, new { syncId, record = $"{sync.Domain}/{sync.Entity}/{sync.Key}" }, cancellationToken);
        return Results.Accepted();
    }

    static async Task<IReadOnlyList<ParkedCount>> ParkedAsync(ParkedEvents parked, CancellationToken cancellationToken) => await parked.CountAsync(cancellationToken);

    static async Task<IResult> ReplayAsync(string domain, string? eventType, SyncDomainRegistry domains, ParkedEvents parked, EventSwitches switches, EventIntake intake, IBus bus, TimeProvider time,
        ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var known = domains.All.FirstOrDefault(x => x.Name == domain) ?? throw new NotFoundException(domain);
        string[] types = eventType is not null ? [eventType] : [.. (await parked.CountAsync(cancellationToken)).Where(x => x.Domain == domain).Select(x => x.EventType)];
        var (replayed, stillParked) = (0, new List<string>());
        foreach (var type in types)
        {
            var (count, refusal) = await ReplayTypeAsync(known, type, parked, switches, intake, bus, cancellationToken);
            replayed += count;
            if (refusal is not null && eventType is not null)
                throw new ConflictException(refusal);
            if (refusal is not null)
                stillParked.Add(type);
        }
        await bus.AuditAsync("PARKED_EVENTS_REPLAYED", user, time, new { domain, replayed }, cancellationToken);
        return Results.Json(new ReplayedEventsView(replayed, stillParked), statusCode: 202);
    }

    /// <returns>How many were taken in, and why no more can be; null when all were.</returns>
    static async Task<(int Replayed, string? Refusal)> ReplayTypeAsync(ISyncDomain domain, string type, ParkedEvents parked, EventSwitches switches, EventIntake intake, IBus bus,
        CancellationToken cancellationToken)
    {
        if (!switches.IsOn(domain.SwitchName, type))
            return (0, $"the switch of {type} is off: turn it on before its events are replayed");
        var replayed = 0;
        while (await parked.ListAsync(domain.Name, type, 500, cancellationToken) is { Count: > 0 } events)
        {
            foreach (var one in events)
            {
                // Taken in twice it is one sync: it carries the event's id.
                if (!await intake.TakeAsync(domain, one.Body, one.Id, bus, cancellationToken))
                    return (replayed, $"{type} cannot be taken in yet and stays parked");
                await parked.ReplayedAsync(one, cancellationToken);
                replayed++;
            }
        }
        return (replayed, null);
    }

    static async Task<SyncSummary> RequireAsync(SyncQueries syncs, Guid id, CancellationToken cancellationToken) =>
        await syncs.FindAsync(id, cancellationToken) ?? throw new NotFoundException(id.ToString());

    /// <summary>Tells the audit service who did what.</summary>
    internal static async Task AuditAsync(this IBus bus, string what, ClaimsPrincipal user, TimeProvider time, object details, CancellationToken cancellationToken)
    {
        var notices = await bus.GetSendEndpoint(QueueNames.Address(QueueNames.Notices));
        await notices.Send(new AuditNotice(what, user.Who(), time.GetUtcNow(), JsonSerializer.Serialize(details)), cancellationToken);
    }
}

/// <summary>A sync with its history.</summary>
public sealed record SyncView(SyncSummary Sync, IReadOnlyList<SyncTransition> Transitions);
