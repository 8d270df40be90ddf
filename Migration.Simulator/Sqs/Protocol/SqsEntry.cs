namespace Migration.Simulator.Sqs.Protocol;

/// <summary>What a send, delete or visibility change says about one message: a batch entry, or the whole request when it is not a batch.</summary>
internal class SqsEntry
{
    public string? Id { get; init; }
    public string? MessageBody { get; init; }
    public int? DelaySeconds { get; init; }
    public Dictionary<string, SqsAttributeValue>? MessageAttributes { get; init; }
    public Dictionary<string, SqsAttributeValue>? MessageSystemAttributes { get; init; }
    public string? MessageGroupId { get; init; }
    public string? MessageDeduplicationId { get; init; }
    public string? ReceiptHandle { get; init; }
    public int? VisibilityTimeout { get; init; }
}
