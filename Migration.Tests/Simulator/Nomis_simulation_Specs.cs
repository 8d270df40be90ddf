using Migration.Clients.NomisPrisoner;
using Migration.Simulator;
using Migration.Simulator.Nomis;

namespace Migration.Tests.Simulator;

internal sealed class Nomis_simulation_Specs : EstateFixture
{
    [Test]
    public void Should_give_the_same_visits_for_the_same_seed()
    {
        var again = new NomisVisits(Options);
        var other = new NomisVisits(Options with { Seed = 8 });

        Assert.Multiple(() =>
        {
            Assert.That(Texts(again), Is.EqualTo(Texts(Estate.Nomis)));
            Assert.That(Texts(other), Is.Not.EqualTo(Texts(Estate.Nomis)));
        });

        static IEnumerable<string> Texts(NomisVisits visits) =>
            Enumerable.Range(1, 500).Select(id => visits.Find(id)!).Select(visit => $"{visit} {string.Join(',', visit.Visitors)}").Select(text => text.Replace("System.Int64[]", "", StringComparison.Ordinal)).ToList();
    }

    [Test]
    public void Should_know_a_visit_again_by_what_a_request_carries()
    {
        var visits = new NomisVisits(Options with { Visits = 1_000_000 });

        foreach (var id in new long[] { 1, 2, 3, 499_999, 500_000, 999_999, 1_000_000 })
        {
            var visit = visits.Find(id)!;
            var toTheSecond = visit.Created.AddTicks(-(visit.Created.Ticks % TimeSpan.TicksPerSecond));
            Assert.Multiple(() =>
            {
                Assert.That(visits.IdOf(visit.OffenderNo, toTheSecond), Is.EqualTo(id));
                Assert.That(visits.IdOf(visit.OffenderNo, toTheSecond.AddSeconds(1)), Is.Null);
                Assert.That(visits.IdOf("A0000AA", toTheSecond), Is.Null);
            });
        }
    }

    [Test]
    public void Should_create_later_visits_later_and_mix_their_dates()
    {
        var visits = new NomisVisits(Options with { Visits = 20_000 });
        var all = Enumerable.Range(1, 20_000).Select(id => visits.Find(id)!).ToList();
        var today = Options.Today.ToDateTime(TimeOnly.MinValue);

        Assert.Multiple(() =>
        {
            Assert.That(all.Select(visit => visit.Created), Is.Ordered.Ascending);
            Assert.That(all.Count(visit => visit.Start > today), Is.InRange(1800, 2300));
            Assert.That(all.GroupBy(visits.FateOf).ToDictionary(fate => fate.Key, fate => fate.Count()), Has.Count.EqualTo(5));
            Assert.That(all.Count(visit => visits.FateOf(visit) == VisitFate.Migrated), Is.InRange(18_500, 19_900));
        });
    }

    [Test]
    public void Should_have_nothing_that_fails_when_it_is_clean()
    {
        var visits = new NomisVisits(Options with { Visits = 20_000, Clean = true });

        Assert.That(Enumerable.Range(1, 20_000).Select(id => visits.FateOf(visits.Find(id)!)), Has.All.EqualTo(VisitFate.Migrated));
    }

    [Test]
    public async Task Should_page_through_all_ids_once()
    {
        var ids = new List<long>();
        for (var page = 0; page < 7; page++)
        {
            var content = (await Client<INomisVisits>().GetVisitIds(null, null, null, null, false, page, 80, default)).Content!;
            Assert.That((content.TotalElements, content.TotalPages, content.Number, content.Size), Is.EqualTo((500L, 7, page, 80)));
            ids.AddRange(content.Content.Select(id => id.VisitId));
        }

        var beyond = (await Client<INomisVisits>().GetVisitIds(null, null, null, null, false, 7, 80, default)).Content!;
        Assert.Multiple(() =>
        {
            Assert.That(ids, Is.EqualTo(Enumerable.Range(1, 500)));
            Assert.That(beyond.Content, Is.Empty);
        });
    }

    [Test]
    public async Task Should_filter_by_prison_type_and_time_of_creation()
    {
        var (from, to) = (Estate.Nomis.Find(100)!.Created, Estate.Nomis.Find(400)!.Created);
        var expected = Enumerable.Range(100, 301).Select(id => Estate.Nomis.Find(id)!)
            .Where(visit => visit.PrisonId is "MDI" or "HEI" or "LEI" && visit.Type.Code == "SCON").Select(visit => visit.VisitId).ToList();

        var answer = await Client<INomisVisits>().GetVisitIds(["MDI", "HEI", "LEI"], ["SCON"], from, to, true, 1, 10, default);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Content!.TotalElements, Is.EqualTo(expected.Count));
            Assert.That(answer.Content.Content.Select(id => id.VisitId), Is.EqualTo(expected.Skip(10).Take(10)));
            Assert.That(Estate.Invalid().Count, Is.Zero);
        });
    }

    [Test]
    public async Task Should_send_each_visit_so_that_the_client_reads_it()
    {
        foreach (var id in Enumerable.Range(1, 200))
        {
            var expected = Estate.Nomis.Find(id)!;
            var visit = (await Client<INomisVisits>().GetVisit(id, default)).Content!;
            Assert.That(
                (visit.VisitId, visit.OffenderNo, visit.StartDateTime, visit.PrisonId, visit.VisitStatus.Code, visit.VisitOutcome?.Code, visit.AgencyInternalLocation?.Description, visit.LeadVisitor?.FullName, visit.WhenCreated),
                Is.EqualTo((expected.VisitId, expected.OffenderNo, expected.Start, expected.PrisonId, expected.Status.Code, expected.Outcome?.Code, expected.Room?.Description, expected.Lead?.FullName, expected.Created)));
        }
    }

    [Test]
    public async Task Should_know_no_other_visits_and_forget_what_is_removed()
    {
        Estate.Nomis.Remove(7);
        Estate.Nomis.Change(8, visit => visit with { ModifiedBy = "somebody" });

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((int?)(await Client<INomisVisits>().GetVisit(501, default)).StatusCode, Is.EqualTo(404));
            Assert.That((int?)(await Client<INomisVisits>().GetVisit(0, default)).StatusCode, Is.EqualTo(404));
            Assert.That((int?)(await Client<INomisVisits>().GetVisit(7, default)).StatusCode, Is.EqualTo(404));
            Assert.That((await Client<INomisVisits>().GetVisit(8, default)).Content!.ModifyUserId, Is.EqualTo("somebody"));
        });
    }

    [Test]
    public async Task Should_count_rooms_of_the_visits_ahead()
    {
        var expected = Enumerable.Range(1, 500).Select(id => Estate.Nomis.Find(id)!)
            .Where(visit => visit.Room is not null && visit.Start.Date > Options.Today.ToDateTime(TimeOnly.MinValue) && visit.Start.Date < Options.Today.AddYears(1).ToDateTime(TimeOnly.MinValue))
            .GroupBy(visit => visit.Room!.Description).ToDictionary(room => room.Key, room => (long)room.Count());

        var usage = (await Client<INomisVisits>().GetRoomUsage(null, null, null, null, default)).Content!;

        Assert.That(usage.ToDictionary(room => room.AgencyInternalLocationDescription, room => room.Count), Is.EquivalentTo(expected));
    }
}
