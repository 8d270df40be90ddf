using Amazon.SQS.Model;

namespace Migration.Tests.SqsEndpoint;

public class Fifo_Specs : SqsEndpointFixture
{
    string _queue = "";

    [SetUp]
    public async Task CreateQueue() => _queue = await CreateQueueAsync(".fifo", ("FifoQueue", "true"));

    [Test]
    public async Task Should_keep_the_order_of_a_group_and_lock_it_while_a_message_is_in_flight()
    {
        foreach (var (group, body) in new[] { ("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3") })
            await SendAsync(group, body);

        var first = await ReceiveAsync(_queue, maximum: 2);
        var second = await ReceiveAsync(_queue);
        Assert.That(first.Select(x => x.Body), Is.EqualTo(new[] { "a1", "a2" }));
        Assert.That(second.Select(x => x.Body), Is.EqualTo(new[] { "b1" }));

        await Sqs.DeleteMessageAsync(_queue, first[0].ReceiptHandle);
        Assert.That(await ReceiveAsync(_queue), Is.Empty, "a2 is still in flight");
        await Sqs.DeleteMessageAsync(_queue, first[1].ReceiptHandle);
        Assert.That((await ReceiveAsync(_queue)).Select(x => x.Body), Is.EqualTo(new[] { "a3" }));
    }

    [Test]
    public async Task Should_keep_the_order_when_messages_come_back()
    {
        foreach (var body in new[] { "1", "2", "3" })
            await SendAsync("a", body);
        await ReceiveAsync(_queue, maximum: 2, visibility: 10);
        Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.That((await ReceiveAsync(_queue)).Select(x => x.Body), Is.EqualTo(new[] { "1", "2", "3" }));
    }

    [Test]
    public async Task Should_wake_a_poll_when_the_group_becomes_free()
    {
        await SendAsync("a", "1");
        await SendAsync("a", "2");
        var first = (await ReceiveAsync(_queue, maximum: 1)).Single();
        var poll = ReceiveAsync(_queue, wait: 20);
        await Eventually(() => Server.Broker.Requests.ByAction["ReceiveMessage"] >= 2, "the poll arrived");

        await Sqs.DeleteMessageAsync(_queue, first.ReceiptHandle);

        Assert.That((await poll.WaitAsync(TimeSpan.FromSeconds(5))).Single().Body, Is.EqualTo("2"));
    }

    [Test]
    public async Task Should_accept_and_not_deliver_a_repeated_deduplication_id_for_five_minutes()
    {
        var first = await SendAsync("a", "1", "same");
        var second = await SendAsync("a", "2", "same");
        Clock.Advance(TimeSpan.FromMinutes(5));
        await SendAsync("a", "3", "same");

        Assert.That(second.MessageId, Is.EqualTo(first.MessageId));
        Assert.That(second.SequenceNumber, Is.EqualTo(first.SequenceNumber));
        Assert.That((await ReceiveAsync(_queue)).Select(x => x.Body), Is.EqualTo(new[] { "1", "3" }));
    }

    [Test]
    public async Task Should_deduplicate_by_content_when_the_queue_says_so()
    {
        var queue = await CreateQueueAsync(".fifo", ("FifoQueue", "true"), ("ContentBasedDeduplication", "true"));
        await Sqs.SendMessageAsync(new SendMessageRequest(queue, "same") { MessageGroupId = "a" });
        await Sqs.SendMessageAsync(new SendMessageRequest(queue, "same") { MessageGroupId = "a" });

        Assert.That(DepthOf(queue).Visible, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_refuse_what_a_fifo_queue_does_not_take()
    {
        Assert.That(await CodeOf(() => Sqs.SendMessageAsync(_queue, "no group")), Is.EqualTo("MissingParameter"));
        Assert.That(await CodeOf(() => Sqs.SendMessageAsync(new SendMessageRequest(_queue, "no id") { MessageGroupId = "a" })), Is.EqualTo("InvalidParameterValue"));
        Assert.That(await CodeOf(() => Sqs.SendMessageAsync(new SendMessageRequest(_queue, "x") { MessageGroupId = "a", MessageDeduplicationId = "1", DelaySeconds = 5 })), Is.EqualTo("InvalidParameterValue"));
        Assert.That(await CodeOf(() => CreateQueueAsync(null, ("FifoQueue", "true"))), Is.EqualTo("InvalidParameterValue"));

        await SendAsync("a", "1");
        var message = (await ReceiveAsync(_queue, visibility: 1)).Single();
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await CodeOf(() => Sqs.DeleteMessageAsync(_queue, message.ReceiptHandle)), Is.EqualTo("InvalidParameterValue"), "the handle has expired");
    }

    Task<SendMessageResponse> SendAsync(string group, string body, string? deduplicationId = null) =>
        Sqs.SendMessageAsync(new SendMessageRequest(_queue, body) { MessageGroupId = group, MessageDeduplicationId = deduplicationId ?? body });
}
