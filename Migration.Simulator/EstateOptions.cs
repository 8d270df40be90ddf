namespace Migration.Simulator;

/// <summary>What the simulated estate holds. The same options on the same day give the same estate.</summary>
public sealed record EstateOptions
{
    /// <summary>Visits in NOMIS. Their ids are 1 to this number.</summary>
    public int Visits { get; init; } = 1000;

    /// <summary>Prisoners in NOMIS, each with one to four bookings and those with adjustments. Their offender ids are 1 to this number.</summary>
    public int Prisoners { get; init; } = 200;

    /// <summary>Finance transactions in NOMIS before the first event. Their ids are 1 to this number.</summary>
    public int Transactions { get; init; } = 500;

    /// <summary>Entries of the largest transaction; one in a hundred is about as large.</summary>
    public int LargestTransaction { get; init; } = 2000;

    /// <summary>Whether DPS knows all adjustments and the visits of the coming weeks from the start, with mappings, as after a migration.</summary>
    public bool Synchronised { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>The estate's present day, from which its visits are dated.</summary>
    public DateOnly Today { get; init; } = DateOnly.FromDateTime(DateTime.Now);

    /// <summary>No visit that the migration cannot bring over: the shares below count as zero and every room is mapped.</summary>
    public bool Clean { get; init; }

    /// <summary>Share of official visits, which the visit scheduler refuses with 400.</summary>
    public double OfficialShare { get; init; } = 0.03;

    /// <summary>Share of visits so far ahead that the visit scheduler refuses them with 422.</summary>
    public double FarFutureShare { get; init; } = 0.002;

    /// <summary>Share of visits without a room; those of them that lie ahead cannot be migrated.</summary>
    public double NoRoomShare { get; init; } = 0.01;

    /// <summary>Share of visits with an outcome code that has no translation.</summary>
    public double UnknownOutcomeShare { get; init; } = 0.0005;

    /// <summary>Share of visits in the coming weeks.</summary>
    public double FutureShare { get; init; } = 0.10;

    /// <summary>Share of sentence adjustments that NOMIS made as a consequence of key-date adjustments; these are hidden from users.</summary>
    public double HiddenAdjustmentShare { get; init; } = 0.05;

    /// <summary>Share of adjustments with a type that DPS does not have.</summary>
    public double UnknownAdjustmentTypeShare { get; init; } = 0.002;

    /// <summary>How long an access token lives.</summary>
    public TimeSpan TokenLife { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Faults from the start on.</summary>
    public UpstreamFaults Faults { get; init; } = new();
}
