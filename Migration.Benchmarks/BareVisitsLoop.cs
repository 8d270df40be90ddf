using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.Visits;

namespace Migration.Benchmarks;

/// <summary>What the service does for a visit, without anything that makes it safe: the yardstick.</summary>
sealed class BareVisitsLoop(Uri estate)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    readonly LocalTime _localTime = new(TimeProvider.System);

    /// <summary>Visits a second.</summary>
    public async Task<double> RunAsync(int visits, int parallelism, CancellationToken cancellationToken)
    {
        using var nomis = await ClientAsync("nomis", "nomis-prisoner-api", cancellationToken);
        using var mapping = await ClientAsync("mapping", "nomis-mapping-api", cancellationToken);
        using var scheduler = await ClientAsync("visits", "visits", cancellationToken);
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(1, visits), new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken },
            async (id, ct) => await MigrateAsync(id, nomis, mapping, scheduler, ct));
        return visits / watch.Elapsed.TotalSeconds;
    }

    async Task MigrateAsync(long id, HttpClient nomis, HttpClient mapping, HttpClient scheduler, CancellationToken cancellationToken)
    {
        var key = id.ToString(CultureInfo.InvariantCulture);
        using var found = await mapping.GetAsync("mapping/visits/nomisId/" + key, cancellationToken);
        if (found.StatusCode != HttpStatusCode.NotFound)
            return;
        var visit = (await nomis.GetFromJsonAsync<Visit>("visits/" + key, Json, cancellationToken))!; // the estate has every id
        Migration.Clients.VisitScheduler.MigrateVisit body;
        try
        {
            body = VisitTranslation.Translate(visit, new VisitRoom("ROOM", Migration.Clients.VisitScheduler.VisitRestriction.Open), _localTime.Today);
        }
        catch (UnknownCodeException)
        {
            return;
        }
        using var created = await scheduler.PostAsJsonAsync("migrate-visits", body, Json, cancellationToken);
        if (!created.IsSuccessStatusCode)
            return;
        var reference = await created.Content.ReadAsStringAsync(cancellationToken);
        using var mapped = await mapping.PostAsJsonAsync("mapping/visits",
            new VisitMapping { NomisId = id, VsipId = reference, Label = "bare", MappingType = VisitMappingType.Migrated }, Json, cancellationToken);
        mapped.EnsureSuccessStatusCode();
    }

    async Task<HttpClient> ClientAsync(string path, string client, CancellationToken cancellationToken)
    {
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { BaseAddress = new Uri(estate, path + "/") };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(estate, "auth/oauth/token")) { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{client}:{client}")));
        using var response = await http.SendAsync(request, cancellationToken);
        var token = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
        return http;
    }
}
