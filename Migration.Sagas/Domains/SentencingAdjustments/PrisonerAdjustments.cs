using System.Collections.Concurrent;
using System.Net;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;
using Migration.Sagas.Runs.Discovery;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>Finds adjustments by way of their prisoners.</summary>
public sealed class PrisonerAdjustments(INomisPrisoners prisoners, AdjustmentCalls calls)
{
    const int PrisonersAtATime = 8;

    /// <summary>Keys of the visible adjustments of the next prisoners, in order.</summary>
    /// <exception cref="UpstreamException">NOMIS did not answer as it should.</exception>
    public async Task<IdPage> ReadPageAsync(long lastId, int size, CancellationToken cancellationToken)
    {
        var page = await Answers.Of(Upstreams.Nomis, ct => prisoners.GetPrisonerNumbers(lastId, size, ct), cancellationToken);
        if (!page.IsDone)
            throw UpstreamException.From(page);
        var keys = new ConcurrentBag<string>();
        var together = new ParallelOptions { MaxDegreeOfParallelism = PrisonersAtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(page.Body.PrisonerIds, together, async (prisoner, ct) =>
        {
            foreach (var key in await KeysOfAsync(prisoner.OffenderNo, ct))
                keys.Add(key);
        });
        return new IdPage([.. keys.Order(StringComparer.Ordinal)], page.Body.LastOffenderId, IsLast: page.Body.PrisonerIds.Count < size);
    }

    async Task<List<string>> KeysOfAsync(string offenderNo, CancellationToken cancellationToken)
    {
        var bookings = await Answers.Of(Upstreams.Nomis, ct => prisoners.GetBookingIds(offenderNo, ct), cancellationToken);
        if (bookings.IsRefusedWith(HttpStatusCode.NotFound))
            return []; // merged away meanwhile
        if (!bookings.IsDone)
            throw UpstreamException.From(bookings);
        var keys = new List<string>();
        foreach (var booking in bookings.Body)
        {
            var adjustments = await calls.ReadBookingAsync(booking, cancellationToken);
            if (adjustments.IsDone)
                keys.AddRange(adjustments.Body.Where(x => !x.IsHidden).Select(x => x.Key.ToString()));
            else if (!adjustments.IsRefusedWith(HttpStatusCode.NotFound))
                throw UpstreamException.From(adjustments);
        }
        return keys;
    }
}
