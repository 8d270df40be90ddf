using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Migration.Local.Runs;

/// <summary>
/// The proof at the end: what NOMIS holds against what the service says against what DPS and the mapping service hold.
/// It balances when every record is accounted for once and nothing is lost or doubled without being listed.
/// </summary>
sealed record RunReconciliation(
    string RunId, string State, long Source, long Dps, long Migrated, long AlreadyMapped, long Rejected, long Failed, long Duplicates, long PossibleDuplicates,
    long UnlistedDuplicates, long Lost, long Mappings, double Seconds, double PerSecond, double SqsRequestsPer1000, double HttpCallsPerRecord, double RssMb) : IReport
{
    public bool IsBalanced => State == "Completed" && Lost == 0 && UnlistedDuplicates == 0
        && Source == Migrated + AlreadyMapped + Rejected + Failed + Duplicates && Mappings >= Migrated + AlreadyMapped;

    /// <param name="progress">The run at its end.</param>
    /// <param name="estate">What NOMIS, DPS and the mapping service hold.</param>
    /// <param name="listed">Of this run.</param>
    /// <param name="listedBefore">Of earlier runs on the same estate: what they have doubled is still there.</param>
    /// <param name="seconds">From the start request to the end.</param>
    /// <param name="traffic">Within that time.</param>
    /// <param name="rssMb">Most of one process of the service.</param>
    public static RunReconciliation Of(RunProgress progress, EstateReconciliation estate, IReadOnlyCollection<ListedRecord> listed, IEnumerable<ListedRecord> listedBefore,
        double seconds, Traffic traffic, double rssMb)
    {
        var accounted = listed.Where(x => x.State is "Failed" or "Rejected").Select(x => Id(x.Id)).ToHashSet();
        var flagged = listed.Concat(listedBefore).Where(x => x.PossibleDuplicate || x.State == "Duplicate").Select(x => Id(x.Id)).ToHashSet();
        var records = Math.Max(1, progress.Found);
        return new RunReconciliation(progress.MigrationId, progress.State, estate.Source, estate.Dps, progress.Count("Migrated"), progress.Count("AlreadyMapped"),
            progress.Count("Rejected"), progress.Count("Failed"), progress.Count("Duplicate"), progress.PossibleDuplicates,
            UnlistedDuplicates: estate.Duplicates.NotAmong(flagged),
            Lost: estate.Missing.NotAmong(accounted),
            estate.Mapped, Math.Round(seconds, 2), Math.Round(progress.Found / seconds, 1), Math.Round(traffic.Sqs * 1000.0 / records, 1),
            Math.Round((double)traffic.Http / records, 2), Math.Round(rssMb, 0));
    }

    static long Id(string key) => long.Parse(key, CultureInfo.InvariantCulture);

    public string ToJson() => JsonSerializer.Serialize(new
    {
        runId = RunId,
        source = Source,
        migrated = Migrated,
        alreadyMapped = AlreadyMapped,
        rejected = Rejected,
        failed = Failed,
        duplicates = Duplicates + UnlistedDuplicates,
        possibleDuplicates = PossibleDuplicates,
        lost = Lost,
        mappings = Mappings,
        seconds = Seconds,
        perSecond = PerSecond,
        sqsRequestsPer1000 = SqsRequestsPer1000,
        httpCallsPerRecord = HttpCallsPerRecord,
        rssMb = RssMb,
    });

    public void WriteTable(IAnsiConsole console)
    {
        var table = new Table().AddColumn("Reconciliation").AddColumn(new TableColumn("visits").RightAligned());
        foreach (var (name, count) in new (string, long)[]
        {
            ("in NOMIS", Source), ("in DPS", Dps), ("mapped", Mappings), ("migrated by this run", Migrated), ("mapped already", AlreadyMapped), ("rejected by DPS", Rejected),
            ("failed, each listed with its reason", Failed), ("duplicates, listed", Duplicates), ("possible duplicates, listed", PossibleDuplicates),
            ("duplicates, not listed", UnlistedDuplicates), ("lost", Lost),
        })
            table.AddRow(name, count.ToString(CultureInfo.InvariantCulture));
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Seconds:0.0} s, {PerSecond:0} visits/s, {SqsRequestsPer1000:0} SQS requests per 1000, {HttpCallsPerRecord:0.0} HTTP calls a visit, {RssMb:0} MB at most"));
        console.MarkupLine(IsBalanced ? "[green]It balances.[/]" : "[red]It does not balance.[/]");
    }
}
