using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;

namespace Migration.Simulator.Nomis;

/// <summary>Prisoners and sentencing adjustments of the NOMIS prisoner API. Null fields are left out, as there.</summary>
internal sealed class NomisAdjustmentService(NomisAdjustments adjustments, Prisoners prisoners)
{
    private const int DefaultPageSize = 10;

    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("nomis-prisoner-api");
        yield return Get(Simulator.Operations.GetSentenceAdjustment, "/sentence-adjustments/{adjustmentId}", call => GetOne(call, AdjustmentCategory.Sentence), First);
        yield return Get(Simulator.Operations.GetKeyDateAdjustment, "/key-date-adjustments/{adjustmentId}", call => GetOne(call, AdjustmentCategory.KeyDate), First);
        yield return Get(Simulator.Operations.GetBookingAdjustments, "/prisoners/booking-id/{bookingId}/sentencing-adjustments", GetOfBooking, First);
        yield return Get(Simulator.Operations.GetPrisonerNumbers, "/prisoners/ids/all-from-id", GetPrisonerNumbers);
        yield return Get(Simulator.Operations.GetBookingIds, "/search/prisoners/{prisonerNumber}/bookings", GetBookingIds, role: TokenIssuer.NomisSearchRole);

        Operation Get(string name, string path, Func<Call, Reply> handle, Func<Call, long?>? nomisIdOf = null, string role = TokenIssuer.NomisRole) =>
            new(Upstream.Nomis, name, "GET", path, contract.Operation("GET", path), role, handle) { NomisIdOf = nomisIdOf };
    }

    private static long? First(Call call) => long.TryParse(call.PathValues[0], CultureInfo.InvariantCulture, out var number) ? number : null;

    private static long Number(Call call, string name, long fallback) =>
        call.Query.TryGetValue(name, out var text) ? long.Parse(text.ToString(), CultureInfo.InvariantCulture) : fallback;

    private Reply GetOne(Call call, AdjustmentCategory category)
    {
        var key = new AdjustmentKey(category, long.Parse(call.PathValues[0], CultureInfo.InvariantCulture));
        return adjustments.Find(key) is { } adjustment
            ? Reply.Json(200, adjustment, Write)
            : Reply.Error(404, $"{(category == AdjustmentCategory.Sentence ? "Sentence" : "Key date")} adjustment with id {key.Id} not found");
    }

    /// <summary>Those that users see.</summary>
    private Reply GetOfBooking(Call call)
    {
        var bookingId = long.Parse(call.PathValues[0], CultureInfo.InvariantCulture);
        if (!prisoners.HasBooking(bookingId))
            return Reply.Error(404, $"Booking {bookingId} not found");
        var activeOnly = call.Query["active-only"].ToString() == "true";
        var listed = adjustments.OfBooking(bookingId).Where(adjustment => !adjustment.IsHidden && (adjustment.IsActive || !activeOnly)).ToLookup(adjustment => adjustment.Key.Category);
        return Reply.Json(200, listed, (json, found) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("keyDateAdjustments"u8);
            foreach (var adjustment in found[AdjustmentCategory.KeyDate])
                Write(json, adjustment);
            json.WriteEndArray();
            json.WriteStartArray("sentenceAdjustments"u8);
            foreach (var adjustment in found[AdjustmentCategory.Sentence])
                Write(json, adjustment);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private Reply GetPrisonerNumbers(Call call)
    {
        var size = (int)Math.Min(Number(call, "pageSize", DefaultPageSize), prisoners.Count);
        var page = new List<long>();
        for (var id = Number(call, "offenderId", 0) + 1; id <= prisoners.Count && page.Count < size; id++)
        {
            if (prisoners.Exists(id))
                page.Add(id);
        }

        return Reply.Json(200, new { prisonerIds = page.Select(id => new { offenderNo = Prisoners.NumberOf(id) }), lastOffenderId = page.LastOrDefault() });
    }

    private Reply GetBookingIds(Call call) =>
        prisoners.Find(call.PathValues[0]) is { } offenderId
            ? Reply.Json(200, prisoners.BookingsOf(offenderId))
            : Reply.Error(404, "Prisoner not found");

    private void Write(Utf8JsonWriter json, NomisAdjustment adjustment)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, adjustment.Key.Id);
        json.WriteNumber("bookingId"u8, adjustment.BookingId);
        json.WriteNumber("bookingSequence"u8, prisoners.SequenceOf(adjustment.BookingId));
        json.WriteBoolean("hasBeenReleased"u8, prisoners.IsReleased(adjustment.BookingId));
        json.WriteString("prisonId"u8, prisoners.PrisonOf(adjustment.BookingId));
        json.WriteString("offenderNo"u8, Prisoners.NumberOf(prisoners.HolderOf(adjustment.BookingId)));
        if (adjustment.SentenceSequence is { } sentence)
            json.WriteNumber("sentenceSequence"u8, sentence);
        json.WriteStartObject("adjustmentType"u8);
        json.WriteString("code"u8, adjustment.Type.Code);
        json.WriteString("description"u8, adjustment.Type.Description);
        json.WriteEndObject();
        WriteDate(json, "adjustmentDate"u8, adjustment.Date);
        WriteDate(json, "adjustmentFromDate"u8, adjustment.FromDate);
        WriteDate(json, "adjustmentToDate"u8, adjustment.ToDate);
        json.WriteNumber("adjustmentDays"u8, adjustment.Days);
        json.WriteString("comment"u8, adjustment.Comment);
        json.WriteBoolean("active"u8, adjustment.IsActive);
        if (adjustment.Key.Category == AdjustmentCategory.Sentence)
            json.WriteBoolean("hiddenFromUsers"u8, adjustment.IsHidden);
        json.WriteEndObject();
    }

    private static void WriteDate(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateOnly? date)
    {
        if (date is { } day)
            json.WriteString(name, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }
}
