using Amazon.SQS;
using Amazon.SQS.Model;

namespace Migration.Tests.SqsEndpoint;

/// <summary>Where Amazon refuses, so does the simulator: code that passes here must not meet its first refusal in production.</summary>
public class Limits_Specs : SqsEndpointFixture
{
    const int MiB = 1024 * 1024;

    string _queue = "";

    [SetUp]
    public async Task CreateQueue() => _queue = await CreateQueueAsync();

    [Test]
    public async Task Should_refuse_batches_that_are_empty_or_hold_more_than_ten()
    {
        await Assert.ThrowsAsync<EmptyBatchRequestException>(() => SendBatchAsync(_queue, []));
        await Assert.ThrowsAsync<TooManyEntriesInBatchRequestException>(() => SendBatchAsync(_queue, Enumerable.Repeat("x", 11)));
    }

    [Test]
    public async Task Should_refuse_batch_ids_that_repeat_or_are_malformed()
    {
        await Assert.ThrowsAsync<BatchEntryIdsNotDistinctException>(() => Sqs.SendMessageBatchAsync(_queue, [new("a", "1"), new("a", "2")]));
        await Assert.ThrowsAsync<InvalidBatchEntryIdException>(() => Sqs.SendMessageBatchAsync(_queue, [new("a.b", "1")]));
        await Assert.ThrowsAsync<InvalidBatchEntryIdException>(() => Sqs.DeleteMessageBatchAsync(_queue, [new(new string('a', 81), "1")]));
    }

    [Test]
    public async Task Should_accept_one_mebibyte_and_refuse_more()
    {
        await Sqs.SendMessageAsync(_queue, new string('x', MiB));
        Assert.That(await CodeOf(() => Sqs.SendMessageAsync(_queue, new string('x', MiB + 1))), Is.EqualTo("InvalidParameterValue"));
        Assert.That(await CodeOf(() => Sqs.SendMessageAsync(new SendMessageRequest(_queue, new string('x', MiB - 5)) { MessageAttributes = Attributes(1) })), Is.EqualTo("InvalidParameterValue"), "attributes count");
    }

    [Test]
    public async Task Should_refuse_a_batch_of_more_than_one_mebibyte()
    {
        await SendBatchAsync(_queue, [new string('x', MiB / 2), new string('x', MiB / 2)]);
        await Assert.ThrowsAsync<BatchRequestTooLongException>(() => SendBatchAsync(_queue, [new string('x', MiB / 2), new string('x', (MiB / 2) + 1)]));
        Assert.That(DepthOf(_queue).Visible, Is.EqualTo(2), "nothing of the refused batch was taken");
    }

    [Test]
    public async Task Should_accept_ten_attributes_and_refuse_eleven()
    {
        await Sqs.SendMessageAsync(new SendMessageRequest(_queue, "x") { MessageAttributes = Attributes(10) });
        Assert.That(await CodeOf(() => Sqs.SendMessageAsync(new SendMessageRequest(_queue, "x") { MessageAttributes = Attributes(11) })), Is.EqualTo("InvalidParameterValue"));
    }

    [Test]
    public async Task Should_refuse_attributes_that_are_malformed()
    {
        await Refuse("AWS.name", new() { DataType = "String", StringValue = "x" });
        await Refuse("a..b", new() { DataType = "String", StringValue = "x" });
        await Refuse("a", new() { DataType = "Colour", StringValue = "x" });
        await Refuse("a", new() { DataType = "String", StringValue = "" });

        async Task Refuse(string name, MessageAttributeValue value) =>
            Assert.That(await CodeOf(() => Sqs.SendMessageAsync(new SendMessageRequest(_queue, "x") { MessageAttributes = new() { [name] = value } })), Is.EqualTo("InvalidParameterValue"), name);
    }

    [Test]
    public async Task Should_refuse_bodies_that_are_empty_or_hold_control_characters()
    {
        Assert.That(await CodeOf(() => Sqs.SendMessageAsync(_queue, "")), Is.EqualTo("MissingParameter"));
        await Assert.ThrowsAsync<InvalidMessageContentsException>(() => Sqs.SendMessageAsync(_queue, "a\u0001b"));
    }

    [Test]
    public async Task Should_refuse_numbers_out_of_range()
    {
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await CodeOf(() => Sqs.SendMessageAsync(new SendMessageRequest(_queue, "x") { DelaySeconds = 901 })), Is.EqualTo("InvalidParameterValue"));
            Assert.That(await CodeOf(() => ReceiveAsync(_queue, maximum: 0)), Is.EqualTo("InvalidParameterValue"));
            Assert.That(await CodeOf(() => ReceiveAsync(_queue, maximum: 11)), Is.EqualTo("InvalidParameterValue"));
            Assert.That(await CodeOf(() => ReceiveAsync(_queue, wait: 21)), Is.EqualTo("InvalidParameterValue"));
            Assert.That(await CodeOf(() => ReceiveAsync(_queue, visibility: 43_201)), Is.EqualTo("InvalidParameterValue"));
        });
    }

    static Dictionary<string, MessageAttributeValue> Attributes(int count) =>
        Enumerable.Range(0, count).ToDictionary(x => $"name{x}", _ => new MessageAttributeValue { DataType = "String", StringValue = "x" });
}
