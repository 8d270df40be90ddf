using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Migration.Tests.Infrastructure;
using Migration.Tests.Transport;
using Npgsql;

namespace Migration.Tests.SagaPersistence;

/// <summary>A process with sagas and outbox consumers is killed again and again, over real SQS protocol and real Postgres.</summary>
public class Crash_Specs : TransportFixture
{
    const int Messages = 200;
    const int Counters = 20;
    const int Kills = 5;
    const int ManyInFlight = 20;

    // A message counts, is told of and is heard of.
    const int Effects = 3 * Messages;

    string _connectionString = "";
    NpgsqlDataSource _source = null!;

    [SetUp]
    public async Task CreateDatabase()
    {
        _connectionString = await TestPostgres.CreateDatabaseAsync();
        _source = NpgsqlDataSource.Create(_connectionString);
        await using var db = new CounterDbContext(new DbContextOptionsBuilder<CounterDbContext>().UseNpgsql(_source).Options);
        await db.Database.EnsureCreatedAsync();
    }

    [TearDown]
    public async Task DropDatabase()
    {
        await _source.DisposeAsync();
        await TestPostgres.DropDatabaseAsync(_connectionString);
    }

    [Test]
    public async Task Should_have_every_effect_once_when_the_process_is_killed_five_times()
    {
        var ids = Enumerable.Range(0, Counters).Select(_ => Guid.NewGuid()).ToArray();
        var sender = await StartBus(_ => { });
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(i => sender.Send(PersistenceProcess.Queue, new Count(ids[i % Counters]))));

        for (var kill = 1; kill <= Kills; kill++)
        {
            using var process = Start();
            var enough = kill * Effects / (Kills + 3);
            await Infrastructure.Eventually.Value(
                async () => (Effects: await EffectsAsync(), InFlight: Broker.Depths.Sum(x => x.InFlight)), x => x.Effects >= enough && x.InFlight >= ManyInFlight, TimeSpan.FromMinutes(2));
            Kill(process);
            Assert.That(await EffectsAsync(), Is.LessThan(Effects), "it was killed at work");
        }
        using var last = Start();
        try
        {
            await Infrastructure.Eventually.Value(EffectsAsync, x => x >= Effects, TimeSpan.FromMinutes(2));
            await Infrastructure.Eventually.Value(LeftAsync, x => x == 0, TimeSpan.FromMinutes(2));
        }
        finally
        {
            Kill(last);
        }

        var told = ids.SelectMany(id => Enumerable.Range(1, Messages / Counters).Select(total => $"{id} {total}")).ToArray();
        Assert.That(await _source.ListAsync("""select "Total"::text from migration.counters"""), Is.EqualTo(Enumerable.Repeat($"{Messages / Counters}", Counters)));
        Assert.That(await _source.ListAsync("""select "Text" from migration.notes"""), Is.EquivalentTo(told.Concat(told.Select(x => $"heard {x}"))));
        Assert.That(Broker.Depths.Where(x => x.Name.EndsWith("-dlq", StringComparison.Ordinal)).Sum(x => x.Visible), Is.Zero);
    }

    /// <summary>Messages that are somewhere yet: second deliveries come until the last is deleted.</summary>
    async Task<long> LeftAsync() =>
        Broker.Depths.Sum(x => x.Visible + x.InFlight + x.Delayed) + await _source.ScalarAsync<long>("select count(*) from migration.outbox_message");

    Task<long> EffectsAsync() =>
        _source.ScalarAsync<long>("""select (select coalesce(sum("Total"), 0) from migration.counters)::bigint + (select count(*) from migration.notes)""");

    Process Start() => Process.Start(new ProcessStartInfo("dotnet", [typeof(Crash_Specs).Assembly.Location, PersistenceProcess.Mode, Server.Url.ToString(), _connectionString]) { UseShellExecute = false })
        ?? throw new InvalidOperationException("The process did not start");

    static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Not.Zero, "it did not end by itself");
    }
}
