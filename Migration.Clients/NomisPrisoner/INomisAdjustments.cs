using Refit;

namespace Migration.Clients.NomisPrisoner;

/// <summary>Sentencing adjustments in NOMIS. Those of sentences and those of key dates have id sequences of their own.</summary>
public interface INomisAdjustments
{
    /// <summary>404 means that there is none (any more).</summary>
    [Get("/sentence-adjustments/{adjustmentId}")]
    Task<IApiResponse<SentenceAdjustment>> GetSentenceAdjustment(long adjustmentId, CancellationToken ct);

    /// <summary>404 means that there is none (any more).</summary>
    [Get("/key-date-adjustments/{adjustmentId}")]
    Task<IApiResponse<KeyDateAdjustment>> GetKeyDateAdjustment(long adjustmentId, CancellationToken ct);

    /// <summary>Active and inactive, without those hidden from users. 404 means that there is no such booking, which differs from none.</summary>
    [Get("/prisoners/booking-id/{bookingId}/sentencing-adjustments?active-only=false")]
    Task<IApiResponse<BookingAdjustments>> GetAdjustments(long bookingId, CancellationToken ct);
}
