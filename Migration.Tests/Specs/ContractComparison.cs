using System.Text.Json.Nodes;

namespace Migration.Tests.Specs;

/// <summary>
/// Says where one of our API documents disagrees with the real one: operations, parameters, required fields, types, enum values.
/// What ours leaves out is no disagreement unless it must be sent.
/// </summary>
internal sealed class ContractComparison
{
    private readonly JsonNode _ours;
    private readonly JsonNode _real;
    private readonly List<string> _differences = [];

    private ContractComparison(JsonNode ours, JsonNode real) => (_ours, _real) = (ours, real);

    private enum Direction
    {
        /// <summary>We send it: what we may send must be accepted there.</summary>
        Request,

        /// <summary>We read it: what may come must be readable here.</summary>
        Response,
    }

    public static IReadOnlyList<string> Differences(JsonNode ours, JsonNode real)
    {
        var comparison = new ContractComparison(ours, real);
        foreach (var (path, operations) in ours["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
                comparison.CompareOperation($"{method.ToUpperInvariant()} {path}", operation!, real["paths"]?[path]?[method]);
        }

        return comparison._differences;
    }

    private void CompareOperation(string where, JsonNode ours, JsonNode? real)
    {
        if (real is null)
        {
            _differences.Add($"{where}: not there");
            return;
        }

        CompareParameters(where, ours, real);
        CompareContent($"{where} body", ours["requestBody"], real["requestBody"], Direction.Request);
        foreach (var (status, response) in ours["responses"]!.AsObject())
        {
            if (response!["content"] is not null)
                CompareContent($"{where} {status}", response, real["responses"]?[status], Direction.Response);
        }
    }

    private void CompareParameters(string where, JsonNode ours, JsonNode real)
    {
        var ourParameters = Parameters(ours);
        var realParameters = Parameters(real);
        foreach (var (name, parameter) in ourParameters)
        {
            if (!realParameters.TryGetValue(name, out var counterpart))
                _differences.Add($"{where} {name}: not there");
            else
                CompareSchema($"{where} {name}", parameter["schema"]!, counterpart["schema"]!, Direction.Request);
        }

        foreach (var (name, parameter) in realParameters)
        {
            if (IsRequired(parameter) && !(ourParameters.TryGetValue(name, out var counterpart) && IsRequired(counterpart)))
                _differences.Add($"{where} {name}: required there");
        }

        static bool IsRequired(JsonNode parameter) => (bool?)parameter["required"] == true;
    }

    private static Dictionary<string, JsonNode> Parameters(JsonNode operation) =>
        (operation["parameters"]?.AsArray() ?? []).ToDictionary(parameter => $"{parameter!["in"]} {parameter["name"]}", parameter => parameter!);

    private void CompareContent(string where, JsonNode? ours, JsonNode? real, Direction direction)
    {
        if (ours is null && real is null)
            return;
        var ourSchema = ours?["content"]?.AsObject().Single().Value?["schema"];
        var realSchema = real?["content"]?.AsObject().Single().Value?["schema"];
        if (ourSchema is null || realSchema is null)
            _differences.Add($"{where}: {(realSchema is null ? "no body there" : "no body here")}");
        else
            CompareSchema(where, ourSchema, realSchema, direction);
    }

    private void CompareSchema(string where, JsonNode ours, JsonNode real, Direction direction)
    {
        ours = Resolve(ours, _ours);
        real = Resolve(real, _real);
        // The real document says nothing about it.
        if (real["type"] is null && real["properties"] is null)
            return;

        if (TypeOf(ours) != TypeOf(real))
            _differences.Add($"{where}: {TypeOf(real)} there, {TypeOf(ours)} here");
        if (IsNullable(real) && direction == Direction.Response && !IsNullable(ours))
            _differences.Add($"{where}: may be null there");

        CompareEnum(where, ours, real, direction);
        if (ours["items"] is { } items)
            CompareSchema($"{where}[]", items, real["items"]!, direction);
        if (ours["properties"] is JsonObject properties)
            CompareProperties(where, ours, real, properties, direction);
    }

    private void CompareProperties(string where, JsonNode ours, JsonNode real, JsonObject properties, Direction direction)
    {
        var ourRequired = Texts(ours["required"]);
        var realRequired = Texts(real["required"]);
        foreach (var (name, property) in properties)
        {
            if (real["properties"]?[name] is not { } counterpart)
            {
                _differences.Add($"{where} {name}: not there");
                continue;
            }

            if (ourRequired.Contains(name) != realRequired.Contains(name))
                _differences.Add($"{where} {name}: {(realRequired.Contains(name) ? "required there, optional here" : "optional there, required here")}");
            CompareSchema($"{where} {name}", property!, counterpart, direction);
        }

        if (direction == Direction.Request)
            _differences.AddRange(realRequired.Where(name => !properties.ContainsKey(name)).Select(name => $"{where} {name}: required there, missing here"));
    }

    private void CompareEnum(string where, JsonNode ours, JsonNode real, Direction direction)
    {
        if (ours["enum"] is null)
            return;
        var (sent, understood) = direction == Direction.Request ? (ours, real) : (real, ours);
        if (understood["enum"] is null)
            return;
        _differences.AddRange(Texts(sent["enum"]).Except(Texts(understood["enum"])).Select(value => $"{where}: {value} is not understood by the receiver"));
    }

    private static JsonNode Resolve(JsonNode schema, JsonNode document) =>
        (string?)schema["$ref"] is { } reference
            ? document["components"]!["schemas"]![reference["#/components/schemas/".Length..]] ?? throw new InvalidDataException($"There is no {reference}.")
            : schema;

    private static string TypeOf(JsonNode schema)
    {
        var types = schema["type"] is JsonArray several ? Texts(several).Where(type => type != "null") : [(string?)schema["type"] ?? "anything"];
        return string.Join('|', types) + ((string?)schema["format"] is { } format ? $" {format}" : "");
    }

    private static bool IsNullable(JsonNode schema) =>
        (bool?)schema["nullable"] == true || (schema["type"] is JsonArray types && Texts(types).Contains("null"));

    private static HashSet<string> Texts(JsonNode? list) => [.. (list?.AsArray() ?? []).Select(item => (string)item!)];
}
