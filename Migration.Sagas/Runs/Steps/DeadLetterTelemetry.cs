using System.Globalization;
using Migration.Sagas.Domains;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Runs.Steps;

/// <summary>The event that on-call alerts count (spec: engine 6): a message is about to become a dead letter.</summary>
static class DeadLetterTelemetry
{
    public static TelemetryEvent Sent(IMigrationDomain domain, string queue, EngineOptions options) =>
        Sent($"prisoner-from-nomis-migration-{domain.TelemetryName}", queue, options.BackOffOrDefault, options.MaxAttempts);

    /// <param name="eventType">Of the message.</param>
    /// <param name="queue">Where it has been tried.</param>
    /// <param name="backOff">Of the queue.</param>
    /// <param name="maxAttempts">Of the queue.</param>
    public static TelemetryEvent Sent(string eventType, string queue, IReadOnlyList<TimeSpan> backOff, int maxAttempts) => TelemetryEvent.Of($"{eventType}-sent-to-dlq",
        ("queueName", queue), ("dlqName", QueueNames.DeadLetters(queue)),
        ("timeouts", $"[{string.Join(", ", backOff.Select(x => x.TotalSeconds.ToString(CultureInfo.InvariantCulture)))}]"),
        ("maxReceiveCount", maxAttempts.ToString(CultureInfo.InvariantCulture)));
}
