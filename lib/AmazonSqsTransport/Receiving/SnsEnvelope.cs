using System.Text.Json;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// The JSON that SNS puts round a message unless raw delivery is switched on. Its message id is the event's identity: it stays the same when
/// SNS delivers the event twice, while SQS gives each copy an id of its own.
/// </summary>
static class SnsEnvelope
{
    /// <summary>Returns the inner message and adds the envelope's id, topic and attributes to <paramref name="headers" />; another body is returned as it is.</summary>
    public static string Unwrap(string body, Dictionary<string, string> headers)
    {
        if (!body.Contains("\"Notification\"", StringComparison.Ordinal) || !body.Contains("\"Message\"", StringComparison.Ordinal))
            return body;
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || TextOf(root, "Type") != "Notification" || TextOf(root, "Message") is not { } message)
                return body;

            if (TextOf(root, "TopicArn") is { } topic)
                headers["TopicArn"] = topic;
            if (TextOf(root, "MessageId") is { } messageId)
                headers.TryAdd(MessageHeaders.MessageId, messageId);
            if (root.TryGetProperty("MessageAttributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object)
            {
                foreach (var attribute in attributes.EnumerateObject())
                {
                    if (TextOf(attribute.Value, "Value") is { } value)
                        headers.TryAdd(attribute.Name, value);
                }
            }
            return message;
        }
        catch (JsonException)
        {
            return body; // not JSON after all: the deserializer says so better
        }
    }

    static string? TextOf(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
