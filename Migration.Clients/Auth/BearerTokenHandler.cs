using System.Net;

namespace Migration.Clients.Auth;

/// <summary>Puts the token of the upstream's client registration on every request.</summary>
internal sealed class BearerTokenHandler(AccessTokens tokens) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await tokens.Get(cancellationToken);
        request.Headers.Authorization = token;
        var response = await base.SendAsync(request, cancellationToken);
        // Not sent again from here: the caller decides. The next call asks for a new token.
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            tokens.Drop(token);
        return response;
    }
}
