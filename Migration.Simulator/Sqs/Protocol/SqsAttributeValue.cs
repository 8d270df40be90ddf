namespace Migration.Simulator.Sqs.Protocol;

/// <summary>A message attribute as it travels: a type and one value, binary ones in base64.</summary>
internal sealed class SqsAttributeValue
{
    public string? DataType { get; init; }
    public string? StringValue { get; init; }
    public byte[]? BinaryValue { get; init; }
}
