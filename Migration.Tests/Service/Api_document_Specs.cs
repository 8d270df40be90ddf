using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Migration.Tests.Service;

/// <summary>The OpenAPI document and the page that shows it (spec: engine 12.10).</summary>
sealed class Api_document_Specs : ServiceFixture
{
    [Test]
    public async Task Should_be_valid_and_describe_every_route() // engine 90
    {
        var text = await Host.Anybody.GetStringAsync("/v3/api-docs");
        var read = OpenApiDocument.Parse(text, "json");

        var routes = Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(x => x.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(x => $"{x.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single()} {x.RoutePattern.RawText!.TrimEnd('/')}");
        var described = read.Document!.Paths.SelectMany(path => path.Value.Operations!.Select(x => $"{x.Key.Method} {path.Key}"));
        Assert.Multiple(() =>
        {
            Assert.That(read.Diagnostic!.Errors.Select(x => x.ToString()), Is.Empty);
            Assert.That(described, Is.EquivalentTo(routes));
            Assert.That(read.Document.Info.Version, Does.Match(@"^\d+\.\d+"));
        });
    }

    [Test]
    public async Task Should_give_each_operation_an_id_of_its_own() // engine 90
    {
        var ids = Operations(await DocumentAsync()).Select(x => (string?)x["operationId"]).ToArray();

        Assert.That(ids, Has.Length.GreaterThan(5).And.Unique.And.None.Null);
    }

    [Test]
    public async Task Should_ask_for_a_bearer_token() // engine 90
    {
        var document = await DocumentAsync();

        Assert.That(document["components"]!["securitySchemes"]!["bearer-jwt"]!.ToJsonString(), Is.EqualTo("""{"type":"http","scheme":"bearer","bearerFormat":"JWT"}"""));
        Assert.That(document["security"]!.ToJsonString(), Is.EqualTo("""[{"bearer-jwt":[]}]"""));
    }

    [Test]
    public async Task Should_require_only_the_status_of_an_error() // engine 90
    {
        var error = (await DocumentAsync())["components"]!["schemas"]!["ErrorBody"]!;

        Assert.That(error["required"]!.ToJsonString(), Is.EqualTo("""["status"]"""));
        Assert.That(error["properties"]!.AsObject().Select(x => x.Key), Is.EquivalentTo(new[] { "status", "errorCode", "userMessage", "developerMessage", "moreInfo" }));
    }

    [Test]
    public async Task Should_show_enums_by_their_names()
    {
        var status = (await DocumentAsync())["components"]!["schemas"]!["MigrationStatus"]!;

        Assert.That(status["enum"]!.AsArray().Select(x => (string?)x), Is.EqualTo(new[] { "STARTED", "COMPLETED", "CANCELLED_REQUESTED", "CANCELLED", "FAILED" }));
    }

    [TestCase("/swagger-ui.html")]
    [TestCase("/")]
    public async Task Should_lead_to_the_page(string path)
    {
        using var response = await Host.Anybody.GetAsync(path);

        Assert.That((response.StatusCode, response.Headers.Location?.ToString()), Is.EqualTo((HttpStatusCode.Found, "/swagger-ui")));
    }

    [Test]
    public async Task Should_have_a_page_to_browse()
    {
        using var client = Host.CreateDefaultClient();
        using var response = await client.GetAsync("/swagger-ui/");

        Assert.That((response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.OK, "text/html")));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("v3/api-docs"));
    }

    async Task<JsonNode> DocumentAsync() => JsonNode.Parse(await Host.Anybody.GetStringAsync("/v3/api-docs"))!;

    static IEnumerable<JsonNode> Operations(JsonNode document) => document["paths"]!.AsObject().SelectMany(x => x.Value!.AsObject()).Select(x => x.Value!);
}
