using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Http;

namespace Migration.Simulator.Inspection;

/// <summary><c>/simulator/…</c>: what the estate holds, and its fault knobs. Needs no token.</summary>
internal sealed class InspectionApi(Estate estate)
{
    public async Task Serve(HttpContext http) => await Front.Write(http, await ReplyTo(http));

    private async Task<Reply> ReplyTo(HttpContext http) => (http.Request.Method, http.Request.Path.Value) switch
    {
        ("GET", "/simulator/visits/duplicates") => Reply.Json(200, estate.Duplicates()),
        ("GET", "/simulator/reconciliation/visits") => Reply.Json(200, estate.Reconcile()),
        ("GET", "/simulator/requests") => Reply.Json(200, estate.Requests()),
        ("GET", "/simulator/invalid") => Reply.Json(200, estate.Invalid()),
        ("GET", "/simulator/faults") => Reply.Json(200, estate.Faults.Settings),
        ("PUT", "/simulator/faults") => await SetFaults(http),
        ("POST", "/simulator/reset") => Reset(),
        ("GET", { } path) when path.StartsWith("/simulator/visits/", StringComparison.Ordinal)
            && long.TryParse(path["/simulator/visits/".Length..], CultureInfo.InvariantCulture, out var nomisId) => Reply.Json(200, estate.Visit(nomisId)),
        _ => Reply.Error(404, "There is no such page of the simulator"),
    };

    private async Task<Reply> SetFaults(HttpContext http)
    {
        try
        {
            estate.Faults.Set(await http.Request.ReadFromJsonAsync<Dictionary<string, UpstreamFaults>>(http.RequestAborted) ?? []);
            return Reply.Json(200, estate.Faults.Settings);
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException or InvalidOperationException)
        {
            return Reply.Error(400, wrong.Message);
        }
    }

    private Reply Reset()
    {
        estate.Reset();
        return Reply.Empty(204);
    }
}
