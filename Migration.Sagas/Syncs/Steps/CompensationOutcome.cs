using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>How one attempt at a compensation ended.</summary>
public sealed record CompensationOutcome
{
    /// <summary>Why it is not safe; a person must decide.</summary>
    public string? Refusal { get; private init; }

    public Failure? Failure { get; private init; }

    /// <summary>A changing call was made and its end is unknown.</summary>
    public bool IsUnknown { get; private init; }

    /// <summary>Another delivery has taken over.</summary>
    public bool IsLost { get; private init; }

    public static readonly CompensationOutcome Done = new();
    public static readonly CompensationOutcome Lost = new() { IsLost = true };

    public static CompensationOutcome Refused(string reason) => new() { Refusal = reason };

    public static CompensationOutcome Retry(Failure failure, bool unknown = false) => new() { Failure = failure, IsUnknown = unknown };
}
