using System.Globalization;
using System.Text.Json;
using Migration.Clients.NomisMapping;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>Which change an event is (spec: sentencing-adjustments 5). Pure.</summary>
public static class AdjustmentEvents
{
    public const string Adjustment = "adjustment";
    public const string Booking = "booking";

    const string Resync = "courtsentencing.resync.sentence-adjustments";

    /// <exception cref="MalformedEventException">A field is missing or is no number.</exception>
    public static EventReading Read(IncomingEvent incoming) => incoming switch
    {
        { IsInternal: true, Type: SyncAction.RetryMapping } => RetryMapping(incoming),
        { IsInternal: true, Type: Resync } => EventReading.Of(Resynchronised(incoming.Body).ToArray()),
        { IsInternal: true } => EventReading.Parked,
        { Type: "SENTENCE_ADJUSTMENT_UPSERTED" } => Upserted(incoming, AdjustmentCategory.Sentence),
        { Type: "KEY_DATE_ADJUSTMENT_UPSERTED" } => Upserted(incoming, AdjustmentCategory.KeyDate),
        // The audit module is not asked: on a removal it names who changed the row before (spec: 7.2).
        { Type: "SENTENCE_ADJUSTMENT_DELETED" } => Changed(incoming, AdjustmentCategory.Sentence, SyncMode.Delete),
        { Type: "KEY_DATE_ADJUSTMENT_DELETED" } => Changed(incoming, AdjustmentCategory.KeyDate, SyncMode.Delete),
        { Type: "BOOKING_NUMBER-CHANGED" } => OfBooking(incoming.RequiredNumber("bookingId"), incoming.Type),
        // The court sentencing queue carries the events of another domain.
        { Type: var type } when type.StartsWith("OFFENDER_", StringComparison.Ordinal) || type.StartsWith("COURT_EVENT", StringComparison.Ordinal)
            || type.StartsWith("prison-offender-events.", StringComparison.Ordinal) => EventReading.Parked,
        _ => EventReading.Unknown,
    };

    /// <summary>An adjustment by itself, whatever led to it.</summary>
    public static SyncChange Of(AdjustmentKey key, string mode, string action, string? offenderNo, string? bookingId, string? sentenceSequence)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(AdjustmentTelemetry.OffenderNo, offenderNo);
        Add(AdjustmentTelemetry.BookingId, bookingId);
        Add(AdjustmentTelemetry.SentenceSequence, key.IsSentence ? sentenceSequence : null);
        return new SyncChange { Entity = Adjustment, Key = key.ToString(), Mode = mode, Action = action, Lanes = [key.Lane], Properties = properties };

        void Add(string name, string? value)
        {
            if (value is not null)
                properties[name] = value;
        }
    }

    /// <summary>All adjustments of a booking.</summary>
    /// <param name="action">The event's type, which brings those that were never carried over; or the word of a repair.</param>
    public static SyncChange OfBooking(long bookingId, string action)
    {
        var id = bookingId.ToString(CultureInfo.InvariantCulture);
        return new SyncChange { Entity = Booking, Key = id, Mode = SyncMode.Upsert, Action = action, Lanes = ["booking/" + id] };
    }

    static EventReading Upserted(IncomingEvent incoming, AdjustmentCategory category)
    {
        var change = Changed(incoming, category, SyncMode.Upsert);
        return incoming.OriginatesInDps ? EventReading.Skipped(AdjustmentTelemetry.MadeByDps(change)) : change;
    }

    static SyncChange Changed(IncomingEvent incoming, AdjustmentCategory category, string mode)
    {
        var key = new AdjustmentKey(category, incoming.RequiredNumber("adjustmentId"));
        return Of(key, mode, incoming.Type, incoming.RequiredText("offenderIdDisplay"), Text(incoming.RequiredNumber("bookingId")),
            key.IsSentence ? Text(incoming.RequiredNumber("sentenceSeq")) : null);
    }

    // The reference has created the DPS record and leaves its mapping to be written.
    static EventReading RetryMapping(IncomingEvent incoming)
    {
        var mapping = incoming.Within("body");
        var told = incoming.Within("telemetryAttributes");
        var category = AdjustmentKey.CategoryOf(mapping.RequiredText("nomisAdjustmentCategory")) ?? throw new MalformedEventException("nomisAdjustmentCategory is unknown");
        var change = Of(new AdjustmentKey(category, mapping.RequiredNumber("nomisAdjustmentId")), SyncMode.Additive, SyncAction.RetryMapping,
            told.Text(AdjustmentTelemetry.OffenderNo), told.Text(AdjustmentTelemetry.BookingId), told.Text(AdjustmentTelemetry.SentenceSequence));
        return change with { Properties = new Dictionary<string, string>(change.Properties, StringComparer.Ordinal) { [SyncAction.TargetId] = mapping.RequiredText("adjustmentId") } };
    }

    static IEnumerable<SyncChange> Resynchronised(JsonElement body)
    {
        if (!body.TryGetProperty("offenderNo", out var offender) || offender.ValueKind != JsonValueKind.String
            || !body.TryGetProperty("sentences", out var sentences) || sentences.ValueKind != JsonValueKind.Array)
            throw new MalformedEventException("offenderNo or sentences is missing");
        foreach (var sentence in sentences.EnumerateArray())
        {
            if (sentence.ValueKind != JsonValueKind.Object || !sentence.TryGetProperty("sentenceId", out var sentenceId) || sentenceId.ValueKind != JsonValueKind.Object
                || !sentence.TryGetProperty("adjustmentIds", out var ids) || ids.ValueKind != JsonValueKind.Array)
                throw new MalformedEventException("sentenceId or adjustmentIds is missing");
            var within = new IncomingEvent(Resync, sentenceId, IsInternal: true, Guid.Empty);
            foreach (var id in ids.EnumerateArray())
                yield return Of(new AdjustmentKey(AdjustmentCategory.Sentence, Number(id)), SyncMode.Upsert, Resync, offender.GetString(),
                    Text(within.RequiredNumber("offenderBookingId")), Text(within.RequiredNumber("sentenceSequence")));
        }
    }

    // As everywhere in an event, numbers may be texts.
    static long Number(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number
        && long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new MalformedEventException("an adjustment id is not a whole number");

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
