using System.Security.Claims;
using Migration.Api.Errors;
using Migration.Api.Security;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs;

namespace Migration.Api.Syncs;

/// <summary>The part of a repair endpoint that every domain shares: a sync of its own, waited for within bounds.</summary>
static class RepairRequest
{
    /// <returns>As <paramref name="done"/> says; 202 when it goes on; 500 with the reason when it failed.</returns>
    public static async Task<IResult> RepairAsync(this SyncRequests requests, string domain, SyncChange change, ClaimsPrincipal user, Func<IResult> done, CancellationToken cancellationToken) =>
        await requests.RepairAsync(domain, change, user.Who(), cancellationToken) switch
        {
            { State: SyncState.Failed or SyncState.NeedsOperator } failed =>
                ErrorBody.Of(500, "Unexpected error: ", $"sync {failed.SyncId} is {failed.State}: {failed.Error ?? failed.Reason}").ToResult(),
            { HasEnded: true } => done(),
            _ => Results.Accepted(),
        };
}
