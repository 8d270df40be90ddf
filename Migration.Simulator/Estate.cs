using System.Collections.Concurrent;
using Migration.Simulator.Auth;
using Migration.Simulator.Events;
using Migration.Simulator.Finance;
using Migration.Simulator.Http;
using Migration.Simulator.Inspection;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Simulator.Sentencing;
using Migration.Simulator.Visits;

namespace Migration.Simulator;

/// <summary>What the simulated services hold, and what may be done to them from inside the process.</summary>
public sealed class Estate
{
    private const int ListLimit = 1000;

    private readonly VisitStore _visits;
    private readonly MappingStore _mappings = new();
    private readonly AdjustmentStore _adjustments = new();
    private readonly PairStore<AdjustmentKey, AdjustmentMapping> _adjustmentMappings = new();
    private readonly TransactionStore _transactions;
    private readonly PairStore<long, TransactionMapping> _transactionMappings = new();
    private readonly ToldRecords _told;
    private readonly AdjustmentChanges _adjustmentChanges;
    private readonly Seeding _seeding;
    private readonly ConcurrentQueue<string> _invalid = new();
    private long _invalidCount;

    public Estate(EstateOptions options)
    {
        Options = options;
        Nomis = new NomisVisits(options);
        Faults = new Faults(options.Seed, options.Faults);
        Tokens = new TokenIssuer(options.TokenLife);
        Prisoners = new Prisoners(options);
        Adjustments = new NomisAdjustments(options, Prisoners);
        Transactions = new NomisTransactions(options, Prisoners);
        _visits = new VisitStore(options.Visits);
        _transactions = new TransactionStore(Faults);
        _told = new ToldRecords(Adjustments);
        _adjustmentChanges = new AdjustmentChanges(Adjustments, Prisoners, _adjustments, _adjustmentMappings);
        Events = new EventPublisher(
            new VisitChanges(Nomis, _visits, _mappings, options.Today), _adjustmentChanges, new TransactionChanges(Transactions, _transactionMappings), _told);
        AdjustmentReports = new AdjustmentReports(Adjustments, _adjustments, _adjustmentMappings, _told);
        TransactionReports = new TransactionReports(Transactions, _transactions, _transactionMappings, _told);
        CancellationReports = new CancellationReports(Nomis, _visits, _mappings, _told);
        _seeding = new Seeding(options, Nomis, _visits, _mappings, Adjustments, _adjustmentChanges);
        Operations =
        [
            .. AuthService.Operations(Tokens),
            .. new NomisVisitService(Nomis, options.Today).Operations(),
            .. new NomisAdjustmentService(Adjustments, Prisoners).Operations(),
            .. new NomisTransactionService(Transactions).Operations(),
            .. new VisitMappingService(_mappings, Nomis).Operations(),
            .. new AdjustmentMappingService(_adjustmentMappings, Faults).Operations(),
            .. new TransactionMappingService(_transactionMappings, Faults).Operations(),
            .. new VisitSchedulerService(_visits, Nomis, options.Today).Operations(),
            .. new SentencingService(_adjustments).Operations(),
            .. new FinanceService(_transactions).Operations(),
            .. Upstream.All.Select(Ping),
        ];
        if (options.Synchronised)
            _seeding.Run();
    }

    public EstateOptions Options { get; }

    /// <summary>The source; visits may be changed and removed.</summary>
    public NomisVisits Nomis { get; }

    /// <summary>Prisoners of adjustments and transactions; visits have prisoners of their own.</summary>
    public Prisoners Prisoners { get; }

    /// <summary>Sentencing adjustments of NOMIS; they may be changed, added and removed.</summary>
    public NomisAdjustments Adjustments { get; }

    /// <summary>Finance transactions of NOMIS; they may be begun and changed.</summary>
    public NomisTransactions Transactions { get; }

    /// <summary>Lets things happen in NOMIS and tells of them.</summary>
    public EventPublisher Events { get; }

    public Faults Faults { get; }

    internal AdjustmentReports AdjustmentReports { get; }

    internal TransactionReports TransactionReports { get; }

    internal CancellationReports CancellationReports { get; }

    internal TokenIssuer Tokens { get; }

    internal IReadOnlyList<Operation> Operations { get; }

    internal Interceptors Interceptors { get; } = new();

    /// <summary>
    /// Puts code between a request and its effect. <paramref name="handler"/> gets the request and the function that lets it take effect;
    /// the answer is written when the handler ends. So it may hold the request before or after its effect, never let it happen,
    /// answer something else (by writing to the response or setting its status), or cut the connection (<c>http.Abort()</c>).
    /// Of several that want a request the newest gets it.
    /// </summary>
    /// <returns>Ends the interception.</returns>
    public IDisposable OnRequest(Func<EstateRequest, bool> predicate, Func<HttpContext, Func<Task>, Task> handler) => Interceptors.Add(predicate, handler);

    /// <summary>Visits of the visit scheduler that were made from a NOMIS visit, and its mapping.</summary>
    public VisitReport Visit(long nomisId) => new(
        nomisId, Nomis.Find(nomisId) is not null, _visits.MadeFrom(nomisId), _mappings.Find(nomisId), nomisId >= 1 && nomisId <= Nomis.Count && _visits.IsRefused(nomisId));

    public AdjustmentReport Adjustment(AdjustmentKey key) => AdjustmentReports.Of(key);

    public TransactionReport Transaction(long id) => TransactionReports.Of(id);

    public AdjustmentReconciliation ReconcileAdjustments() => AdjustmentReports.Reconcile();

    public TransactionReconciliation ReconcileTransactions() => TransactionReports.Reconcile();

    public CancellationReconciliation ReconcileCancellations() => CancellationReports.Reconcile();

    public DpsVisit? FindRecord(string reference) => _visits.Find(reference);

    /// <summary>Maps a visit as somebody else might; null when done, else the mapping in its way.</summary>
    public VisitMapping? Map(VisitMapping mapping) => _mappings.Add(mapping);

    /// <summary>Maps an adjustment as somebody else might; null when done, else the mapping in its way.</summary>
    public AdjustmentMapping? Map(AdjustmentMapping mapping) => _adjustmentMappings.Add(mapping);

    /// <summary>Creates and maps an adjustment as somebody else might.</summary>
    public AdjustmentMapping CreateAndMap(NomisAdjustment adjustment) => _adjustmentChanges.Link(adjustment, "NOMIS_CREATED");

    /// <summary>Maps a transaction as somebody else might; null when done, else the mapping in its way.</summary>
    public TransactionMapping? Map(TransactionMapping mapping) => _transactionMappings.Add(mapping);

    public Listed<long> Duplicates() => DuplicatesAmong(_visits.NomisIds(), Listed.Limit);

    /// <param name="limit">How many of a list are named.</param>
    public Reconciliation Reconcile(int limit = Listed.Limit)
    {
        var records = _visits.NomisIds();
        var mappedRecords = _mappings.MappedRecords();
        var unmapped = Enumerable.Range(0, records.Length).Where(number => !mappedRecords.Contains(number)).ToList();
        var missing = Enumerable.Range(1, Nomis.Count).Select(id => (long)id).Where(id => !_mappings.Knows(id) && !_visits.IsRefused(id)).ToList();
        var lost = missing.Where(id => Nomis.Find(id) is { } visit && Nomis.FateOf(visit) == VisitFate.Migrated).ToList();
        return new Reconciliation(
            Nomis.Count, records.Length, _mappings.Count, _visits.RefusedCount, DuplicatesAmong(records, limit),
            Listed.Of(unmapped.Select(References.Of), limit), Listed.Of(missing, limit), Listed.Of(lost, limit));
    }

    public IReadOnlyList<RequestCount> Requests() =>
        [.. Operations.SelectMany(operation => operation.Counts.Select(count => new RequestCount(operation.Upstream, operation.Name, count.Status, count.Count)))];

    /// <summary>How often an operation was called, whatever the end.</summary>
    public long RequestsOf(string operation) => Operations.Where(o => o.Name == operation).Sum(o => o.Counts.Sum(count => count.Count));

    public InvalidRequests Invalid() => new(Interlocked.Read(ref _invalidCount), [.. _invalid]);

    /// <summary>Tokens issued so far are good no longer.</summary>
    public void RevokeTokens() => Tokens.RevokeAll();

    /// <summary>Forgets what was created, mapped, told, counted and changed. Faults and tokens stay.</summary>
    public void Reset()
    {
        _visits.Clear();
        _mappings.Clear();
        _adjustments.Clear();
        _adjustmentMappings.Clear();
        _transactions.Clear();
        _transactionMappings.Clear();
        _told.Clear();
        Events.Clear();
        Nomis.Restore();
        Prisoners.Restore();
        Adjustments.Restore();
        Transactions.Restore();
        if (Options.Synchronised)
            _seeding.Run();
        _invalid.Clear();
        Interlocked.Exchange(ref _invalidCount, 0);
        foreach (var operation in Operations)
            operation.ResetCounts();
    }

    internal void CountInvalid(Operation operation, string error)
    {
        Interlocked.Increment(ref _invalidCount);
        if (_invalid.Count < ListLimit)
            _invalid.Enqueue($"{operation.Upstream} {operation.Name}: {error}");
    }

    private static Operation Ping(string upstream) => new(
        upstream, Simulator.Operations.Ping, "GET", "/health/ping", contract: null, role: null, static _ => Reply.Json(200, new { status = "UP" }));

    private Listed<long> DuplicatesAmong(int[] records, int limit)
    {
        var counts = new int[Nomis.Count + 1];
        foreach (var id in records.Where(id => id > 0))
            counts[id]++;
        return Listed.Of(Enumerable.Range(1, Nomis.Count).Where(id => counts[id] > 1).Select(id => (long)id), limit);
    }
}
