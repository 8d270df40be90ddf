namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>How much waits in the outbox.</summary>
/// <param name="Messages">All rows.</param>
/// <param name="Failing">Those of them whose last attempt failed.</param>
/// <param name="OldestAge">How long the oldest has waited; zero when there is none.</param>
public sealed record OutboxBacklog(long Messages, long Failing, TimeSpan OldestAge);
