using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Migration.Clients;
using Migration.Clients.NomisMapping;

namespace Migration.Tests.Clients;

/// <summary>What may have happened, told from how a call ended. The table is that of the protocol for changing calls.</summary>
internal sealed class Answers_Specs : ClientFixture<IVisitMappings>
{
    private static readonly VisitMapping Mapping = new() { NomisId = 1, VsipId = "A", MappingType = VisitMappingType.Migrated };

    [TestCase(400)]
    [TestCase(401)]
    [TestCase(403)]
    [TestCase(404)]
    [TestCase(409)]
    [TestCase(410)]
    [TestCase(415)]
    [TestCase(422)]
    [TestCase(429)]
    public async Task Should_call_it_refused_when_the_status_says_that_nothing_happened(int status)
    {
        Upstream.Answers(status, "why");

        var answer = await Create();

        Assert.Multiple(() =>
        {
            Assert.That((answer.Kind, answer.Status), Is.EqualTo((AnswerKind.Refused, (HttpStatusCode?)status)));
            Assert.That(answer.ErrorBody, Is.EqualTo("why"));
            Assert.That(answer.Detail, Is.EqualTo($"mapping answered {status}"));
        });
    }

    [TestCase(302)]
    [TestCase(402)]
    [TestCase(408)]
    [TestCase(500)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    public async Task Should_call_it_unknown_for_any_other_error_and_send_a_change_only_once(int status)
    {
        Upstream.Answers(status);

        var answer = await Create();

        Assert.Multiple(() =>
        {
            Assert.That((answer.Kind, answer.Status), Is.EqualTo((AnswerKind.Unknown, (HttpStatusCode?)status)));
            Assert.That(Upstream.Requests, Has.Count.EqualTo(1));
        });
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("no JSON")]
    [TestCase("""{"nomisId":1,"vsipId":"A","mappingType":"SOMETHING_NEW"}""")]
    public async Task Should_call_it_unknown_when_a_success_cannot_be_read(string body)
    {
        Upstream.Answers(200, body);

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(1, ct), default);

        Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown), answer.ToString());
    }

    [Test]
    public async Task Should_call_it_unknown_when_the_connection_is_reset_under_way()
    {
        Upstream.Answers(http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });

        var answer = await Create();

        Assert.Multiple(() =>
        {
            Assert.That((answer.Kind, answer.Status), Is.EqualTo((AnswerKind.Unknown, (HttpStatusCode?)null)));
            Assert.That(answer.Detail, Does.StartWith("mapping gave no answer"));
            Assert.That(Upstream.Requests, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_call_it_unknown_when_a_kept_connection_is_reset_under_way()
    {
        Upstream.AnswersOnce(201);
        Upstream.Answers(http =>
        {
            http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
            return Task.CompletedTask;
        });
        await Create();

        var answer = await Create();

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown));
            Assert.That(Upstream.Requests, Has.Count.EqualTo(2));
        });
    }

    [Test]
    public async Task Should_call_it_unknown_when_no_answer_comes_in_time()
    {
        Reconfigure(settings: ("API_MAPPING_TIMEOUT", "200ms"));
        Upstream.Answers(http => Task.Delay(Timeout.Infinite, http.RequestAborted));

        var answer = await Create();

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown));
            Assert.That(answer.Detail, Is.EqualTo("mapping gave no answer: time-out"));
        });
    }

    [Test]
    public async Task Should_call_it_unknown_when_a_body_never_ends()
    {
        Reconfigure(settings: ("API_MAPPING_TIMEOUT", "200ms"));
        Upstream.Answers(async http =>
        {
            await http.Response.WriteAsync("{", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(1, ct), default);

        Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown), answer.ToString());
    }

    [Test]
    public async Task Should_call_it_unknown_when_the_caller_gives_up_under_way()
    {
        using var caller = new CancellationTokenSource();
        Upstream.Answers(async http =>
        {
            await caller.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });

        var answer = await Create(caller.Token);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown));
            Assert.That(answer.Detail, Is.EqualTo("mapping gave no answer: cancelled while under way"));
        });
    }

    [Test]
    public async Task Should_not_send_when_the_caller_gave_up_before()
    {
        using var caller = new CancellationTokenSource();
        await caller.CancelAsync();

        Assert.That(() => Create(caller.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Upstream.Requests, Is.Empty);
    }

    [Test]
    public async Task Should_call_it_not_sent_when_nobody_listens()
    {
        Reconfigure(settings: ("API_BASE_URL_MAPPING", $"http://127.0.0.1:{FreePort()}"));

        var answer = await Create();

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(AnswerKind.NotSent));
            Assert.That(answer.Detail, Is.EqualTo("mapping not reached: ConnectionRefused"));
        });
    }

    [Test]
    public async Task Should_call_it_not_sent_when_the_name_is_unknown()
    {
        Reconfigure(settings: ("API_BASE_URL_MAPPING", "http://mapping.invalid"));

        var answer = await Create();

        Assert.That(answer.Kind, Is.EqualTo(AnswerKind.NotSent), answer.ToString());
    }

    [Test]
    public async Task Should_call_it_not_sent_when_no_token_can_be_had()
    {
        Upstream.TokenAnswer = http =>
        {
            http.Response.StatusCode = 401;
            return Task.CompletedTask;
        };

        var answer = await Create();

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(AnswerKind.NotSent));
            Assert.That(answer.Detail, Is.EqualTo("mapping not reached: no token for mapping: auth answered 401"));
            Assert.That(Upstream.Requests, Is.Empty);
        });
    }

    [TestCase(429)]
    [TestCase(503)]
    public async Task Should_say_how_long_the_upstream_asks_to_wait(int status)
    {
        Upstream.Answers(http =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.RetryAfter = "17";
            return Task.CompletedTask;
        });

        var answer = await Create();

        Assert.That(answer.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(17)));
    }

    [Test]
    public async Task Should_keep_little_of_an_error_and_show_none_of_it()
    {
        Upstream.Answers(400, "Fred Smith " + new string('x', 100_000), "text/plain");

        var answer = await Create();

        Assert.Multiple(() =>
        {
            Assert.That(answer.ErrorBody, Has.Length.LessThanOrEqualTo(4096));
            Assert.That(answer.ErrorBody, Does.StartWith("Fred Smith"));
            Assert.That(answer.ToString(), Is.EqualTo("mapping Refused 400 mapping answered 400"));
        });
    }

    [TestCase(500)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    [TestCase(429)]
    public async Task Should_read_again_after_a_passing_error(int status)
    {
        Upstream.AnswersOnce(status);
        Upstream.Answers(200, """{"nomisId":1,"vsipId":"A","mappingType":"MIGRATED"}""");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(1, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsDone, answer.ToString());
            Assert.That(Upstream.Requests, Has.Count.EqualTo(2));
        });
    }

    [TestCase(500, 3)]
    [TestCase(404, 1)]
    [TestCase(400, 1)]
    public async Task Should_not_read_again_for_ever_or_without_need(int status, int reads)
    {
        Upstream.Answers(status);

        await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(1, ct), default);

        Assert.That(Upstream.Requests, Has.Count.EqualTo(reads));
    }

    [Test]
    public async Task Should_leave_a_long_wait_to_the_caller()
    {
        Upstream.Answers(http =>
        {
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "30";
            return Task.CompletedTask;
        });

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(1, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests, Has.Count.EqualTo(1));
            Assert.That(answer.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(30)));
        });
    }

    private Task<Answer<NoBody>> Create(CancellationToken ct = default) => Answers.Of(Upstreams.Mapping, token => Client.Create(Mapping, token), ct);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
