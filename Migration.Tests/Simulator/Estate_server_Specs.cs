using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Buffers.Text;
using Microsoft.AspNetCore.Http;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;
using Migration.Simulator;

namespace Migration.Tests.Simulator;

internal sealed class Estate_server_Specs : EstateFixture
{
    [TestCase("operator", "ROLE_PRISONER_FROM_NOMIS__MIGRATION__RW", "ROLE_PRISONER_FROM_NOMIS__UPDATE__RW")]
    [TestCase("queue-admin", "ROLE_SYSCON__QUEUE_ADMIN")]
    [TestCase("nobody", "ROLE_MIGRATE_BANANAS")]
    public async Task Should_issue_tokens_that_its_keys_verify(string client, params string[] roles)
    {
        var token = await Token(client);

        var parts = token.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        var key = (await Http.GetFromJsonAsync<JsonObject>("auth/.well-known/jwks.json"))!["keys"]![0]!;
        using var rsa = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars((string)key["n"]!), Exponent = Base64Url.DecodeFromChars((string)key["e"]!) });
        Assert.Multiple(() =>
        {
            Assert.That(rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            Assert.That((string?)claims["client_id"], Is.EqualTo(client));
            Assert.That(claims["authorities"]!.AsArray().Select(authority => (string?)authority), Is.EqualTo(roles));
            Assert.That(claims["user_name"], Is.Null);
        });
    }

    [Test]
    public async Task Should_put_a_user_and_other_roles_into_a_token_on_demand()
    {
        var token = await Token("operator", "&username=AJONES&roles=ROLE_A,ROLE_B");

        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;
        Assert.Multiple(() =>
        {
            Assert.That((string?)claims["user_name"], Is.EqualTo("AJONES"));
            Assert.That(claims["authorities"]!.AsArray().Select(authority => (string?)authority), Is.EqualTo(new[] { "ROLE_A", "ROLE_B" }));
        });
    }

    [Test]
    public async Task Should_not_issue_tokens_to_anyone()
    {
        using var wrongSecret = await TokenResponse("operator", "guess");
        using var unknown = await TokenResponse("stranger", "stranger");

        Assert.That(new[] { wrongSecret.StatusCode, unknown.StatusCode }, Has.All.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Should_let_nobody_in_without_a_token_and_the_right_role()
    {
        Http.DefaultRequestHeaders.Authorization = null;
        using var none = await Http.GetAsync("nomis/visits/1");
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "made-up");
        using var madeUp = await Http.GetAsync("nomis/visits/1");
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token("visits"));
        using var otherRole = await Http.GetAsync("nomis/visits/1");
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token("nomis-prisoner-api"));
        using var right = await Http.GetAsync("nomis/visits/1");

        Assert.That(
            new[] { none, madeUp, otherRole, right }.Select(response => (int)response.StatusCode),
            Is.EqualTo(new[] { 401, 401, 403, 200 }));
    }

    [TestCase("nomis")]
    [TestCase("mapping")]
    [TestCase("visits")]
    [TestCase("auth")]
    public async Task Should_answer_pings(string upstream)
    {
        using var response = await Http.GetAsync($"{upstream}/health/ping");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("visits/ids?page=-1", "page is less than 0")]
    [TestCase("visits/ids?offset=3", "there is no query parameter offset")]
    [TestCase("visits/ids?fromDateTime=2020-01-01T00:00:00Z", "fromDateTime is not a local date-time")]
    [TestCase("visits/ids?page=1&page=2", "page is given 2 times")]
    [TestCase("visits/x", "visitId is not an integer")]
    [TestCase("visits/ids?size=0", "size is less than 1")]
    public async Task Should_refuse_and_count_what_the_document_does_not_allow(string path, string error)
    {
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token("nomis-prisoner-api"));

        using var response = await Http.GetAsync($"nomis/{path}");

        var invalid = (await Http.GetFromJsonAsync<JsonObject>("simulator/invalid"))!;
        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That((int)invalid["count"]!, Is.EqualTo(1));
            Assert.That((string?)invalid["first"]![0], Does.EndWith(error));
        });
    }

    [TestCase("""{"prisonerId":"A1234AA"}""", "the body lacks prisonId")]
    [TestCase("[]", "the body is not of type object")]
    [TestCase("no JSON", "there is no body")]
    public async Task Should_refuse_and_count_bodies_that_the_document_does_not_allow(string body, string error)
    {
        using var watched = Estate.OnRequest(request => request.NomisId == 1, (_, next) => next());
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token("visits"));

        using var response = await Http.PostAsync("visits/migrate-visits", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(Estate.Invalid().First.Single(), Does.EndWith(error));
        });
    }

    [Test]
    public async Task Should_count_requests_by_operation_and_status()
    {
        await Get(1);
        await Get(2);
        await Get(9999);

        var counts = await Http.GetFromJsonAsync<List<Dictionary<string, object>>>("simulator/requests");
        Assert.That(
            counts!.Where(count => $"{count["operation"]}" == "get-visit").Select(count => $"{count["upstream"]} {count["status"]} {count["count"]}"),
            Is.EqualTo(new[] { "nomis 200 2", "nomis 404 1" }));
    }

    [Test]
    public async Task Should_forget_everything_on_reset()
    {
        await Create(3);

        using var response = await Http.PostAsync("simulator/reset", null);

        var reconciliation = (await Http.GetFromJsonAsync<JsonObject>("simulator/reconciliation/visits"))!;
        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That((int)reconciliation["dps"]!, Is.Zero);
            Assert.That(Estate.RequestsOf(Operations.MigrateVisit), Is.Zero);
        });
    }

    [Test]
    public async Task Should_show_what_became_of_a_visit()
    {
        var created = await Create(3);

        var report = (await Http.GetFromJsonAsync<JsonObject>("simulator/visits/3"))!;
        Assert.That((string?)report["records"]![0]!["reference"], Is.EqualTo(created.Body));
    }

    [Test]
    public async Task Should_turn_fault_knobs_at_run_time()
    {
        using var put = await Http.PutAsJsonAsync("simulator/faults", new Dictionary<string, UpstreamFaults>
        {
            ["all"] = new() { LatencyMs = 1 },
            ["visits"] = new() { ThrottleRate = 1, RetryAfterSeconds = 9 },
        });

        var answer = await Create(3);

        Assert.Multiple(() =>
        {
            Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(Server.Faults.Nomis.LatencyMs, Is.EqualTo(1));
            Assert.That(answer.IsRefusedWith(HttpStatusCode.TooManyRequests));
            Assert.That(answer.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(9)));
        });
    }

    [Test]
    public async Task Should_say_which_knobs_there_are()
    {
        using var put = await Http.PutAsJsonAsync("simulator/faults", new Dictionary<string, UpstreamFaults> { ["prisons"] = new() });

        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Should_lose_an_answer_after_the_visit_was_created()
    {
        Server.Faults.Visits = new UpstreamFaults { LostResponseRate = 1 };

        var answer = await Create(3);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown));
            Assert.That(Estate.Visit(3).Records, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_fail_before_anything_happens()
    {
        Server.Faults.Visits = new UpstreamFaults { ErrorRate = 1 };
        var error = await Create(3);
        Server.Faults.Visits = new UpstreamFaults { ResetRate = 1 };
        var reset = await Create(3);

        Assert.Multiple(() =>
        {
            Assert.That(new[] { error.Kind, reset.Kind }, Has.All.EqualTo(AnswerKind.Unknown));
            Assert.That(Estate.Visit(3).Records, Is.Empty);
        });
    }

    [Test]
    public async Task Should_not_answer_until_the_client_gives_up()
    {
        Server.Faults.Visits = new UpstreamFaults { TimeoutRate = 1 };

        var answer = await Create(3);

        Assert.That(answer.Detail, Is.EqualTo("visits gave no answer: time-out"));
    }

    [Test]
    public async Task Should_fail_about_as_often_as_it_is_told()
    {
        Server.Faults.Visits = new UpstreamFaults { FailRate = 0.2 };

        var answers = new List<Answer<string>>();
        for (var i = 0; i < 500; i++)
            answers.Add(await Create(3));

        Assert.Multiple(() =>
        {
            Assert.That(answers.Count(answer => !answer.IsDone), Is.InRange(70, 130));
            Assert.That(answers.Where(answer => !answer.IsDone).Select(answer => (int?)answer.Status).Distinct(), Is.EquivalentTo(new int?[] { null, 429, 500, 503 }));
        });
    }

    [Test]
    public async Task Should_hold_a_call_before_it_takes_effect()
    {
        var arrived = new TaskCompletionSource();
        var letGo = new TaskCompletionSource();
        using var held = Estate.OnRequest(request => request is { Operation: Operations.MigrateVisit, NomisId: 3 }, async (_, next) =>
        {
            arrived.SetResult();
            await letGo.Task;
            await next();
        });

        var call = Create(3);
        await arrived.Task;
        var other = await Create(4);
        var before = Estate.Visit(3).Records.Count;
        letGo.SetResult();

        Assert.Multiple(() =>
        {
            Assert.That(other.IsDone);
            Assert.That(before, Is.Zero);
        });
        Assert.That((await call).IsDone);
    }

    [Test]
    public async Task Should_hold_a_call_after_it_took_effect()
    {
        var done = new TaskCompletionSource();
        var letGo = new TaskCompletionSource();
        using var held = Estate.OnRequest(request => request.Upstream == Upstream.Visits, async (_, next) =>
        {
            await next();
            done.SetResult();
            await letGo.Task;
        });

        var call = Create(3);
        await done.Task;
        Assert.That(Estate.Visit(3).Records, Has.Count.EqualTo(1));
        Assert.That(call.IsCompleted, Is.False);
        letGo.SetResult();
        Assert.That((await call).Body, Is.EqualTo(Estate.Visit(3).Records[0].Reference));
    }

    [Test]
    public async Task Should_let_a_test_answer_in_its_own_way_or_cut_the_connection()
    {
        Answer<string> replaced, cut;
        using (Estate.OnRequest(request => request.Operation == Operations.MigrateVisit, async (http, next) =>
        {
            await next();
            http.Response.StatusCode = 418;
        }))
        {
            replaced = await Create(3);
        }

        using (Estate.OnRequest(request => request.Operation == Operations.MigrateVisit, async (http, next) =>
        {
            await next();
            http.Abort();
        }))
        {
            cut = await Create(4);
        }

        var usual = await Create(5);
        Assert.Multiple(() =>
        {
            Assert.That((int?)replaced.Status, Is.EqualTo(418));
            Assert.That((cut.Kind, cut.Status), Is.EqualTo((AnswerKind.Unknown, (HttpStatusCode?)null)));
            Assert.That(usual.IsDone);
            Assert.That(Estate.Visit(3).Records.Concat(Estate.Visit(4).Records).Count(), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Should_let_a_test_write_a_success_without_a_body()
    {
        using var replaced = Estate.OnRequest(request => request.Operation == Operations.MigrateVisit, async (http, _) =>
        {
            http.Response.StatusCode = 201;
            await http.Response.CompleteAsync();
        });

        var answer = await Create(3);

        Assert.That((answer.Kind, answer.Status), Is.EqualTo((AnswerKind.Unknown, (HttpStatusCode?)HttpStatusCode.Created)));
    }

    private Task<Answer<Visit>> Get(long id) => Answers.Of(Upstreams.Nomis, ct => Client<INomisVisits>().GetVisit(id, ct), default);
}
