using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.SQS;
using Amazon.SQS.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Migration.Sagas.Domains;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>The start of a visits migration (spec: visits 5.1, engine 12.2).</summary>
sealed class Start_Specs : ServiceFixture
{
    const string Filter =
        """{"prisonIds":["MDI","BXI"],"visitTypes":["SCON","OFFI"],"fromDateTime":"2020-01-01T01:30:00","toDateTime":"2020-01-02T23:30:00","ignoreMissingRoom":false}""";

    const string FilterQuery = "prisonIds=MDI&prisonIds=BXI&visitTypes=SCON&visitTypes=OFFI&fromDateTime=2020-01-01T01:30&toDateTime=2020-01-02T23:30";

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(World.PatientCalls()) { ["HMPPS_SQS_QUEUES_AUDIT_QUEUE_NAME"] = "audit" };

    protected override Task PrepareAsync()
    {
        World.Sqs.Broker.Create("audit", attributes: null, tags: null);
        return Task.CompletedTask;
    }

    [Test]
    public async Task Should_answer_with_the_context_of_the_migration() // engine 11
    {
        using var visits = new ListedVisits(Estate, 12);

        using var response = await Host.PostStartAsync(Filter);

        var body = await response.Content.ReadAsStringAsync();
        var runId = (string)JsonNode.Parse(body)!["migrationId"]!;
        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(runId, Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"));
            Assert.That(body, Is.EqualTo($$"""{"type":"VISITS","migrationId":"{{runId}}","estimatedCount":12,"body":{{Filter}},"properties":{} }""".Replace("{} }", "{}}")));
        });
        await Host.WaitForAsync(runId, "COMPLETED");
    }

    [Test]
    public async Task Should_leave_out_of_the_answer_what_the_filter_does_not_set()
    {
        using var none = new ListedVisits(Estate, 0);

        using var response = await Host.PostStartAsync("""{"fromDateTime":null,"endDateTime":"2020-01-02T00:00:00"}""");

        Assert.That(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["body"]!.ToJsonString(),
            Is.EqualTo("""{"prisonIds":[],"visitTypes":["SCON"],"ignoreMissingRoom":false}"""));
    }

    [Test]
    public async Task Should_count_with_one_call_of_page_0_size_1_and_read_pages_with_the_same_filter() // V-04, V-06, engine 6, 20
    {
        using var visits = new ListedVisits(Estate, 25);

        await Host.MigrateAsync(Filter);

        Assert.Multiple(() =>
        {
            Assert.That(visits.Targets[0], Is.EqualTo($"/nomis/visits/ids?{FilterQuery}&ignoreMissingRoom=false&page=0&size=1"));
            // the last page is read once more at the end: docs/parity.md
            Assert.That(visits.Targets.Skip(1), Is.EquivalentTo(new[] { 0, 1, 2, 2 }.Select(page => $"/nomis/visits/ids?{FilterQuery}&ignoreMissingRoom=false&page={page}&size=10")));
        });
    }

    [Test]
    public async Task Should_pass_on_that_missing_rooms_are_to_be_ignored() // V-13
    {
        using var visits = new ListedVisits(Estate, 1);

        await Host.MigrateAsync("""{"visitTypes":[],"ignoreMissingRoom":true}""");

        Assert.That(visits.Targets, Is.EqualTo(new[]
        {
            "/nomis/visits/ids?ignoreMissingRoom=true&page=0&size=1", "/nomis/visits/ids?ignoreMissingRoom=true&page=0&size=10", "/nomis/visits/ids?ignoreMissingRoom=true&page=0&size=10",
        }));
    }

    [Test]
    public async Task Should_report_the_start_with_each_filter_value_as_text() // V-09, engine 10
    {
        using var none = new ListedVisits(Estate, 0);

        var runId = (string)(await Host.MigrateAsync("""{"prisonIds":["LEI","BXI"],"fromDateTime":"2020-01-01T00:00","toDateTime":"2020-01-02T23:00:00"}"""))["migrationId"]!;

        Assert.That((await Host.Telemetry.WaitForAsync(runId, "visits-migration-started")).Single(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["migrationId"] = runId,
            ["estimatedCount"] = "0",
            ["prisonIds"] = "[LEI, BXI]",
            ["visitTypes"] = "[SCON]",
            ["fromDateTime"] = "2020-01-01T00:00",
            ["toDateTime"] = "2020-01-02T23:00",
            ["ignoreMissingRoom"] = "false",
        }));
    }

    [Test]
    public async Task Should_show_a_started_migration_in_the_history() // V-08, engine 8, 62
    {
        using var held = new HeldRequests(Estate, Operations.MigrateVisit);
        using var visits = new ListedVisits(Estate, 3);

        var runId = await Host.StartRunAsync(Filter);
        var history = await Host.HistoryAsync(runId);

        Assert.Multiple(() =>
        {
            Assert.That((string?)history["status"], Is.EqualTo("STARTED"));
            Assert.That((string?)history["migrationType"], Is.EqualTo("VISITS"));
            Assert.That((string?)history["id"], Is.EqualTo(runId));
            Assert.That((string?)history["filter"], Is.EqualTo(Filter));
            Assert.That(((long)history["estimatedRecordCount"]!, (long)history["recordsMigrated"]!, (long)history["recordsFailed"]!), Is.EqualTo((3, 0, 0)));
            Assert.That(history.ContainsKey("whenEnded") && history["whenEnded"] is null);
            Assert.That((DateTime)history["whenStarted"]!, Is.EqualTo(LocalTime.From(DateTimeOffset.UtcNow)).Within(TimeSpan.FromSeconds(5)));
        });
    }

    [Test]
    public async Task Should_audit_who_started_what() // V-08, engine 9, 110
    {
        using var none = new ListedVisits(Estate, 0);
        using var user = Host.ClientWith(await World.TokenAsync(userName: "JSMITH_GEN"));

        using var response = await user.PostAsync("/migrate/visits", new StringContent(Filter, Encoding.UTF8, "application/json"));
        var runId = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["migrationId"]!;
        var (entry, eventType) = await AuditOfAsync("MIGRATION_STARTED", runId);

        Assert.Multiple(() =>
        {
            Assert.That(eventType, Is.EqualTo("hmpps-audit-event"));
            Assert.That((string?)entry["who"], Is.EqualTo("JSMITH_GEN"));
            Assert.That((string?)entry["service"], Is.EqualTo("hmpps-prisoner-from-nomis-migration"));
            Assert.That((DateTimeOffset)entry["when"]!, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
            Assert.That((string?)entry["details"], Is.EqualTo($$"""{"migrationType":"VISITS","migrationId":"{{runId}}","filter":{{Filter}}}"""));
            Assert.That(new[] { "subjectId", "subjectType", "correlationId" }.Select(x => entry[x]), Is.All.Null);
        });
        await Host.WaitForAsync(runId, "COMPLETED");
    }

    [Test]
    public async Task Should_audit_who_cancelled_what() // V-23, engine 46
    {
        using var held = new HeldRequests(Estate, Operations.MigrateVisit);
        using var visits = new ListedVisits(Estate, 3);
        var runId = await Host.StartRunAsync();

        await Host.CancelAsync(runId);
        var (entry, _) = await AuditOfAsync("MIGRATION_CANCEL_REQUESTED", runId);

        Assert.That(((string?)entry["who"], (string?)entry["details"]), Is.EqualTo(("operator", $$"""{"migrationType":"VISITS","migrationId":"{{runId}}"}""")));
    }

    [Test]
    public async Task Should_refuse_a_start_while_a_migration_runs_and_while_it_is_cancelled() // engine 12, 13
    {
        using var held = new HeldRequests(Estate, Operations.MigrateVisit);
        using var visits = new ListedVisits(Estate, 3);
        var runId = await Host.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == 3);

        using var whileStarted = await Host.PostStartAsync();
        await Host.CancelAsync(runId);
        await Host.WaitForAsync(runId, "CANCELLED_REQUESTED");
        using var whileCancelling = await Host.PostStartAsync();

        foreach (var response in new[] { whileStarted, whileCancelling })
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(
                """{"status":409,"errorCode":null,"userMessage":"Migration already in progress: VISITS migration is already in progress","developerMessage":"VISITS migration is already in progress","moreInfo":null}"""));
        }
        Assert.That(await World.ReadAsync<long>("select count(*) from migration.runs where state in ('Requested', 'Estimating', 'Paging', 'Migrating', 'Cancelling')"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_start_again_after_the_last_migration_is_completed_or_cancelled() // engine 14, 15
    {
        using var held = new HeldRequests(Estate, Operations.MigrateVisit);
        using var visits = new ListedVisits(Estate, 1);
        var cancelled = await Host.StartRunAsync();
        await Host.CancelAsync(cancelled);
        held.Release();
        await Host.WaitForAsync(cancelled, "CANCELLED");

        var completed = await Host.MigrateAsync();
        var next = await Host.StartRunAsync();

        Assert.That(new[] { cancelled, (string)completed["id"]!, next }, Is.Unique); // though all are of the same few seconds
        await Host.WaitForAsync(next, "COMPLETED");
    }

    [Test]
    public async Task Should_let_one_of_many_starts_at_once_through()
    {
        using var held = new HeldRequests(Estate, Operations.GetVisitIds);

        var starts = Enumerable.Range(0, 6).Select(_ => Host.PostStartAsync()).ToArray();
        await Eventually.IsTrue(() => held.Arrived == 1 && starts.Count(x => x.IsCompleted) == 5);
        held.Release();
        var statuses = (await Task.WhenAll(starts)).Select(x => x.StatusCode);

        Assert.That(statuses.Order(), Is.EqualTo(new[] { HttpStatusCode.Accepted }.Concat(Enumerable.Repeat(HttpStatusCode.Conflict, 5))));
    }

    [Test]
    public async Task Should_fail_a_migration_that_cannot_be_counted_and_block_nobody()
    {
        string runId;
        using (Estate.OnRequest(x => x.Operation == Operations.GetVisitIds, (http, _) => Task.FromResult(http.Response.StatusCode = 500)))
        {
            using var response = await Host.PostStartAsync();
            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
            runId = ((string)body["developerMessage"]!).Split(' ')[0];

            Assert.Multiple(() =>
            {
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
                Assert.That((int)body["status"]!, Is.EqualTo(500));
                Assert.That((string?)body["userMessage"], Is.EqualTo($"Unexpected error: {runId} could not be counted: nomis answered 500"));
            });
        }
        Assert.That((string?)(await Host.HistoryAsync(runId))["status"], Is.EqualTo("FAILED"));
        Assert.That((string?)(await Host.ProgressAsync(runId))["failureReason"], Is.EqualTo("nomis answered 500"));

        using var none = new ListedVisits(Estate, 0);
        await Host.MigrateAsync();
    }

    [Test]
    public async Task Should_resume_a_migration_that_could_not_be_counted()
    {
        string runId;
        using (Estate.OnRequest(x => x.Operation == Operations.GetVisitIds, (http, _) => Task.FromResult(http.Response.StatusCode = 500)))
        {
            using var response = await Host.PostStartAsync();
            runId = ((string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["developerMessage"]!).Split(' ')[0];
        }

        using (Estate.OnRequest(x => x.Operation == Operations.GetVisitIds, (http, _) => Task.FromResult(http.Response.StatusCode = 404)))
        {
            Assert.That(await Host.ResumeAsync(runId), Is.EqualTo(HttpStatusCode.Accepted), "though it fails again at once");
            await Eventually.Value(() => Host.ProgressAsync(runId), x => (string?)x["failureReason"] == "nomis answered 404");
        }
        using var visits = new ListedVisits(Estate, 3);
        Assert.That(await Host.ResumeAsync(runId), Is.EqualTo(HttpStatusCode.Accepted));

        Assert.That((long)(await Host.WaitForAsync(runId, "COMPLETED"))["recordsMigrated"]!, Is.EqualTo(3));
    }

    static IEnumerable<TestCaseData> BadRequests()
    {
        yield return Case("""{"prisonIds":"MDI"}""", "Bad Request: prisonIds cannot be read").SetName("text for a list");
        yield return Case("""{"prisonIds":[1]}""", "Bad Request: prisonIds[0] cannot be read").SetName("number in a list of text");
        yield return Case("""{"fromDateTime":"2020-13-01T00:00:00"}""", "Bad Request: fromDateTime cannot be read").SetName("date that is none");
        yield return Case("""{"fromDateTime":"2020-01-01T00:00:00Z"}""", "Bad Request: fromDateTime cannot be read").SetName("time in UTC");
        yield return Case("""{"toDateTime":"2020-01-01T00:00:00+02:00"}""", "Bad Request: toDateTime cannot be read").SetName("time with an offset");
        yield return Case("""{"fromDateTime":"2020-01-01"}""", "Bad Request: fromDateTime cannot be read").SetName("date without time");
        yield return Case("""{"ignoreMissingRoom":"yes"}""", "Bad Request: ignoreMissingRoom cannot be read").SetName("text for a boolean");
        yield return Case("""{"prisonIds":null}""", "Validation failure: prisonIds must be a list").SetName("null for a list");
        yield return Case("""{"prisonIds":[null]}""", "Validation failure: prisonIds must be codes of 2 to 6 capital letters or digits").SetName("null in a list");
        yield return Case("""{"prisonIds":["'; drop table"]}""", "Validation failure: prisonIds must be codes of 2 to 6 capital letters or digits").SetName("prison that is none");
        yield return Case("""{"visitTypes":["FAMILY"]}""", "Validation failure: visitTypes must be SCON or OFFI").SetName("unknown visit type");
        yield return Case("""{"fromDateTime":"2020-01-02T00:00:00","toDateTime":"2020-01-01T00:00:00"}""", "Validation failure: toDateTime must not be before fromDateTime").SetName("reversed dates");
        yield return Case($$"""{"prisonIds":[{{string.Join(',', Enumerable.Range(0, 10_000).Select(x => $"\"P{x:0000}\""))}}]}""", "Validation failure: prisonIds has more than 300 entries").SetName("10,000 prisons");
        yield return Case("""{"prisonIds":["MDI"]""", "Bad Request: the body cannot be read").SetName("cut off");
        yield return Case("banana", "Bad Request: the body cannot be read").SetName("not JSON");
        yield return Case("[]", "Bad Request: the body cannot be read").SetName("array");
        yield return Case("null", "Bad Request: the body must be a JSON object").SetName("null");
        yield return Case("", "Bad Request: the body cannot be read").SetName("empty");

        static TestCaseData Case(string body, string message) => new(body, message);
    }

    [TestCaseSource(nameof(BadRequests))]
    public async Task Should_refuse_a_bad_filter_and_store_nothing(string body, string message)
    {
        var before = await World.ReadAsync<long>("select count(*) from migration.runs");

        using var response = await Host.PostStartAsync(body);

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        Assert.Multiple(async () =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(((int)error["status"]!, (string?)error["userMessage"]), Is.EqualTo((400, message)));
            Assert.That(await World.ReadAsync<long>("select count(*) from migration.runs"), Is.EqualTo(before));
            Assert.That(Estate.RequestsOf(Operations.GetVisitIds), Is.Zero);
        });
    }

    [TestCase("GET", "/migrate/bananas", HttpStatusCode.NotFound, "Not Found: no such path")]
    [TestCase("DELETE", "/migrate/visits", HttpStatusCode.MethodNotAllowed, "Method Not Allowed: this path has other methods")]
    [TestCase("POST", "/migrate/visits", HttpStatusCode.UnsupportedMediaType, "Unsupported Media Type: send application/json")]
    public async Task Should_answer_what_no_endpoint_answers_in_the_documented_form(string method, string path, HttpStatusCode status, string message)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent("{}", Encoding.UTF8, "text/plain");

        using var response = await Host.Operator.SendAsync(request);

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.That((response.StatusCode, (int)error["status"]!, (string?)error["userMessage"]), Is.EqualTo((status, (int)status, message)));
    }

    [Test]
    public async Task Should_refuse_a_body_that_does_not_say_what_it_is()
    {
        using var response = await Host.Operator.PostAsync("/migrate/visits", new ByteArrayContent("{}"u8.ToArray()));

        Assert.That((response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["userMessage"]),
            Is.EqualTo((HttpStatusCode.BadRequest, "Bad Request: send a JSON object with content type application/json")));
    }

    /// <summary>The audit entry about a run; entries about others are taken off the queue.</summary>
    async Task<(JsonObject Entry, string EventType)> AuditOfAsync(string what, string runId)
    {
        var sqs = Host.Services.GetRequiredService<IAmazonSQS>();
        var url = (await sqs.GetQueueUrlAsync("audit")).QueueUrl;
        (JsonObject, string)? found = null;
        await Eventually.IsTrue(async () =>
        {
            var received = await sqs.ReceiveMessageAsync(new ReceiveMessageRequest(url) { MaxNumberOfMessages = 10, WaitTimeSeconds = 1, MessageAttributeNames = ["All"] });
            foreach (var message in received.Messages ?? [])
            {
                await sqs.DeleteMessageAsync(url, message.ReceiptHandle);
                var entry = JsonNode.Parse(message.Body)!.AsObject();
                if ((string?)entry["what"] == what && ((string)entry["details"]!).Contains(runId))
                    found = (entry, message.MessageAttributes["eventType"].StringValue);
            }
            return found is not null;
        }, what: $"{what} of {runId} is on the audit queue");
        return found!.Value;
    }
}
