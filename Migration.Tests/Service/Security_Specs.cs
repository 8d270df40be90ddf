using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Migration.Simulator.Auth;

namespace Migration.Tests.Service;

/// <summary>Who may do what (spec: engine 7, 12.1; visits V-01 to V-03, V-82).</summary>
sealed class Security_Specs : ServiceFixture
{
    const string Role = "ROLE_PRISONER_FROM_NOMIS__MIGRATION__RW";
    const string Refused = """{"status":403,"errorCode":null,"userMessage":null,"developerMessage":null,"moreInfo":null}""";

    const string SomeSync = "0d6c1c1e-8a5e-4a3f-9b57-2f5d6c2a4e10";

    static readonly string[] OpenPaths = ["/", "/health", "/health/liveness", "/health/ping", "/health/readiness", "/info", "/swagger-ui.html", "/v3/{documentName}"];

    [Test]
    public void Should_open_no_path_but_those_of_health_info_and_documentation() // engine 5
    {
        var open = Endpoints().Where(IsOpen).Select(x => x.RoutePattern.RawText!).Where(x => !x.StartsWith("/swagger-ui/", StringComparison.Ordinal));

        Assert.That(open.Distinct(), Is.EquivalentTo(OpenPaths));
    }

    [Test]
    public void Should_name_a_role_for_every_other_path() // engine 5
    {
        var closed = Endpoints().Where(x => !IsOpen(x)).ToArray();

        Assert.That(closed, Has.Length.GreaterThanOrEqualTo(10));
        Assert.That(closed.Where(x => !x.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(rule => rule.Policy?.StartsWith("ROLE_", StringComparison.Ordinal) == true))
            .Select(x => x.RoutePattern.RawText), Is.Empty);
    }

    [TestCaseSource(nameof(Requests))]
    public async Task Should_ask_for_a_token(string method, string path) // V-01, V-82, engine 1
    {
        using var response = await SendAsync(Host.Anybody, method, path);

        Assert.Multiple(async () =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer"));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.Empty);
        });
    }

    [TestCaseSource(nameof(Requests))]
    public async Task Should_refuse_another_role(string method, string path) // V-02, V-82, engine 2
    {
        using var client = Host.ClientWith(await World.TokenAsync("nobody")); // has ROLE_MIGRATE_BANANAS

        using var response = await SendAsync(client, method, path);

        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.Forbidden, Refused)));
    }

    [TestCaseSource(nameof(Requests))]
    public async Task Should_refuse_the_role_of_the_other_paths(string method, string path) // engine 2: syncs, repairs and compensations have a role of their own
    {
        using var client = Host.ClientWith(await World.TokenAsync(roles: path.StartsWith("/migrate/", StringComparison.Ordinal) ? "ROLE_PRISONER_FROM_NOMIS__UPDATE__RW" : Role));

        using var response = await SendAsync(client, method, path);

        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.Forbidden, Refused)));
    }

    [TestCase("/migrate/history/all/VISITS", Role)]
    [TestCase("/syncs", "ROLE_PRISONER_FROM_NOMIS__UPDATE__RW")]
    public async Task Should_ask_for_no_other_role(string path, string role)
    {
        using var client = Host.ClientWith(await World.TokenAsync(roles: role));

        using var response = await client.GetAsync(path);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public void Should_test_every_path_that_needs_a_token()
    {
        var tested = Requests().Select(x => (Method: (string)x[0], Template: Template((string)x[1])));

        Assert.That(Endpoints().Where(x => !IsOpen(x)).Select(x => (Method: x.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single(), Template: x.RoutePattern.RawText!.TrimEnd('/'))),
            Is.EquivalentTo(tested));

        static string Template(string path) => path.Replace("2020-01-01T00:00:00", "{migrationId}").Replace("VISITS", "{migrationType}").Replace(SomeSync, "{syncId}")
            .Replace("parked-events/visits", "parked-events/{domain}").Replace("17", "{id}").Replace("18", "{bookingId}").Replace("19", "{transactionId}");
    }

    [TestCase("GET", "/migrate/bananas")]
    [TestCase("DELETE", "/migrate/visits")]
    public async Task Should_tell_nobody_without_a_token_which_paths_there_are(string method, string path)
    {
        using var response = await SendAsync(Host.Anybody, method, path);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Should_refuse_a_token_without_any_role() // engine 2
    {
        using var client = Host.ClientWith(await World.TokenAsync(roles: ""));

        using var response = await client.GetAsync("/migrate/history/active/VISITS");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Should_start_a_migration_with_the_role_and_an_empty_filter() // V-03
    {
        using var none = new ListedVisits(Estate, 0);

        using var response = await Host.PostStartAsync("{ }");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [TestCaseSource(nameof(BadTokens))]
    public async Task Should_refuse_a_token_that_auth_did_not_sign_or_that_is_over(string token)
    {
        using var client = Host.ClientWith(token);

        using var response = await client.GetAsync("/migrate/history/active/VISITS");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Should_refuse_a_token_whose_roles_were_changed()
    {
        var parts = (await World.TokenAsync("nobody")).Split('.');
        var claims = Base64UrlEncoder.Decode(parts[1]).Replace("ROLE_MIGRATE_BANANAS", Role);
        using var client = Host.ClientWith($"{parts[0]}.{Base64UrlEncoder.Encode(claims)}.{parts[2]}");

        using var response = await client.GetAsync("/migrate/history/active/VISITS");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    static IEnumerable<TestCaseData> BadTokens()
    {
        var rsa = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "estate" };
        var published = new SymmetricSecurityKey(new TokenIssuer(TimeSpan.FromHours(1)).Keys) { KeyId = "estate" };
        yield return new TestCaseData(Token(new SigningCredentials(rsa, SecurityAlgorithms.RsaSha256))).SetName("signed with another key");
        yield return new TestCaseData(Token(new SigningCredentials(published, SecurityAlgorithms.HmacSha256))).SetName("signed with the published key as a secret");
        yield return new TestCaseData(Token(credentials: null)).SetName("not signed");
        yield return new TestCaseData(new TokenIssuer(TimeSpan.FromHours(-1)).Issue("issuer", "operator", userName: null, [Role])).SetName("signed, but over since an hour");
        yield return new TestCaseData("banana").SetName("no token at all");

        static string Token(SigningCredentials? credentials) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object> { ["client_id"] = "operator", ["authorities"] = new[] { Role } },
            Subject = new ClaimsIdentity(),
            Expires = DateTime.UtcNow.AddHours(1),
            SigningCredentials = credentials,
        });
    }

    static IEnumerable<object[]> Requests() =>
    [
        ["POST", "/migrate/visits"],
        ["GET", "/migrate/visits/rooms/usage"],
        ["POST", "/migrate/cancel/2020-01-01T00:00:00"],
        ["POST", "/migrate/resume/2020-01-01T00:00:00"],
        ["POST", "/migrate/refresh/2020-01-01T00:00:00"],
        ["GET", "/migrate/history/all/VISITS"],
        ["GET", "/migrate/history/2020-01-01T00:00:00"],
        ["GET", "/migrate/history/active/VISITS"],
        ["GET", "/migrate/history/2020-01-01T00:00:00/progress"],
        ["GET", "/migrate/history/2020-01-01T00:00:00/failures"],
        ["POST", "/migrate/history/2020-01-01T00:00:00/failures/replay"],
        ["GET", "/syncs"],
        ["GET", "/syncs/counts"],
        ["GET", $"/syncs/{SomeSync}"],
        ["POST", $"/syncs/{SomeSync}/retry"],
        ["GET", "/syncs/parked-events"],
        ["POST", "/syncs/parked-events/visits/replay"],
        ["GET", "/compensations"],
        ["GET", "/compensations/17"],
        ["POST", "/compensations/17/compensate"],
        ["POST", "/compensations/17/dismiss"],
        ["POST", "/migrate/sentencing"],
        ["POST", "/prisoners/booking-id/18/merge/sentencing-adjustments/repair"],
        ["POST", "/prisoners/booking-id/18/update/sentencing-adjustments/repair"],
        ["POST", "/transactions/19/repair"],
        ["GET", "/sync/prisoner-transaction/payload/19"],
    ];

    static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        return await client.SendAsync(request);
    }

    IEnumerable<RouteEndpoint> Endpoints() => Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    static bool IsOpen(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
}
