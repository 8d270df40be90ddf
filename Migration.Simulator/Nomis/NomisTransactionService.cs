using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;

namespace Migration.Simulator.Nomis;

/// <summary>Finance transactions of the NOMIS prisoner API. An unknown transaction is an empty list, as there.</summary>
internal sealed class NomisTransactionService(NomisTransactions transactions)
{
    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("nomis-prisoner-api");
        yield return Get(Simulator.Operations.GetTransaction, "/transactions/{transactionId}", id => Reply.Json(200, transactions.Rows(id), WriteRows));
        yield return Get(Simulator.Operations.GetGeneralLedger, "/transactions/{transactionId}/general-ledger", id => Reply.Json(200, transactions.Ledger(id), WriteLedger));

        Operation Get(string name, string path, Func<long, Reply> handle) =>
            new(Upstream.Nomis, name, "GET", path, contract.Operation("GET", path), TokenIssuer.NomisRole, call => handle(IdOf(call) ?? 0)) { NomisIdOf = IdOf };
    }

    private static long? IdOf(Call call) => long.TryParse(call.PathValues[0], CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void WriteRows(Utf8JsonWriter json, IReadOnlyList<NomisTransactionRow> rows)
    {
        json.WriteStartArray();
        foreach (var row in rows)
            Write(json, row);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, NomisTransactionRow row)
    {
        json.WriteStartObject();
        json.WriteNumber("transactionId"u8, row.TransactionId);
        json.WriteNumber("transactionEntrySequence"u8, row.Entry);
        json.WriteNumber("offenderId"u8, row.OffenderId);
        json.WriteString("offenderNo"u8, row.OffenderNo);
        if (row.BookingId is { } bookingId)
            json.WriteNumber("bookingId"u8, bookingId);
        json.WriteString("caseloadId"u8, row.Caseload);
        json.WriteNumber("amount"u8, row.Amount);
        json.WriteString("type"u8, row.Type);
        json.WriteString("postingType"u8, Posting(row.IsCredit));
        json.WriteString("description"u8, row.Reference is null ? "" : "Entry of the day");
        json.WriteString("entryDate"u8, row.Created.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (row.Reference is not null)
            json.WriteString("reference"u8, row.Reference);
        json.WriteString("subAccountType"u8, row.SubAccount);
        json.WriteString("createdAt"u8, Time(row.Created));
        json.WriteString("createdBy"u8, row.CreatedBy);
        json.WriteString("createdByDisplayName"u8, "OMS Owner");
        if (row.Modified is { } modified)
        {
            json.WriteString("lastModifiedAt"u8, Time(modified));
            json.WriteString("lastModifiedBy"u8, row.ModifiedBy);
        }

        // There also when nobody has changed the row.
        json.WriteString("lastModifiedByDisplayName"u8, "Unknown");
        json.WritePropertyName("generalLedgerTransactions"u8);
        WriteLedger(json, row.Ledger);
        json.WriteEndObject();
    }

    private static void WriteLedger(Utf8JsonWriter json, IReadOnlyList<NomisLedgerRow> rows)
    {
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteNumber("transactionId"u8, row.TransactionId);
            json.WriteNumber("transactionEntrySequence"u8, row.Entry);
            json.WriteNumber("generalLedgerEntrySequence"u8, row.LedgerEntry);
            json.WriteString("caseloadId"u8, row.Caseload);
            json.WriteNumber("amount"u8, row.Amount);
            json.WriteString("type"u8, row.Type);
            json.WriteString("postingType"u8, Posting(row.IsCredit));
            json.WriteNumber("accountCode"u8, row.AccountCode);
            json.WriteString("description"u8, "Posting of the day");
            json.WriteString("transactionTimestamp"u8, Time(row.Timestamp));
            json.WriteString("createdAt"u8, Time(row.Timestamp));
            json.WriteString("createdBy"u8, "OMS_OWNER");
            json.WriteString("createdByDisplayName"u8, "OMS Owner");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Posting(bool isCredit) => isCredit ? "CR" : "DR";

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
}
