using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Migration.Simulator.Contracts;

/// <summary>A schema of an API document, prepared so that holding a value against it costs little.</summary>
/// <remarks>Stricter than the schema in one thing: a property that the document does not know is wrong, since only our own requests are checked.</remarks>
internal sealed class SchemaCheck
{
    private readonly string _type;
    private readonly string? _format;
    private readonly bool _nullable;
    private readonly int _minLength;
    private readonly int _maxLength;
    private readonly decimal? _minimum;
    private readonly HashSet<string>? _values;
    private readonly Regex? _pattern;
    private readonly SchemaCheck? _items;
    private readonly Dictionary<string, SchemaCheck> _properties = [];
    private readonly string[] _required;

    private SchemaCheck(JsonNode schema, JsonNode document)
    {
        _type = (string?)schema["type"] ?? "object";
        _format = (string?)schema["format"];
        _nullable = (bool?)schema["nullable"] ?? false;
        _minLength = (int?)schema["minLength"] ?? 0;
        _maxLength = (int?)schema["maxLength"] ?? int.MaxValue;
        _minimum = (decimal?)schema["minimum"];
        _values = schema["enum"] is JsonArray values ? [.. values.Select(value => (string)value!)] : null;
        _pattern = (string?)schema["pattern"] is { } pattern ? new Regex(pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)) : null;
        _items = schema["items"] is { } items ? For(items, document) : null;
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
            _properties[name] = For(property!, document);
        _required = [.. (schema["required"]?.AsArray() ?? []).Select(name => (string)name!)];
    }

    public bool IsArray => _type == "array";

    public static SchemaCheck For(JsonNode schema, JsonNode document) =>
        (string?)schema["$ref"] is { } reference
            ? new SchemaCheck(document["components"]!["schemas"]![reference["#/components/schemas/".Length..]]!, document)
            : new SchemaCheck(schema, document);

    /// <summary>What is wrong with a value of a body, or null.</summary>
    public string? ErrorOf(JsonElement value, string where)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return _nullable ? null : $"{where} is null";
            case JsonValueKind.String when _type == "string":
                return _format is null && _values is null && _pattern is null && _minLength == 0 && _maxLength == int.MaxValue ? null : TextErrorOf(value.GetString()!, where); // it is a string
            case JsonValueKind.Number when _type == "number":
                return null;
            case JsonValueKind.Number when _type == "integer":
                return (_format == "int32" ? value.TryGetInt32(out _) : value.TryGetInt64(out _)) ? null : $"{where} is not an {_format ?? "integer"}";
            case JsonValueKind.True or JsonValueKind.False when _type == "boolean":
                return null;
            case JsonValueKind.Array when IsArray:
                return ArrayErrorOf(value, where);
            case JsonValueKind.Object when _type == "object":
                return ObjectErrorOf(value, where);
            default:
                return $"{where} is not of type {_type}";
        }
    }

    /// <summary>What is wrong with a value of a path or query, or null.</summary>
    public string? ErrorOf(string text, string where)
    {
        switch (_type)
        {
            case "array":
                return _items!.ErrorOf(text, where); // an array has items
            case "integer":
                return !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? $"{where} is not an integer"
                    : number < _minimum ? $"{where} is less than {_minimum}" : null;
            case "boolean":
                return text is "true" or "false" ? null : $"{where} is neither true nor false";
            default:
                return TextErrorOf(text, where);
        }
    }

    private string? TextErrorOf(string text, string where)
    {
        if (text.Length > _maxLength)
            return $"{where} is longer than {_maxLength}";
        if (text.Length < _minLength)
            return $"{where} is shorter than {_minLength}";
        if (_values is not null && !_values.Contains(text))
            return $"{where} is '{text}', which is none of {string.Join(", ", _values)}";
        if (_format == "date-time" && !LocalDateTimes.TryParse(text, out _))
            return $"{where} is not a local date-time";
        if (_format == "date" && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            return $"{where} is not a date";
        if (_format == "uuid" && !Guid.TryParseExact(text, "D", out _))
            return $"{where} is not a UUID";
        return _pattern is null || _pattern.IsMatch(text) ? null : $"{where} does not match {_pattern}";
    }

    private string? ArrayErrorOf(JsonElement array, string where)
    {
        foreach (var item in array.EnumerateArray())
        {
            if (_items!.ErrorOf(item, where) is { } error) // an array has items
                return error;
        }

        return null;
    }

    private string? ObjectErrorOf(JsonElement value, string where)
    {
        foreach (var name in _required)
        {
            if (!value.TryGetProperty(name, out _))
                return $"{where} lacks {name}";
        }

        foreach (var property in value.EnumerateObject())
        {
            if (!_properties.TryGetValue(property.Name, out var check))
                return $"{where} has {property.Name}, which the document does not know";
            if (check.ErrorOf(property.Value, property.Name) is { } error)
                return error;
        }

        return null;
    }
}
