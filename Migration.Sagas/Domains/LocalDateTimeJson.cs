using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Migration.Sagas.Domains;

/// <summary>A date-time local to England, as filters carry it: ISO, with or without seconds. A zone is refused: it would be dropped in silence.</summary>
public sealed class LocalDateTimeJson : JsonConverter<DateTime>
{
    static readonly string[] Formats = ["yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss.FFFFFFF"];

    /// <summary>Kind Unspecified. False when the text is not a local date-time.</summary>
    public static bool TryParse(string? text, out DateTime time) =>
        DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString(), out var time)
            ? time
            : throw new JsonException("not a local date-time such as 2026-01-31T09:00:00");

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
