using MassTransit;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Sweeping;
using Migration.Tests.Infrastructure;
using Moq;

namespace Migration.Tests.Syncs;

/// <summary>Which syncs are poked.</summary>
public sealed class Overdue_syncs_Specs : SyncFixture
{
    readonly FakeTimeProvider _time = new();
    readonly List<Guid> _poked = [];
    LedgerDatabase _database = null!; // set before each test
    OverdueSyncs _sweep = null!;

    [SetUp]
    public void Prepare()
    {
        var endpoint = new Mock<ISendEndpoint>();
        endpoint.Setup(x => x.Send(It.IsAny<SyncOverdue>(), It.IsAny<CancellationToken>())).Callback((SyncOverdue x, CancellationToken _) => _poked.Add(x.CorrelationId)).Returns(Task.CompletedTask);
        var bus = new Mock<IBus>();
        bus.Setup(x => x.GetSendEndpoint(It.IsAny<Uri>())).ReturnsAsync(endpoint.Object);
        _database = new LedgerDatabase(ConnectionString);
        _sweep = new OverdueSyncs(_database, bus.Object, Options.Create(Times()), _time);
        _poked.Clear();
    }

    [TearDown]
    public async Task Close() => await _database.DisposeAsync();

    [Test]
    public async Task Should_give_a_step_that_has_begun_the_time_to_report_after_the_database_was_away()
    {
        await _sweep.SweepAsync(default);
        var (begun, waiting) = (await AddAsync(isBegun: true), await AddAsync(isBegun: false));
        _time.Advance(TimeSpan.FromMinutes(1)); // in which no sweep has succeeded

        await _sweep.SweepAsync(default);
        Assert.That(_poked, Is.EqualTo(new[] { waiting }));
        _time.Advance(Times().RenewEvery / 2);
        await _sweep.SweepAsync(default);
        Assert.That(_poked, Has.None.EqualTo(begun));

        _time.Advance(Times().RenewEvery);
        await _sweep.SweepAsync(default);
        Assert.That(_poked, Has.Some.EqualTo(begun));
    }

    [Test]
    public async Task Should_leave_what_it_has_poked_to_hear_of_it()
    {
        var begun = await AddAsync(isBegun: true);

        await _sweep.SweepAsync(default);
        await _sweep.SweepAsync(default);

        Assert.That(_poked, Is.EqualTo(new[] { begun }));
    }

    async Task<Guid> AddAsync(bool isBegun)
    {
        var sync = Guid.NewGuid();
        await Source.ExecuteAsync(
            """
            insert into migration.syncs (correlation_id, state, domain, entity, key, mode, action, properties, lanes, lanes_held, step_no, step_token, step_kind, attempts, pokes,
              awaited, is_creation_proved, possible_duplicate, received_at, begun_at, due_at)
            values ($1, 'Pushing', 'things', 'thing', $1::text, 'Upsert', 'test', '{}', '{}', 0, 1, case when $2 then gen_random_uuid() end, case when $2 then 'create' end, 0, 0,
              '{}', false, false, clock_timestamp(), clock_timestamp(), clock_timestamp() - interval '1 second')
            """, sync, isBegun);
        return sync;
    }
}
