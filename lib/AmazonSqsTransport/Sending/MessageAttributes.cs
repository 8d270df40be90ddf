using System.Globalization;
using System.Text.Json;
using Amazon.SQS.Model;
using MassTransit.Logging;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Headers as SQS message attributes. SQS takes ten attributes a message, so only those that others read have their own;
/// the rest travels as one JSON attribute.
/// </summary>
static class MessageAttributes
{
    /// <summary>Attribute that holds all headers without an attribute of their own.</summary>
    public const string Packed = "MT-Headers";

    /// <summary>Attribute of a message that is not yet due: Unix time in milliseconds.</summary>
    public const string DeliverAt = "MT-Deliver-At";

    /// <summary>The trace travels in an attribute: it is read before the body is.</summary>
    static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        MessageHeaders.ContentType, MessageHeaders.MessageId, MessageHeaders.CorrelationId, DiagnosticHeaders.ActivityId, DeliverAt
    };

    public static Dictionary<string, MessageAttributeValue> Write(IEnumerable<KeyValuePair<string, string?>> headers)
    {
        Dictionary<string, MessageAttributeValue> attributes = new(StringComparer.Ordinal);
        Dictionary<string, string>? packed = null;
        foreach (var (key, value) in headers)
        {
            if (string.IsNullOrEmpty(value)) // SQS refuses empty values
                continue;
            if (Own.Contains(key))
                attributes[key] = Text(value);
            else
                (packed ??= new(StringComparer.OrdinalIgnoreCase))[key] = value;
        }
        if (packed is not null)
            attributes[Packed] = Text(JsonSerializer.Serialize(packed));
        return attributes;
    }

    /// <summary>Never throws: anybody may have sent the message. What is not packed as <see cref="Write" /> packs it stays a header as it is.</summary>
    public static Dictionary<string, string> Read(Message message)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, attribute) in message.MessageAttributes ?? [])
        {
            if (attribute.StringValue is not { } value)
                continue;
            if (key != Packed || Unpack(value) is not { } packed)
                headers[key] = value;
            else
            {
                foreach (var (name, text) in packed)
                    headers[name] = text;
            }
        }
        return headers;
    }

    static Dictionary<string, string>? Unpack(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string?>>(json)?.Where(x => x.Value is not null).ToDictionary(x => x.Key, x => x.Value!, StringComparer.Ordinal); // not null: filtered
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The headers that have a textual form. Objects travel in the body's envelope only.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> TextOf(Headers headers)
    {
        foreach (var (key, value) in headers.GetAll())
        {
            var text = value switch
            {
                string x => x,
                DateTime x => x.ToString("O", CultureInfo.InvariantCulture),
                DateTimeOffset x => x.ToString("O", CultureInfo.InvariantCulture),
                Guid or bool or Uri or IFormattable => Convert.ToString(value, CultureInfo.InvariantCulture),
                _ => null
            };
            if (text is not null)
                yield return new(key, text);
        }
    }

    static MessageAttributeValue Text(string value) => new() { DataType = "String", StringValue = value };
}
