using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Mapping;

/// <summary>The NOMIS mapping service.</summary>
internal sealed class MappingService(MappingStore store, NomisVisits source)
{
    private readonly Dictionary<(string Prison, string Description), Room> _rooms =
        source.RoomsByPrison.SelectMany(rooms => rooms).Where(room => room.VsipId is not null).ToDictionary(room => (room.PrisonId, room.Description));

    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("nomis-mapping-service");
        yield return New(Simulator.Operations.FindVisitMapping, "GET", "/mapping/visits/nomisId/{nomisId}", Find, call => NumberOf(call.PathValues[0]));
        yield return New(Simulator.Operations.CreateVisitMapping, "POST", "/mapping/visits", Create, PostedNomisId);
        yield return New(Simulator.Operations.CountVisitMappings, "GET", "/mapping/visits/migration-id/{migrationId}", CountOf);
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
        var now = DateTime.Now;
        var mapping = new VisitMapping(
            body.GetProperty("nomisId"u8).GetInt64(),
            body.GetProperty("vsipId"u8).GetString() ?? "",
            body.TryGetProperty("label"u8, out var label) ? label.GetString() : null,
            body.GetProperty("mappingType"u8).GetString() ?? "",
            now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)));
        return store.Add(mapping) is { } existing
            ? Reply.Json(409, (existing, mapping), static (json, both) => WriteDuplicate(json, both.existing, both.mapping))
            : Reply.Empty(201);
    }

    private Reply CountOf(Call call) => Reply.Json(200, store.CountOf(call.PathValues[0]), static (json, count) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("content"u8);
        json.WriteEndArray();
        json.WriteNumber("totalElements"u8, count);
        json.WriteEndObject();
    });

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
        json.WriteString("whenCreated"u8, mapping.WhenCreated.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void WriteDuplicate(Utf8JsonWriter json, VisitMapping existing, VisitMapping duplicate)
    {
        json.WriteStartObject();
        json.WriteStartObject("moreInfo"u8);
        json.WritePropertyName("existing"u8);
        Write(json, existing);
        json.WritePropertyName("duplicate"u8);
        Write(json, duplicate);
        json.WriteEndObject();
        json.WriteString("status"u8, "409 CONFLICT");
        json.WriteNumber("errorCode"u8, 1409);
        json.WriteString("userMessage"u8, "Conflict: Visit mapping already exists");
        json.WriteEndObject();
    }
}
