using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Migration.Simulator.Events;

/// <summary>The body of a message that SNS hands to a queue: the event as text, with its type in an attribute.</summary>
internal static class SnsEnvelope
{
    /// <param name="messageId">Of SNS: a copy that SQS delivers again has the same.</param>
    /// <param name="isTextual">Whether numbers are written as text, as some publishers do.</param>
    public static string Write(NomisEvent happened, Guid messageId, DateTime now, bool isTextual)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("Type"u8, "Notification");
            json.WriteString("MessageId"u8, messageId);
            json.WriteString("TopicArn"u8, "arn:aws:sns:eu-west-2:000000000000:offender-events");
            json.WriteString("Message"u8, Payload(happened, messageId, now, isTextual));
            json.WriteString("Timestamp"u8, now.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("SignatureVersion"u8, "1");
            json.WriteString("Signature"u8, "bm90IHNpZ25lZA==");
            json.WriteStartObject("MessageAttributes"u8);
            WriteAttribute(json, "eventType", "String", happened.Type);
            WriteAttribute(json, "id", "String", messageId.ToString());
            WriteAttribute(json, "contentType", "String", "text/plain;charset=UTF-8");
            WriteAttribute(json, "timestamp", "Number.java.lang.Long", new DateTimeOffset(now).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string Payload(NomisEvent happened, Guid messageId, DateTime now, bool isTextual)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("eventId"u8, messageId.ToString("N")[..8]);
            json.WriteString("eventType"u8, happened.Type);
            json.WriteString("eventDatetime"u8, now.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture));
            foreach (var (name, value) in happened.Fields)
            {
                if (value is long number && !isTextual)
                    json.WriteNumber(name, number);
                else if (value is not null)
                    json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteAttribute(Utf8JsonWriter json, string name, string type, string value)
    {
        json.WriteStartObject(name);
        json.WriteString("Type"u8, type);
        json.WriteString("Value"u8, value);
        json.WriteEndObject();
    }
}
