using Amazon.SQS.Model;
using MassTransit;

namespace Migration.Tests.Transport;

/// <summary>Anybody who may send to a queue may send anything: no message comes back for ever.</summary>
public class Hostile_Specs : FastTransportFixture
{
    [TestCase("MT-Headers", "no JSON")]
    [TestCase("MT-Headers", """{ "name": { "is": "an object" } }""")]
    [TestCase("MT-Headers", """{ "name": null }""")]
    [TestCase("MT-Deliver-At", "9223372036854775807")]
    [TestCase("MT-Deliver-At", "-9223372036854775808")]
    [TestCase("MT-Deliver-At", "tomorrow")]
    [TestCase("MT-Activity-Id", "no trace")]
    [TestCase("MessageId", "no guid")]
    public async Task Should_consume_a_message_whose_attributes_make_no_sense(string name, string value)
    {
        var received = new TaskCompletionSource<int>();
        await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseRawJsonDeserializer(isDefault: true);
            e.Handler<Named>(x =>
            {
                received.TrySetResult(x.GetReceiveCount());
                return Task.CompletedTask;
            });
        }));

        await SendRaw("""{ "name": "x" }""", name, value);

        Assert.That(await received.Task.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo(1));
        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "it ends");
    }

    [TestCase("""{ "name": "x" }""", "Content-Type", "no type")]
    [TestCase("no JSON", "Content-Type", "application/json")]
    [TestCase("no JSON", "x", "y")]
    public async Task Should_put_a_message_aside_that_cannot_be_read(string body, string name, string value)
    {
        await StartBus(cfg => cfg.ReceiveEndpoint("work", e => e.Handler<Named>(_ => Task.CompletedTask)));

        await SendRaw(body, name, value);

        await Eventually(() => DepthOf("work_error").Visible == 1 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "it is in the error queue");
    }

    [Test]
    public async Task Should_copy_a_failed_message_that_leaves_no_room_for_headers()
    {
        await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseRawJsonDeserializer(isDefault: true);
            e.Handler<Named>(_ => throw new InvalidOperationException("broken"));
        }));

        await SendRaw($$"""{ "name": "{{new string('x', (1024 * 1024) - 100)}}" }""", "eventType", "VISIT");

        await Eventually(() => DepthOf("work_error").Visible == 1 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "it is in the error queue");
        var copy = (await Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(await UrlOf("work_error")) { MessageAttributeNames = ["All"] })).Messages[0];
        Assert.That(copy.MessageAttributes["eventType"].StringValue, Is.EqualTo("VISIT"));
    }

    async Task SendRaw(string body, string name, string value) => await Sqs.SendMessageAsync(new SendMessageRequest(await UrlOf("work"), body)
    {
        MessageAttributes = new() { [name] = new MessageAttributeValue { DataType = "String", StringValue = value } }
    });
}
