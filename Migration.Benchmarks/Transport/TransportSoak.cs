using System.Globalization;
using MassTransit;
using Migration.Benchmarks.Sagas;
using Migration.Simulator.Sqs;

namespace Migration.Benchmarks.Transport;

/// <summary>
/// Mixed traffic for some minutes, at twelve times the rate of an ordinary day, over an endpoint that fails a little: sends, publishes, delays, requests,
/// failures that end in the dead-letter queue, and buses that come and go; beside it sagas with inbox and outbox on Postgres. In the end memory has to be
/// flat, no temporary queue may be left, and no table may have grown.
/// </summary>
static class TransportSoak
{
    const int OperationsPerSecond = 400;
    const int FailEvery = 50;
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(60);
    static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var sqs = await SqsProcess.StartAsync(cancellationToken);
        await sqs.SetFaultsAsync(new SqsFaults { PartialBatchFailureRate = 0.01, DuplicateDeliveryRate = 0.01, RequestThrottledRate = 0.01 }, cancellationToken);
        await using var sagas = await SagaSoak.StartAsync(cancellationToken);
        SoakTraffic traffic = new(FailEvery);
        var bus = Bus.Factory.CreateUsingAmazonSqs(cfg => traffic.Configure(cfg, sqs));
        await bus.StartAsync(cancellationToken);
        var queues = (await sqs.QueuesAsync(cancellationToken)).Select(x => x.Name).ToHashSet(StringComparer.Ordinal);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(duration);
        var work = traffic.RunAsync(bus, OperationsPerSecond, end.Token);
        var passers = PassAsync(sqs, end.Token);
        var moves = sagas.RunAsync(end.Token);
        var (heap, atStart) = await SampleAsync(duration, traffic, sagas, end.Token);
        await Task.WhenAll(work, passers, moves);
        await sqs.SetFaultsAsync(new SqsFaults(), cancellationToken);
        var isDrained = await traffic.WaitUntilDoneAsync(TimeSpan.FromSeconds(60));
        await bus.StopAsync(cancellationToken);
        var atEnd = await sagas.ReadAsync();

        // A question that was delivered twice may find its asker gone: its answer then ends in an error queue, as it should.
        var leaked = (await sqs.QueuesAsync(cancellationToken)).Select(x => x.Name).Where(x => !queues.Contains(x) && x != "soak-questions_error").ToArray();
        var (early, late) = (Median(heap.Take(heap.Count / 2)), Median(heap.Skip(heap.Count / 2)));
        var isFlat = late <= (early * 1.15) + 2;
        Say($"{traffic}; heap {early:0.0} MB in the first half and {late:0.0} MB in the second; queues left: {(leaked.Length == 0 ? "none" : string.Join(", ", leaked))}");
        var hasStayed = atEnd.HasStayed(atStart) && atEnd.OutboxRows == 0;
        Say($"sagas after the warm-up: {atStart}");
        Say($"sagas at the end: {atEnd}; tables have {(hasStayed ? "not grown" : "GROWN")}{(atEnd.IsExact ? "" : ", TRANSITIONS LOST OR DOUBLED")}");
        var hasPassed = isFlat && leaked.Length == 0 && isDrained && hasStayed && atEnd.IsExact;
        Say($"{(hasPassed ? "passed" : "FAILED")}");
        return hasPassed ? 0 : 1;
    }

    /// <summary>Managed memory after a full collection, and the tables' sizes, once the warm-up is over.</summary>
    static async Task<(List<double> Heap, SagaSoak.Sizes AtStart)> SampleAsync(TimeSpan duration, SoakTraffic traffic, SagaSoak sagas, CancellationToken cancellationToken)
    {
        List<double> samples = [];
        var warmUp = WarmUp < duration / 3 ? WarmUp : duration / 3;
        await Task.Delay(warmUp, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var atStart = await sagas.ReadAsync();
        while (!cancellationToken.IsCancellationRequested)
        {
            samples.Add(GC.GetTotalMemory(forceFullCollection: true) / 1024.0 / 1024.0);
            Say($"{traffic}; heap {samples[^1]:0.0} MB");
            await Task.Delay(SampleInterval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return (samples, atStart);
    }

    /// <summary>Other processes, as it were: each has a temporary queue for its responses, asks a few questions and goes.</summary>
    static async Task PassAsync(SqsProcess sqs, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var bus = Bus.Factory.CreateUsingAmazonSqs(sqs.Use);
            await bus.StartAsync(CancellationToken.None);
            try
            {
                var client = bus.CreateRequestClient<SoakQuestion>(SoakTraffic.Questions);
                for (var i = 0; i < 10 && !cancellationToken.IsCancellationRequested; i++)
                    await client.GetResponse<SoakAnswer>(new SoakQuestion(i), CancellationToken.None, RequestTimeout.After(s: 20));
            }
            finally
            {
                await bus.StopAsync(CancellationToken.None);
            }
        }
    }

    static double Median(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : 0;

    static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
