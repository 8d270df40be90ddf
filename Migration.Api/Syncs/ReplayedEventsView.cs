namespace Migration.Api.Syncs;

/// <param name="Replayed">Parked events that were taken in.</param>
/// <param name="StillParked">Types of which none, or no more, can be taken in: their switch is off, or their domain is not here yet.</param>
public sealed record ReplayedEventsView(int Replayed, IReadOnlyList<string> StillParked);
