using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;

namespace Migration.Simulator.Contracts;

/// <summary>One of the API documents of <c>specs/</c>.</summary>
internal sealed class ApiContract
{
    private readonly JsonNode _document;

    private ApiContract(JsonNode document) => _document = document;

    public static ApiContract Load(string name)
    {
        using var stream = typeof(ApiContract).Assembly.GetManifestResourceStream($"specs/{name}.json")
            ?? throw new FileNotFoundException($"There is no document {name} in the assembly.");
        return new ApiContract(JsonNode.Parse(stream)!); // never null: the documents are objects
    }

    public OperationContract Operation(string method, string path) =>
        _document["paths"]?[path]?[method.ToLowerInvariant()] is { } operation
            ? new OperationContract(operation, path, _document)
            : throw new ArgumentException($"The document knows no {method} {path}.");
}

/// <summary>What a request of one operation must look like.</summary>
internal sealed class OperationContract
{
    private readonly Dictionary<string, SchemaCheck> _query = [];
    private readonly string[] _requiredQuery;
    private readonly (string Name, SchemaCheck Check)[] _path;
    private readonly SchemaCheck? _body;

    public OperationContract(JsonNode operation, string path, JsonNode document)
    {
        var parameters = (operation["parameters"]?.AsArray() ?? []).Select(parameter => parameter!).ToList();
        foreach (var parameter in parameters.Where(parameter => (string?)parameter["in"] == "query"))
            _query[(string)parameter["name"]!] = SchemaCheck.For(parameter["schema"]!, document);
        _requiredQuery = [.. parameters.Where(p => (string?)p["in"] == "query" && (bool?)p["required"] == true).Select(p => (string)p["name"]!)];
        _path =
        [
            .. path.Split('/').Where(segment => segment.StartsWith('{')).Select(segment => segment[1..^1])
                .Select(name => (name, SchemaCheck.For(parameters.Single(p => (string?)p["name"] == name)["schema"]!, document))),
        ];
        _body = operation["requestBody"]?["content"]?.AsObject().Single().Value?["schema"] is { } body ? SchemaCheck.For(body, document) : null;
    }

    /// <summary>What is wrong with a request, or null.</summary>
    public string? ErrorOf(IReadOnlyList<string> pathValues, IEnumerable<KeyValuePair<string, StringValues>> query, JsonElement? body)
    {
        for (var i = 0; i < _path.Length; i++)
        {
            if (_path[i].Check.ErrorOf(pathValues[i], _path[i].Name) is { } error)
                return error;
        }

        return QueryErrorOf(query) ?? (_body is null ? null : body is null ? "there is no body" : _body.ErrorOf(body.Value, "the body"));
    }

    private string? QueryErrorOf(IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        var seen = 0;
        foreach (var (name, values) in query)
        {
            if (!_query.TryGetValue(name, out var check))
                return $"there is no query parameter {name}";
            if (values.Count > 1 && !check.IsArray)
                return $"{name} is given {values.Count} times";
            foreach (var value in values)
            {
                if (check.ErrorOf(value ?? "", name) is { } error)
                    return error;
            }

            if (_requiredQuery.Contains(name))
                seen++;
        }

        return seen == _requiredQuery.Length ? null : $"one of {string.Join(", ", _requiredQuery)} is missing";
    }
}
