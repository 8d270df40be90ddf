using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;

namespace Migration.Simulator.Finance;

/// <summary>
/// The DPS prisoner finance API. A row is known by its transaction and entry and posted once; a request is not known by its id.
/// </summary>
internal sealed class FinanceService(TransactionStore store)
{
    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("prisoner-finance");
        yield return new Operation(
            Upstream.Finance, Simulator.Operations.SyncTransaction, "POST", "/sync/offender-transactions", contract.Operation("POST", "/sync/offender-transactions"),
            TokenIssuer.FinanceRole, Sync)
        {
            NomisIdOf = call => call.Json is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("transactionId"u8, out var id) && id.TryGetInt64(out var number) ? number : null,
        };
    }

    private Reply Sync(Call call)
    {
        var body = call.Json!.Value; // the contract has seen that there is one
        var rows = body.GetProperty("offenderTransactions"u8).EnumerateArray().ToList();
        if (rows.Count == 0)
            return Reply.Error(400, "offenderTransactions must not be empty");
        if (rows.SelectMany(AmountsOf).Any(amount => amount.Scale > 2 && decimal.Round(amount, 2) != amount))
            return Reply.Error(400, "numeric value out of bounds (<19 digits>.<2 digits> expected)");

        var requestId = body.GetProperty("requestId"u8).GetGuid();
        var (receipt, ends) = store.Post(body.GetProperty("transactionId"u8).GetInt64(), requestId, [.. rows.Select(Read)]);
        if (receipt is not { } id)
            return Reply.Error(400, "No transaction can be posted");
        var (status, action) = ends.Contains(RowEnd.Failed) ? (422, "PROCESSED_WITH_ERRORS") : ends.Contains(RowEnd.Posted) ? (201, "CREATED") : (200, "PROCESSED");
        return Reply.Json(status, new { requestId, synchronizedTransactionId = id, action });
    }

    private static IEnumerable<decimal> AmountsOf(JsonElement row) =>
        row.GetProperty("generalLedgerEntries"u8).EnumerateArray().Select(entry => entry.GetProperty("amount"u8).GetDecimal()).Append(row.GetProperty("amount"u8).GetDecimal());

    private static (DpsTransactionRow Row, string Type) Read(JsonElement row) => (
        new DpsTransactionRow(
            row.GetProperty("entrySequence"u8).GetInt32(), row.GetProperty("amount"u8).GetDecimal(), row.GetProperty("generalLedgerEntries"u8).GetArrayLength(), IsLedgerMadeUp: false),
        row.GetProperty("type"u8).GetString() ?? "");
}
