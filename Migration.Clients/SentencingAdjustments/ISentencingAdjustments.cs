using Refit;

namespace Migration.Clients.SentencingAdjustments;

/// <summary>
/// Sentencing adjustments in DPS. With a sentence sequence an adjustment is of a sentence, without one of the whole booking.
/// All requests go out as <c>application/vnd.nomis-offence+json</c>.
/// </summary>
public interface ISentencingAdjustments
{
    /// <summary>Creates an adjustment and tells others. Every call creates another: there is no idempotency key.</summary>
    [Post("/legacy/adjustments")]
    Task<IApiResponse<CreatedAdjustment>> Create([Body] LegacyAdjustment adjustment, CancellationToken ct);

    /// <summary>Creates an adjustment and tells nobody: for bulk migrations only. Every call creates another.</summary>
    [Post("/legacy/adjustments/migration")]
    Task<IApiResponse<CreatedAdjustment>> Migrate([Body] LegacyAdjustment adjustment, CancellationToken ct);

    /// <summary>404 means that there is none, or it was deleted.</summary>
    [Get("/legacy/adjustments/{adjustmentId}")]
    Task<IApiResponse<LegacyAdjustment>> Get(Guid adjustmentId, CancellationToken ct);

    /// <summary>Replaces an adjustment, except for its prisoner. The same again changes nothing. 404 means that there is none, or it was deleted.</summary>
    [Put("/legacy/adjustments/{adjustmentId}")]
    Task<IApiResponse> Update(Guid adjustmentId, [Body] LegacyAdjustment adjustment, CancellationToken ct);

    /// <summary>404 means that there is none, or it was deleted before.</summary>
    [Delete("/legacy/adjustments/{adjustmentId}")]
    Task<IApiResponse> Delete(Guid adjustmentId, CancellationToken ct);
}
