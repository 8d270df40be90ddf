using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Migration.Simulator.Nomis;

/// <summary>
/// Finance transactions of NOMIS, made up when they are asked for. Of a transaction that an event told of, two numbers are remembered: how
/// many rows are committed, and how often it was changed.
/// </summary>
public sealed class NomisTransactions(EstateOptions options, Prisoners prisoners)
{
    /// <summary>The last three are those that DPS treats in ways of their own; a clean estate has none of them.</summary>
    private static readonly string[] Types = ["SPEN", "A_EARN", "CANT", "ADV", "PHONE", "TELE", "OT", "ATOF", "TIR"];

    private static readonly string[] SubAccounts = ["REG", "SAV", "SPND", "REL"];

    private static readonly int[] Accounts = [2101, 2102, 2103, 1021];

    private readonly ConcurrentDictionary<long, State> _changed = new();
    private long _begun;

    /// <summary>How many there were at the start; ids are 1 to this, new ones follow.</summary>
    public int Count => options.Transactions;

    /// <summary>Id of the newest.</summary>
    public long Last => Count + Interlocked.Read(ref _begun);

    /// <summary>Ids of those that were begun or changed.</summary>
    public IEnumerable<long> Changed => _changed.Keys.Order();

    /// <summary>Entries of a transaction, with the last of its rows committed; 0 when there is none of that id.</summary>
    public int EntriesOf(long id)
    {
        if (id < 1 || id > Last)
            return 0;
        var kind = Fraction(id, Salt.Kind);
        return kind switch
        {
            < 0.80 => 1,
            < 0.90 => 2,
            < 0.99 => 3 + Below(20, id, Salt.Entries),
            _ => Math.Max(1, options.LargestTransaction - Below(1 + (options.LargestTransaction / 4), id, Salt.Entries)),
        };
    }

    /// <summary>Whether it belongs to the prison alone: no prisoner has a row of it.</summary>
    public bool IsOfPrisonAlone(long id) => Fraction(id, Salt.PrisonAlone) < 0.05;

    /// <summary>General-ledger rows of one entry, when they are all committed.</summary>
    public int LedgerRowsOf(long id, int entry) => Fraction(id, Salt.Ledgerless + (entry * Salt.Step)) < (options.Clean ? 0 : 0.02) && !IsOfPrisonAlone(id) ? 0 : 2;

    /// <summary>All rows that there will be, in the order of their commits; the prisoner's row of an entry has the ledger entry 0.</summary>
    public IEnumerable<(int Entry, int LedgerEntry)> RowsInOrder(long id)
    {
        for (var entry = 1; entry <= EntriesOf(id); entry++)
        {
            for (var ledgerEntry = IsOfPrisonAlone(id) ? 1 : 0; ledgerEntry <= LedgerRowsOf(id, entry); ledgerEntry++)
                yield return (entry, ledgerEntry);
        }
    }

    /// <summary>Whose account an entry is on. The booking is null for a few.</summary>
    public (long OffenderId, string OffenderNo, long? BookingId) AccountOf(long id, int entry)
    {
        var offenderId = 1 + Below(options.Prisoners, id, Salt.Offender + (entry * Salt.Step));
        var bookings = prisoners.BookingsOf(offenderId);
        return (offenderId, Prisoners.NumberOf(offenderId), bookings is [var newest, ..] && Fraction(id, Salt.Bookingless) >= 0.02 ? newest : null);
    }

    /// <summary>Begins a transaction, with no row committed yet.</summary>
    /// <returns>Its id.</returns>
    public long Begin()
    {
        var id = Count + Interlocked.Increment(ref _begun);
        _changed[id] = new State(0, 0);
        return id;
    }

    /// <summary>Commits the next rows. Entry by entry: first the prisoner's row, then its general-ledger rows.</summary>
    public void Commit(long id, int rows) => _changed.AddOrUpdate(id, _ => throw new ArgumentOutOfRangeException(nameof(id), id, "It was not begun."), (_, state) => state with { Rows = state.Rows + rows });

    /// <summary>Changes a transaction, as a user of NOMIS would who corrects it.</summary>
    public void Touch(long id) => _changed.AddOrUpdate(id, _ => new State(int.MaxValue, 1), (_, state) => state with { Changes = state.Changes + 1 });

    /// <summary>The prisoners' rows that are committed, in no order; empty for a transaction that has none.</summary>
    public IReadOnlyList<NomisTransactionRow> Rows(long id)
    {
        if (IsOfPrisonAlone(id))
            return [];
        var rows = new List<NomisTransactionRow>();
        foreach (var (entry, ledgerRows) in Committed(id))
            rows.Add(Draw(id, entry, ledgerRows));
        return [.. rows.OrderBy(row => Random64.Bits(options.Seed, id, Salt.Order + (row.Entry * Salt.Step)))];
    }

    /// <summary>The general-ledger rows that are committed.</summary>
    public IReadOnlyList<NomisLedgerRow> Ledger(long id) =>
        [.. Committed(id).SelectMany(entry => DrawLedger(id, entry.Entry, entry.LedgerRows)).OrderBy(row => Random64.Bits(options.Seed, id, Salt.Order + (row.Entry * Salt.Step)))];

    public void Restore()
    {
        _changed.Clear();
        Interlocked.Exchange(ref _begun, 0);
    }

    /// <summary>Entries that show something, with the number of their general-ledger rows.</summary>
    private IEnumerable<(int Entry, int LedgerRows)> Committed(long id)
    {
        var left = _changed.TryGetValue(id, out var state) ? state.Rows : int.MaxValue;
        var own = IsOfPrisonAlone(id) ? 0 : 1;
        for (var entry = 1; entry <= EntriesOf(id) && left > 0; entry++)
        {
            left -= own;
            var ledgerRows = Math.Clamp(left, 0, LedgerRowsOf(id, entry));
            left -= ledgerRows;
            yield return (entry, ledgerRows);
        }
    }

    private NomisTransactionRow Draw(long id, int entry, int ledgerRows)
    {
        var (offenderId, offenderNo, bookingId) = AccountOf(id, entry);
        var changes = _changed.TryGetValue(id, out var state) ? state.Changes : 0;
        var created = CreatedAt(id);
        return new NomisTransactionRow
        {
            TransactionId = id,
            Entry = entry,
            OffenderId = offenderId,
            OffenderNo = offenderNo,
            BookingId = bookingId,
            Caseload = CaseloadOf(id),
            Amount = AmountOf(id, entry),
            Type = TypeOf(id),
            IsCredit = IsCredit(id, entry),
            SubAccount = SubAccounts[(entry + (int)(id % SubAccounts.Length)) % SubAccounts.Length],
            Reference = Fraction(id, Salt.Reference) < 0.5 ? $"REF{id}" : null,
            Created = created,
            CreatedBy = "OMS_OWNER",
            Modified = changes > 0 ? created.AddMinutes(changes) : null,
            ModifiedBy = changes > 0 ? "XQB12T_GEN" : null,
            Ledger = [.. DrawLedger(id, entry, ledgerRows)],
        };
    }

    private IEnumerable<NomisLedgerRow> DrawLedger(long id, int entry, int count) => Enumerable.Range(1, count).Select(number => new NomisLedgerRow(
        id, entry, number, CaseloadOf(id), AmountOf(id, entry), TypeOf(id), (number == 1) != IsCredit(id, entry),
        Accounts[(number + entry) % Accounts.Length], CreatedAt(id).AddSeconds(3)));

    internal string CaseloadOf(long id) => Rooms.Prisons[Below(Rooms.Prisons.Count, id, Salt.Caseload)];

    private string TypeOf(long id) => Types[Below(options.Clean ? Types.Length - 3 : Types.Length, id, Salt.Type)];

    private bool IsCredit(long id, int entry) => (entry + Below(2, id, Salt.Posting)) % 2 == 0;

    private decimal AmountOf(long id, int entry) => (1 + Below(20_000, id, Salt.Amount + (entry * Salt.Step))) / 100m;

    private DateTime CreatedAt(long id) => options.Today.ToDateTime(new TimeOnly(6, 0)).AddSeconds(id - Count);

    private double Fraction(long id, int salt) => Random64.Fraction(options.Seed, id, salt);

    private int Below(int limit, long id, int salt) => Random64.Below(limit, options.Seed, id, salt);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct State(int Rows, int Changes);

    private static class Salt
    {
        public const int Kind = 301;
        public const int Entries = 302;
        public const int PrisonAlone = 303;
        public const int Caseload = 304;
        public const int Type = 305;
        public const int Posting = 306;
        public const int Reference = 307;
        public const int Bookingless = 308;

        /// <summary>Between the entries of a transaction.</summary>
        public const int Step = 1000;

        public const int Ledgerless = 311;
        public const int Order = 312;
        public const int Offender = 313;
        public const int Amount = 314;
    }
}
