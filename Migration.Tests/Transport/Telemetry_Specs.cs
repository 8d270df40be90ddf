using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Amazon.SQS.Model;
using MassTransit;

namespace Migration.Tests.Transport;

[NonParallelizable] // listens to the whole process
public class Telemetry_Specs : TransportFixture
{
    readonly string _queue = $"measured-{Guid.NewGuid():N}";

    [Test]
    public async Task Should_continue_the_trace_of_the_sender_by_the_conventions_for_messaging()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen("MassTransit", spans.Enqueue);
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint(_queue, e => e.Handler<Ping>(_ => Task.CompletedTask)));

        await bus.Send(_queue, new Ping(1));

        await Eventually(() => spans.Count(x => Equals(x.GetTagItem("messaging.destination.name"), _queue)) == 2, "it is sent and received");
        var send = spans.Single(x => x.Kind == ActivityKind.Producer && Equals(x.GetTagItem("messaging.destination.name"), _queue));
        var receive = spans.Single(x => x.Kind == ActivityKind.Consumer && Equals(x.GetTagItem("messaging.destination.name"), _queue));
        Assert.That(receive.TraceId, Is.EqualTo(send.TraceId));
        Assert.That(receive.ParentSpanId, Is.EqualTo(send.SpanId));
        Assert.That(new[] { send, receive }.Select(x => x.GetTagItem("messaging.system")), Is.All.EqualTo("aws_sqs"));
        Assert.That(send.GetTagItem("messaging.operation.name"), Is.EqualTo("send"));
        Assert.That(send.GetTagItem("messaging.operation.type"), Is.EqualTo("send"));
        Assert.That(receive.GetTagItem("messaging.operation.name"), Is.EqualTo("receive"));
    }

    [Test]
    public async Task Should_not_write_on_spans_that_are_not_its_own()
    {
        using var source = new ActivitySource("caller");
        using var listener = Listen("caller");
        var bus = await StartBus(_ => { });

        using var caller = source.StartActivity("work", ActivityKind.Producer)!; // it has a listener
        await bus.Send(_queue, new Ping(1));

        Assert.That(caller.TagObjects, Is.Empty);
    }

    [Test]
    public async Task Should_measure_what_is_sent_received_redelivered_and_dead_lettered()
    {
        using Measurements measurements = new(_queue);
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint(_queue, e =>
        {
            e.UseNativeDeadLetterQueue(2, [TimeSpan.Zero]);
            e.Handler<Ping>(x => x.Message.Number == 1 ? Task.CompletedTask : throw new InvalidOperationException("always"));
        }));

        await bus.Send(_queue, new Ping(1));
        await bus.Send(_queue, new Ping(2));

        await Eventually(() => DepthOf($"{_queue}-dlq").Visible == 1 && DepthOf(_queue) is { Visible: 0, InFlight: 0 }, "one succeeds and one is dead");
        await Eventually(() => measurements.Count("messaging.process.duration") == 3, "three deliveries have ended");
        Assert.That(measurements.Sum("messaging.client.sent.messages", ("messaging.operation.name", "send"), ("messaging.system", "aws_sqs")), Is.EqualTo(2));
        Assert.That(measurements.Sum("messaging.client.consumed.messages"), Is.EqualTo(3));
        Assert.That(measurements.Sum("sqs.client.messages.redelivered"), Is.EqualTo(1));
        Assert.That(measurements.Sum("sqs.client.messages.dead_lettered"), Is.EqualTo(1));
        Assert.That(measurements.Sum("sqs.client.messages.in_flight"), Is.Zero, "up three times, down three times");
        Assert.That(measurements.Count("sqs.client.messages.in_flight"), Is.EqualTo(6));
        Assert.That(measurements.Count("messaging.process.duration", ("error.type", "System.InvalidOperationException")), Is.EqualTo(2));
        Assert.That(measurements.Count("messaging.client.operation.duration", ("messaging.operation.name", "send")), Is.EqualTo(2));
        Assert.That(measurements.Count("messaging.client.operation.duration", ("messaging.operation.name", "settle")), Is.GreaterThanOrEqualTo(2));
    }

    [Test]
    public async Task Should_measure_copies_to_the_error_queue_and_refused_entries()
    {
        using Measurements measurements = new(_queue);
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint(_queue, e => e.Handler<Ping>(_ => throw new InvalidOperationException("always"))));
        await bus.Send(_queue, new Ping(1));
        await Eventually(() => measurements.Sum("sqs.client.messages.dead_lettered") == 1, "the copy is counted");

        Server.Faults.OnlyActions = ["SendMessageBatch"];
        Server.Faults.PartialBatchFailureRate = 1;
        var send = bus.Send(_queue, new Ping(2));
        await Eventually(() => measurements.Sum("messaging.client.sent.messages", ("error.type", "InternalError")) >= 1, "the refused entry is counted");
        Server.Faults.PartialBatchFailureRate = 0;
        await send;
    }

    [Test]
    public async Task Should_give_temporary_queues_one_name_in_measurements()
    {
        using Measurements measurements = new("(temporary)");
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint(e => e.Handler<Ping>(_ => Task.CompletedTask)));

        await bus.Control.Publish(new Ping(1));

        await Eventually(() => measurements.Count("messaging.process.duration") == 1, "its message is measured");
    }

    [Test]
    public async Task Should_keep_within_ten_attributes_when_everything_is_used()
    {
        using var listener = Listen("MassTransit");
        var bus = await StartBus(_ => { });
        var endpoint = await bus.Control.GetSendEndpoint(new Uri($"queue:{_queue}"));

        await endpoint.Send(new Ping(1), x =>
        {
            x.CorrelationId = x.RequestId = x.ConversationId = x.InitiatorId = Guid.NewGuid();
            x.Delay = TimeSpan.FromHours(1);
            for (var i = 0; i < 20; i++)
                x.Headers.Set($"Header-{i}", "value");
        });

        Assert.That(DepthOf(_queue).Delayed, Is.EqualTo(1), "SQS, which takes ten attributes, has accepted it");
    }

    [Test]
    public async Task Should_carry_the_trace_in_an_attribute()
    {
        using var listener = Listen("MassTransit");
        var bus = await StartBus(_ => { });

        await bus.Send("traced", new Ping(1));

        var response = await Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(await UrlOf("traced")) { MessageAttributeNames = ["All"] });
        Assert.That(response.Messages[0].MessageAttributes, Contains.Key("MT-Activity-Id"));
        Assert.That(response.Messages[0].MessageAttributes, Has.Count.LessThanOrEqualTo(10));
    }

    static ActivityListener Listen(string source, Action<Activity>? stopped = null)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = x => x.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    /// <summary>What the transport's meter says about one queue.</summary>
    sealed class Measurements : IDisposable
    {
        readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> _all = new();
        readonly MeterListener _listener = new();

        public Measurements(string queue)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == AmazonSqsMetrics.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
            _listener.Start();

            void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            {
                Dictionary<string, object?> copy = new(tags.ToArray());
                if (Equals(copy.GetValueOrDefault("messaging.destination.name"), queue))
                    _all.Enqueue((instrument.Name, value, copy));
            }
        }

        public double Sum(string instrument, params (string Key, object Value)[] tags) => Find(instrument, tags).Sum();

        public int Count(string instrument, params (string Key, object Value)[] tags) => Find(instrument, tags).Count();

        public void Dispose() => _listener.Dispose();

        IEnumerable<double> Find(string instrument, (string Key, object Value)[] tags) =>
            _all.Where(x => x.Instrument == instrument && tags.All(y => Equals(x.Tags.GetValueOrDefault(y.Key), y.Value))).Select(x => x.Value);
    }
}
