using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Migration.Local.Parts;
using Migration.Local.Runs;

namespace Migration.Local;

/// <summary>What an operator does over REST, and what the simulated estate says of itself.</summary>
sealed class Operator(LocalAddresses addresses) : IDisposable
{
    const int PageSize = 1000;
    static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(120) };
    (string Token, DateTimeOffset Until)? _token;

    public async Task<StartedRun> StartAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(addresses.Pods[0], "migrate/visits"))
        {
            Content = new StringContent("""{"visitTypes":[]}""", Encoding.UTF8, "application/json"),
        };
        return await SendAsync<StartedRun>(request, cancellationToken);
    }

    public Task<RunProgress> ReadProgressAsync(string migrationId, CancellationToken cancellationToken) =>
        AskAsync<RunProgress>($"migrate/history/{migrationId}/progress", cancellationToken);

    public Task<EstateReconciliation> ReconcileAsync(CancellationToken cancellationToken) => GetAsync<EstateReconciliation>(addresses.Estate, $"simulator/reconciliation/visits?limit={int.MaxValue}", cancellationToken);

    /// <summary>Every migration of visits so far.</summary>
    public Task<IReadOnlyList<ListedRun>> ListRunsAsync(CancellationToken cancellationToken) => AskAsync<IReadOnlyList<ListedRun>>("migrate/history/all/VISITS", cancellationToken);

    /// <summary>Keys that the service lists as possible duplicates, failures or rejections of a run.</summary>
    public async Task<IReadOnlyList<ListedRecord>> ListFailuresAsync(string migrationId, CancellationToken cancellationToken)
    {
        var records = new List<ListedRecord>();
        for (var page = 0; ; page++)
        {
            var found = await AskAsync<ListedPage>($"migrate/history/{migrationId}/failures?page={page}&size=1000", cancellationToken);
            records.AddRange(found.Records);
            if (found.Records.Count < 1000)
                return records;
        }
    }

    public async Task<Traffic> CountTrafficAsync(CancellationToken cancellationToken)
    {
        var sqs = await GetAsync<JsonElement>(addresses.Sqs, "simulator/sqs/requests", cancellationToken);
        var estate = await GetAsync<IReadOnlyList<EstateRequests>>(addresses.Estate, "simulator/requests", cancellationToken);
        return Traffic.Read(sqs, estate);
    }

    public Uri Estate => addresses.Estate;
    public Uri Sqs => addresses.Sqs;

    /// <summary>Asks the service: the next of its processes when one has died, and for a while again when none answers.</summary>
    public async Task<T> AskAsync<T>(string path, CancellationToken cancellationToken)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(AskAgain, cancellationToken))
        {
            foreach (var pod in addresses.Pods)
            {
                try
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(pod, path));
                    return await SendAsync<T>(request, cancellationToken);
                }
                catch (Exception exception) when (waited.Elapsed < Patience && !cancellationToken.IsCancellationRequested && exception is (HttpRequestException or TaskCanceledException))
                {
                    // ask the next
                }
            }
        }
    }

    /// <summary>Every page of a list.</summary>
    /// <param name="path">With its first parameter.</param>
    public async Task<IReadOnlyList<T>> AskAllAsync<T>(string path, CancellationToken cancellationToken)
    {
        var all = new List<T>();
        for (var page = 0; ; page++)
        {
            var found = await AskAsync<IReadOnlyList<T>>($"{path}&page={page}&size={PageSize}", cancellationToken);
            all.AddRange(found);
            if (found.Count < PageSize)
                return all;
        }
    }

    public async Task<T> PostToEstateAsync<T>(string path, object body, CancellationToken cancellationToken)
    {
        using var slow = new HttpClient { Timeout = Timeout.InfiniteTimeSpan }; // answered when the last event is sent
        using var response = await slow.PostAsJsonAsync(new Uri(addresses.Estate, path), body, Json, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new LocalRunException($"{path} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw new LocalRunException($"{path} answered nothing");
    }

    public async Task<T> GetAsync<T>(Uri server, string path, CancellationToken cancellationToken) =>
        await _http.GetFromJsonAsync<T>(new Uri(server, path), Json, cancellationToken) ?? throw new LocalRunException($"{path} answered nothing");

    async Task<T> SendAsync<T>(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(cancellationToken));
        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new LocalRunException($"{request.Method} {request.RequestUri!.AbsolutePath} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw new LocalRunException($"{request.RequestUri!.AbsolutePath} answered nothing");
    }

    async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        if (_token is { } known && known.Until > DateTimeOffset.UtcNow)
            return known.Token;
        // The token server fails at its fault rate like the others; an operator would ask again.
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(addresses.Estate, "auth/oauth/token"))
            {
                Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("operator:operator"u8));
            try
            {
                using var response = await _http.SendAsync(request, cancellationToken);
                response.EnsureSuccessStatusCode();
                var token = (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("access_token").GetString()!;
                _token = (token, DateTimeOffset.UtcNow.AddMinutes(1));
                return token;
            }
            catch (HttpRequestException) when (attempt < 20)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }

    public void Dispose() => _http.Dispose();
}
