using System.Globalization;
using System.Text.Json;
using Migration.Local.Runs;
using Spectre.Console;

namespace Migration.Local.Syncs;

/// <summary>
/// The proof at the end: NOMIS against DPS against mappings for every record that an event told of. It balances when they agree, but
/// for what the service lists: failed syncs by their record, records of DPS without a mapping by their id.
/// </summary>
sealed record SyncReconciliation(
    PublishedEvents Published, AdjustmentAccount Adjustments, TransactionAccount Transactions, CancellationAccount Cancellations, IReadOnlyList<SyncCount> Syncs,
    SyncLeftovers Leftovers, SyncLatency Latency, long Listed, long PossibleDuplicates, long Strays, int DeadLetters, long Unexplained, double Seconds, double PerSecond, double SqsRequestsPer1000,
    double HttpCallsPerEvent, double RssMb) : IReport
{
    public bool IsBalanced => Unexplained == 0 && Leftovers is { Lanes: 0, Waiters: 0 } && DeadLetters == 0;

    public static async Task<SyncReconciliation> BuildAsync(Operator operations, EventDay day, string database, PublishedEvents published, double seconds, Traffic traffic, double rssMb,
        CancellationToken cancellationToken)
    {
        var adjustments = await operations.GetAsync<AdjustmentAccount>(operations.Estate, "simulator/reconciliation/adjustments", cancellationToken);
        var transactions = await operations.GetAsync<TransactionAccount>(operations.Estate, "simulator/reconciliation/transactions", cancellationToken);
        var cancellations = await operations.GetAsync<CancellationAccount>(operations.Estate, "simulator/reconciliation/cancellations", cancellationToken);
        var listed = await ListAsync(operations, cancellationToken);
        var strays = await operations.AskAllAsync<ListedStray>("compensations?state=Open", cancellationToken);
        var flagged = await operations.AskAllAsync<ListedSync>("syncs?possibleDuplicate=true", cancellationToken);
        var records = listed.Select(x => $"{x.Domain}/{x.Key}").ToHashSet(StringComparer.Ordinal);
        var targets = strays.Select(x => x.TargetId).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var sync in flagged.Where(x => x.Domain == "sentencing-adjustments"))
            targets.UnionWith((await operations.GetAsync<AdjustmentRecords>(operations.Estate, $"simulator/adjustments/{sync.Key}", cancellationToken)).Records.Select(x => x.Id.ToString()));
        var doubled = strays.Select(x => x.Record).Concat(flagged.Select(x => $"{x.Domain}/{x.Entity}/{x.Key}")).ToHashSet(StringComparer.Ordinal);
        var total = Math.Max(1, published.Total + published.Duplicates);

        bool IsListed(string domain, string key) => records.Contains($"{domain}/{key}");
        long OfAdjustments(EstateKeys<string> keys, Func<string, bool>? isStray = null) =>
            NotListed(keys, key => IsListed("sentencing-adjustments", key.Replace(' ', '/')) || isStray?.Invoke(key.Replace(' ', '/')) == true);
        long OfTransactions(EstateKeys<long> keys) => NotListed(keys, key => IsListed("transactions", Text(key)));
        var unexplained = OfAdjustments(adjustments.Lost) + OfAdjustments(adjustments.Stale) + NotListed(adjustments.Unmapped, x => targets.Contains(x.ToString()))
            + OfAdjustments(adjustments.Duplicates, key => doubled.Any(x => x.EndsWith("/" + key, StringComparison.Ordinal))) + NotListed(adjustments.Leftover, x => targets.Contains(x.ToString()))
            + OfTransactions(transactions.Lost) + OfTransactions(transactions.Incomplete) + OfTransactions(transactions.Unmapped) + OfTransactions(transactions.WronglyMapped)
            + OfTransactions(transactions.Unwanted) + NotListed(cancellations.Lost, key => IsListed("visits", Text(key)));
        return new SyncReconciliation(published, adjustments, transactions, cancellations, await day.CountAsync(cancellationToken), await SyncLeftovers.ReadAsync(database, cancellationToken),
            await SyncLatency.ReadAsync(operations, database, cancellationToken), listed.Count, flagged.Count, strays.Count, await day.CountDeadLettersAsync(cancellationToken), unexplained,
            Math.Round(seconds, 2), Math.Round(total / seconds, 1), Math.Round(traffic.Sqs * 1000.0 / total, 1), Math.Round((double)traffic.Http / total, 2), Math.Round(rssMb));
    }

    static async Task<IReadOnlyList<ListedSync>> ListAsync(Operator operations, CancellationToken cancellationToken) =>
        [.. await operations.AskAllAsync<ListedSync>("syncs?state=Failed", cancellationToken), .. await operations.AskAllAsync<ListedSync>("syncs?state=NeedsOperator", cancellationToken)];

    // What the estate does not name any more counts as not listed.
    static long NotListed<T>(EstateKeys<T> keys, Func<T, bool> isListed) => keys.First.Count(x => !isListed(x)) + (keys.Count - keys.First.Count);

    long Count(string state) => Syncs.Where(x => x.State == state).Sum(x => x.Count);

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public string ToJson() => JsonSerializer.Serialize(new
    {
        events = Published.Total,
        delivered = Published.Total + Published.Duplicates,
        syncs = Syncs.GroupBy(x => x.State).ToDictionary(x => x.Key, x => x.Sum(y => y.Count)),
        adjustments = new { source = Adjustments.Source, dps = Adjustments.Dps, mapped = Adjustments.Mapped, duplicates = Adjustments.Duplicates.Count, unmapped = Adjustments.Unmapped.Count, lost = Adjustments.Lost.Count, stale = Adjustments.Stale.Count, leftover = Adjustments.Leftover.Count },
        transactions = new { told = Transactions.Told, ofPrisonAlone = Transactions.OfPrisonAlone, dps = Transactions.Dps, mapped = Transactions.Mapped, refused = Transactions.Refused.Count, lost = Transactions.Lost.Count, incomplete = Transactions.Incomplete.Count, unmapped = Transactions.Unmapped.Count, wronglyMapped = Transactions.WronglyMapped.Count, unwanted = Transactions.Unwanted.Count },
        cancellations = new { told = Cancellations.Told, mapped = Cancellations.Mapped, cancelled = Cancellations.Cancelled, lost = Cancellations.Lost.Count },
        listed = Listed,
        possibleDuplicates = PossibleDuplicates,
        strays = Strays,
        doubts = Leftovers.Doubts,
        lanes = Leftovers.Lanes,
        deadLetters = DeadLetters,
        unexplained = Unexplained,
        seconds = Seconds,
        perSecond = PerSecond,
        p50Ms = Latency.MedianMs,
        p95Ms = Latency.P95Ms,
        sqsRequestsPer1000 = SqsRequestsPer1000,
        httpCallsPerEvent = HttpCallsPerEvent,
        rssMb = RssMb,
    });

    public void WriteTable(IAnsiConsole console)
    {
        var table = new Table().AddColumn("Reconciliation").AddColumn(new TableColumn("adjustments").RightAligned()).AddColumn(new TableColumn("transactions").RightAligned())
            .AddColumn(new TableColumn("cancellations").RightAligned());
        foreach (var (name, adjustments, transactions, cancellations) in new (string, long?, long?, long?)[]
        {
            ("in NOMIS, or told by events", Adjustments.Source, Transactions.Told, Cancellations.Told), ("in DPS", Adjustments.Dps, Transactions.Dps, Cancellations.Cancelled),
            ("mapped", Adjustments.Mapped, Transactions.Mapped, Cancellations.Mapped), ("of the prison alone, not for DPS", null, Transactions.OfPrisonAlone, null),
            ("refused by DPS", null, Transactions.Refused.Count, null), ("more than one in DPS", Adjustments.Duplicates.Count, null, null),
            ("in DPS without mapping", Adjustments.Unmapped.Count, Transactions.Unmapped.Count, null), ("differs from NOMIS", Adjustments.Stale.Count, Transactions.Incomplete.Count, null),
            ("gone from NOMIS, still in DPS", Adjustments.Leftover.Count, null, null), ("lost", Adjustments.Lost.Count, Transactions.Lost.Count, Cancellations.Lost.Count),
        })
            table.AddRow(name, Cell(adjustments), Cell(transactions), Cell(cancellations));
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Published.Total} events, {Published.Duplicates} of them delivered twice; {Count("Completed")} syncs completed, {Count("Superseded")} covered by a later one, {Count("Ignored")} with nothing to do, {Count("Compensated")} compensated, {Listed} listed as failed or undecided, {PossibleDuplicates} as possible duplicates."));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Strays} records of DPS listed without a mapping, {Leftovers.Doubts} doubts to be looked at later, {Leftovers.Lanes} lanes held, {DeadLetters} dead letters, {Unexplained} differences that nothing explains."));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Seconds:0.0} s, {PerSecond:0} events/s, event to end {Latency.MedianMs:0} ms (median) and {Latency.P95Ms:0} ms (95 %) without grace; {SqsRequestsPer1000:0} SQS requests per 1000, {HttpCallsPerEvent:0.0} HTTP calls an event, {RssMb:0} MB at most"));
        console.MarkupLine(IsBalanced ? "[green]It balances.[/]" : "[red]It does not balance.[/]");

        static string Cell(long? number) => number is { } value ? Text(value) : "";
    }
}
