using System.Diagnostics;
using System.Globalization;
using MassTransit;
using Migration.Benchmarks.Sagas;
using Migration.Simulator.Sqs;

namespace Migration.Benchmarks.Transport;

/// <summary>
/// Mixed traffic for some minutes, at twelve times the rate of an ordinary day, over an endpoint that fails a little: sends, publishes, delays, requests,
/// failures that end in the dead-letter queue, and buses that come and go; beside it sagas with inbox and outbox on Postgres. In the end every message
/// must have ended, memory (managed, and the process's) and handles have to be flat, no temporary queue may be left, and no table may have grown.
/// </summary>
static class TransportSoak
{
    const int OperationsPerSecond = 400;
    const int FailEvery = 50;
    const double Growth = 1.15;
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
        var (samples, atStart) = await SampleAsync(duration, traffic, sagas, end.Token);
        await Task.WhenAll(work, passers, moves);
        await sqs.SetFaultsAsync(new SqsFaults(), cancellationToken);
        var isDrained = await traffic.WaitUntilDoneAsync(TimeSpan.FromSeconds(60));
        await bus.StopAsync(cancellationToken);
        var atEnd = await sagas.ReadAsync();

        // A question that was delivered twice may find its asker gone: its answer then ends in an error queue, as it should.
        var leaked = (await sqs.QueuesAsync(cancellationToken)).Select(x => x.Name).Where(x => !queues.Contains(x) && x != "soak-questions_error").ToArray();
        Say($"{traffic}; queues left: {(leaked.Length == 0 ? "none" : string.Join(", ", leaked))}");
        if (!isDrained)
            Say($"LOST, or not ended in time: {string.Join(", ", traffic.Open.Take(20))}");
        var isFlat = IsFlat("heap, MB", samples.ConvertAll(x => x.HeapMb), slack: 2)
            & IsFlat("working set, MB", samples.ConvertAll(x => x.WorkingSetMb), slack: 20)
            & IsFlat("handles", samples.ConvertAll(x => x.Handles), slack: 20);
        var hasStayed = atEnd.HasStayed(atStart) && atEnd.OutboxRows == 0;
        Say($"sagas after the warm-up: {atStart}");
        Say($"sagas at the end: {atEnd}; tables have {(hasStayed ? "not grown" : "GROWN")}{(atEnd.IsExact ? "" : ", TRANSITIONS LOST OR DOUBLED")}");
        var hasPassed = isFlat && leaked.Length == 0 && isDrained && hasStayed && atEnd.IsExact;
        Say($"{(hasPassed ? "passed" : "FAILED")}");
        return hasPassed ? 0 : 1;
    }

    /// <summary>Memory after a full collection and open handles, and the tables' sizes, once the warm-up is over.</summary>
    static async Task<(List<Sample> Samples, SagaSoak.Sizes AtStart)> SampleAsync(TimeSpan duration, SoakTraffic traffic, SagaSoak sagas, CancellationToken cancellationToken)
    {
        List<Sample> samples = [];
        var warmUp = WarmUp < duration / 3 ? WarmUp : duration / 3;
        await Task.Delay(warmUp, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var atStart = await sagas.ReadAsync();
        while (!cancellationToken.IsCancellationRequested)
        {
            samples.Add(Sample.Take());
            Say($"{traffic}; {samples[^1]}");
            await Task.Delay(SampleInterval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return (samples, atStart);
    }

    /// <summary>Compares the medians of the two halves.</summary>
    static bool IsFlat(string what, List<double> values, double slack)
    {
        var (early, late) = (Median(values.Take(values.Count / 2)), Median(values.Skip(values.Count / 2)));
        var isFlat = late <= (early * Growth) + slack;
        Say($"{what}: {early:0.0} in the first half and {late:0.0} in the second: {(isFlat ? "flat" : "GROWN")}");
        return isFlat;
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

    /// <param name="HeapMb">Managed memory, after a full collection.</param>
    /// <param name="WorkingSetMb">What the process has of the machine's memory.</param>
    /// <param name="Handles">Open files and sockets.</param>
    sealed record Sample(double HeapMb, double WorkingSetMb, double Handles)
    {
        const double Mb = 1024 * 1024;

        public static Sample Take()
        {
            var heap = GC.GetTotalMemory(forceFullCollection: true);
            using var process = Process.GetCurrentProcess();
            return new Sample(heap / Mb, process.WorkingSet64 / Mb, process.HandleCount);
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"heap {HeapMb:0.0} MB, working set {WorkingSetMb:0} MB, {Handles:0} handles");
    }
}
