using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Migration.Clients.Json;
using Refit;

namespace Migration.Clients;

/// <summary>How requests are written and answers are read, the same for every upstream.</summary>
internal static class ClientSettings
{
    /// <summary>Characters of an error body that are kept.</summary>
    public const int ErrorBodyLimit = 4096;

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // A null where the contract promises a value is as unreadable as a missing property.
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new LocalDateTimeConverter(), new TextOrNumberConverter() },
    };

    public static readonly RefitSettings Refit = new(new SystemTextJsonContentSerializer(Json), new UrlValues())
    {
        // With a known length rather than in chunks.
        Buffered = true,
        MaxExceptionContentLength = ErrorBodyLimit,
    };

    /// <summary>
    /// Values in paths and queries. Date-times take the shortest ISO form, as Java prints a LocalDateTime: no zero seconds.
    /// </summary>
    private sealed class UrlValues : DefaultUrlParameterFormatter
    {
        /// <summary>Codes are named in paths as in bodies.</summary>
        private static readonly JsonSerializerOptions EnumsByName = new() { Converters = { new JsonStringEnumConverter() } };

        public override string? Format(object? value, ICustomAttributeProvider attributeProvider, Type type) => value switch
        {
            DateTime { Second: 0 } time when time.Ticks % TimeSpan.TicksPerSecond == 0 => time.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
            DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
            bool flag => flag ? "true" : "false",
            Enum code => JsonSerializer.SerializeToElement(code, code.GetType(), EnumsByName).GetString(),
            _ => base.Format(value, attributeProvider, type),
        };
    }
}
