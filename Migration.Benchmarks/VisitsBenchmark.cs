using System.Globalization;
using Migration.Local;
using Migration.Local.Parts;
using Migration.Local.Runs;
using Spectre.Console;

namespace Migration.Benchmarks;

/// <summary>
/// Rounds of the bare loop and of the service in turn, against one estate that is emptied in between; the median of each and
/// their ratio. The first round of each is a warm-up and is not counted.
/// </summary>
static class VisitsBenchmark
{
    public static async Task<int> RunAsync(int visits, int latencyMs, int parallelism, int rounds, CancellationToken cancellationToken)
    {
        Environment.SetEnvironmentVariable("Engine__RecordConcurrency", parallelism.ToString(CultureInfo.InvariantCulture));
        var options = new LocalOptions(visits, Seed: 1, latencyMs, FailRate: 0, Pods: 1, Keep: false, Stop: false, Json: true);
        await using var environment = await LocalEnvironment.UseOrStartAsync(options, AnsiConsole.Console, cancellationToken);
        if (environment.WasUpBefore)
            throw new InvalidOperationException("An environment is up (./run --keep); take it down first, its state would be measured too.");
        using var operations = new Operator(environment.Addresses);
        using var http = new HttpClient();
        var loop = new BareVisitsLoop(environment.Addresses.Estate);

        var (bare, service) = (new List<double>(), new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            var bareRate = await loop.RunAsync(visits, parallelism, cancellationToken);
            await ResetAsync();
            var run = await operations.StartAsync(cancellationToken);
            var progress = await ProgressDisplay.WatchAsync(AnsiConsole.Console, operations, run, isQuiet: true, cancellationToken);
            await ResetAsync();
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(round == 0 ? "warm-up" : $"round {round}")}: bare {bareRate:0}/s, service {progress.RecordsPerSecond:0}/s ({progress.State}, {progress.Count("Migrated")} migrated)"));
            if (round == 0)
                continue;
            bare.Add(bareRate);
            service.Add(progress.RecordsPerSecond);
        }
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"median of {rounds}: bare {Median(bare):0}/s, service {Median(service):0}/s, ratio {Median(service) / Median(bare):0.00}, {environment.PeakMemoryMb():0} MB a pod at most"));
        return 0;

        async Task ResetAsync()
        {
            using var reset = await http.PostAsync(new Uri(environment.Addresses.Estate, "simulator/reset"), null, cancellationToken);
            reset.EnsureSuccessStatusCode();
        }
    }

    static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }
}
