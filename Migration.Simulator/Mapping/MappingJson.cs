using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Http;

namespace Migration.Simulator.Mapping;

/// <summary>What all parts of the mapping service write alike.</summary>
internal static class MappingJson
{
    /// <summary>The present time to the second, as rows are stamped.</summary>
    public static DateTime Now
    {
        get
        {
            var now = DateTime.Now;
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        }
    }

    public static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The answer to a row that cannot be added.</summary>
    /// <param name="existing">The row in its way; null when two requests met in the database.</param>
    public static Reply Conflict<T>(T? existing, T duplicate, Action<Utf8JsonWriter, T> write)
        where T : class => Reply.Json(409, (existing, duplicate, write), static (json, conflict) =>
        {
            json.WriteStartObject();
            json.WriteStartObject("moreInfo"u8);
            json.WritePropertyName("existing"u8);
            if (conflict.existing is null)
                json.WriteNullValue();
            else
                conflict.write(json, conflict.existing);
            json.WritePropertyName("duplicate"u8);
            conflict.write(json, conflict.duplicate);
            json.WriteEndObject();
            json.WriteString("status"u8, "409 CONFLICT");
            json.WriteNumber("errorCode"u8, 1409);
            json.WriteString("userMessage"u8, "Conflict: Mapping already exists");
            json.WriteEndObject();
        });

    /// <summary>The part of a page that says how many rows there are.</summary>
    public static Reply Total(int count) => Reply.Json(200, count, static (json, total) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("content"u8);
        json.WriteEndArray();
        json.WriteNumber("totalElements"u8, total);
        json.WriteEndObject();
    });

    public static string? Text(JsonElement body, ReadOnlySpan<byte> name) => body.TryGetProperty(name, out var text) ? text.GetString() : null;
}
