using System.CommandLine;
using Migration.Benchmarks;

var visits = new Option<int>("--visits") { Description = "Visits to migrate, each way", DefaultValueFactory = _ => 20_000 };
var latency = new Option<int>("--latency-ms") { Description = "Milliseconds added to each upstream call", DefaultValueFactory = _ => 0 };
var parallelism = new Option<int>("--parallelism") { Description = "Records in hand at a time, both ways", DefaultValueFactory = _ => 64 };
var rounds = new Option<int>("--rounds") { Description = "Rounds, the two ways in turn", DefaultValueFactory = _ => 3 };

var command = new Command("visits", "The service against a bare HttpClient loop that makes the same calls with no queue and no database, side by side, fsync on")
{
    visits, latency, parallelism, rounds,
};
command.SetAction((result, cancellationToken) => VisitsBenchmark.RunAsync(
    result.GetValue(visits), result.GetValue(latency), result.GetValue(parallelism), result.GetValue(rounds), cancellationToken));
return await new RootCommand("Speed, measured side by side") { command }.Parse(args).InvokeAsync();
