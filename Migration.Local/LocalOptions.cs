namespace Migration.Local;

/// <summary>What one local run is asked to do.</summary>
/// <param name="Visits">Visits in the simulated NOMIS.</param>
/// <param name="Seed">Decides every record of it.</param>
/// <param name="LatencyMs">Added to each upstream call.</param>
/// <param name="FailRate">Share of upstream calls that fail, from 0 to 1.</param>
/// <param name="Pods">Processes of the service.</param>
/// <param name="Keep">Leave everything up at the end.</param>
/// <param name="Stop">Take down what an earlier run left up, and do nothing else.</param>
/// <param name="Json">The last line is one JSON object; no progress is drawn.</param>
/// <param name="Sync">Events instead of a migration.</param>
/// <param name="Events">How many events, about.</param>
/// <param name="EventsPerSecond">At which rate they come; null: all at once.</param>
/// <param name="KillEvery">A process of the service is killed, and started again, at this interval; null: never.</param>
sealed record LocalOptions(int Visits, int Seed, int LatencyMs, double FailRate, int Pods, bool Keep, bool Stop, bool Json, bool Sync = false, int Events = 2000, double? EventsPerSecond = null, TimeSpan? KillEvery = null)
{
    /// <summary>Names of the options that were given and that shape an environment when it is started.</summary>
    public IReadOnlyList<string> Shaping { get; init; } = [];
}
