using System.CommandLine;
using Migration.Simulator;
using Migration.Simulator.Sqs;

var port = new Option<int>("--port") { Description = "Loopback port; 0 for any that is free", DefaultValueFactory = _ => 9100 };
var visits = new Option<int>("--visits") { Description = "Visits in NOMIS", DefaultValueFactory = _ => 10_000 };
var seed = new Option<int>("--seed") { Description = "The same seed gives the same visits", DefaultValueFactory = _ => 1 };
var prisoners = new Option<int>("--prisoners") { Description = "Prisoners in NOMIS, with about six adjustments each", DefaultValueFactory = _ => 200 };
var largest = new Option<int>("--largest-transaction") { Description = "Entries of the largest transaction; one in a hundred is about as large", DefaultValueFactory = _ => 2000 };
var synchronised = new Option<bool>("--synchronised") { Description = "DPS knows all adjustments and upcoming visits from the start" };
var clean = new Option<bool>("--clean") { Description = "No visit that cannot be migrated" };
var latency = new Option<int>("--latency-ms") { Description = "Time that every call takes" };
var failRate = new Option<double>("--fail-rate") { Description = "Share of calls that fail, 0 to 1" };

var estate = new Command("estate", "NOMIS, mapping service, the DPS services and HMPPS Auth") { port, visits, prisoners, largest, synchronised, seed, clean, latency, failRate };
estate.SetAction(async (arguments, ct) =>
{
    var options = new EstateOptions
    {
        Visits = arguments.GetValue(visits),
        Prisoners = arguments.GetValue(prisoners),
        LargestTransaction = arguments.GetValue(largest),
        Synchronised = arguments.GetValue(synchronised),
        Seed = arguments.GetValue(seed),
        Clean = arguments.GetValue(clean),
        Faults = new UpstreamFaults { LatencyMs = arguments.GetValue(latency), FailRate = arguments.GetValue(failRate) },
    };
    await using var server = await EstateServer.StartAsync(options, arguments.GetValue(port), ct);
    Console.WriteLine($"Estate with {options.Visits} visits at {server.Url}");
    await UntilStopped(ct);
});

var sqsPort = new Option<int>("--port") { Description = "Loopback port; 0 for any that is free", DefaultValueFactory = _ => 9324 };
var sqs = new Command("sqs", "An SQS endpoint") { sqsPort };
sqs.SetAction(async (arguments, ct) =>
{
    await using var server = await SqsServer.StartAsync(arguments.GetValue(sqsPort), ct);
    Console.WriteLine($"SQS at {server.Url}");
    await UntilStopped(ct);
});

return await new RootCommand("The outside world of the migration, for trying it out and for tests") { estate, sqs }.Parse(args).InvokeAsync();

static Task UntilStopped(CancellationToken ct) => Task.Delay(Timeout.Infinite, ct).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
