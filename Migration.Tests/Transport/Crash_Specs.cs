using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Migration.Tests.Transport;

public class Crash_Specs : TransportFixture
{
    const int InFlight = 200;

    readonly ConcurrentDictionary<int, bool> _consumed = new();

    [SetUp]
    public void Clear() => _consumed.Clear();

    [Test]
    public Task Should_lose_nothing_when_the_process_is_killed_with_200_messages_in_flight() => KillAsync(times: 1);

    [Test, Explicit("Takes half a minute; one kill runs with the others")]
    public Task Should_lose_nothing_when_the_process_is_killed_five_times() => KillAsync(times: 5);

    async Task KillAsync(int times)
    {
        var sender = await StartBus(_ => { });
        var sent = 0;
        for (var kill = 1; kill <= times; kill++)
        {
            await Task.WhenAll(Enumerable.Range(sent, InFlight).Select(x => sender.Send("work", new Ping(x))));
            sent += InFlight;
            using var process = Start();
            // Odd numbers end and make room, even ones stay in hand: it is killed while it holds as many as it may.
            await Eventually(() => DepthOf("work").InFlight >= InFlight / 2 && _consumed.Count > sent / 4, "it is at work", seconds: 60);
            process.Kill();
            await process.WaitForExitAsync();
            Assert.That(process.ExitCode, Is.Not.Zero, "it did not end by itself");
        }
        Assert.That(_consumed, Has.Count.LessThan(sent), "there was something to lose");

        await StartBus(cfg => cfg.ReceiveEndpoint("work", e => TransportProcess.ConfigureWork(e, x =>
        {
            _consumed[x.Message.Number] = true;
            return Task.CompletedTask;
        })));

        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "the queue is empty", seconds: 60);
        Assert.That(_consumed.Keys.Order(), Is.EqualTo(Enumerable.Range(0, sent)), "each was consumed, by the one or by the other");
        Assert.That(DepthOf("work-dlq").Visible, Is.Zero);
    }

    Process Start()
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [typeof(TransportProcess).Assembly.Location, TransportProcess.Consume, Server.Url.ToString()])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false
            }
        };
        process.OutputDataReceived += (_, line) =>
        {
            if (int.TryParse(line.Data, CultureInfo.InvariantCulture, out var number))
                _consumed[number] = true;
        };
        process.Start();
        process.BeginOutputReadLine();
        return process;
    }
}
