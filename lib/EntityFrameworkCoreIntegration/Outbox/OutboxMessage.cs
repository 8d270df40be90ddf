using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Serialization;
using Npgsql;
using NpgsqlTypes;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>A message that waits to be sent. Added in the transaction of the work that sends it, deleted when the transport has it.</summary>
public sealed class OutboxMessage : OutboxMessageContext
{
    /// <summary>Failures after which a row loses its place: until then it holds back what its scope has sent after it.</summary>
    internal const int AttemptsInPlace = 5;

    Headers? _headers;
    IReadOnlyDictionary<string, object>? _properties;

    /// <summary>The order of adding.</summary>
    public long SequenceNumber { get; set; }

    /// <summary>Messages of one scope leave one after another: the saga's correlation id, or the consumed message, or the scope of a bus outbox.</summary>
    public Guid ScopeId { get; set; }

    /// <summary>The envelope's id, by which a consumer's inbox knows it again.</summary>
    public Guid MessageId { get; set; }

    /// <summary>Of the body.</summary>
    public string ContentType { get; set; } = "";

    /// <summary>The urns of all types that the message is, separated by semicolons: subscribers of an implemented interface are found by them.</summary>
    public string MessageType { get; set; } = "";

    /// <summary>The serialized envelope.</summary>
    public string Body { get; set; } = "";

    /// <summary>Headers as JSON.</summary>
    public string? HeadersJson { get; set; }

    /// <summary>The transport's own properties as JSON.</summary>
    public string? PropertiesJson { get; set; }

    /// <inheritdoc />
    public Guid? ConversationId { get; set; }

    /// <inheritdoc />
    public Guid? CorrelationId { get; set; }

    /// <inheritdoc />
    public Guid? InitiatorId { get; set; }

    /// <inheritdoc />
    public Guid? RequestId { get; set; }

    /// <inheritdoc />
    public Uri? SourceAddress { get; set; }

    /// <inheritdoc />
    public Uri? DestinationAddress { get; set; }

    /// <inheritdoc />
    public Uri? ResponseAddress { get; set; }

    /// <inheritdoc />
    public Uri? FaultAddress { get; set; }

    /// <inheritdoc />
    public DateTime? ExpirationTime { get; set; }

    /// <summary>When it was sent, for the application. UTC.</summary>
    public DateTime SentTime { get; set; }

    /// <summary>When the row was added, by the database's clock. UTC.</summary>
    public DateTime AddedAt { get; set; }

    /// <summary>For a delayed message: when it is due at its consumer. The delay is counted from the adding, however late the row is delivered. UTC.</summary>
    public DateTime? DueAt { get; set; }

    /// <summary>Not tried before; moved on by each failure. UTC.</summary>
    public DateTime NotBefore { get; set; }

    /// <summary>Failed attempts so far, without those in which nothing else could be sent either.</summary>
    public int Attempts { get; set; }

    /// <summary>Why the last attempt failed; null when there was none.</summary>
    public string? LastError { get; set; }

    Guid? MessageContext.MessageId => MessageId;

    DateTime? MessageContext.SentTime => SentTime;

    HostInfo MessageContext.Host => MassTransit.Metadata.HostMetadataCache.Host;

    Headers MessageContext.Headers => _headers ??= new DictionarySendHeaders(Deserialize<object?>(HeadersJson));

    IReadOnlyDictionary<string, object> OutboxMessageContext.Properties => _properties ??= Deserialize<object>(PropertiesJson);

    /// <summary>The row for a message that is being sent.</summary>
    internal static OutboxMessage Create<T>(SendContext<T> context, IObjectDeserializer serializer, Guid scopeId, DateTime now)
        where T : class
    {
        var properties = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        (context as TransportSendContext<T>)?.WritePropertiesTo(properties);
        return new OutboxMessage
        {
            ScopeId = scopeId,
            MessageId = context.MessageId ?? throw new MessageException(typeof(T), "A message in the outbox needs a MessageId."),
            ContentType = (context.ContentType ?? context.Serialization.DefaultContentType).ToString(),
            MessageType = string.Join(';', context.SupportedMessageTypes),
            Body = context.Serializer.GetMessageBody(context).GetString(),
            HeadersJson = serializer.SerializeDictionary(context.Headers.GetAll()),
            PropertiesJson = serializer.SerializeDictionary(properties),
            ConversationId = context.ConversationId,
            CorrelationId = context.CorrelationId,
            InitiatorId = context.InitiatorId,
            RequestId = context.RequestId,
            SourceAddress = context.SourceAddress,
            DestinationAddress = context.DestinationAddress,
            ResponseAddress = context.ResponseAddress,
            FaultAddress = context.FaultAddress,
            ExpirationTime = now + context.TimeToLive,
            SentTime = context.SentTime ?? now,
            DueAt = now + context.Delay,
        };
    }

    /// <summary>The row's insert for the driver: EF's change tracker costs several times as much, and a consumer's messages need nothing of it.</summary>
    internal NpgsqlBatchCommand ToInsert(OutboxTables tables) => new(tables.InsertMessage)
    {
        Parameters =
        {
            Value(NpgsqlDbType.Uuid, ScopeId),
            Value(NpgsqlDbType.Uuid, MessageId),
            Value(NpgsqlDbType.Text, ContentType),
            Value(NpgsqlDbType.Text, MessageType),
            Value(NpgsqlDbType.Text, Body),
            Value(NpgsqlDbType.Text, HeadersJson),
            Value(NpgsqlDbType.Text, PropertiesJson),
            Value(NpgsqlDbType.Uuid, ConversationId),
            Value(NpgsqlDbType.Uuid, CorrelationId),
            Value(NpgsqlDbType.Uuid, InitiatorId),
            Value(NpgsqlDbType.Uuid, RequestId),
            Value(NpgsqlDbType.Text, SourceAddress?.ToString()),
            Value(NpgsqlDbType.Text, DestinationAddress?.ToString()),
            Value(NpgsqlDbType.Text, ResponseAddress?.ToString()),
            Value(NpgsqlDbType.Text, FaultAddress?.ToString()),
            Value(NpgsqlDbType.TimestampTz, ExpirationTime),
            Value(NpgsqlDbType.TimestampTz, SentTime),
            Value(NpgsqlDbType.TimestampTz, DueAt),
        },
    };

    static NpgsqlParameter Value(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    static Dictionary<string, T> Deserialize<T>(string? json) =>
        SystemTextJsonMessageSerializer.Instance.DeserializeDictionary<T>(json) ?? [];
}
