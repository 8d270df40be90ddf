using System.Text.Json.Serialization;

namespace Migration.Simulator.Sqs.Protocol;

/// <summary>The union of the parameters of all actions: one type to read, and the source generator does it without reflection.</summary>
internal sealed class SqsRequest : SqsEntry
{
    public string? QueueName { get; init; }
    public string? QueueUrl { get; init; }
    public string? QueueNamePrefix { get; init; }
    public Dictionary<string, string>? Attributes { get; init; }
    public List<string>? AttributeNames { get; init; }
    public List<SqsEntry>? Entries { get; init; }
    public int? MaxNumberOfMessages { get; init; }
    public int? WaitTimeSeconds { get; init; }
    public List<string>? MessageAttributeNames { get; init; }
    public List<string>? MessageSystemAttributeNames { get; init; }
    public int? MaxResults { get; init; }
    public string? NextToken { get; init; }
    public string? SourceArn { get; init; }
    public string? DestinationArn { get; init; }
    public int? MaxNumberOfMessagesPerSecond { get; init; }
    public Dictionary<string, string>? Tags { get; init; }
    public List<string>? TagKeys { get; init; }

    /// <summary>CreateQueue spells it in lower case, TagQueue does not.</summary>
    [JsonPropertyName("tags")]
    public Dictionary<string, string>? CreateTags { get; init; }
}

[JsonSerializable(typeof(SqsRequest))]
internal sealed partial class SqsJson : JsonSerializerContext;
