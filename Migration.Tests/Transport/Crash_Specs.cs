using System.Collections.Concurrent;

namespace Migration.Tests.Transport;

public class Crash_Specs : TransportFixture
{
    const int Kills = 5;
    const int InFlight = 200;
    const int Sent = InFlight + (InFlight / (TransportProcess.EndsEvery - 1)); // so that 200 are left when some have ended

    readonly ConcurrentDictionary<int, bool> _consumed = new();

    [SetUp]
    public void Clear() => _consumed.Clear();

    [Test]
    public async Task Should_lose_nothing_when_the_process_is_killed_five_times_with_200_messages_in_flight()
    {
        var sender = await StartBus(_ => { });
        var processes = Enumerable.Range(0, Kills).Select(_ => new ConsumingProcess(Server.Url, number => _consumed[number] = true)).ToArray(); // their starts take longest
        try
        {
            for (var kill = 0; kill < Kills; kill++)
                await KillAtWorkAsync(processes[kill], sender, kill * Sent);
        }
        finally
        {
            foreach (var process in processes)
                process.Dispose();
        }
        Assert.That(_consumed, Has.Count.InRange(1, Kills * (Sent - InFlight)), "some had ended, and the others were there to be lost");

        await StartBus(cfg => cfg.ReceiveEndpoint("work", e => TransportProcess.ConfigureWork(e, x =>
        {
            _consumed[x.Message.Number] = true;
            return Task.CompletedTask;
        })));

        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "the queue is empty", seconds: 60);
        Assert.That(_consumed.Keys.Order(), Is.EqualTo(Enumerable.Range(0, Kills * Sent)), "each was consumed, by the one or by the other");
        Assert.That(DepthOf("work-dlq").Visible, Is.Zero);
    }

    async Task KillAtWorkAsync(ConsumingProcess process, TestBus sender, int first)
    {
        await Task.WhenAll(Enumerable.Range(first, Sent).Select(x => sender.Send("work", new Ping(x))));
        process.Begin();
        await Eventually(() => process.Held >= InFlight && DepthOf("work").InFlight >= InFlight, "it has 200 in hand", seconds: 60);
        await process.KillAsync();
    }
}
