using System.Net;
using System.Net.Http.Json;
using Amazon.SQS;
using Amazon.SQS.Model;
using Migration.Simulator.Sqs;

namespace Migration.Tests.SqsEndpoint;

public class Faults_Specs : SqsEndpointFixture
{
    string _queue = "";

    [SetUp]
    public async Task CreateQueue() => _queue = await CreateQueueAsync();

    [Test]
    public async Task Should_fail_requests_in_the_asked_way()
    {
        Server.Faults.InternalErrorRate = 1;
        Assert.That(await StatusOfSend(), Is.EqualTo(HttpStatusCode.InternalServerError));

        Server.Faults.InternalErrorRate = 0;
        Server.Faults.OverLimitRate = 1;
        await Assert.ThrowsAsync<OverLimitException>(() => ReceiveAsync(_queue));

        Server.Faults.OverLimitRate = 0;
        Server.Faults.RequestThrottledRate = 1;
        await Assert.ThrowsAsync<RequestThrottledException>(() => Sqs.SendMessageAsync(_queue, "x"));
    }

    [Test]
    public async Task Should_limit_faults_to_the_named_actions()
    {
        Server.Faults.InternalErrorRate = 1;
        Server.Faults.OnlyActions = ["ReceiveMessage"];

        await Sqs.SendMessageAsync(_queue, "x");

        await Assert.CatchAsync<AmazonSQSException>(() => ReceiveAsync(_queue));
        Assert.That(DepthOf(_queue).Visible, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_fail_some_entries_of_a_batch_and_take_the_others()
    {
        Server.Faults.PartialBatchFailureRate = 0.5;
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendBatchAsync(_queue, Enumerable.Repeat("x", 10))));

        var succeeded = responses.Sum(x => x.Successful?.Count ?? 0);
        var failed = responses.Sum(x => x.Failed?.Count ?? 0);

        Assert.That(succeeded, Is.InRange(50, 150));
        Assert.That(succeeded + failed, Is.EqualTo(200));
        Assert.That(DepthOf(_queue).Visible, Is.EqualTo(succeeded));
        Assert.That(responses.SelectMany(x => x.Failed ?? []), Has.All.Property("SenderFault").False);
    }

    [Test]
    public async Task Should_deliver_a_message_twice()
    {
        Server.Faults.DuplicateDeliveryRate = 1;
        await Sqs.SendMessageAsync(_queue, "x");
        var first = (await ReceiveAsync(_queue)).Single();
        Server.Faults.DuplicateDeliveryRate = 0;
        await Sqs.DeleteMessageAsync(_queue, first.ReceiptHandle);

        var second = (await ReceiveAsync(_queue)).Single();

        Assert.That(second.MessageId, Is.EqualTo(first.MessageId));
        Assert.That(second.Body, Is.EqualTo("x"));
    }

    [Test]
    public async Task Should_refuse_everything_and_keep_what_it_has()
    {
        await Sqs.SendMessageAsync(_queue, "x");

        Server.Faults.RefuseAll = true;
        Assert.That(await StatusOfSend(), Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        Server.Faults.RefuseAll = false;
        Assert.That((await ReceiveAsync(_queue)).Single().Attributes["ApproximateReceiveCount"], Is.EqualTo("1"));
    }

    [Test]
    public async Task Should_be_set_and_shown_over_http()
    {
        using var http = new HttpClient { BaseAddress = Server.Url };
        using var put = await http.PutAsJsonAsync("/simulator/sqs/faults", new { overLimitRate = 0.25, latency = "00:00:00.050", onlyActions = new[] { "SendMessage" } });

        Assert.Multiple(() =>
        {
            Assert.That(put.IsSuccessStatusCode);
            Assert.That(Server.Faults.OverLimitRate, Is.EqualTo(0.25));
            Assert.That(Server.Faults.Latency, Is.EqualTo(TimeSpan.FromMilliseconds(50)));
        });
        Assert.That((await http.GetFromJsonAsync<SqsFaults>("/simulator/sqs/faults"))!.OnlyActions, Is.EqualTo(new[] { "SendMessage" }));
        using var reset = await http.PutAsJsonAsync("/simulator/sqs/faults", new { });
        Assert.That(Server.Faults.OverLimitRate, Is.Zero);
    }

    [Test]
    public async Task Should_show_queues_and_requests_and_delete_all()
    {
        using var http = new HttpClient { BaseAddress = Server.Url };
        await SendBatchAsync(_queue, ["a", "b"]);
        await ReceiveAsync(_queue, maximum: 1);

        var queues = await http.GetFromJsonAsync<List<SqsQueueDepth>>("/simulator/sqs/queues");
        var requests = await http.GetFromJsonAsync<SqsRequestCounts>("/simulator/sqs/requests");
        using var deleted = await http.DeleteAsync("/simulator/sqs/queues");

        Assert.Multiple(() =>
        {
            Assert.That(queues, Is.EqualTo(new[] { new SqsQueueDepth(_queue.Split('/')[^1], 1, 1, 0) }));
            Assert.That(requests!.Total, Is.EqualTo(3));
            Assert.That(requests!.ByAction["SendMessageBatch"], Is.EqualTo(1));
            Assert.That(Server.Broker.Depths, Is.Empty);
        });
        Assert.That(await http.GetStringAsync("/health"), Is.EqualTo("UP"));
    }

    [Test]
    public async Task Should_keep_its_messages_over_a_restart_with_the_same_broker()
    {
        await Sqs.SendMessageAsync(_queue, "x");
        await Server.DisposeAsync();

        await using var restarted = await SqsServer.StartAsync(Server.Broker, Server.Url.Port);

        Assert.That((await ReceiveAsync(_queue)).Single().Body, Is.EqualTo("x"));
    }

    async Task<HttpStatusCode?> StatusOfSend() => (await Assert.CatchAsync<AmazonSQSException>(() => Sqs.SendMessageAsync(_queue, "x")))?.StatusCode;
}
