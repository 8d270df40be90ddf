using System.CommandLine;
using Migration.Local;
using Migration.Local.Postgres;
using Spectre.Console;

var visits = new Option<int>("--visits") { Description = "Visits in the simulated NOMIS", DefaultValueFactory = _ => 5000 };
var seed = new Option<int>("--seed") { Description = "Decides every simulated record", DefaultValueFactory = _ => 1 };
var latency = new Option<int>("--latency-ms") { Description = "Milliseconds added to each upstream call", DefaultValueFactory = _ => 0 };
var failRate = new Option<double>("--fail-rate") { Description = "Share of upstream calls that fail, from 0 to 1", DefaultValueFactory = _ => 0 };
var pods = new Option<int>("--pods") { Description = "Processes of the service", DefaultValueFactory = _ => 1 };
var keep = new Option<bool>("--keep") { Description = "Leave everything up at the end, and print the addresses" };
var stop = new Option<bool>("--stop") { Description = "Take down what --keep left up" };
var sync = new Option<bool>("--sync") { Description = "Change events instead of a migration: they are published, carried to DPS, and reconciled" };
var events = new Option<int>("--events") { Description = "With --sync: how many events", DefaultValueFactory = _ => 2000 };
var rate = new Option<double?>("--rate") { Description = "With --sync: changes a second; all at once when absent" };
var killEvery = new Option<int?>("--kill-every") { Description = "Kills a process of the service, without warning, every so many seconds, and starts it again" };
var json = new Option<bool>("--json") { Description = "Print one JSON object as the last line" };
Check(visits, x => x is >= 0 and <= 10_000_000, "--visits must be from 0 to 10000000");
Check(latency, x => x is >= 0 and <= 60_000, "--latency-ms must be from 0 to 60000");
Check(failRate, x => x is >= 0 and <= 1, "--fail-rate must be from 0 to 1");
Check(pods, x => x is >= 1 and <= 16, "--pods must be from 1 to 16");
Check(events, x => x is >= 1 and <= 1_000_000, "--events must be from 1 to 1000000");
Check(rate, x => x is null or (> 0 and <= 10_000), "--rate must be above 0, at most 10000");
Check(killEvery, x => x is null or (>= 1 and <= 3600), "--kill-every must be from 1 to 3600");

var command = new RootCommand("Runs the whole migration service on this machine: Postgres, SQS, the simulated estate, the service; a migration of visits, or change events.")
{
    visits, seed, latency, failRate, pods, keep, stop, sync, events, rate, killEvery, json,
};
command.SetAction(async (result, cancellationToken) =>
{
    var options = new LocalOptions(result.GetValue(visits), result.GetValue(seed), result.GetValue(latency), result.GetValue(failRate),
        result.GetValue(pods), result.GetValue(keep), result.GetValue(stop), result.GetValue(json), result.GetValue(sync), result.GetValue(events), result.GetValue(rate),
        result.GetValue(killEvery) is { } seconds ? TimeSpan.FromSeconds(seconds) : null)
    {
        Shaping = [.. new Option[] { visits, seed, latency, failRate, pods }.Where(x => result.GetResult(x) is { Implicit: false }).Select(x => x.Name)],
    };
    try
    {
        return await LocalRun.ExecuteAsync(options, cancellationToken);
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        return 130;
    }
    catch (Exception exception) when (exception is LocalRunException or PostgresUnavailableException or HttpRequestException or OperationCanceledException)
    {
        AnsiConsole.MarkupLineInterpolated($"[red]{exception.Message}[/]");
        return 1;
    }
});
// Long enough to stop every process that was started.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

static void Check<T>(Option<T> option, Func<T, bool> isValid, string message) => option.Validators.Add(result =>
{
    if (!isValid(result.GetValueOrDefault<T>()!))
        result.AddError(message);
});
