using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Migration.Clients.Json;

/// <summary>Writes local date-times to the second, <c>yyyy-MM-ddTHH:mm:ss</c>, with fractions cut; reads any ISO form.</summary>
internal sealed class LocalDateTimeConverter : JsonConverter<DateTime>
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss";

    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTime.SpecifyKind(reader.GetDateTime(), DateTimeKind.Unspecified);

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[Format.Length];
        value.TryFormat(text, out _, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text);
    }
}
