using System.Globalization;

namespace Migration.Benchmarks.Transport;

/// <summary>
/// Rounds of the bare SDK and of the bus in turn, on one endpoint that is a process of its own; medians and their ratios, then the latency of a
/// lone message and what an idle endpoint asks. The first round is a warm-up and is not counted.
/// </summary>
static class TransportBenchmark
{
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

        await bus.LatenciesAsync(200, cancellationToken); // warm-up
        var latencies = await bus.LatenciesAsync(1000, cancellationToken);
        Say($"a lone message, send to consumer: p50 {latencies[500]:0.00} ms, p99 {latencies[990]:0.00} ms");
        if (idle > TimeSpan.Zero)
            Say($"an idle endpoint, polls of 20 s: {await bus.IdleReceivesAsync(idle, cancellationToken):0.0} receive requests a minute");
        Say($"load average: {await LoadAsync(cancellationToken)}");
        return 0;
    }

    static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    static async Task<string> LoadAsync(CancellationToken cancellationToken) =>
        File.Exists("/proc/loadavg") ? (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Trim() : "not known here";

    sealed class Measured(string name)
    {
        readonly List<(double Bare, double Bus)> _rates = [];

        public string Name => name;

        public string Last => Text(_rates[^1].Bare, _rates[^1].Bus);

        public string Median => Text(MedianOf(x => x.Bare), MedianOf(x => x.Bus));

        public void Add(double bare, double bus) => _rates.Add((bare, bus));

        double MedianOf(Func<(double Bare, double Bus), double> value) => _rates.Select(value).Order().ElementAt(_rates.Count / 2);

        string Text(double bare, double bus) => string.Create(CultureInfo.InvariantCulture, $"{name}: bare {bare:0}/s, bus {bus:0}/s, ratio {bus / bare:0.00}");
    }
}
