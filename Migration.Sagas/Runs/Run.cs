using MassTransit;
using Migration.Contracts.Runs;

namespace Migration.Sagas.Runs;

/// <summary>A migration run: the saga's row in <c>migration.runs</c>.</summary>
public sealed class Run : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    /// <summary>The migration id: local start time, also the label of the run's mappings. Unique over all domains.</summary>
    public required string RunId { get; set; }

    public required string Domain { get; set; }

    /// <summary>See <see cref="RunState"/>; text, so that an older process can at least name a state that it does not know.</summary>
    public string State { get; set; } = RunState.Requested;

    /// <summary>Why the last change of state happened; null when it speaks for itself.</summary>
    public string? StateReason { get; set; }

    /// <summary>Who caused the last change of state; null for the engine itself.</summary>
    public string? StateChangedBy { get; set; }

    /// <summary>The start request's filter as JSON.</summary>
    public required string Filter { get; set; }

    /// <summary>Records that the source named at the start; null until it has answered.</summary>
    public long? EstimatedCount { get; set; }

    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
    public required string StartedBy { get; set; }

    /// <summary>Why the run could not begin; null otherwise.</summary>
    public string? FailureReason { get; set; }

    /// <summary>HTTP status of the upstream that failed the run; null when there was none.</summary>
    public int? FailureStatus { get; set; }

    /// <summary>Number of the check that is due; late or doubled timers carry another.</summary>
    public int CheckNo { get; set; }

    /// <summary>When the sweeper is to ask for the next check; null when the run has ended.</summary>
    public DateTimeOffset? NextCheckAt { get; set; }
}
