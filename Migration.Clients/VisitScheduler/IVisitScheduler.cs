using Refit;

namespace Migration.Clients.VisitScheduler;

/// <summary>Visits in DPS.</summary>
public interface IVisitScheduler
{
    /// <summary>Creates a visit and answers its bare reference. Every call creates another visit: there is no idempotency key.</summary>
    [Post("/migrate-visits")]
    Task<IApiResponse<string>> MigrateVisit([Body] MigrateVisit visit, CancellationToken ct);
}
