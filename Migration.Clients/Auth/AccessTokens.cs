using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Migration.Clients.Configuration;

namespace Migration.Clients.Auth;

/// <summary>
/// The token of one client registration (OAuth2 client credentials). Kept until shortly before it expires and fetched once,
/// however many calls wait for it.
/// </summary>
internal sealed class AccessTokens(string upstream, IHttpClientFactory clients, IOptionsMonitor<UpstreamOptions> options, IOptions<AuthOptions> auth, TimeProvider time)
{
    public const string HttpClientName = "hmpps-auth";

    /// <summary>A token is not used in its last seconds: it could expire on its way.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private volatile Token? _token;
    private Task<Token>? _fetching;

    /// <exception cref="RequestNotSentException">No token could be had.</exception>
    public ValueTask<AuthenticationHeaderValue> Get(CancellationToken ct)
    {
        var token = _token;
        return token is not null && time.GetUtcNow() < token.UsableUntil
            ? ValueTask.FromResult(token.Header)
            : new ValueTask<AuthenticationHeaderValue>(Fetched(ct));
    }

    /// <summary>Forgets a token that was refused, unless a newer one has taken its place.</summary>
    public void Drop(AuthenticationHeaderValue header)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_token?.Header, header))
                _token = null;
        }
    }

    private async Task<AuthenticationHeaderValue> Fetched(CancellationToken ct)
    {
        Task<Token> fetching;
        lock (_lock)
        {
            if (_token is { } token && time.GetUtcNow() < token.UsableUntil)
                return token.Header;
            // Belongs to all who wait, so no single caller's cancellation ends it; the time-out of the client does.
            fetching = _fetching ??= Task.Run(Fetch, CancellationToken.None);
        }

        try
        {
            return (await fetching.WaitAsync(ct)).Header;
        }
        catch (OperationCanceledException cancelled)
        {
            throw new RequestNotSentException($"no token for {upstream}: cancelled or timed out", cancelled);
        }
    }

    private async Task<Token> Fetch()
    {
        try
        {
            var token = await Ask();
            lock (_lock)
            {
                _token = token;
            }

            return token;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or JsonException)
        {
            throw new RequestNotSentException($"no token for {upstream}: {ReasonOf(failure)}", failure);
        }
        finally
        {
            lock (_lock)
            {
                _fetching = null;
            }
        }
    }

    private async Task<Token> Ask()
    {
        var client = options.Get(upstream);
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client.ClientId}:{client.ClientSecret}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{auth.Value.BaseUrl.ToString().TrimEnd('/')}/oauth/token");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]);

        var asked = time.GetUtcNow();
        using var http = clients.CreateClient(HttpClientName);
        using var response = await http.SendAsync(request, CancellationToken.None);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<TokenAnswer>(CancellationToken.None)
            ?? throw new JsonException("The token answer is empty.");

        var life = TimeSpan.FromSeconds(answer.ExpiresIn);
        var margin = life > 2 * Margin ? Margin : life / 2;
        return new Token(new AuthenticationHeaderValue("Bearer", answer.AccessToken), asked + life - margin);
    }

    private static string ReasonOf(Exception failure) => failure switch
    {
        HttpRequestException { StatusCode: { } status } => $"auth answered {(int)status}",
        HttpRequestException request => $"auth not reached: {request.HttpRequestError}",
        OperationCanceledException => "auth did not answer in time",
        _ => "auth answered something unreadable",
    };

    private sealed record Token(AuthenticationHeaderValue Header, DateTimeOffset UsableUntil)
    {
        /// <summary>Never the value.</summary>
        public override string ToString() => $"token usable until {UsableUntil:O}";
    }

    private sealed record TokenAnswer
    {
        [JsonPropertyName("access_token")]
        public required string AccessToken { get; init; }

        /// <summary>Seconds.</summary>
        [JsonPropertyName("expires_in")]
        public required double ExpiresIn { get; init; }

        public override string ToString() => nameof(TokenAnswer);
    }
}
