using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Migration.Contracts;
using Migration.Contracts.Runs;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Tests.Infrastructure;
using Moq;

namespace Migration.Tests.Engine;

public class Starting_Specs : EngineFixture
{
    [Test]
    public async Task Should_start_one_run_a_domain_with_an_id_of_its_own_when_all_start_in_one_second()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 10, 15, 0, TimeSpan.Zero));
        var domains = Enum.GetValues<MigrationType>().Take(12).Select(x => new FakeDomain(Estate, name: x.ToString().ToLowerInvariant(), type: x)).ToArray();

        var starts = await Eventually.Ends(Task.WhenAll(domains.Concat(domains).Select(x => Task.Run(() => StartAsync(x, time)))));

        var ids = starts.OfType<string>().ToArray();
        Assert.That(ids, Has.Length.EqualTo(12));
        Assert.That(ids.Order(), Is.EqualTo(Enumerable.Range(0, 12).Select(x => $"2026-11-24T10:15:{x:00}")));
        Assert.That(await ScalarAsync<long>("select count(distinct domain) from migration.runs where state = 'Requested'"), Is.EqualTo(12));
    }

    [Test]
    public async Task Should_run_from_start_to_completion_when_calls_fail_now_and_then()
    {
        var domain = new FakeDomain(Estate);
        for (var page = 0; page < 3; page++)
            domain.Source.SetPage($"{page}", [.. Enumerable.Range(page * 10, 10).Select(x => $"{x}")], page == 2 ? ["3"] : []);
        await using var service = await RunHost.StartAsync(ConnectionString, hasSteps: true, domain);
        Estate.FailBefore(Call.Create, "1", Ending.Answered(503));
        Estate.FailAfter(Call.Create, "2", Ending.NoAnswer);
        Estate.FailBefore(Call.Map, "3", Ending.Answered(500));
        Estate.FailAfter(Call.Map, "4", Ending.NoAnswer);
        Estate.FailBefore(Call.Create, "5", Ending.Answered(422));

        var run = await service.StartRunAsync(domain);

        await Eventually.IsTrue(async () => await RunStateAsync(run.RunId) == RunState.Completed, "the run is completed");
        var summary = await service.Queries.FindAsync(run.RunId, CancellationToken.None);
        Assert.That((summary!.EstimatedCount, summary.Found, summary.Open), Is.EqualTo((30L, 30L, 0L)));
        Assert.That((summary.Count(RecordState.Migrated), summary.Count(RecordState.Rejected)), Is.EqualTo((29L, 1L)));
        Assert.That(Estate.Created(), Has.Count.EqualTo(29));
        Assert.That(await ListAsync("select to_state from migration.transitions order by id"),
            Is.EqualTo(new[] { RunState.Requested, RunState.Estimating, RunState.Paging, RunState.Migrating, RunState.Completed }));
    }

    /// <summary>The run's id; null when it was refused.</summary>
    async Task<string?> StartAsync(FakeDomain domain, TimeProvider time)
    {
        var sender = new Mock<ISendEndpointProvider>();
        sender.Setup(x => x.GetSendEndpoint(It.IsAny<Uri>())).ReturnsAsync(Mock.Of<ISendEndpoint>());
        await using var database = new MigrationDbContext(new DbContextOptionsBuilder<MigrationDbContext>().UseNpgsql(ConnectionString).Options);
        try
        {
            return (await new RunStarter(database, sender.Object, time).StartAsync(domain, "{}", "test", CancellationToken.None)).RunId;
        }
        catch (RunInProgressException)
        {
            return null;
        }
    }
}
