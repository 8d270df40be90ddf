using Migration.Simulator.Nomis;

namespace Migration.Simulator.Sentencing;

/// <summary>An adjustment in DPS.</summary>
/// <param name="MadeFrom">The NOMIS adjustment that it was made from; null when its comment names none.</param>
/// <param name="SentenceSequence">Null for an adjustment of the whole booking.</param>
/// <param name="IsMigrated">Whether it was created without telling others.</param>
public sealed record DpsAdjustment(
    Guid Id,
    AdjustmentKey? MadeFrom,
    long BookingId,
    int? SentenceSequence,
    string OffenderNo,
    string Type,
    DateOnly? Date,
    DateOnly? FromDate,
    int Days,
    string? Comment,
    bool IsActive,
    bool IsReleased,
    string? Agency,
    bool IsCurrentTerm,
    bool IsMigrated,
    bool IsDeleted);
