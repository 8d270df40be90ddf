namespace MassTransit.AmazonSqsTransport;

/// <summary>An endpoint that leaves its failures to SQS's redrive policy.</summary>
/// <param name="QueueName">The dead-letter queue, scope included.</param>
/// <param name="MaxReceiveCount">Receives before a message moves there.</param>
/// <param name="BackOff">Visibility of a failed message by receive count; may be empty.</param>
sealed record NativeDeadLetters(string QueueName, int MaxReceiveCount, IReadOnlyList<TimeSpan> BackOff);
