using System.Diagnostics;
using MassTransit;

namespace Migration.Benchmarks.Transport;

/// <summary>Work that succeeds, or fails until it is dead, or comes later.</summary>
sealed record SoakWork(int Number);

/// <summary>Tells that a work is done.</summary>
sealed record SoakWorkDone(int Number);

/// <summary>Is answered.</summary>
sealed record SoakQuestion(int Number);

/// <summary>The answer.</summary>
sealed record SoakAnswer(int Number);

/// <summary>Sends, and counts what becomes of it.</summary>
sealed class SoakTraffic(int failEvery)
{
    public static readonly Uri Questions = new("queue:soak-questions");
    static readonly Uri Work = new("queue:soak-work");

    long _sent;
    long _done;
    long _told;
    long _dead;

    /// <summary>A message may be consumed twice, so done is at least what was sent.</summary>
    bool IsDone => Volatile.Read(ref _done) + Volatile.Read(ref _dead) >= Volatile.Read(ref _sent) && Volatile.Read(ref _told) >= Volatile.Read(ref _done);

    public void Configure(IAmazonSqsBusFactoryConfigurator cfg, SqsProcess sqs)
    {
        sqs.Use(cfg);
        cfg.ReceiveEndpoint("soak-work", e =>
        {
            e.PrefetchCount = 100;
            e.QueueAttributes["VisibilityTimeout"] = 10;
            e.UseNativeDeadLetterQueue(2, [TimeSpan.FromSeconds(1)]);
            e.Handler<SoakWork>(async x =>
            {
                if (x.Message.Number % failEvery == 0)
                {
                    if (x.IsLastReceive())
                        Interlocked.Increment(ref _dead);
                    throw new InvalidOperationException("always");
                }
                await x.Publish(new SoakWorkDone(x.Message.Number));
                Interlocked.Increment(ref _done);
            });
        });
        cfg.ReceiveEndpoint("soak-reports", e => e.Handler<SoakWorkDone>(_ =>
        {
            Interlocked.Increment(ref _told);
            return Task.CompletedTask;
        }));
        cfg.ReceiveEndpoint("soak-questions", e => e.Handler<SoakQuestion>(x => x.RespondAsync(new SoakAnswer(x.Message.Number))));
    }

    /// <summary>Sends at a steady rate until it is cancelled; one in ten comes a second or two later.</summary>
    public async Task RunAsync(IBus bus, int perSecond, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(Work);
        var watch = Stopwatch.StartNew();
        for (var number = 1; !cancellationToken.IsCancellationRequested;)
        {
            List<Task> sends = [];
            for (; number < watch.Elapsed.TotalSeconds * perSecond; number++)
            {
                var delay = number % 10 == 0 ? TimeSpan.FromSeconds(1 + (number % 2)) : (TimeSpan?)null;
                sends.Add(endpoint.Send(new SoakWork(number), x => x.Delay = delay, CancellationToken.None));
            }
            await Task.WhenAll(sends);
            Interlocked.Add(ref _sent, sends.Count);
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public async Task<bool> WaitUntilDoneAsync(TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        while (!IsDone && waited.Elapsed < patience)
            await Task.Delay(100);
        return IsDone;
    }

    public override string ToString() => $"{_sent} sent, {_done} done, {_told} told, {_dead} dead";
}
