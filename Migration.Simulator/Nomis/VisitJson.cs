using System.Globalization;
using System.Text.Json;

namespace Migration.Simulator.Nomis;

/// <summary>A visit as the NOMIS API writes it: what is null is left out.</summary>
internal static class VisitJson
{
    public static void Write(Utf8JsonWriter json, NomisVisit visit)
    {
        json.WriteStartObject();
        json.WriteNumber("visitId"u8, visit.VisitId);
        json.WriteString("offenderNo"u8, visit.OffenderNo);
        WriteTime(json, "startDateTime"u8, visit.Start);
        WriteTime(json, "endDateTime"u8, visit.End);
        json.WriteString("prisonId"u8, visit.PrisonId);
        WriteVisitors(json, visit);
        WriteCode(json, "visitType"u8, visit.Type);
        WriteCode(json, "visitStatus"u8, visit.Status);
        if (visit.Outcome is { } outcome)
            WriteCode(json, "visitOutcome"u8, outcome);
        if (visit.Room is { } room)
            WriteCode(json, "agencyInternalLocation"u8, new CodeDescription(room.Code, room.Description));
        WriteText(json, "commentText"u8, visit.Comment);
        WriteText(json, "visitorConcernText"u8, visit.Concern);
        json.WriteString("createUserId"u8, visit.CreatedBy);
        WriteText(json, "modifyUserId"u8, visit.ModifiedBy);
        WriteTime(json, "whenCreated"u8, visit.Created);
        if (visit.Updated is { } updated)
            WriteTime(json, "whenUpdated"u8, updated);
        json.WriteEndObject();
    }

    private static void WriteVisitors(Utf8JsonWriter json, NomisVisit visit)
    {
        json.WriteStartArray("visitors"u8);
        foreach (var personId in visit.Visitors)
        {
            json.WriteStartObject();
            json.WriteNumber("personId"u8, personId);
            json.WriteBoolean("leadVisitor"u8, personId == visit.Lead?.PersonId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (visit.Lead is not { } lead)
            return;

        json.WriteStartObject("leadVisitor"u8);
        json.WriteNumber("personId"u8, lead.PersonId);
        json.WriteString("fullName"u8, lead.FullName);
        json.WriteStartArray("telephones"u8);
        foreach (var telephone in lead.Telephones)
            json.WriteStringValue(telephone);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCode(Utf8JsonWriter json, ReadOnlySpan<byte> name, CodeDescription code)
    {
        json.WriteStartObject(name);
        json.WriteString("code"u8, code.Code);
        json.WriteString("description"u8, code.Description);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTime time)
    {
        Span<byte> text = stackalloc byte[27];
        time.TryFormat(text, out var length, "yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        json.WriteString(name, text[..length]);
    }
}
