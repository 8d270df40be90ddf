using Migration.Simulator.Events;
using Migration.Simulator.Finance;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Inspection;

/// <summary>What became of one NOMIS transaction.</summary>
/// <param name="NomisRows">Prisoners' rows in NOMIS.</param>
/// <param name="Dps">Null when DPS has never heard of it.</param>
/// <param name="MissingEntries">Entries that DPS could post and has not.</param>
/// <param name="IncompleteEntries">Entries that were posted with fewer general-ledger rows than NOMIS has.</param>
/// <param name="IsTold">Whether an event told of it that asks for something to be done.</param>
public sealed record TransactionReport(
    long Id, int NomisRows, DpsTransaction? Dps, IReadOnlyList<int> MissingEntries, IReadOnlyList<int> IncompleteEntries, TransactionMapping? Mapping, bool IsTold);

/// <summary>What both sides and the mapping service hold of the transactions that events told of.</summary>
/// <param name="Told">Transactions that events told of.</param>
/// <param name="OfPrisonAlone">Those of them that no prisoner has a row of, and that DPS is not to have.</param>
/// <param name="Dps">Transactions in DPS.</param>
/// <param name="Refused">Those of which no row can be posted.</param>
/// <param name="Lost">Told, and not all posted that can be.</param>
/// <param name="Incomplete">Posted before all general-ledger rows were there.</param>
/// <param name="Unmapped">In DPS without a mapping.</param>
/// <param name="WronglyMapped">Mapped to an id that DPS has not given for them.</param>
/// <param name="Unwanted">In DPS although no event asked for it, or of the prison alone.</param>
public sealed record TransactionReconciliation(
    int Told, int OfPrisonAlone, int Dps, int Mapped, Listed<long> Refused, Listed<long> Lost, Listed<long> Incomplete, Listed<long> Unmapped, Listed<long> WronglyMapped,
    Listed<long> Unwanted);

/// <summary>Holds NOMIS, DPS and the mapping service against each other, transaction by transaction.</summary>
internal sealed class TransactionReports(NomisTransactions source, TransactionStore records, PairStore<long, TransactionMapping> mappings, ToldRecords told)
{
    public TransactionReport Of(long id)
    {
        var rows = source.Rows(id);
        var dps = records.Find(id);
        var posted = (dps?.Rows ?? []).ToDictionary(row => row.Entry);
        return new TransactionReport(
            id,
            rows.Count,
            dps,
            [.. rows.Where(row => !posted.ContainsKey(row.Entry) && CanBePosted(row)).Select(row => row.Entry).Order()],
            [.. rows.Where(row => posted.TryGetValue(row.Entry, out var made) && made.LedgerRows < row.Ledger.Count).Select(row => row.Entry).Order()],
            mappings.Find(id),
            told.KnowsTransaction(id));
    }

    /// <summary>Those that an event told of, or that DPS has.</summary>
    public IEnumerable<TransactionReport> All() => told.Transactions.Union(records.Ids()).Order().Select(Of);

    public TransactionReconciliation Reconcile()
    {
        var all = All().ToList();
        var posted = all.Where(report => report.Dps is { Receipts.Count: > 0 }).ToList();
        return new TransactionReconciliation(
            all.Count(report => report.IsTold),
            all.Count(report => report.IsTold && report.NomisRows == 0),
            posted.Count,
            mappings.Count,
            List(all.Where(report => report.Dps is { IsRefused: true, Receipts.Count: 0 })),
            List(all.Where(report => report.IsTold && report.MissingEntries.Count > 0)),
            List(all.Where(report => report.IncompleteEntries.Count > 0)),
            List(posted.Where(report => report.Mapping is null)),
            List(posted.Where(report => report.Mapping is { MappingType: not "DPS_CREATED" } mapping && !report.Dps!.Receipts.Any(id => id.ToString() == mapping.DpsId))), // posted: DPS has it
            List(all.Where(report => report.Dps is not null && (!report.IsTold || report.NomisRows == 0))));
    }

    private static bool CanBePosted(NomisTransactionRow row) => row.Ledger.Count > 0 || row.Type is not ("OT" or "ATOF");

    private static Listed<long> List(IEnumerable<TransactionReport> reports) => Listed.Of(reports.Select(report => report.Id));
}
