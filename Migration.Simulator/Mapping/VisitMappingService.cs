using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Mapping;

/// <summary>The mappings of visits and rooms.</summary>
internal sealed class VisitMappingService(MappingStore store, NomisVisits source)
{
    private readonly Dictionary<(string Prison, string Description), Room> _rooms =
        source.RoomsByPrison.SelectMany(rooms => rooms).Where(room => room.VsipId is not null).ToDictionary(room => (room.PrisonId, room.Description));

    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("nomis-mapping-service");
        yield return New(Simulator.Operations.FindVisitMapping, "GET", "/mapping/visits/nomisId/{nomisId}", Find, call => NumberOf(call.PathValues[0]));
        yield return New(Simulator.Operations.CreateVisitMapping, "POST", "/mapping/visits", Create, PostedNomisId);
        yield return New(Simulator.Operations.CountVisitMappings, "GET", "/mapping/visits/migration-id/{migrationId}", call => MappingJson.Total(store.CountOf(call.PathValues[0])));
        yield return New(Simulator.Operations.FindRoomMapping, "GET", "/prison/{prisonId}/room/nomis-room-id/{nomisRoomDescription}", FindRoom);

        Operation New(string name, string method, string path, Func<Call, Reply> handle, Func<Call, long?>? nomisIdOf = null) =>
            new(Upstream.Mapping, name, method, path, contract.Operation(method, path), TokenIssuer.MappingRole, handle) { NomisIdOf = nomisIdOf };
    }

    private static long? NumberOf(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static long? PostedNomisId(Call call) =>
        call.Json is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("nomisId"u8, out var id) && id.TryGetInt64(out var number) ? number : null;

    private Reply Find(Call call) =>
        store.Find(long.Parse(call.PathValues[0], CultureInfo.InvariantCulture)) is { } mapping
            ? Reply.Json(200, mapping, Write)
            : Reply.Error(404, $"NOMIS visit id={call.PathValues[0]}");

    private Reply Create(Call call)
    {
        var body = call.Json!.Value; // the contract has seen that there is one
        var mapping = new VisitMapping(
            body.GetProperty("nomisId"u8).GetInt64(),
            body.GetProperty("vsipId"u8).GetString() ?? "",
            MappingJson.Text(body, "label"u8),
            body.GetProperty("mappingType"u8).GetString() ?? "",
            MappingJson.Now);
        return store.Add(mapping) is { } existing ? MappingJson.Conflict(existing, mapping, Write) : Reply.Empty(201);
    }

    private Reply FindRoom(Call call) =>
        _rooms.TryGetValue((call.PathValues[0], call.PathValues[1]), out var room)
            ? Reply.Json(200, room, static (json, found) =>
            {
                json.WriteStartObject();
                json.WriteString("vsipId"u8, found.VsipId);
                json.WriteString("nomisRoomDescription"u8, found.Description);
                json.WriteString("prisonId"u8, found.PrisonId);
                json.WriteBoolean("isOpen"u8, found.IsOpen);
                json.WriteEndObject();
            })
            : Reply.Error(404, $"prison id={call.PathValues[0]}, nomis room id={call.PathValues[1]}");

    private static void Write(Utf8JsonWriter json, VisitMapping mapping)
    {
        json.WriteStartObject();
        json.WriteNumber("nomisId"u8, mapping.NomisId);
        json.WriteString("vsipId"u8, mapping.VsipId);
        if (mapping.Label is not null)
            json.WriteString("label"u8, mapping.Label);
        json.WriteString("mappingType"u8, mapping.MappingType);
        json.WriteString("whenCreated"u8, MappingJson.Time(mapping.WhenCreated));
        json.WriteEndObject();
    }
}
