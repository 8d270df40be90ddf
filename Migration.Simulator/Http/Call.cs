using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Migration.Simulator.Http;

/// <summary>A request on its way through one operation.</summary>
internal sealed class Call(HttpContext http, Operation operation, string[] pathValues) : IDisposable
{
    private JsonDocument? _json;

    public HttpContext Http { get; } = http;

    public Operation Operation { get; } = operation;

    /// <summary>In the order of the path, unescaped.</summary>
    public string[] PathValues { get; } = pathValues;

    /// <summary>Raw body.</summary>
    public byte[] Body { get; private set; } = [];

    /// <summary>Null when there is no body, or none that is JSON.</summary>
    public JsonElement? Json => _json?.RootElement;

    public IQueryCollection Query => Http.Request.Query;

    /// <summary>NOMIS id of the record that it is about, where one can be told.</summary>
    public long? NomisId => Operation.NomisIdOf?.Invoke(this);

    public async ValueTask ReadBody(CancellationToken ct)
    {
        if (Http.Request.ContentLength is not > 0 && !Http.Request.Headers.ContainsKey("Transfer-Encoding"))
            return;

        var length = (int)(Http.Request.ContentLength ?? 0);
        using var buffer = new MemoryStream(length);
        await Http.Request.Body.CopyToAsync(buffer, ct);
        Body = length == buffer.Length ? buffer.GetBuffer() : buffer.ToArray();
        if (Http.Request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true)
            return;
        try
        {
            _json = JsonDocument.Parse(Body);
        }
        catch (JsonException)
        {
            _json = null;
        }
    }

    public Dictionary<string, Microsoft.Extensions.Primitives.StringValues> Form() => new FormReader(System.Text.Encoding.UTF8.GetString(Body)).ReadForm();

    public void Dispose() => _json?.Dispose();
}
