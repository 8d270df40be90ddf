using System.CommandLine;
using Migration.Benchmarks;
using Migration.Benchmarks.Sagas;
using Migration.Benchmarks.Transport;

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

var messages = new Option<int>("--messages") { Description = "Messages a round, each way", DefaultValueFactory = _ => 20_000 };
var bareWorkers = new Option<int>("--bare-workers") { Description = "Senders and pollers of the bare loop, each", DefaultValueFactory = _ => 8 };
var idle = new Option<int>("--idle-seconds") { Description = "How long an idle endpoint is watched", DefaultValueFactory = _ => 60 };
var transport = new Command("transport", "A bus on lib/AmazonSqsTransport against a bare AWSSDK.SQS loop, side by side on one local endpoint") { messages, bareWorkers, rounds, idle };
transport.SetAction((result, cancellationToken) => TransportBenchmark.RunAsync(
    result.GetValue(messages), result.GetValue(bareWorkers), result.GetValue(rounds), TimeSpan.FromSeconds(result.GetValue(idle)), cancellationToken));

var minutes = new Option<double>("--minutes") { Description = "How long", DefaultValueFactory = _ => 5 };
var soak = new Command("soak", "An hour's mixed traffic over lib/AmazonSqsTransport in five minutes, and sagas with inbox and outbox: everything sent ends, memory and handles stay flat, no queue is left behind, no table grows") { minutes };
soak.SetAction((result, cancellationToken) => TransportSoak.RunAsync(TimeSpan.FromMinutes(result.GetValue(minutes)), cancellationToken));

var transitions = new Option<int>("--transitions") { Description = "Saga transitions a round", DefaultValueFactory = _ => 3_000 };
var concurrency = new Option<int>("--concurrency") { Description = "Connections at work at a time, both ways", DefaultValueFactory = _ => 16 };
var pgbench = new Option<int>("--pgbench-seconds") { Description = "How long pgbench runs a round", DefaultValueFactory = _ => 5 };
var sagaRounds = new Option<int>("--rounds") { Description = "Rounds, the two ways in turn", DefaultValueFactory = _ => 7 };
var sagas = new Command("sagas", "Saga transitions with inbox and outbox against pgbench -N, side by side on one Postgres, fsync on") { transitions, concurrency, sagaRounds, pgbench };
sagas.SetAction((result, cancellationToken) => SagasBenchmark.RunAsync(
    result.GetValue(transitions), result.GetValue(concurrency), result.GetValue(sagaRounds), TimeSpan.FromSeconds(result.GetValue(pgbench)), cancellationToken));

return await new RootCommand("Speed, measured side by side") { command, transport, sagas, soak }.Parse(args).InvokeAsync();
