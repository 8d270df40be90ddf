using System.Collections.Concurrent;
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

/// <summary>Sends, and knows of each number what has become of it: told or dead. A message may come twice, and so make up for none that is lost.</summary>
sealed class SoakTraffic(int failEvery)
{
    public static readonly Uri Questions = new("queue:soak-questions");
    static readonly Uri Work = new("queue:soak-work");

    readonly ConcurrentDictionary<int, bool> _open = new(); // sent and not ended: what has ended is forgotten, so that memory stays flat
    long _sent;
    long _told;
    long _dead;
    long _again;

    /// <summary>Numbers that were sent and have not ended, in order.</summary>
    public IReadOnlyList<int> Open => [.. _open.Keys.Order()];

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
                        End(x.Message.Number, ref _dead);
                    throw new InvalidOperationException("always");
                }
                await x.Publish(new SoakWorkDone(x.Message.Number));
            });
        });
        cfg.ReceiveEndpoint("soak-reports", e => e.Handler<SoakWorkDone>(x =>
        {
            End(x.Message.Number, ref _told);
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
                _open[number] = true;
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
        while (!_open.IsEmpty && waited.Elapsed < patience)
            await Task.Delay(100);
        return _open.IsEmpty;
    }

    public override string ToString() => $"{_sent} sent, {_told} told, {_dead} dead, {_again} more than once, {_open.Count} open";

    void End(int number, ref long ended)
    {
        if (_open.TryRemove(number, out _))
            Interlocked.Increment(ref ended);
        else
            Interlocked.Increment(ref _again);
    }
}
