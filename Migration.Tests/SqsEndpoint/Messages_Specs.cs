using Amazon.SQS;
using Amazon.SQS.Model;

namespace Migration.Tests.SqsEndpoint;

public class Messages_Specs : SqsEndpointFixture
{
    [Test]
    public async Task Should_deliver_body_and_attributes_unchanged()
    {
        var queue = await CreateQueueAsync();
        const string body = "{\"text\":\"é ☃ 😀 <&> \\\\ \\\" \\n\"}\tend\n";
        var sent = await Sqs.SendMessageAsync(new SendMessageRequest(queue, body)
        {
            MessageAttributes = new()
            {
                ["text"] = new() { DataType = "String", StringValue = "välue" },
                ["number"] = new() { DataType = "Number.int", StringValue = "17" },
                ["bytes"] = new() { DataType = "Binary", BinaryValue = new MemoryStream([0, 1, 255]) },
            },
            MessageSystemAttributes = new() { ["AWSTraceHeader"] = new() { DataType = "String", StringValue = "Root=1-5759e988-bd862e3fe1be46a994272793" } },
        });

        var received = (await ReceiveAsync(queue)).Single(); // the client verifies both MD5 sums

        Assert.Multiple(() =>
        {
            Assert.That(received.MessageId, Is.EqualTo(sent.MessageId));
            Assert.That(received.Body, Is.EqualTo(body));
            Assert.That(received.MessageAttributes["text"].StringValue, Is.EqualTo("välue"));
            Assert.That(received.MessageAttributes["number"].DataType, Is.EqualTo("Number.int"));
            Assert.That(received.MessageAttributes["bytes"].BinaryValue.ToArray(), Is.EqualTo(new byte[] { 0, 1, 255 }));
            Assert.That(received.Attributes["ApproximateReceiveCount"], Is.EqualTo("1"));
            Assert.That(received.Attributes["SentTimestamp"], Is.EqualTo($"{Clock.GetUtcNow().ToUnixTimeMilliseconds()}"));
            Assert.That(received.Attributes["AWSTraceHeader"], Does.StartWith("Root=1"));
        });
    }

    [Test]
    public async Task Should_return_only_the_attributes_asked_for()
    {
        var queue = await CreateQueueAsync();
        MessageAttributeValue Text(string value) => new() { DataType = "String", StringValue = value };
        await Sqs.SendMessageAsync(new SendMessageRequest(queue, "x") { MessageAttributes = new() { ["mt.a"] = Text("1"), ["mt.b"] = Text("2"), ["other"] = Text("3") } });

        var received = (await Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queue) { MessageAttributeNames = ["mt.*"] })).Messages.Single();

        Assert.That(received.MessageAttributes.Keys, Is.EquivalentTo(new[] { "mt.a", "mt.b" }));
        Assert.That(received.Attributes, Is.Null.Or.Empty);
    }

    [Test]
    public async Task Should_answer_an_empty_poll_with_no_messages() => Assert.That(await ReceiveAsync(await CreateQueueAsync()), Is.Empty);

    [Test]
    public async Task Should_hide_a_received_message_until_its_timeout_and_then_deliver_it_again()
    {
        var queue = await CreateQueueAsync();
        await Sqs.SendMessageAsync(queue, "a");
        var first = (await ReceiveAsync(queue, visibility: 10)).Single();

        Assert.That(await ReceiveAsync(queue), Is.Empty);
        Clock.Advance(TimeSpan.FromSeconds(10));
        var second = (await ReceiveAsync(queue)).Single();

        Assert.That(second.MessageId, Is.EqualTo(first.MessageId));
        Assert.That(second.ReceiptHandle, Is.Not.EqualTo(first.ReceiptHandle));
        Assert.That(second.Attributes["ApproximateReceiveCount"], Is.EqualTo("2"));
    }

    [Test]
    public async Task Should_delete_with_the_newest_handle_only()
    {
        var queue = await CreateQueueAsync();
        await Sqs.SendMessageAsync(queue, "a");
        var first = (await ReceiveAsync(queue, visibility: 0)).Single();
        var second = (await ReceiveAsync(queue)).Single();

        await Sqs.DeleteMessageAsync(queue, first.ReceiptHandle);
        Assert.That(DepthOf(queue).InFlight, Is.EqualTo(1), "an old handle succeeds and deletes nothing");

        await Sqs.DeleteMessageAsync(queue, second.ReceiptHandle);
        await Sqs.DeleteMessageAsync(queue, second.ReceiptHandle);
        Assert.That(DepthOf(queue), Has.Property("InFlight").EqualTo(0).And.Property("Visible").EqualTo(0));
    }

    [Test]
    public async Task Should_refuse_handles_that_are_not_its_own()
    {
        var queue = await CreateQueueAsync();
        var other = await CreateQueueAsync();
        await Sqs.SendMessageAsync(other, "a");
        var foreign = (await ReceiveAsync(other)).Single().ReceiptHandle;

        await Assert.ThrowsAsync<ReceiptHandleIsInvalidException>(() => Sqs.DeleteMessageAsync(queue, "nonsense"));
        await Assert.ThrowsAsync<ReceiptHandleIsInvalidException>(() => Sqs.DeleteMessageAsync(queue, foreign));
    }

    [Test]
    public async Task Should_change_how_long_a_message_stays_hidden()
    {
        var queue = await CreateQueueAsync();
        await Sqs.SendMessageAsync(queue, "a");
        var message = (await ReceiveAsync(queue, visibility: 10)).Single();

        await Sqs.ChangeMessageVisibilityAsync(queue, message.ReceiptHandle, 100);
        Clock.Advance(TimeSpan.FromSeconds(50));
        Assert.That(await ReceiveAsync(queue), Is.Empty);

        await Sqs.ChangeMessageVisibilityAsync(queue, message.ReceiptHandle, 0);
        await Assert.ThrowsAsync<MessageNotInflightException>(() => Sqs.ChangeMessageVisibilityAsync(queue, message.ReceiptHandle, 10));
        Assert.That(await ReceiveAsync(queue), Has.Count.EqualTo(1));
        Assert.That(await CodeOf(() => Sqs.ChangeMessageVisibilityAsync(queue, message.ReceiptHandle, 10)), Is.EqualTo("InvalidParameterValue"), "the handle is old now");
    }

    [Test]
    public async Task Should_not_hide_a_message_for_more_than_twelve_hours_in_all()
    {
        var queue = await CreateQueueAsync();
        await Sqs.SendMessageAsync(queue, "a");
        var message = (await ReceiveAsync(queue, visibility: 43_200)).Single();
        Clock.Advance(TimeSpan.FromHours(6));

        Assert.That(await CodeOf(() => Sqs.ChangeMessageVisibilityAsync(queue, message.ReceiptHandle, 21_601)), Is.EqualTo("InvalidParameterValue"));
        await Sqs.ChangeMessageVisibilityAsync(queue, message.ReceiptHandle, 21_600);
    }

    [Test]
    public async Task Should_delay_by_message_and_by_queue()
    {
        var queue = await CreateQueueAsync(null, ("DelaySeconds", "30"));
        await Sqs.SendMessageAsync(queue, "by queue");
        await Sqs.SendMessageAsync(new SendMessageRequest(queue, "by message") { DelaySeconds = 900 });
        await Sqs.SendMessageAsync(new SendMessageRequest(queue, "at once") { DelaySeconds = 0 });

        Assert.That((await ReceiveAsync(queue)).Select(x => x.Body), Is.EqualTo(new[] { "at once" }));
        Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That((await ReceiveAsync(queue)).Select(x => x.Body), Does.Contain("by queue"));
        Clock.Advance(TimeSpan.FromSeconds(869));
        Assert.That(DepthOf(queue).Delayed, Is.EqualTo(1));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(DepthOf(queue).Delayed, Is.Zero);
    }

    [Test]
    public async Task Should_drop_messages_older_than_the_retention_period()
    {
        var queue = await CreateQueueAsync(null, ("MessageRetentionPeriod", "60"));
        await Sqs.SendMessageAsync(queue, "a");
        Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.That(await ReceiveAsync(queue), Is.Empty);
        Assert.That(DepthOf(queue).Visible, Is.Zero);
    }

    [Test]
    public async Task Should_handle_batches()
    {
        var queue = await CreateQueueAsync();
        var sent = await SendBatchAsync(queue, Enumerable.Range(0, 10).Select(x => $"body {x}"));
        var received = await ReceiveAsync(queue);

        var hidden = await Sqs.ChangeMessageVisibilityBatchAsync(queue, [.. received.Select((x, i) => new ChangeMessageVisibilityBatchRequestEntry($"v{i}", x.ReceiptHandle) { VisibilityTimeout = 100 })]);
        var deleted = await Sqs.DeleteMessageBatchAsync(queue, [.. received.Select((x, i) => new DeleteMessageBatchRequestEntry($"d{i}", x.ReceiptHandle)).Skip(1), new("bad", "nonsense")]);

        Assert.Multiple(() =>
        {
            Assert.That(sent.Successful.Select(x => x.MessageId), Is.EqualTo(received.Select(x => x.MessageId)));
            Assert.That(hidden.Successful, Has.Count.EqualTo(10));
            Assert.That(deleted.Successful, Has.Count.EqualTo(9));
            Assert.That(deleted.Failed.Single(), Has.Property("Code").EqualTo("ReceiptHandleIsInvalid").And.Property("SenderFault").True);
            Assert.That(DepthOf(queue).InFlight, Is.EqualTo(1));
        });
    }
}
