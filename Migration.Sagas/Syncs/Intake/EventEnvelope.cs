using System.Text.Json;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>What SNS puts round an event, and what services of the reference's kind put round a message of their own (spec: engine 4.1, 4.4).</summary>
static class EventEnvelope
{
    const string Notification = "Notification";

    /// <param name="body">A message's whole text.</param>
    /// <param name="ownId">An id for a message that did not come from SNS.</param>
    /// <exception cref="MalformedEventException">It is none, or has no type, no id or no payload.</exception>
    public static IncomingEvent Read(string body, Guid ownId)
    {
        var envelope = Parse(body, "the body");
        var eventType = EventType(envelope);
        var type = Text(envelope, "Type");
        if (eventType is null && type is null or Notification)
            throw new MalformedEventException("MessageAttributes.eventType is missing");
        var payload = Parse(Text(envelope, "Message") ?? throw new MalformedEventException("Message is missing"), "Message");
        if (eventType is null)
            return new IncomingEvent(type!, payload, IsInternal: true, ownId); // one of the two is there
        return Guid.TryParse(Text(envelope, "MessageId"), out var id)
            ? new IncomingEvent(eventType, payload, IsInternal: false, id)
            : throw new MalformedEventException("MessageId is not a UUID");
    }

    static string? EventType(JsonElement envelope) =>
        envelope.TryGetProperty("MessageAttributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object
        && attributes.TryGetProperty("eventType", out var type) && type.ValueKind == JsonValueKind.Object
            ? Text(type, "Value")
            : null;

    static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    static JsonElement Parse(string text, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new MalformedEventException($"{what} is not a JSON object");
        }
        catch (JsonException)
        {
            throw new MalformedEventException($"{what} is not JSON");
        }
    }
}
