using System.Globalization;

namespace Migration.Benchmarks.Transport;

/// <summary>
/// Rounds of the bare SDK and of the bus in turn, on one endpoint that is a process of its own; medians and their ratios, then the latency of a
/// lone message and what an idle endpoint asks. The first round is a warm-up and is not counted. Ends with each target and whether it was met; the exit
/// code is 0 only when all were.
/// </summary>
static class TransportBenchmark
{
    const double LeastOfBare = 0.55;
    const double LeastOfBareBacklog = 0.65;
    const double MostMilliseconds = 2;
    const double MostIdleReceives = 3;

    public static async Task<int> RunAsync(int messages, int bareWorkers, int rounds, TimeSpan idle, CancellationToken cancellationToken)
    {
        await using var sqs = await SqsProcess.StartAsync(cancellationToken);
        await using BusLoop bus = new(sqs);
        await bus.StartAsync(cancellationToken);
        BareSqsLoop bare = new(sqs, await bus.BodyOnTheWireAsync(cancellationToken), bareWorkers);

        Measured both = new("send and consume"), backlog = new("consume a backlog");
        for (var round = 0; round <= rounds; round++)
        {
            both.Add(await bare.SendAndConsumeAsync(messages, cancellationToken), await bus.SendAndConsumeAsync(messages, cancellationToken));
            backlog.Add(await bare.ConsumeBacklogAsync(messages, cancellationToken), await bus.ConsumeBacklogAsync(messages, cancellationToken));
            Say($"{(round == 0 ? "warm-up" : $"round {round}")}: {both.Last}; {backlog.Last}");
            if (round == 0)
                (both, backlog) = (new(both.Name), new(backlog.Name));
        }
        Say($"median of {rounds}: {both.Median}; {backlog.Median}");
        var (requests, cpu) = (await sqs.RequestsAsync(action: null, cancellationToken), Environment.CpuUsage.TotalTime);
        await bus.SendAndConsumeAsync(messages, cancellationToken);
        cpu = (Environment.CpuUsage.TotalTime - cpu) / messages;
        requests = await sqs.RequestsAsync(action: null, cancellationToken) - requests;
        Say($"a message sent and consumed: {requests / (double)messages:0.000} requests, {cpu.TotalMicroseconds:0} us of CPU here");

        await bus.LatenciesAsync(200, cancellationToken); // warm-up
        var latencies = await bus.LatenciesAsync(1000, cancellationToken);
        Say($"a lone message, send to consumer: p50 {latencies[500]:0.00} ms, p99 {latencies[990]:0.00} ms");
        var idleReceives = idle > TimeSpan.Zero ? await bus.IdleReceivesAsync(idle, cancellationToken) : (double?)null;
        Say($"load average: {await LoadAsync(cancellationToken)}");

        Target[] targets =
        [
            new("send and consume, share of the bare loop", both.Ratio, both.Ratio >= LeastOfBare, $"at least {LeastOfBare}"),
            new("consume a backlog, share of the bare loop", backlog.Ratio, backlog.Ratio >= LeastOfBareBacklog, $"at least {LeastOfBareBacklog}"),
            new("latency of a lone message, p50 in ms", latencies[500], latencies[500] < MostMilliseconds, $"below {MostMilliseconds}"),
            new("receive requests a minute of an idle endpoint, polls of 20 s", idleReceives, idleReceives is null or <= MostIdleReceives, $"at most {MostIdleReceives}")
        ];
        foreach (var target in targets)
            Console.WriteLine(target);
        return targets.All(x => x.IsMet) ? 0 : 1;
    }

    static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    static async Task<string> LoadAsync(CancellationToken cancellationToken) =>
        File.Exists("/proc/loadavg") ? (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Trim() : "not known here";

    /// <param name="Name">What was measured.</param>
    /// <param name="Value">Null when it was not.</param>
    /// <param name="IsMet">False only when it was measured and missed.</param>
    /// <param name="Wanted">In words.</param>
    sealed record Target(string Name, double? Value, bool IsMet, FormattableString Wanted)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"target: {Name}: {Wanted.ToString(CultureInfo.InvariantCulture)}: {(Value is { } value ? $"{value:0.00}: {(IsMet ? "met" : "NOT MET")}" : "not measured")}");
    }

    sealed class Measured(string name)
    {
        readonly List<(double Bare, double Bus)> _rates = [];

        public string Name => name;

        public string Last => Text(_rates[^1].Bare, _rates[^1].Bus);

        public double Ratio => MedianOf(x => x.Bus) / MedianOf(x => x.Bare);

        public string Median => Text(MedianOf(x => x.Bare), MedianOf(x => x.Bus));

        public void Add(double bare, double bus) => _rates.Add((bare, bus));

        double MedianOf(Func<(double Bare, double Bus), double> value) => _rates.Select(value).Order().ElementAt(_rates.Count / 2);

        string Text(double bare, double bus) => string.Create(CultureInfo.InvariantCulture, $"{name}: bare {bare:0}/s, bus {bus:0}/s, ratio {bus / bare:0.00}");
    }
}
