namespace Migration.Simulator.Nomis;

/// <summary>A room of a prison, in NOMIS and in the visit scheduler.</summary>
/// <param name="VsipId">Null when nobody has mapped the room.</param>
public sealed record Room(string PrisonId, string Code, string Description, string? VsipId, bool IsOpen);

/// <summary>Prisons and their rooms.</summary>
public static class Rooms
{
    public static readonly IReadOnlyList<string> Prisons =
    [
        "MDI", "HEI", "BXI", "LEI", "WWI", "AGI", "AKI", "BMI", "DNI", "FNI", "LPI", "MHI", "PVI", "SFI", "WLI", "BLI", "CFI", "DHI", "EWI", "NHI",
    ];

    private static readonly (string Code, string VsipId, bool IsOpen)[] Kinds =
    [
        ("SOC_VIS", "Visits Main Hall", true),
        ("OFF_VIS", "Official Visits Room", true),
        ("CLO_VIS", "Closed Visits", false),
        ("3RD SECTOR", "Third Sector Room", true),
    ];

    /// <summary>Rooms that nobody has mapped, unless the estate is clean.</summary>
    private static readonly HashSet<string> Unmapped = ["LEI-VISITS-3RD SECTOR", "WWI-VISITS-OFF_VIS"];

    public static IReadOnlyList<IReadOnlyList<Room>> Of(bool clean) =>
    [
        .. Prisons.Select(prison => Kinds.Select(kind =>
        {
            var description = $"{prison}-VISITS-{kind.Code}";
            return new Room(prison, kind.Code, description, clean || !Unmapped.Contains(description) ? kind.VsipId : null, kind.IsOpen);
        }).ToArray()),
    ];
}
