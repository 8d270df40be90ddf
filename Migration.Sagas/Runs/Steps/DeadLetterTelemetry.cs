using System.Globalization;
using Migration.Sagas.Domains;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Runs.Steps;

/// <summary>The event that on-call alerts count (spec: engine 6): a message is about to become a dead letter.</summary>
static class DeadLetterTelemetry
{
    public static TelemetryEvent Sent(IMigrationDomain domain, string queue, EngineOptions options) =>
        TelemetryEvent.Of($"prisoner-from-nomis-migration-{domain.TelemetryName}-sent-to-dlq",
            ("queueName", queue), ("dlqName", QueueNames.DeadLetters(queue)),
            ("timeouts", $"[{string.Join(", ", options.BackOffOrDefault.Select(x => x.TotalSeconds.ToString(CultureInfo.InvariantCulture)))}]"),
            ("maxReceiveCount", options.MaxAttempts.ToString(CultureInfo.InvariantCulture)));
}
