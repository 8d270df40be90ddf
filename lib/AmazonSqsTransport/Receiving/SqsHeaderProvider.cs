using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Amazon.SQS.Model;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>The transport headers of a received message.</summary>
sealed class SqsHeaderProvider(Message message, Dictionary<string, string> headers) : IHeaderProvider
{
    public IEnumerable<KeyValuePair<string, object>> GetAll()
    {
        if (!headers.ContainsKey(MessageHeaders.MessageId))
            yield return new(MessageHeaders.MessageId, message.MessageId);
        foreach (var (key, value) in headers)
            yield return new(key, value);
    }

    public bool TryGetHeader(string key, [NotNullWhen(true)] out object? value)
    {
        value = headers.GetValueOrDefault(key) ?? FromSqs(key);
        return value is not null;
    }

    object? FromSqs(string key)
    {
        if (key.Equals(MessageHeaders.MessageId, StringComparison.OrdinalIgnoreCase) || key.Equals(MessageHeaders.TransportMessageId, StringComparison.OrdinalIgnoreCase))
            return message.MessageId;
        if (key.Equals(MessageHeaders.TransportSentTime, StringComparison.OrdinalIgnoreCase)
            && long.TryParse(message.Attributes?.GetValueOrDefault("SentTimestamp"), CultureInfo.InvariantCulture, out var milliseconds))
            return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
        return null;
    }
}
