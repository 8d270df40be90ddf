using Amazon.SQS;
using Amazon.SQS.Model;

namespace Migration.Tests.SqsEndpoint;

public class Redrive_Specs : SqsEndpointFixture
{
    [Test]
    public async Task Should_move_a_message_with_its_attributes_after_the_last_receive()
    {
        var (queue, dead) = await CreateQueueWithDeadLettersAsync(maxReceives: 2);
        var sent = await SendWithAttributeAsync(queue);

        await ReceiveAsync(queue, visibility: 0);
        await ReceiveAsync(queue, visibility: 0);
        Assert.That(await ReceiveAsync(queue), Is.Empty);
        var message = (await ReceiveAsync(dead)).Single();

        Assert.Multiple(() =>
        {
            Assert.That(message.MessageId, Is.EqualTo(sent.MessageId));
            Assert.That(message.MessageAttributes["MT-MessageId"].StringValue, Is.EqualTo("17"));
            Assert.That(message.Attributes["DeadLetterQueueSourceArn"], Does.EndWith(queue.Split('/')[^1]));
            Assert.That(message.Attributes["ApproximateReceiveCount"], Is.EqualTo("3"));
        });
    }

    [Test]
    public async Task Should_not_delay_a_dead_letter_again()
    {
        var (queue, dead) = await CreateQueueWithDeadLettersAsync(maxReceives: 1);
        await Sqs.SendMessageAsync(new SendMessageRequest(queue, "x") { DelaySeconds = 60 });
        Clock.Advance(TimeSpan.FromSeconds(60));
        await ReceiveAsync(queue, visibility: 0);

        Assert.That(await ReceiveAsync(queue), Is.Empty);
        Assert.That(DepthOf(dead).Visible, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_list_the_sources_of_a_dead_letter_queue()
    {
        var (queue, dead) = await CreateQueueWithDeadLettersAsync(maxReceives: 2);

        var sources = await Sqs.ListDeadLetterSourceQueuesAsync(new ListDeadLetterSourceQueuesRequest { QueueUrl = dead });

        Assert.That(sources.QueueUrls, Is.EqualTo(new[] { queue }));
    }

    [Test]
    public async Task Should_move_dead_letters_back_as_new_messages()
    {
        var (queue, dead) = await CreateQueueWithDeadLettersAsync(maxReceives: 1);
        var sent = await SendWithAttributeAsync(queue);
        await ReceiveAsync(queue, visibility: 0);
        await ReceiveAsync(queue);

        await Sqs.StartMessageMoveTaskAsync(new StartMessageMoveTaskRequest { SourceArn = await ArnOfAsync(dead) });
        var task = (await Sqs.ListMessageMoveTasksAsync(new ListMessageMoveTasksRequest { SourceArn = await ArnOfAsync(dead) })).Results.Single();
        var message = (await ReceiveAsync(queue)).Single();

        Assert.Multiple(() =>
        {
            Assert.That(task.Status, Is.EqualTo("COMPLETED"));
            Assert.That(task.ApproximateNumberOfMessagesMoved, Is.EqualTo(1));
            Assert.That(message.MessageId, Is.Not.EqualTo(sent.MessageId));
            Assert.That(message.MessageAttributes["MT-MessageId"].StringValue, Is.EqualTo("17"));
            Assert.That(message.Attributes["ApproximateReceiveCount"], Is.EqualTo("1"));
            Assert.That(DepthOf(dead).Visible, Is.Zero);
        });
    }

    [Test]
    public async Task Should_move_dead_letters_elsewhere_and_leave_those_without_a_source()
    {
        var (_, dead) = await CreateQueueWithDeadLettersAsync(maxReceives: 1);
        var elsewhere = await CreateQueueAsync();
        await Sqs.SendMessageAsync(dead, "sent here directly");

        await Sqs.StartMessageMoveTaskAsync(new StartMessageMoveTaskRequest { SourceArn = await ArnOfAsync(dead) });
        var failed = (await Sqs.ListMessageMoveTasksAsync(new ListMessageMoveTasksRequest { SourceArn = await ArnOfAsync(dead) })).Results.Single();
        Assert.That(failed.Status, Is.EqualTo("FAILED"));
        Assert.That(DepthOf(dead).Visible, Is.EqualTo(1));

        await Sqs.StartMessageMoveTaskAsync(new StartMessageMoveTaskRequest { SourceArn = await ArnOfAsync(dead), DestinationArn = await ArnOfAsync(elsewhere) });
        Assert.That(DepthOf(elsewhere).Visible, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_refuse_to_move_from_a_queue_that_is_no_dead_letter_queue()
    {
        var arn = await ArnOfAsync(await CreateQueueAsync());

        Assert.That(await CodeOf(() => Sqs.StartMessageMoveTaskAsync(new StartMessageMoveTaskRequest { SourceArn = arn })), Is.EqualTo("InvalidParameterValue"));
        await Assert.ThrowsAsync<ResourceNotFoundException>(() => Sqs.StartMessageMoveTaskAsync(new StartMessageMoveTaskRequest { SourceArn = arn + "-not" }));
    }

    Task<SendMessageResponse> SendWithAttributeAsync(string queue) => Sqs.SendMessageAsync(new SendMessageRequest(queue, "x")
    {
        MessageAttributes = new() { ["MT-MessageId"] = new() { DataType = "String", StringValue = "17" } },
    });
}
