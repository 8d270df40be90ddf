using MassTransit;
using Microsoft.Extensions.Time.Testing;

namespace Migration.Tests.Transport;

/// <summary>Nothing waits for company that does not come: here no time passes unless a test says so.</summary>
public class Lone_messages_Specs : TransportFixture
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    protected override TimeProvider Time => _clock;

    [Test]
    public async Task Should_be_sent_and_consumed_at_once()
    {
        var received = 0;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ =>
        {
            Interlocked.Increment(ref received);
            return Task.CompletedTask;
        })));

        for (var i = 1; i <= 3; i++)
        {
            await bus.Send("work", new Ping(i)).WaitAsync(TimeSpan.FromSeconds(20));
            await Eventually(() => received == i, "it is consumed");
            await Eventually(() =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(100)); // a delete waits a moment, which delays nobody
                return DepthOf("work").InFlight == 0;
            }, "it is deleted");
        }

        Assert.That(RequestsOf("SendMessageBatch"), Is.EqualTo(3));
    }

    [TearDown]
    public void LetPollsEnd() => _ = PassTimeAsync();

    /// <summary>Polls end by themselves, and a stop waits for them.</summary>
    async Task PassTimeAsync()
    {
        for (var i = 0; i < 1000; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }
    }
}
