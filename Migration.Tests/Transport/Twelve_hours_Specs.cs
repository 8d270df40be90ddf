using MassTransit;

namespace Migration.Tests.Transport;

/// <summary>SQS hides a message for twelve hours in all, and refuses a renewal that would go beyond. The hours are the test's own.</summary>
public class Twelve_hours_Specs : FastTransportFixture
{
    [Test]
    public async Task Should_extend_to_twelve_hours_and_then_cancel_the_work()
    {
        DateTimeOffset begun = default;
        var cancelled = new TaskCompletionSource<TimeSpan>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 4 * 3600;
            e.UseNativeDeadLetterQueue(5);
            e.Handler<Ping>(async x =>
            {
                if (x.GetReceiveCount() > 1)
                    return;
                begun = Clock.GetUtcNow();
                await using var _ = x.CancellationToken.Register(() => cancelled.TrySetResult(Clock.GetUtcNow() - begun));
                await Task.Delay(Timeout.Infinite, x.CancellationToken);
            });
        }));
        await bus.Send("work", new Ping(1));
        await Eventually(() => begun != default, "the work has begun");

        for (var renewals = 1; renewals <= 9; renewals++)
        {
            Clock.Advance(TimeSpan.FromSeconds(renewals < 9 ? 5000 : 3000));
            await Eventually(() => RequestsOf("ChangeMessageVisibilityBatch") == renewals, $"it is extended for the {renewals}. time");
        }
        _ = SpeedUpAsync(cancelled.Task);

        var worked = await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(worked.TotalHours, Is.InRange(11.98, 12));
        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "the next delivery succeeds");
        Assert.That(Log.Warnings, Has.None.Contains("was not extended"), "SQS was never asked for more than it gives");
        Assert.That(DepthOf("work-dlq").Visible, Is.Zero);
    }

    /// <summary>The last minutes pass in steps that the renewals can follow.</summary>
    async Task SpeedUpAsync(Task end)
    {
        while (!end.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }
    }
}
