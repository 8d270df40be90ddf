namespace Migration.Simulator.Finance;

/// <summary>How DPS disposed of one row.</summary>
internal enum RowEnd
{
    Posted,

    /// <summary>Posted by an earlier request, and left as it is.</summary>
    PostedBefore,

    /// <summary>Of a type that needs general-ledger rows and has none.</summary>
    Dropped,

    /// <summary>Not posted this time.</summary>
    Failed,
}

/// <summary>The transactions of DPS, posted row by row.</summary>
internal sealed class TransactionStore(Faults faults)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, State> _transactions = [];

    /// <summary>Posts those rows that are not posted yet.</summary>
    /// <param name="rows">Each with its type, which decides what happens when it has no general-ledger rows.</param>
    /// <returns>Id of the receipt, null when no row can be posted; and how each row ended.</returns>
    public (Guid? Receipt, IReadOnlyList<RowEnd> Ends) Post(long transactionId, Guid requestId, IReadOnlyList<(DpsTransactionRow Row, string Type)> rows)
    {
        lock (_lock)
        {
            if (!_transactions.TryGetValue(transactionId, out var state))
                _transactions[transactionId] = state = new State();
            var ends = rows.Select(row => Post(state, row.Row, row.Type)).ToList();
            state.IsRefused = ends.TrueForAll(end => end == RowEnd.Dropped);
            if (state.IsRefused)
                return (null, ends);
            var receipt = Guid.NewGuid();
            state.Receipts.Add(receipt);
            state.RequestIds.Add(requestId);
            return (receipt, ends);
        }
    }

    public DpsTransaction? Find(long transactionId)
    {
        lock (_lock)
        {
            return _transactions.TryGetValue(transactionId, out var state)
                ? new DpsTransaction(transactionId, [.. state.Rows.Values], [.. state.Receipts], [.. state.RequestIds], state.IsRefused)
                : null;
        }
    }

    public IReadOnlyList<long> Ids()
    {
        lock (_lock)
        {
            return [.. _transactions.Keys];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _transactions.Clear();
        }
    }

    private RowEnd Post(State state, DpsTransactionRow row, string type)
    {
        if (state.Rows.ContainsKey(row.Entry))
            return RowEnd.PostedBefore;
        if (row.LedgerRows == 0 && type is ("OT" or "ATOF"))
            return RowEnd.Dropped;
        if (faults.IsRowFailing())
            return RowEnd.Failed;
        state.Rows.Add(row.Entry, row with { IsLedgerMadeUp = row.LedgerRows == 0 && type == "TIR" });
        return RowEnd.Posted;
    }

    private sealed class State
    {
        public SortedDictionary<int, DpsTransactionRow> Rows { get; } = [];

        public List<Guid> Receipts { get; } = [];

        public List<Guid> RequestIds { get; } = [];

        public bool IsRefused { get; set; }
    }
}
