using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Migration.Simulator.Sqs.Protocol;

/// <summary>Names one receipt of one message of one queue. A recreated queue has another <see cref="Queue"/> number, so that its predecessor's handles are invalid.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReceiptHandle(long Queue, long Sequence, int Receipt)
{
    const int Length = 20;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Queue);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Sequence);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], Receipt);
        return Convert.ToBase64String(bytes);
    }

    public static ReceiptHandle Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            throw SqsException.MissingParameter("ReceiptHandle");
        Span<byte> bytes = stackalloc byte[Length];
        return text.Length < 64 && Convert.TryFromBase64String(text, bytes, out var written) && written == Length
            ? new ReceiptHandle(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadInt32BigEndian(bytes[16..]))
            : throw SqsException.ReceiptHandleIsInvalid();
    }
}
