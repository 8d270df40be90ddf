using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Mapping;

/// <summary>The mappings of sentencing adjustments.</summary>
internal sealed class AdjustmentMappingService(PairStore<AdjustmentKey, AdjustmentMapping> store, Faults faults)
{
    private const string Root = "/mapping/sentencing/adjustments";

    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("nomis-mapping-service");
        yield return New(
            Simulator.Operations.FindAdjustmentMapping, "GET", Root + "/nomis-adjustment-category/{nomisAdjustmentCategory}/nomis-adjustment-id/{nomisAdjustmentId}",
            Find, call => long.TryParse(call.PathValues[1], CultureInfo.InvariantCulture, out var id) ? id : null);
        yield return New(Simulator.Operations.FindAdjustmentMappingByDpsId, "GET", Root + "/adjustment-id/{adjustmentId}", FindByDpsId);
        yield return New(Simulator.Operations.CreateAdjustmentMapping, "POST", Root, Create, PostedNomisId);
        yield return New(Simulator.Operations.DeleteAdjustmentMapping, "DELETE", Root + "/adjustment-id/{adjustmentId}", Delete);
        yield return New(Simulator.Operations.CountAdjustmentMappings, "GET", Root + "/migration-id/{migrationId}", call => MappingJson.Total(store.CountOf(call.PathValues[0])));

        Operation New(string name, string method, string path, Func<Call, Reply> handle, Func<Call, long?>? nomisIdOf = null) =>
            new(Upstream.Mapping, name, method, path, contract.Operation(method, path), TokenIssuer.MappingRole, handle) { NomisIdOf = nomisIdOf };
    }

    private static long? PostedNomisId(Call call) =>
        call.Json is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("nomisAdjustmentId"u8, out var id) && id.TryGetInt64(out var number) ? number : null;

    private Reply Find(Call call)
    {
        var key = new AdjustmentKey(AdjustmentKey.CategoryOf(call.PathValues[0]), long.Parse(call.PathValues[1], CultureInfo.InvariantCulture));
        return Found(store.Find(key));
    }

    private Reply FindByDpsId(Call call) => Found(store.FindByDpsId(call.PathValues[0]));

    private static Reply Found(AdjustmentMapping? mapping) => mapping is null ? Reply.Error(404, "No such mapping") : Reply.Json(200, mapping, Write);

    private Reply Create(Call call)
    {
        var body = call.Json!.Value; // the contract has seen that there is one
        var mapping = new AdjustmentMapping(
            new AdjustmentKey(AdjustmentKey.CategoryOf(body.GetProperty("nomisAdjustmentCategory"u8).GetString() ?? ""), body.GetProperty("nomisAdjustmentId"u8).GetInt64()),
            body.GetProperty("adjustmentId"u8).GetString() ?? "",
            MappingJson.Text(body, "label"u8),
            body.GetProperty("mappingType"u8).GetString() ?? "",
            MappingJson.Now);
        return store.Add(mapping) is { } existing
            ? MappingJson.Conflict(faults.IsConflictBlind() ? null : existing, mapping, Write)
            : Reply.Empty(201);
    }

    private Reply Delete(Call call)
    {
        store.Remove(call.PathValues[0]);
        return Reply.Empty(204);
    }

    private static void Write(Utf8JsonWriter json, AdjustmentMapping mapping)
    {
        json.WriteStartObject();
        json.WriteNumber("nomisAdjustmentId"u8, mapping.NomisKey.Id);
        json.WriteString("nomisAdjustmentCategory"u8, mapping.NomisKey.CategoryCode);
        json.WriteString("adjustmentId"u8, mapping.DpsId);
        if (mapping.Label is not null)
            json.WriteString("label"u8, mapping.Label);
        json.WriteString("mappingType"u8, mapping.MappingType);
        json.WriteString("whenCreated"u8, MappingJson.Time(mapping.WhenCreated));
        json.WriteEndObject();
    }
}
