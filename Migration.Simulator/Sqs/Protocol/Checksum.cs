using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Migration.Simulator.Sqs.Protocol;

/// <summary>The MD5 sums that SQS returns and the SDKs verify. MD5 is the protocol's choice; it protects nothing here.</summary>
#pragma warning disable CA5351
internal static class Checksum
{
    public static string Of(string text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return Of(buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Names in ordinal order; each of name, type and value preceded by its length (4 bytes, big endian); before the value one byte, 1 for text and 2 for binary
    /// (developer guide, "Calculating the MD5 message digest for message attributes").
    /// </summary>
    public static string? Of(IEnumerable<KeyValuePair<string, SqsAttributeValue>>? attributes)
    {
        if (attributes is null)
            return null;
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var (name, value) in attributes.OrderBy(x => x.Key, StringComparer.Ordinal))
        {
            Write(buffer, name);
            Write(buffer, value.DataType!); // checked when the message was accepted
            buffer.Write<byte>([value.BinaryValue is null ? (byte)1 : (byte)2]);
            if (value.BinaryValue is { } binary)
                Write(buffer, binary);
            else
                Write(buffer, value.StringValue!); // likewise
        }
        return buffer.WrittenCount == 0 ? null : Of(buffer.WrittenSpan);
    }

    static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash);
    }

    static void Write(ArrayBufferWriter<byte> buffer, string text) => Write(buffer, Encoding.UTF8.GetBytes(text));

    static void Write(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(4), bytes.Length);
        buffer.Advance(4);
        buffer.Write(bytes);
    }
}
