using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Events;

/// <summary>What happens to finance transactions.</summary>
internal sealed class TransactionChanges(NomisTransactions transactions, PairStore<long, TransactionMapping> mappings)
{
    /// <summary>Rows of one commit of a large transaction.</summary>
    private const int CommitRows = 50;

    /// <summary>Enters a transaction, commit by commit; each commit tells of its rows.</summary>
    public IReadOnlyList<Change> Create(Dice dice, bool isFromDps, int commitIntervalMs)
    {
        var id = transactions.Begin();
        var module = isFromDps ? NomisEvents.DpsModule : dice.Is(0.9) ? "OTDSUBAT" : null;
        if (isFromDps)
        {
            var (_, offenderNo, bookingId) = transactions.AccountOf(id, 1);
            mappings.Add(new TransactionMapping(id, dice.Id().ToString(), bookingId, offenderNo, Label: null, "DPS_CREATED", MappingJson.Now));
        }

        // Now and then the ledger follows its prisoner's row in a commit of its own.
        var size = dice.Is(0.2) ? 1 : CommitRows;
        return
        [
            .. transactions.RowsInOrder(id).Chunk(size).Select((rows, number) => new Change(number * commitIntervalMs, rows.Length, () =>
            {
                transactions.Commit(id, rows.Length);
                return [.. rows.Select(row => Told(id, row.Entry, row.LedgerEntry, module, isInsert: true))];
            })),
        ];
    }

    /// <summary>Null when there is none.</summary>
    public IReadOnlyList<Change>? Update(Dice dice, bool isFromDps)
    {
        if (transactions.Last == 0)
            return null;
        var id = 1L + dice.Below((int)transactions.Last);
        transactions.Touch(id);
        var module = isFromDps ? NomisEvents.DpsModule : "OTDSUBAT";
        return Change.Made(transactions.RowsInOrder(id).Take(1).Select(row => Told(id, row.Entry, row.LedgerEntry, module, isInsert: false)).ToList());
    }

    private NomisEvent Told(long id, int entry, int ledgerEntry, string? module, bool isInsert)
    {
        var caseload = transactions.CaseloadOf(id);
        var (_, offenderNo, bookingId) = transactions.AccountOf(id, entry);
        if (ledgerEntry == 0)
            return NomisEvents.OffenderTransaction(id, entry, caseload, offenderNo, bookingId, module, isInsert);
        // The publisher leaves out what the row does not say.
        return transactions.IsOfPrisonAlone(id)
            ? NomisEvents.GeneralLedgerTransaction(id, entry, ledgerEntry: id % 4 == 0 ? null : ledgerEntry, caseload, offenderNo: null, bookingId: null, module, isInsert)
            : NomisEvents.GeneralLedgerTransaction(id, entry, ledgerEntry, caseload, offenderNo, bookingId, module, isInsert);
    }
}
