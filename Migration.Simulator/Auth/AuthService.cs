using Migration.Simulator.Http;

namespace Migration.Simulator.Auth;

/// <summary>HMPPS Auth.</summary>
internal static class AuthService
{
    public static IEnumerable<Operation> Operations(TokenIssuer tokens)
    {
        yield return new Operation(Upstream.Auth, Simulator.Operations.IssueToken, "POST", "/oauth/token", contract: null, role: null, call => Issue(tokens, call));
        yield return new Operation(
            Upstream.Auth, Simulator.Operations.GetKeys, "GET", "/.well-known/jwks.json", contract: null, role: null, _ => new Reply(200, tokens.Keys, "application/json"));
    }

    /// <summary>
    /// The client credentials grant. For trying things out, <c>username</c> puts a user into the token and <c>roles</c>, separated by commas,
    /// replaces the roles of the client.
    /// </summary>
    private static Reply Issue(TokenIssuer tokens, Call call)
    {
        var form = call.Form();
        if (!form.TryGetValue("grant_type", out var grant) || grant != "client_credentials")
            return Reply.Json(400, new { error = "unsupported_grant_type" });
        if (TokenIssuer.Authenticate(call.Http.Request.Headers.Authorization.ToString()) is not { } client)
            return Reply.Json(401, new { error = "invalid_client" });

        var userName = form.TryGetValue("username", out var user) ? user.ToString() : null;
        var roles = form.TryGetValue("roles", out var asked) ? asked.ToString().Split(',') : client.Roles;
        var request = call.Http.Request;
        var token = tokens.Issue($"{request.Scheme}://{request.Host}/auth/issuer", client.Id, userName, roles);
        return Reply.Json(200, new Dictionary<string, object>
        {
            ["access_token"] = token,
            ["token_type"] = "bearer",
            ["expires_in"] = tokens.LifeSeconds,
        });
    }
}
