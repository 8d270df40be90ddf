namespace MassTransit.AmazonSqsTransport;

/// <summary>A change of one message's visibility: hidden for that many seconds from now; 0 shows it at once.</summary>
readonly record struct VisibilityEntry(string ReceiptHandle, int Seconds);
