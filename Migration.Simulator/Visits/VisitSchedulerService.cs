using System.Text.Json;
using Migration.Simulator.Auth;
using Migration.Simulator.Contracts;
using Migration.Simulator.Http;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Visits;

/// <summary>The DPS visit scheduler, without its session templates: any visit that is otherwise valid finds a place.</summary>
internal sealed class VisitSchedulerService(VisitStore store, NomisVisits source, DateOnly today)
{
    private const int MonthsAhead = 6;

    public IEnumerable<Operation> Operations()
    {
        var contract = ApiContract.Load("visit-scheduler");
        yield return new Operation(
            Upstream.Visits, Simulator.Operations.MigrateVisit, "POST", "/migrate-visits", contract.Operation("POST", "/migrate-visits"), TokenIssuer.VisitsRole, MigrateVisit)
        {
            NomisIdOf = call => call.Json is { } body ? NomisIdOf(body) : null,
        };
        yield return new Operation(
            Upstream.Visits, Simulator.Operations.CancelVisit, "PUT", "/migrate-visits/{visitReference}/cancel",
            contract.Operation("PUT", "/migrate-visits/{visitReference}/cancel"), TokenIssuer.VisitsRole, CancelVisit)
        {
            NomisIdOf = call => store.Find(call.PathValues[0])?.NomisId,
        };
    }

    private static string Text(JsonElement body, ReadOnlySpan<byte> name) => body.GetProperty(name).GetString() ?? "";

    private static DateTime Time(JsonElement body, ReadOnlySpan<byte> name) => body.GetProperty(name).GetDateTime();

    private long? NomisIdOf(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object
        && body.TryGetProperty("prisonerId"u8, out var prisoner) && prisoner.ValueKind == JsonValueKind.String
        && body.TryGetProperty("createDateTime"u8, out var created) && created.ValueKind == JsonValueKind.String && created.TryGetDateTime(out var time)
            ? source.IdOf(prisoner.GetString() ?? "", time)
            : null;

    private Reply MigrateVisit(Call call)
    {
        var body = call.Json!.Value; // the contract has seen that there is one
        var nomisId = NomisIdOf(body);
        if (RefusalOf(body) is { } refusal)
        {
            store.Refuse(nomisId);
            return refusal;
        }

        var reference = store.Add(new VisitStore.NewVisit(
            nomisId,
            Text(body, "prisonerId"u8),
            Text(body, "prisonId"u8),
            Text(body, "visitRoom"u8),
            Time(body, "startTimestamp"u8),
            Time(body, "endTimestamp"u8),
            Text(body, "visitStatus"u8),
            body.TryGetProperty("outcomeStatus"u8, out var outcome) ? outcome.GetString() ?? "" : "NOT_RECORDED",
            Text(body, "visitRestriction"u8),
            body.GetProperty("visitors"u8).GetArrayLength(),
            body.GetProperty("visitNotes"u8).GetArrayLength()));
        return Reply.BareText(201, reference);
    }

    private Reply CancelVisit(Call call)
    {
        var outcome = call.Json!.Value.GetProperty("cancelOutcome"u8).GetProperty("outcomeStatus"u8).GetString() ?? ""; // the contract has seen that there is one
        return store.Cancel(call.PathValues[0], outcome)
            ? Reply.Json(200, new { reference = call.PathValues[0], visitStatus = "CANCELLED", outcomeStatus = outcome })
            : Reply.Error(404, $"Booked visit {call.PathValues[0]} not found");
    }

    private Reply? RefusalOf(JsonElement body)
    {
        foreach (var name in (ReadOnlySpan<string>)["prisonerId", "prisonId", "visitRoom"])
        {
            if (string.IsNullOrWhiteSpace(body.GetProperty(name).GetString()))
                return Reply.Error(400, $"{name} must not be blank");
        }

        if (Text(body, "visitType"u8) != "SOCIAL")
            return Reply.Error(400, "visitType is not one of SOCIAL");
        return DateOnly.FromDateTime(Time(body, "startTimestamp"u8)) > today.AddMonths(MonthsAhead)
            ? Reply.Error(422, "Visit is too far in the future")
            : null;
    }
}
