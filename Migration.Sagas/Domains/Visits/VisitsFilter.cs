using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Migration.Sagas.Domains.Visits;

/// <summary>Which visits a run selects (spec: visits 5.1). Times are creation times in NOMIS, local to England.</summary>
public sealed record VisitsFilter
{
    /// <summary>Empty means every prison.</summary>
    public IReadOnlyList<string> PrisonIds { get; init; } = [];

    /// <summary>SCON, OFFI; absent means SCON, an empty list means every type.</summary>
    public IReadOnlyList<string> VisitTypes { get; init; } = ["SCON"];

    /// <summary>Created at or after; null for no bound.</summary>
    public DateTime? FromDateTime { get; init; }

    /// <summary>Created at or before; null for no bound.</summary>
    public DateTime? ToDateTime { get; init; }

    /// <summary>Passed on; NOMIS takes no notice of it.</summary>
    public bool IgnoreMissingRoom { get; init; }

    /// <summary>As the contract writes it: nulls left out, shortest names.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new LocalDateTimeJson() },
    };

    public static VisitsFilter Read(JsonElement filter) => filter.Deserialize<VisitsFilter>(Json)!; // an object by the time it is stored

    /// <summary>Each property as text, as the reference's telemetry shows it: lists in brackets, dates without zero seconds.</summary>
    public IEnumerable<(string Name, string? Value)> Describe() =>
    [
        ("prisonIds", $"[{string.Join(", ", PrisonIds)}]"),
        ("visitTypes", $"[{string.Join(", ", VisitTypes)}]"),
        ("fromDateTime", Text(FromDateTime)),
        ("toDateTime", Text(ToDateTime)),
        ("ignoreMissingRoom", IgnoreMissingRoom ? "true" : "false"),
    ];

    static string? Text(DateTime? time) =>
        time?.ToString(time.Value.Second == 0 ? "yyyy-MM-ddTHH:mm" : "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
}
