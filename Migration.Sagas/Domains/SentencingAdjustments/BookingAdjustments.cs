using System.Globalization;
using System.Net;
using Migration.Clients;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>
/// All adjustments of a booking, each synchronised by itself in its own lane: after a merge those that were never carried over
/// (spec: sentencing-adjustments 7.5), in an update repair every one (7.7).
/// </summary>
public sealed class BookingAdjustments(AdjustmentCalls calls)
{
    public const string MergeRepair = "merge repair";
    public const string UpdateRepair = "update repair";

    public async Task<PushOutcome> PushAsync(SyncWork work, CancellationToken cancellationToken)
    {
        var (bookingId, action) = (work.Key, work.Change.Action);
        var read = await calls.ReadBookingAsync(long.Parse(bookingId, CultureInfo.InvariantCulture), cancellationToken);
        if (!read.IsDone)
            return read.ToPushOutcome("read booking");
        if (action == UpdateRepair)
            return PushOutcome.Several([.. read.Body.Select(x => Change(x, bookingId, action))], AdjustmentTelemetry.UpdateRepaired(bookingId));

        var unmapped = new List<NomisAdjustment>();
        foreach (var adjustment in read.Body)
        {
            var mapping = await calls.FindMappingAsync(adjustment.Key, cancellationToken);
            if (mapping.IsRefusedWith(HttpStatusCode.NotFound))
                unmapped.Add(adjustment);
            else if (!mapping.IsDone)
                return mapping.ToPushOutcome("find mapping");
        }
        var sentences = read.Body.Count(x => x.Key.IsSentence);
        var sentencesCreated = unmapped.Count(x => x.Key.IsSentence);
        var merged = AdjustmentTelemetry.Merged(bookingId, sentences, read.Body.Count - sentences, sentencesCreated, unmapped.Count - sentencesCreated);
        TelemetryEvent[] events = action == MergeRepair ? [merged, AdjustmentTelemetry.MergeRepaired(bookingId)] : [merged];
        return PushOutcome.Several([.. unmapped.Select(x => Change(x, bookingId, action))], events);
    }

    static SyncChange Change(NomisAdjustment x, string bookingId, string action) =>
        AdjustmentEvents.Of(x.Key, SyncMode.Upsert, action, x.OffenderNo, bookingId, x.SentenceSequence?.ToString(CultureInfo.InvariantCulture));
}
