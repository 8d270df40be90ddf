namespace Migration.Simulator.Sqs;

/// <summary>Requests since the start, refused ones included.</summary>
public sealed record SqsRequestCounts(long Total, IReadOnlyDictionary<string, long> ByAction);
