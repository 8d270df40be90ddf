using Amazon.SQS.Model;

namespace Migration.Tests.SqsEndpoint;

public class Queues_Specs : SqsEndpointFixture
{
    [Test]
    public async Task Should_return_the_same_url_when_created_again_with_the_same_attributes()
    {
        var attributes = new Dictionary<string, string> { ["VisibilityTimeout"] = "7" };
        var first = await Sqs.CreateQueueAsync(new CreateQueueRequest("visits") { Attributes = attributes });
        var second = await Sqs.CreateQueueAsync(new CreateQueueRequest("visits") { Attributes = attributes });

        Assert.That(second.QueueUrl, Is.EqualTo(first.QueueUrl).And.StartsWith(Server.Url.ToString()));
        Assert.That((await Sqs.GetQueueUrlAsync("visits")).QueueUrl, Is.EqualTo(first.QueueUrl));
    }

    [Test]
    public async Task Should_refuse_the_same_name_with_other_attributes()
    {
        await Sqs.CreateQueueAsync("visits");

        await Assert.ThrowsAsync<QueueNameExistsException>(() =>
            Sqs.CreateQueueAsync(new CreateQueueRequest("visits") { Attributes = new() { ["VisibilityTimeout"] = "7" } }));
    }

    [Test]
    public async Task Should_say_that_a_queue_does_not_exist()
    {
        await Assert.ThrowsAsync<QueueDoesNotExistException>(() => Sqs.GetQueueUrlAsync("nowhere"));
        await Assert.ThrowsAsync<QueueDoesNotExistException>(() => Sqs.SendMessageAsync($"{Server.Url}000000000000/nowhere", "x"));
    }

    [TestCase("")]
    [TestCase("with space")]
    [TestCase("a.b")]
    [TestCase("123456789012345678901234567890123456789012345678901234567890123456789012345678901")]
    public async Task Should_refuse_the_name(string name) =>
        Assert.That(await CodeOf(() => Sqs.CreateQueueAsync(name)), Is.EqualTo("InvalidParameterValue"));

    [TestCase("VisibilityTimeout", "43201", "InvalidAttributeValue")]
    [TestCase("DelaySeconds", "901", "InvalidAttributeValue")]
    [TestCase("ReceiveMessageWaitTimeSeconds", "21", "InvalidAttributeValue")]
    [TestCase("MaximumMessageSize", "1048577", "InvalidAttributeValue")]
    [TestCase("MessageRetentionPeriod", "59", "InvalidAttributeValue")]
    [TestCase("Colour", "red", "InvalidAttributeName")]
    [TestCase("RedrivePolicy", "{}", "InvalidParameterValue")]
    [TestCase("RedrivePolicy", """{"deadLetterTargetArn":"arn:aws:sqs:eu-west-2:000000000000:nowhere","maxReceiveCount":3}""", "InvalidParameterValue")]
    public async Task Should_refuse_the_attribute(string name, string value, string code) =>
        Assert.That(await CodeOf(() => CreateQueueAsync(null, (name, value))), Is.EqualTo(code));

    [Test]
    public async Task Should_show_attributes_and_all_three_counts()
    {
        var queue = await CreateQueueAsync(null, ("VisibilityTimeout", "77"));
        await SendBatchAsync(queue, ["a", "b", "c"]);
        await Sqs.SendMessageAsync(new SendMessageRequest(queue, "later") { DelaySeconds = 60 });
        await ReceiveAsync(queue, maximum: 1);

        var attributes = await Sqs.GetQueueAttributesAsync(queue, ["All"]);

        Assert.Multiple(() =>
        {
            Assert.That(attributes.ApproximateNumberOfMessages, Is.EqualTo(2));
            Assert.That(attributes.ApproximateNumberOfMessagesNotVisible, Is.EqualTo(1));
            Assert.That(attributes.ApproximateNumberOfMessagesDelayed, Is.EqualTo(1));
            Assert.That(attributes.Attributes["VisibilityTimeout"], Is.EqualTo("77"));
            Assert.That(attributes.Attributes["MessageRetentionPeriod"], Is.EqualTo("345600"));
        });
    }

    [Test]
    public async Task Should_change_attributes()
    {
        var queue = await CreateQueueAsync();
        await Sqs.SetQueueAttributesAsync(queue, new() { ["VisibilityTimeout"] = "5" });
        await Sqs.SendMessageAsync(queue, "a");
        await ReceiveAsync(queue);

        Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.That(await ReceiveAsync(queue), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_list_by_prefix_and_by_page()
    {
        foreach (var name in new[] { "a-1", "a-2", "a-3", "b-1" })
            await Sqs.CreateQueueAsync(name);

        var first = await Sqs.ListQueuesAsync(new ListQueuesRequest("a-") { MaxResults = 2 });
        var second = await Sqs.ListQueuesAsync(new ListQueuesRequest("a-") { MaxResults = 2, NextToken = first.NextToken });

        Assert.That(first.QueueUrls.Concat(second.QueueUrls).Select(x => x.Split('/')[^1]), Is.EqualTo(new[] { "a-1", "a-2", "a-3" }));
        Assert.That(second.NextToken, Is.Null);
    }

    [Test]
    public async Task Should_end_the_polls_of_a_queue_that_is_deleted()
    {
        var queue = await CreateQueueAsync();
        var poll = ReceiveAsync(queue, wait: 20);
        await Eventually(() => Server.Broker.Requests.ByAction.ContainsKey("ReceiveMessage"), "the poll arrived");

        await Sqs.DeleteQueueAsync(queue);

        await Assert.ThrowsAsync<QueueDoesNotExistException>(() => poll);
    }

    [Test]
    public async Task Should_purge_all_messages_but_only_once_in_the_interval()
    {
        var queue = await CreateQueueAsync();
        await SendBatchAsync(queue, ["a", "b"]);
        await ReceiveAsync(queue, maximum: 1);

        await Sqs.PurgeQueueAsync(queue);

        Assert.That(DepthOf(queue), Is.EqualTo(DepthOf(queue) with { Visible = 0, InFlight = 0, Delayed = 0 }));
        await Assert.ThrowsAsync<PurgeQueueInProgressException>(() => Sqs.PurgeQueueAsync(queue));
        Clock.Advance(TimeSpan.FromSeconds(60));
        await Sqs.PurgeQueueAsync(queue);
        Server.Broker.PurgeInterval = TimeSpan.Zero;
        await Sqs.PurgeQueueAsync(queue);
    }

    [Test]
    public async Task Should_keep_tags()
    {
        var queue = (await Sqs.CreateQueueAsync(new CreateQueueRequest("tagged") { Tags = new() { ["team"] = "a" } })).QueueUrl;
        await Sqs.TagQueueAsync(new TagQueueRequest { QueueUrl = queue, Tags = new() { ["env"] = "dev" } });
        await Sqs.UntagQueueAsync(new UntagQueueRequest { QueueUrl = queue, TagKeys = ["team"] });

        Assert.That((await Sqs.ListQueueTagsAsync(new ListQueueTagsRequest { QueueUrl = queue })).Tags, Is.EqualTo(new Dictionary<string, string> { ["env"] = "dev" }));
    }

    [Test]
    public async Task Should_refuse_an_unknown_action()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Server.Url) { Content = new StringContent("{}"), Headers = { { "X-Amz-Target", "AmazonSQS.MakeCoffee" } } };

        using var response = await http.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(400));
        Assert.That(response.Headers.GetValues("x-amzn-query-error").Single(), Is.EqualTo("InvalidAction;Sender"));
    }
}
