using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Migration.Simulator.Sqs.Protocol;
using Migration.Simulator.Sqs.Queues;

namespace Migration.Simulator.Sqs.Actions;

/// <summary>Makes a message of what was sent, if SQS would accept it.</summary>
internal static class MessageFactory
{
    static readonly SearchValues<char> NotAllowed = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(x => (char)x).Except(['\t', '\n', '\r']), '\uFFFE', '\uFFFF']);

    public static SqsMessage Create(SqsEntry sent, QueueSettings settings, out int size)
    {
        if (string.IsNullOrEmpty(sent.MessageBody))
            throw SqsException.MissingParameter("MessageBody");
        if (sent.MessageBody.AsSpan().ContainsAny(NotAllowed))
            throw SqsException.InvalidMessageContents();
        var attributes = sent.MessageAttributes is { Count: > 0 } given ? given : null;
        size = Encoding.UTF8.GetByteCount(sent.MessageBody) + CheckAttributes(attributes);
        if (size > settings.MaximumMessageSize)
            throw SqsException.MessageTooLong(settings.MaximumMessageSize);
        CheckOrder(sent, settings);
        return new SqsMessage
        {
            MessageId = Guid.NewGuid().ToString(),
            Body = sent.MessageBody,
            BodyMd5 = Checksum.Of(sent.MessageBody),
            Attributes = attributes,
            AttributesMd5 = Checksum.Of(attributes),
            TraceHeader = sent.MessageSystemAttributes?.GetValueOrDefault("AWSTraceHeader")?.StringValue,
            GroupId = sent.MessageGroupId,
            DeduplicationId = settings.IsFifo ? sent.MessageDeduplicationId ?? ContentId(sent.MessageBody) : null,
            DelaySeconds = SqsLimits.Range("DelaySeconds", sent.DelaySeconds ?? settings.DelaySeconds, 0, SqsLimits.DelaySeconds),
        };
    }

    static void CheckOrder(SqsEntry sent, QueueSettings settings)
    {
        if (settings.IsFifo)
        {
            if (string.IsNullOrEmpty(sent.MessageGroupId))
                throw SqsException.MissingParameter("MessageGroupId");
            if (string.IsNullOrEmpty(sent.MessageDeduplicationId) && !settings.DeduplicatesByContent)
                throw SqsException.InvalidParameter("MessageDeduplicationId", "", "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
            if (sent.DelaySeconds is > 0)
                throw SqsException.InvalidParameter("DelaySeconds", sent.DelaySeconds, "The request include parameter that is not valid for this queue type.");
        }
        else if (sent.MessageDeduplicationId is not null)
        {
            throw SqsException.InvalidParameter("MessageDeduplicationId", sent.MessageDeduplicationId, "The request include parameter that is not valid for this queue type");
        }
    }

    /// <summary>Returns the attributes' share of the message's size: names, types and values all count.</summary>
    static int CheckAttributes(Dictionary<string, SqsAttributeValue>? attributes)
    {
        if (attributes is null)
            return 0;
        if (attributes.Count > SqsLimits.MessageAttributes)
            throw SqsException.InvalidParameter("MessageAttributes", attributes.Count, $"Number of message attributes [{attributes.Count}] exceeds the allowed maximum [{SqsLimits.MessageAttributes}].");
        var size = 0;
        foreach (var (name, value) in attributes)
        {
            CheckName(name);
            var kind = value.DataType?.Split('.', 2)[0];
            if (kind is not ("String" or "Number" or "Binary"))
                throw SqsException.InvalidParameter(name, value.DataType, "The message attribute must have a type that starts with String, Number or Binary.");
            if (kind == "Binary" ? value.BinaryValue is not { Length: > 0 } || value.StringValue is not null : string.IsNullOrEmpty(value.StringValue) || value.BinaryValue is not null)
                throw SqsException.InvalidParameter(name, "", $"The message attribute must have one non-empty value, of the kind that its type {kind} says.");
            if (value.StringValue?.AsSpan().ContainsAny(NotAllowed) == true)
                throw SqsException.InvalidMessageContents();
            size += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value.DataType!) + (value.BinaryValue?.Length ?? Encoding.UTF8.GetByteCount(value.StringValue!)); // both checked above
        }
        return size;
    }

    static void CheckName(string name)
    {
        var isValid = name.Length is > 0 and <= 256
            && name.All(x => char.IsAsciiLetterOrDigit(x) || x is '_' or '-' or '.')
            && name[0] != '.' && name[^1] != '.' && !name.Contains("..", StringComparison.Ordinal)
            && !name.StartsWith("AWS.", StringComparison.OrdinalIgnoreCase)
            && !name.StartsWith("Amazon.", StringComparison.OrdinalIgnoreCase);
        if (!isValid)
            throw SqsException.InvalidParameter("MessageAttributes", name, "The name may hold A-Z, a-z, 0-9, underscore, hyphen and single inner periods, and not start with AWS. or Amazon.");
    }

    static string ContentId(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
}
