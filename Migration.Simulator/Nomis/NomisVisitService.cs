using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;

namespace Migration.Simulator.Nomis;

/// <summary>Visits of the NOMIS prisoner API.</summary>
internal sealed class NomisVisitService(NomisVisits visits, DateOnly today)
{
    private const int DefaultPageSize = 10;

    /// <summary>The real service caps pages likewise.</summary>
    private const int LargestPage = 100_000;

    private readonly VisitLists _lists = new(visits);

    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("nomis-prisoner-api");
        yield return Get(Simulator.Operations.GetVisitIds, "/visits/ids", GetVisitIds);
        yield return Get(Simulator.Operations.GetRoomUsage, "/visits/rooms/usage-count", GetRoomUsage);
        yield return Get(Simulator.Operations.GetVisit, "/visits/{visitId}", GetVisit, call => NumberOf(call.PathValues[0]));

        Operation Get(string name, string path, Func<Call, Reply> handle, Func<Call, long?>? nomisIdOf = null) =>
            new(Upstream.Nomis, name, "GET", path, contract.Operation("GET", path), TokenIssuer.NomisRole, handle) { NomisIdOf = nomisIdOf };
    }

    private static long? NumberOf(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static VisitFilter FilterOf(IQueryCollection query) => new(
        [.. query["prisonIds"].OfType<string>()], [.. query["visitTypes"].OfType<string>()], Time(query, "fromDateTime"), Time(query, "toDateTime"));

    private static DateTime? Time(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var text) ? LocalDateTimes.Parse(text.ToString()) : null;

    private static int Number(IQueryCollection query, string name, int fallback) =>
        query.TryGetValue(name, out var text) ? (int)Math.Min(long.Parse(text.ToString(), CultureInfo.InvariantCulture), int.MaxValue) : fallback;

    private Reply GetVisitIds(Call call)
    {
        var number = Number(call.Query, "page", 0);
        var size = Math.Min(Number(call.Query, "size", DefaultPageSize), LargestPage);
        var (total, ids) = _lists.Page(FilterOf(call.Query), number, size);
        return Reply.Json(200, (number, size, total, ids), static (json, page) => WritePage(json, page.number, page.size, page.total, page.ids));
    }

    /// <summary>A page as Spring writes it.</summary>
    private static void WritePage(Utf8JsonWriter json, int number, int size, int total, IEnumerable<long> ids)
    {
        var pages = (total + size - 1) / size;
        var found = 0;
        json.WriteStartObject();
        json.WriteStartArray("content"u8);
        foreach (var id in ids)
        {
            json.WriteStartObject();
            json.WriteNumber("visitId"u8, id);
            json.WriteEndObject();
            found++;
        }

        json.WriteEndArray();
        json.WriteStartObject("pageable"u8);
        WriteSort(json);
        json.WriteNumber("offset"u8, (long)number * size);
        json.WriteNumber("pageSize"u8, size);
        json.WriteNumber("pageNumber"u8, number);
        json.WriteBoolean("paged"u8, true);
        json.WriteBoolean("unpaged"u8, false);
        json.WriteEndObject();
        json.WriteBoolean("last"u8, number >= pages - 1);
        json.WriteNumber("totalPages"u8, pages);
        json.WriteNumber("totalElements"u8, total);
        json.WriteNumber("size"u8, size);
        json.WriteNumber("number"u8, number);
        WriteSort(json);
        json.WriteBoolean("first"u8, number == 0);
        json.WriteNumber("numberOfElements"u8, found);
        json.WriteBoolean("empty"u8, found == 0);
        json.WriteEndObject();
    }

    private static void WriteSort(Utf8JsonWriter json)
    {
        json.WriteStartObject("sort"u8);
        json.WriteBoolean("empty"u8, false);
        json.WriteBoolean("sorted"u8, true);
        json.WriteBoolean("unsorted"u8, false);
        json.WriteEndObject();
    }

    private Reply GetVisit(Call call) =>
        visits.Find(long.Parse(call.PathValues[0], CultureInfo.InvariantCulture)) is { } visit
            ? Reply.Json(200, visit, VisitJson.Write)
            : Reply.Error(404, $"Nomis visit with id {call.PathValues[0]} not found");

    private Reply GetRoomUsage(Call call) => Reply.Json(200, _lists.RoomUsage(FilterOf(call.Query), today), static (json, rooms) =>
    {
        json.WriteStartArray();
        foreach (var (room, count) in rooms)
        {
            json.WriteStartObject();
            json.WriteString("agencyInternalLocationDescription"u8, room.Description);
            json.WriteNumber("count"u8, count);
            json.WriteString("prisonId"u8, room.PrisonId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
