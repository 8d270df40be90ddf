using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;

namespace Migration.Tests.Clients;

internal sealed class Access_tokens_Specs : ClientFixture<INomisVisits>
{
    [Test]
    public async Task Should_ask_with_the_registration_of_the_api()
    {
        await Get();

        var asked = Upstream.TokenRequests.Single();
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes("nomis-client:nomis-secret"));
        Assert.Multiple(() =>
        {
            Assert.That(asked.Method, Is.EqualTo("POST"));
            Assert.That(asked.Target, Is.EqualTo("/auth/oauth/token"));
            Assert.That(asked.Authorization, Is.EqualTo($"Basic {credentials}"));
            Assert.That(asked.Body, Is.EqualTo("grant_type=client_credentials"));
        });
    }

    [Test]
    public async Task Should_fetch_a_token_once_for_many_calls_at_once()
    {
        var waiting = new TaskCompletionSource();
        Upstream.TokenAnswer = async http =>
        {
            await waiting.Task;
            await http.Response.WriteAsJsonAsync(new Dictionary<string, object> { ["access_token"] = "one", ["token_type"] = "bearer", ["expires_in"] = 3600 });
        };

        var calls = Enumerable.Range(0, 50).Select(_ => Get()).ToArray();
        waiting.SetResult();
        await Task.WhenAll(calls);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.TokenRequests, Has.Count.EqualTo(1));
            Assert.That(Upstream.Requests.Select(request => request.Authorization), Has.All.EqualTo("Bearer one"));
            Assert.That(Upstream.Requests, Has.Count.EqualTo(50));
        });
    }

    [Test]
    public async Task Should_keep_a_token_until_shortly_before_it_expires()
    {
        var time = new FakeTimeProvider();
        Upstream.TokenLife = 600;
        Reconfigure(time);
        await Get();

        time.Advance(TimeSpan.FromSeconds(569));
        await Get();
        Assert.That(Upstream.TokenRequests, Has.Count.EqualTo(1));

        time.Advance(TimeSpan.FromSeconds(2));
        await Get();
        Assert.That(Upstream.Requests.Last().Authorization, Is.EqualTo("Bearer token-2"));
    }

    [Test]
    public async Task Should_ask_for_another_token_after_one_was_refused()
    {
        Upstream.AnswersOnce(401);

        await Get();
        await Get();

        Assert.That(Upstream.Requests.Select(request => request.Authorization), Is.EqualTo(new[] { "Bearer token-1", "Bearer token-2" }));
    }

    [Test]
    public async Task Should_recover_from_an_auth_that_failed()
    {
        Upstream.TokenAnswer = http =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var first = await Get();
        Upstream.TokenAnswer = null;

        var second = await Get();

        Assert.Multiple(() =>
        {
            Assert.That(first.Kind, Is.EqualTo(AnswerKind.NotSent));
            Assert.That(second.Kind, Is.EqualTo(AnswerKind.Refused));
        });
    }

    [Test]
    public async Task Should_not_wait_for_auth_for_ever()
    {
        Reconfigure(settings: ("API_AUTH_TIMEOUT", "200ms"));
        Upstream.TokenAnswer = http => Task.Delay(Timeout.Infinite, http.RequestAborted);

        var answer = await Get();

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(AnswerKind.NotSent));
            Assert.That(answer.Detail, Does.Contain("auth did not answer in time"));
        });
    }

    private Task<Answer<Visit>> Get() => Answers.Of(Upstreams.Nomis, ct => Client.GetVisit(1, ct), default);
}
