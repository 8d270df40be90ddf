using Microsoft.Extensions.DependencyInjection;
using Migration.Sagas.Limits;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>Changes whose upstream is away for longer than their attempts would last.</summary>
sealed class Sync_outage_Specs : SyncServiceFixture
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Syncs:MaxAttempts"] = "3",
        ["Syncs:BackOff:0"] = "00:00:00",
        ["Syncs:AfterOutage"] = "00:00:01",
        ["Syncs:UpstreamPatience"] = "00:00:02",
    };

    [TestCase(Upstream.Nomis, "nomis", TestName = "NOMIS, before anything was done")]
    [TestCase(Upstream.Mapping, "mapping", TestName = "the mapping service")]
    public async Task Should_fail_no_change_while_its_upstream_is_away(string upstream, string limiter)
    {
        var bookings = Enumerable.Range(1, 40).SelectMany(x => Estate.Prisoners.BookingsOf(x)).ToList();
        var added = Enumerable.Range(0, 20).Select(x => Estate.Adjustments.Add(bookings[x % bookings.Count], AdjustmentCategory.Sentence)).ToList();
        Estate.Faults.Set(new Dictionary<string, UpstreamFaults> { [upstream] = new() { ResetRate = 1 } });
        var syncs = new List<Guid>();
        foreach (var adjustment in added)
            syncs.Add(await SendAsync(NomisEvents.AdjustmentUpserted(adjustment, Prisoners.NumberOf(Estate.Prisoners.HolderOf(adjustment.BookingId)), "OIDSENAD")));
        await Eventually.IsTrue(() => Host.Services.GetRequiredService<UpstreamLimits>().Get(limiter).IsDown);
        await Eventually.IsTrue(async () => await World.ReadAsync<long>("select count(*) from migration.syncs where error is not null") > 3);

        Estate.Faults.All(new UpstreamFaults());

        foreach (var sync in syncs)
            await UntilAsync(sync, "Completed");
        Assert.That(added.Select(x => Estate.Adjustment(x.Key)).Select(x => (x.Records.Count, x.Mapping is not null)), Is.All.EqualTo((1, true)));
    }
}
