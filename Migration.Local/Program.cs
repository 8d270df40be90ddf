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
var json = new Option<bool>("--json") { Description = "Print one JSON object as the last line" };
Check(visits, x => x is >= 0 and <= 10_000_000, "--visits must be from 0 to 10000000");
Check(latency, x => x is >= 0 and <= 60_000, "--latency-ms must be from 0 to 60000");
Check(failRate, x => x is >= 0 and <= 1, "--fail-rate must be from 0 to 1");
Check(pods, x => x is >= 1 and <= 16, "--pods must be from 1 to 16");

var command = new RootCommand("Runs the whole migration service on this machine: Postgres, SQS, the simulated estate, the service, one migration of visits.")
{
    visits, seed, latency, failRate, pods, keep, stop, json,
};
command.SetAction(async (result, cancellationToken) =>
{
    var options = new LocalOptions(result.GetValue(visits), result.GetValue(seed), result.GetValue(latency), result.GetValue(failRate),
        result.GetValue(pods), result.GetValue(keep), result.GetValue(stop), result.GetValue(json));
    try
    {
        return await LocalRun.ExecuteAsync(options, cancellationToken);
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        return 130;
    }
    catch (Exception exception) when (exception is LocalRunException or PostgresUnavailableException)
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
