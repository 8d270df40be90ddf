using Refit;

namespace Migration.Clients.NomisPrisoner;

/// <summary>All prisoners of NOMIS and their bookings: the way to records that NOMIS does not list by themselves.</summary>
public interface INomisPrisoners
{
    /// <summary>The next prisoners; fewer than <paramref name="pageSize"/> are the last.</summary>
    /// <param name="offenderId">Where the page before ended; 0 for the first.</param>
    [Get("/prisoners/ids/all-from-id")]
    Task<IApiResponse<PrisonerNumberPage>> GetPrisonerNumbers(long offenderId, int pageSize, CancellationToken ct);

    /// <summary>Ids of all bookings. 404 means that there is no such prisoner. Needs the role <c>NOMIS_PRISONER_API__PRISONER_SEARCH_R</c>.</summary>
    [Get("/search/prisoners/{offenderNo}/bookings")]
    Task<IApiResponse<List<long>>> GetBookingIds(string offenderNo, CancellationToken ct);
}
