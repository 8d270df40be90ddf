using System.Security.Claims;
using System.Text.Json;
using Migration.Api.Errors;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Api.Syncs;
using Migration.Contracts;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains.SentencingAdjustments;
using Migration.Sagas.Syncs;

namespace Migration.Api.Domains.SentencingAdjustments;

/// <summary>Both repairs, and the bulk migration that the reference once had (spec: sentencing-adjustments 6, 8.1).</summary>
static class AdjustmentsEndpoints
{
    public static void MapSentencingAdjustments(this IEndpointRouteBuilder app)
    {
        app.MapPost("/migrate/sentencing", StartAsync).RequireAuthorization(Roles.Migration).WithTags("Sentencing adjustments")
            .Accepts<AdjustmentsFilter>("application/json").Produces<StartedView>(202).Errors(400, 409, 500).WithName("migrateSentencingAdjustments")
            .WithSummary("Starts a migration of all sentencing adjustments. NOMIS can no longer select them by date of creation.");
        var repairs = app.MapGroup("/prisoners/booking-id/{bookingId}").RequireAuthorization(Roles.Update).WithTags("Sentencing Migration Resource");
        repairs.MapPost("/merge/sentencing-adjustments/repair", RepairMergeAsync).Produces(200).Produces(202).Errors(500).WithName("repairAdjustmentsAfterMerge")
            .WithSummary("Brings those adjustments of a booking to DPS that are not mapped.");
        repairs.MapPost("/update/sentencing-adjustments/repair", RepairUpdateAsync).Produces(200).Produces(202).Errors(500).WithName("repairAdjustmentsAfterUpdate")
            .WithSummary("Brings every adjustment of a booking to DPS as NOMIS has it now.");
    }

    static async Task<IResult> StartAsync(HttpRequest request, StartRequest start, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var filter = await StartRequest.ReadAsync<AdjustmentsFilter>(request, JsonSerializerOptions.Web, cancellationToken);
        if (filter is not { FromDate: null, ToDate: null })
            throw InvalidRequestException.Validation("fromDate and toDate cannot be honoured: NOMIS no longer selects adjustments by date of creation; leave them out");
        return await start.StartAsync(MigrationType.SENTENCING_ADJUSTMENTS, filter, JsonSerializerOptions.Web, user, cancellationToken);
    }

    static Task<IResult> RepairMergeAsync(long bookingId, SyncRequests requests, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        RepairAsync(bookingId, BookingAdjustments.MergeRepair, requests, user, cancellationToken);

    static Task<IResult> RepairUpdateAsync(long bookingId, SyncRequests requests, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        RepairAsync(bookingId, BookingAdjustments.UpdateRepair, requests, user, cancellationToken);

    // Additive: a repair is never covered by another that waits, its caller waits for this one.
    static Task<IResult> RepairAsync(long bookingId, string action, SyncRequests requests, ClaimsPrincipal user, CancellationToken cancellationToken) => requests.RepairAsync(
        AdjustmentsDomain.DomainName, AdjustmentEvents.OfBooking(bookingId, action) with { Mode = SyncMode.Additive }, user, () => Results.Ok(), cancellationToken);
}

/// <summary>Filter of the former bulk migration.</summary>
/// <param name="FromDate">Created on or after; cannot be honoured any more.</param>
/// <param name="ToDate">Created on or before; cannot be honoured any more.</param>
public sealed record AdjustmentsFilter(DateOnly? FromDate = null, DateOnly? ToDate = null);
