using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Migration.Simulator.Sqs.Protocol;

/// <summary>Holds a response until it is complete, so that an error can still replace it and its length is known. Reused: it is most of what a request would allocate.</summary>
internal sealed class ResponseBuffer
{
    const int Kept = 64;
    const int LargestKept = 256 * 1024;

    static readonly ConcurrentBag<ResponseBuffer> Pool = [];

    readonly ArrayBufferWriter<byte> _bytes = new(4096);

    ResponseBuffer() => Json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    public Utf8JsonWriter Json { get; }

    public static ResponseBuffer Rent() => Pool.TryTake(out var buffer) ? buffer : new ResponseBuffer();

    public ReadOnlyMemory<byte> Complete()
    {
        Json.Flush();
        return _bytes.WrittenMemory;
    }

    public void Reset()
    {
        _bytes.ResetWrittenCount();
        Json.Reset();
    }

    public void Return()
    {
        Reset();
        if (Pool.Count < Kept && _bytes.Capacity <= LargestKept)
            Pool.Add(this);
    }
}
