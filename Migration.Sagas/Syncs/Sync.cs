using MassTransit;
using Migration.Contracts.Syncs;

namespace Migration.Sagas.Syncs;

/// <summary>A change on its way from NOMIS to DPS: the saga's row in <c>migration.syncs</c>. Ids and codes only.</summary>
public sealed class Sync : SagaStateMachineInstance
{
    /// <summary>The event's SNS message id; made up where there was no event.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>See <see cref="SyncState"/>; text, so that an older process can at least name a state that it does not know.</summary>
    public string State { get; set; } = "";

    /// <summary>Why the last change of state happened; null when it speaks for itself.</summary>
    public string? StateReason { get; set; }

    /// <summary>Who caused the last change of state; null for the engine itself.</summary>
    public string? StateChangedBy { get; set; }

    public string Domain { get; set; } = "";
    public string Entity { get; set; } = "";
    public string Key { get; set; } = "";

    /// <summary>See <see cref="SyncMode"/>.</summary>
    public string Mode { get; set; } = "";

    /// <summary>The event type, or the domain's word for what happened.</summary>
    public string Action { get; set; } = "";

    /// <summary>What the event said, as a JSON object of texts.</summary>
    public string Properties { get; set; } = "{}";

    /// <summary>The lanes that are wanted, in order.</summary>
    public string[] Lanes { get; set; } = [];

    /// <summary>How many of them are held.</summary>
    public int LanesHeld { get; set; }

    /// <summary>Further changes of the record may come in until then; null for none.</summary>
    public DateTimeOffset? GraceUntil { get; set; }

    /// <summary>Number of the step or wait that is expected to end; results of others are late.</summary>
    public int StepNo { get; set; }

    /// <summary>The delivery that is changing the target; null while none has begun. Written by the step.</summary>
    public Guid? StepToken { get; set; }

    /// <summary>What that delivery may have done: create, replace or set. Written by the step.</summary>
    public string? StepKind { get; set; }

    /// <summary>Failed attempts at the present step.</summary>
    public int Attempts { get; set; }

    /// <summary>How often the present step was asked for again because its time had passed.</summary>
    public int Pokes { get; set; }

    /// <summary>When the sweeper looks after it; null when it waits for a lane or has ended.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Name of the parent that is waited for: domain/entity/key.</summary>
    public string? Parent { get; set; }

    /// <summary>The older sync that covers this one.</summary>
    public Guid? AbsorbedBy { get; set; }

    /// <summary>The broader sync that this one is a part of.</summary>
    public Guid? BroadId { get; set; }

    /// <summary>The syncs of single records that this one waits for.</summary>
    public Guid[] Awaited { get; set; } = [];

    /// <summary>Telemetry that waits for them, as JSON; null for none.</summary>
    public string? HeldEvents { get; set; }

    /// <summary>The record of DPS that this sync made, or was given to map or to remove.</summary>
    public string? CreatedTargetId { get; set; }

    /// <summary>An answer proved that this very sync created it.</summary>
    public bool IsCreationProved { get; set; }

    /// <summary>The record of DPS that is mapped instead.</summary>
    public string? ExistingTargetId { get; set; }

    /// <summary>Pushed again although an earlier create may have landed.</summary>
    public bool PossibleDuplicate { get; set; }

    /// <summary>The last error with ids, without personal data.</summary>
    public string? Error { get; set; }

    /// <summary>Failures with one cause share it.</summary>
    public string? Fingerprint { get; set; }

    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>When its last push was asked for: NOMIS is read after it.</summary>
    public DateTimeOffset? BegunAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The record's name, whatever run or sync works on it.</summary>
    public string Record => $"{Domain}/{Entity}/{Key}";

    public bool HoldsAllLanes => LanesHeld == Lanes.Length;
}
