using System.Globalization;
using System.Text.Json;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>An event as its domain reads it: numbers may arrive as texts, and what is not asked for is ignored (spec: engine 4.1).</summary>
/// <param name="Type">Event type, or the type of an internal message of the reference.</param>
/// <param name="Body">The payload.</param>
/// <param name="IsInternal">Not from SNS: a message that a service put on the queue itself.</param>
/// <param name="Id">The SNS message id; for an internal message an id made for it.</param>
public sealed record IncomingEvent(string Type, JsonElement Body, bool IsInternal, Guid Id)
{
    /// <summary>Null when it is absent or null.</summary>
    /// <exception cref="MalformedEventException">It is neither text nor number.</exception>
    public string? Text(string name) => Find(Body, name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new MalformedEventException($"{name} is not a text"),
    };

    /// <exception cref="MalformedEventException">It is absent, or no text.</exception>
    public string RequiredText(string name) => Text(name) is { Length: > 0 } text ? text : throw new MalformedEventException($"{name} is missing");

    /// <summary>Null when it is absent or null.</summary>
    /// <exception cref="MalformedEventException">It is no whole number of 64 bits.</exception>
    public long? Number(string name)
    {
        if (Text(name) is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new MalformedEventException($"{name} is not a whole number");
    }

    /// <exception cref="MalformedEventException">It is absent, or no whole number of 64 bits.</exception>
    public long RequiredNumber(string name) => Number(name) ?? throw new MalformedEventException($"{name} is missing");

    /// <summary>The same event with another payload, for what lies within it.</summary>
    /// <exception cref="MalformedEventException">There is no such object.</exception>
    public IncomingEvent Within(string name) => Find(Body, name) is { ValueKind: JsonValueKind.Object } inner
        ? this with { Body = inner }
        : throw new MalformedEventException($"{name} is missing");

    /// <summary>Whether the change was written into NOMIS by DPS itself (spec: engine 4.5). A missing audit module does not count as DPS.</summary>
    public bool OriginatesInDps => Text("auditModuleName")?.StartsWith("DPS_SYNCHRONISATION", StringComparison.Ordinal) == true;

    static JsonElement? Find(JsonElement body, string name)
    {
        if (body.TryGetProperty(name, out var exact))
            return exact.ValueKind == JsonValueKind.Null ? null : exact;
        foreach (var property in body.EnumerateObject())
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase)) // publishers differ on gLEntrySequence
                return property.Value.ValueKind == JsonValueKind.Null ? null : property.Value;
        return null;
    }
}

/// <summary>An event that nobody can read, however often it comes: a dead letter with a reason.</summary>
public sealed class MalformedEventException(string reason) : Exception(reason);
