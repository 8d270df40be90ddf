namespace Migration.Simulator.Events;

/// <summary>Part of a change of NOMIS.</summary>
/// <param name="DelayMs">Time since the change began.</param>
/// <param name="Events">How many it tells.</param>
/// <param name="Commit">Changes NOMIS and returns what it tells of that.</param>
internal sealed record Change(int DelayMs, int Events, Func<IReadOnlyList<NomisEvent>> Commit)
{
    /// <summary>A change that has been made already.</summary>
    public static IReadOnlyList<Change> Made(params IReadOnlyList<NomisEvent> events) => [new Change(0, events.Count, () => events)];
}
