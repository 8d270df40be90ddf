using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Migration.Simulator.Http;

/// <summary>What a service answers. Written only after all that may still hold it back or replace it.</summary>
internal readonly record struct Reply(int Status, ReadOnlyMemory<byte> Body, string? ContentType)
{
    private const string JsonType = "application/json";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public int? RetryAfterSeconds { get; init; }

    public static Reply Empty(int status) => new(status, ReadOnlyMemory<byte>.Empty, ContentType: null);

    public static Reply Json<T>(int status, T state, Action<Utf8JsonWriter, T> write)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4096);
        var writer = _writer ??= new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        write(writer, state);
        writer.Flush();
        return new Reply(status, buffer.WrittenSpan.ToArray(), JsonType);
    }

    public static Reply Json(int status, object value) => new(status, JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web), JsonType);

    /// <summary>Bare text under a JSON content type, as the visit scheduler answers.</summary>
    public static Reply BareText(int status, string text) => new(status, Encoding.UTF8.GetBytes(text), JsonType);

    /// <summary>The error body that all these services share.</summary>
    public static Reply Error(int status, string message) => Json(status, (status, message), static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteNumber("status"u8, error.status);
        json.WriteString("userMessage"u8, error.message);
        json.WriteString("developerMessage"u8, error.message);
        json.WriteEndObject();
    });
}
