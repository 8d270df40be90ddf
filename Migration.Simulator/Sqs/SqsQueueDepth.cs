namespace Migration.Simulator.Sqs;

/// <summary>How many messages a queue holds. Exact here; Amazon's own counts are approximate, so tests of the product must not lean on them.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Visible">Ready to be received.</param>
/// <param name="InFlight">Received, not deleted, and within the visibility time-out.</param>
/// <param name="Delayed">Sent with a delay that has not passed.</param>
public sealed record SqsQueueDepth(string Name, int Visible, int InFlight, int Delayed);
