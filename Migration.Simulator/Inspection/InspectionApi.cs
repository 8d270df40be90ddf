using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Migration.Simulator.Events;
using Migration.Simulator.Http;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Inspection;

/// <summary><c>/simulator/…</c>: what the estate holds, its fault knobs, and what happens in it. Needs no token.</summary>
internal sealed class InspectionApi(Estate estate)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public async Task Serve(HttpContext http)
    {
        var written = (http.Request.Method, http.Request.Path.Value) switch
        {
            ("GET", "/simulator/adjustments") => WriteLines(http, estate.AdjustmentReports.All()),
            ("GET", "/simulator/transactions") => WriteLines(http, estate.TransactionReports.All()),
            ("GET", "/simulator/cancellations") => WriteLines(http, estate.CancellationReports.All()),
            _ => Front.Write(http, await ReplyTo(http)),
        };
        await written;
    }

    private async Task<Reply> ReplyTo(HttpContext http) => (http.Request.Method, http.Request.Path.Value?.Split('/')[2..]) switch
    {
        ("GET", ["visits", "duplicates"]) => Reply.Json(200, estate.Duplicates()),
        ("GET", ["visits", var id]) when Number(id) is { } nomisId => Reply.Json(200, estate.Visit(nomisId)),
        ("GET", ["adjustments", ("SENTENCE" or "KEY-DATE") and var category, var id]) when Number(id) is { } nomisId =>
            Reply.Json(200, estate.Adjustment(new AdjustmentKey(AdjustmentKey.CategoryOf(category), nomisId))),
        ("GET", ["transactions", var id]) when Number(id) is { } nomisId => Reply.Json(200, estate.Transaction(nomisId)),
        ("GET", ["reconciliation", "visits"]) => Reply.Json(200, int.TryParse(http.Request.Query["limit"], out var limit) ? estate.Reconcile(limit) : estate.Reconcile()),
        ("GET", ["reconciliation", "adjustments"]) => Reply.Json(200, estate.ReconcileAdjustments()),
        ("GET", ["reconciliation", "transactions"]) => Reply.Json(200, estate.ReconcileTransactions()),
        ("GET", ["reconciliation", "cancellations"]) => Reply.Json(200, estate.ReconcileCancellations()),
        ("GET", ["requests"]) => Reply.Json(200, estate.Requests()),
        ("GET", ["invalid"]) => Reply.Json(200, estate.Invalid()),
        ("GET", ["faults"]) => Reply.Json(200, estate.Faults.Settings),
        ("PUT", ["faults"]) => await Do<Dictionary<string, UpstreamFaults>>(http, SetFaults),
        ("POST", ["events"]) => await Do<EventOrder>(http, async order => Reply.Json(200, await estate.Events.PublishAsync(order.Target, order.Request, http.RequestAborted))),
        ("GET", ["events", "sent"]) => Reply.Json(200, estate.Events.Sent()),
        ("POST", ["events", "replay"]) => await Do<ReplayOrder>(
            http, async order => Reply.Json(200, new { events = await estate.Events.ReplayAsync(order.Target, order.Share, order.Seed, http.RequestAborted) })),
        ("POST", ["reset"]) => Reset(),
        _ => Reply.Error(404, "There is no such page of the simulator"),
    };

    /// <summary>One JSON object a line, written as they are found.</summary>
    private static async Task WriteLines<T>(HttpContext http, IEnumerable<T> items)
    {
        http.Response.ContentType = "application/x-ndjson";
        foreach (var item in items)
        {
            await JsonSerializer.SerializeAsync(http.Response.Body, item, Json, http.RequestAborted);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), http.RequestAborted);
        }
    }

    private static async Task<Reply> Do<T>(HttpContext http, Func<T, Task<Reply>> action)
        where T : class
    {
        try
        {
            return await http.Request.ReadFromJsonAsync<T>(Json, http.RequestAborted) is { } order ? await action(order) : Reply.Error(400, "There is no body");
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException or InvalidOperationException)
        {
            return Reply.Error(400, wrong.Message);
        }
        catch (HttpRequestException unreachable)
        {
            return Reply.Error(502, unreachable.Message);
        }
    }

    private static long? Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private Task<Reply> SetFaults(Dictionary<string, UpstreamFaults> settings)
    {
        estate.Faults.Set(settings);
        return Task.FromResult(Reply.Json(200, estate.Faults.Settings));
    }

    private Reply Reset()
    {
        estate.Reset();
        return Reply.Empty(204);
    }

    /// <summary>Body of <c>POST /simulator/events</c>.</summary>
    private sealed record EventOrder(EventTarget Target, EventRequest Request);

    /// <summary>Body of <c>POST /simulator/events/replay</c>.</summary>
    private sealed record ReplayOrder(EventTarget Target, double Share = 1, int Seed = 1);
}
