using Refit;

namespace Migration.Clients.VisitScheduler;

/// <summary>Visits in DPS.</summary>
public interface IVisitScheduler
{
    /// <summary>Creates a visit and answers its bare reference. Every call creates another visit: there is no idempotency key.</summary>
    [Post("/migrate-visits")]
    Task<IApiResponse<string>> MigrateVisit([Body] MigrateVisit visit, CancellationToken ct);

    /// <summary>Cancels a visit; one that is cancelled already stays as it is. 404 means that there is no such visit.</summary>
    [Put("/migrate-visits/{visitReference}/cancel")]
    Task<IApiResponse> CancelVisit(string visitReference, [Body] CancelVisit cancellation, CancellationToken ct);
}
