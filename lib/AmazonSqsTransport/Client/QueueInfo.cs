namespace MassTransit.AmazonSqsTransport;

/// <summary>A queue as it exists.</summary>
/// <param name="Name">Name at SQS, scope included.</param>
/// <param name="Url">Where requests about it go.</param>
/// <param name="Arn">Its resource name, for redrive policies.</param>
/// <param name="VisibilityTimeout">How long a received message stays hidden unless it is extended.</param>
/// <param name="MaxReceiveCount">Receives that its redrive policy allows; null without a policy.</param>
sealed record QueueInfo(string Name, string Url, string Arn, TimeSpan VisibilityTimeout, int? MaxReceiveCount);
