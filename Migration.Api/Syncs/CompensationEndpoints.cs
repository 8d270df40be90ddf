using System.Security.Claims;
using MassTransit;
using Migration.Api.Errors;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Syncs;

namespace Migration.Api.Syncs;

/// <summary>
/// Records in DPS that we created and that no mapping names: listed, removed or kept, each audited. It is the manual
/// compensation of the reference's runbook, with its checks made by the service (spec: sentencing-adjustments 9).
/// </summary>
static class CompensationEndpoints
{
    public static void MapCompensations(this IEndpointRouteBuilder app)
    {
        var strays = app.MapGroup("/compensations").RequireAuthorization(Roles.Update).WithTags("Compensations");
        strays.MapGet("", ListAsync).Produces<IReadOnlyList<Stray>>().Errors(400).WithName("listCompensations")
            .WithSummary("Records of DPS that no mapping names, oldest first; state is Open, Compensated or Kept.");
        strays.MapGet("/{id}", FindAsync).Produces<Stray>().Errors(404).WithName("getCompensation")
            .WithSummary("One of them.");
        strays.MapPost("/{id}/compensate", CompensateAsync).Produces<SyncSummary>().Produces(202).Errors(404, 409).WithName("compensate")
            .WithSummary("Removes the record from DPS if another one is mapped for the same NOMIS record and answers; then brings that one up to date.");
        strays.MapPost("/{id}/dismiss", DismissAsync).Produces(204).Errors(404, 409).WithName("dismissCompensation")
            .WithSummary("Keeps the record: somebody has looked at it and decided.");
    }

    static async Task<IReadOnlyList<Stray>> ListAsync(string? state, int? page, int? size, SyncQueries syncs, CancellationToken cancellationToken)
    {
        if (state is not (null or "Open" or "Compensated" or "Kept"))
            throw InvalidRequestException.Validation("state must be Open, Compensated or Kept");
        var (number, length) = RequestValues.Page(page, size);
        return await syncs.ListStraysAsync(state ?? "Open", number, length, cancellationToken);
    }

    static Task<Stray> FindAsync(long id, SyncQueries syncs, CancellationToken cancellationToken) => RequireAsync(syncs, id, cancellationToken);

    static async Task<IResult> CompensateAsync(long id, SyncQueries syncs, SyncRequests requests, SyncDomainRegistry domains, IBus bus, TimeProvider time, ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        var stray = await RequireAsync(syncs, id, cancellationToken);
        if (stray.State != "Open")
            throw new ConflictException($"{id} is {stray.State}");
        var parts = stray.Record.Split('/', 3);
        var domain = domains.All.FirstOrDefault(x => x.Name == parts[0]) ?? throw new ConflictException($"{parts[0]} has no call that removes a record");
        await bus.AuditAsync("COMPENSATION_REQUESTED", user, time, new { id, record = stray.Record, targetId = stray.TargetId }, cancellationToken);
        var change = domain.LookAt(parts[1], parts[2]) with { Mode = SyncMode.Compensate, Action = SyncAction.Compensate };
        var sync = await requests.RunAsync(domain.Name, change, user.Who(), cancellationToken, stray.TargetId);
        return sync switch
        {
            { State: SyncState.Compensated } => Results.Json(sync),
            { HasEnded: true } => throw new ConflictException($"{stray.TargetId} was not removed: {sync.Reason}"),
            _ => Results.Accepted(),
        };
    }

    static async Task<IResult> DismissAsync(long id, SyncQueries syncs, IBus bus, TimeProvider time, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var stray = await RequireAsync(syncs, id, cancellationToken);
        if (!await syncs.KeepAsync(id, cancellationToken))
            throw new ConflictException($"{id} is {stray.State}");
        await bus.AuditAsync("COMPENSATION_DISMISSED", user, time, new { id, record = stray.Record, targetId = stray.TargetId }, cancellationToken);
        return Results.NoContent();
    }

    static async Task<Stray> RequireAsync(SyncQueries syncs, long id, CancellationToken cancellationToken) =>
        await syncs.FindStrayAsync(id, cancellationToken) ?? throw new NotFoundException(id.ToString());
}
