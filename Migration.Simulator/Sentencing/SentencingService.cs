using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Sentencing;

/// <summary>The DPS adjustments API, as far as records from NOMIS are concerned. It recognises no adjustment that it has seen before.</summary>
internal sealed class SentencingService(AdjustmentStore store)
{
    private const string MediaType = "application/vnd.nomis-offence+json";
    private const string One = "/legacy/adjustments/{adjustmentId}";

    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("sentencing-adjustments");
        yield return New(Simulator.Operations.CreateAdjustment, "POST", "/legacy/adjustments", call => Create(call, isMigrated: false));
        yield return New(Simulator.Operations.MigrateAdjustment, "POST", "/legacy/adjustments/migration", call => Create(call, isMigrated: true));
        yield return New(Simulator.Operations.GetAdjustment, "GET", One, Get);
        yield return New(Simulator.Operations.UpdateAdjustment, "PUT", One, Update);
        yield return New(Simulator.Operations.DeleteAdjustment, "DELETE", One, Delete);

        Operation New(string name, string method, string path, Func<Call, Reply> handle) =>
            new(Upstream.Sentencing, name, method, path, contract.Operation(method, path), TokenIssuer.SentencingRole, handle)
            {
                MediaType = MediaType,
                NomisIdOf = call => call.Json is { ValueKind: JsonValueKind.Object } body ? AdjustmentReferences.KeyOf(Text(body, "comment"u8))?.Id : null,
            };
    }

    private static string? Text(JsonElement body, ReadOnlySpan<byte> name) =>
        body.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static DateOnly? Date(JsonElement body, ReadOnlySpan<byte> name) =>
        Text(body, name) is { } text ? DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    private static DpsAdjustment Read(Call call)
    {
        var body = call.Json!.Value; // the contract has seen that there is one
        return new DpsAdjustment(
            Guid.Empty,
            AdjustmentReferences.KeyOf(Text(body, "comment"u8)),
            body.GetProperty("bookingId"u8).GetInt64(),
            body.TryGetProperty("sentenceSequence"u8, out var sentence) ? sentence.GetInt32() : null,
            Text(body, "offenderNo"u8) ?? "",
            Text(body, "adjustmentType"u8) ?? "",
            Date(body, "adjustmentDate"u8),
            Date(body, "adjustmentFromDate"u8),
            body.GetProperty("adjustmentDays"u8).GetInt32(),
            Text(body, "comment"u8),
            body.GetProperty("active"u8).GetBoolean(),
            body.GetProperty("bookingReleased"u8).GetBoolean(),
            Text(body, "agencyId"u8),
            body.GetProperty("currentTerm"u8).GetBoolean(),
            IsMigrated: false,
            IsDeleted: false);
    }

    private static Guid IdOf(Call call) => Guid.Parse(call.PathValues[0]);

    private static Reply NotFound(Call call) => Reply.Error(404, $"No adjustment {call.PathValues[0]}");

    private Reply Create(Call call, bool isMigrated) => Reply.Json(201, new { adjustmentId = store.Add(Read(call) with { IsMigrated = isMigrated }) });

    private Reply Get(Call call) => store.Find(IdOf(call)) is { } adjustment ? Reply.Json(200, adjustment, Write) : NotFound(call);

    private Reply Update(Call call) => store.Update(IdOf(call), Read(call)) ? Reply.Empty(200) : NotFound(call);

    private Reply Delete(Call call) => store.Delete(IdOf(call)) ? Reply.Empty(200) : NotFound(call);

    private static void Write(Utf8JsonWriter json, DpsAdjustment adjustment)
    {
        json.WriteStartObject();
        json.WriteNumber("bookingId"u8, adjustment.BookingId);
        if (adjustment.SentenceSequence is { } sentence)
            json.WriteNumber("sentenceSequence"u8, sentence);
        json.WriteString("offenderNo"u8, adjustment.OffenderNo);
        json.WriteString("adjustmentType"u8, adjustment.Type);
        WriteDate(json, "adjustmentDate"u8, adjustment.Date);
        WriteDate(json, "adjustmentFromDate"u8, adjustment.FromDate);
        json.WriteNumber("adjustmentDays"u8, adjustment.Days);
        if (adjustment.Comment is not null)
            json.WriteString("comment"u8, adjustment.Comment);
        json.WriteBoolean("active"u8, adjustment.IsActive);
        json.WriteBoolean("bookingReleased"u8, adjustment.IsReleased);
        if (adjustment.Agency is not null)
            json.WriteString("agencyId"u8, adjustment.Agency);
        json.WriteBoolean("currentTerm"u8, adjustment.IsCurrentTerm);
        json.WriteEndObject();
    }

    private static void WriteDate(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateOnly? date)
    {
        if (date is { } day)
            json.WriteString(name, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }
}
