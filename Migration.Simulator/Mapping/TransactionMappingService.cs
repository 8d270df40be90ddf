using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;

namespace Migration.Simulator.Mapping;

/// <summary>The mappings of finance transactions.</summary>
internal sealed class TransactionMappingService(PairStore<long, TransactionMapping> store, Faults faults)
{
    private const string Root = "/mapping/transactions";

    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("nomis-mapping-service");
        yield return New(
            Simulator.Operations.FindTransactionMapping, "GET", Root + "/nomis-transaction-id/{transactionId}",
            call => Found(store.Find(long.Parse(call.PathValues[0], CultureInfo.InvariantCulture))),
            call => long.TryParse(call.PathValues[0], CultureInfo.InvariantCulture, out var id) ? id : null);
        yield return New(
            Simulator.Operations.FindTransactionMappingByDpsId, "GET", Root + "/dps-transaction-id/{dpsTransactionId}", call => Found(store.FindByDpsId(call.PathValues[0])));
        yield return New(Simulator.Operations.CreateTransactionMapping, "POST", Root, Create, PostedNomisId);

        Operation New(string name, string method, string path, Func<Call, Reply> handle, Func<Call, long?>? nomisIdOf = null) =>
            new(Upstream.Mapping, name, method, path, contract.Operation(method, path), TokenIssuer.MappingRole, handle) { NomisIdOf = nomisIdOf };
    }

    private static long? PostedNomisId(Call call) =>
        call.Json is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("nomisTransactionId"u8, out var id) && id.TryGetInt64(out var number) ? number : null;

    private static Reply Found(TransactionMapping? mapping) => mapping is null ? Reply.Error(404, "No such mapping") : Reply.Json(200, mapping, Write);

    private Reply Create(Call call)
    {
        var body = call.Json!.Value; // the contract has seen that there is one
        var mapping = new TransactionMapping(
            body.GetProperty("nomisTransactionId"u8).GetInt64(),
            body.GetProperty("dpsTransactionId"u8).GetString() ?? "",
            body.GetProperty("nomisBookingId"u8) is { ValueKind: JsonValueKind.Number } booking ? booking.GetInt64() : null,
            MappingJson.Text(body, "offenderNo"u8),
            MappingJson.Text(body, "label"u8),
            body.GetProperty("mappingType"u8).GetString() ?? "",
            MappingJson.Now);
        return store.Add(mapping) is { } existing
            ? MappingJson.Conflict(faults.IsConflictBlind() ? null : existing, mapping, Write)
            : Reply.Empty(201);
    }

    private static void Write(Utf8JsonWriter json, TransactionMapping mapping)
    {
        json.WriteStartObject();
        json.WriteString("dpsTransactionId"u8, mapping.DpsId);
        json.WriteNumber("nomisTransactionId"u8, mapping.NomisKey);
        if (mapping.BookingId is { } booking)
            json.WriteNumber("nomisBookingId"u8, booking);
        else
            json.WriteNull("nomisBookingId"u8);
        if (mapping.OffenderNo is not null)
            json.WriteString("offenderNo"u8, mapping.OffenderNo);
        if (mapping.Label is not null)
            json.WriteString("label"u8, mapping.Label);
        json.WriteString("mappingType"u8, mapping.MappingType);
        json.WriteString("whenCreated"u8, MappingJson.Time(mapping.WhenCreated));
        json.WriteEndObject();
    }
}
