using System.Globalization;
using Migration.Local.Postgres;

namespace Migration.Benchmarks.Sagas;

/// <summary>
/// Rounds of <c>pgbench -N</c> and of saga transitions with inbox and outbox in turn, on one Postgres that waits for its disk, with as many connections at
/// work: medians, and the median of the rounds' ratios, for a machine that others use changes from round to round. Warm-up rounds are not counted.
/// </summary>
static class SagasBenchmark
{
    const int Tickets = 2000;
    const int WarmUpRounds = 3;
    const double Target = 0.4;

    public static async Task<int> RunAsync(int transitions, int concurrency, int rounds, TimeSpan pgbench, CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresOptions(Durable: true), cancellationToken);
        if (await PgBench.PrepareAsync(await server.CreateDatabaseAsync("pgbench", cancellationToken: cancellationToken), cancellationToken) is not { } bench)
        {
            await Console.Error.WriteLineAsync("pgbench is missing beside the postgres binaries: install it (Debian: apt-get install -y postgresql), or set PG_BIN to a folder that holds it.");
            return 1;
        }
        var connectionString = await server.CreateDatabaseAsync("sagas", cancellationToken: cancellationToken) + $";Maximum Pool Size={concurrency + 10};Max Auto Prepare=50;No Reset On Close=true";
        await using var host = await TicketHost.StartAsync(connectionString, Tickets, concurrency, cancellationToken);
        var counters = new ServerCounters(connectionString);

        var (commits, moves, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            var perSecond = await bench.MeasureAsync(concurrency, pgbench, cancellationToken);
            var (before, cpu) = (await counters.ReadAsync(cancellationToken), Environment.CpuUsage.TotalTime);
            var moved = await host.MoveAsync(transitions, cancellationToken);
            cpu = (Environment.CpuUsage.TotalTime - cpu) / transitions;
            var spent = await counters.ReadAsync(cancellationToken) - before;
            Say($"{(round < 0 ? "warm-up" : $"round {round + 1}")}: pgbench -N {perSecond:0} commits/s, sagas {moved:0} transitions/s, ratio {moved / perSecond:0.00}; a transition: {cpu.TotalMicroseconds:0} us of CPU here, {spent.Commits / (double)transitions:0.00} commits, {spent.WalBytes / (double)transitions:0} bytes of WAL");
            if (round < 0)
                continue;
            commits.Add(perSecond);
            moves.Add(moved);
            ratios.Add(moved / perSecond);
        }
        var isMet = Median(ratios) >= Target;
        Say($"medians of {rounds} rounds, {concurrency} at a time, fsync on: pgbench -N {Median(commits):0} commits/s, sagas {Median(moves):0} transitions/s, ratio of a round {Median(ratios):0.00} (target {Target:0.00}: {(isMet ? "met" : "NOT MET")})");
        return isMet ? 0 : 1;
    }

    static double Median(List<double> values) => values.Order().ElementAtOrDefault(values.Count / 2);

    static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
