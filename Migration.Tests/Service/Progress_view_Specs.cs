using Migration.Api.Runs;
using Migration.Contracts;
using Migration.Contracts.Runs;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs;

namespace Migration.Tests.Service;

/// <summary>Rate and time left.</summary>
public class Progress_view_Specs
{
    static readonly DateTimeOffset Started = new(2026, 1, 1, 10, 0, 0, TimeSpan.Zero);

    [Test]
    public void Should_tell_rate_and_time_left_since_the_start() => // 200 in 50 s, 800 of 1,000 left
        Assert.That(RateAndLeft(Run(migrated: 200, pending: 300, readAt: Started.AddSeconds(50))), Is.EqualTo((4.0, 200.0)));

    [Test]
    public void Should_tell_them_since_it_was_resumed() => // a day later: 100 more in 50 s
        Assert.That(RateAndLeft(Run(migrated: 300, pending: 700, readAt: Started.AddDays(1).AddSeconds(50)) with { AtWorkSince = Started.AddDays(1), EndedBefore = 200 }),
            Is.EqualTo((2.0, 350.0)));

    [Test]
    public void Should_not_tell_time_left_before_anything_has_ended() =>
        Assert.That(RateAndLeft(Run(migrated: 0, pending: 300, readAt: Started.AddSeconds(50))), Is.EqualTo((0.0, (double?)null)));

    [Test]
    public void Should_tell_no_time_left_of_a_run_that_has_ended_unless_records_were_reopened() => Assert.Multiple(() =>
    {
        Assert.That(RateAndLeft(Run(migrated: 1000, pending: 0, readAt: Started.AddDays(1)) with { EndedAt = Started.AddSeconds(100) }), Is.EqualTo((10.0, 0.0)));
        Assert.That(RateAndLeft(Run(migrated: 900, pending: 100, readAt: Started.AddDays(1)) with { EndedAt = Started.AddSeconds(100) }), Is.EqualTo((9.0, (double?)null)));
    });

    static (double, double?) RateAndLeft(RunSummary run)
    {
        var view = ProgressView.Of(run, new PageCounts(0, 1, null), [], 0, LimitedBy.Nothing);
        return (view.RecordsPerSecond, view.SecondsLeft);
    }

    static RunSummary Run(long migrated, long pending, DateTimeOffset readAt) => new(
        "2026-01-01T10:00:00", Guid.NewGuid(), MigrationType.VISITS, RunState.Migrating, "{}", 1000, Started, null, null, null,
        new Dictionary<string, long> { ["Migrated"] = migrated, ["Pending"] = pending }, readAt, Started, 0);
}
