using System.Net;
using Migration.Clients.NomisPrisoner;
using Migration.Simulator;
using Migration.Simulator.Nomis;

namespace Migration.Tests.Simulator;

internal sealed class Nomis_adjustment_simulation_Specs : EstateFixture
{
    private INomisAdjustments Adjustments => Client<INomisAdjustments>();

    private INomisPrisoners Prisoners => Client<INomisPrisoners>();

    [Test]
    public async Task Should_lead_from_prisoners_over_bookings_to_every_adjustment_that_users_see()
    {
        var keys = new List<AdjustmentKey>();
        await foreach (var offenderNo in AllPrisoners(pageSize: 30))
        {
            foreach (var booking in (await Prisoners.GetBookingIds(offenderNo, default)).Content!)
            {
                var found = (await Adjustments.GetAdjustments(booking, default)).Content!;
                keys.AddRange(found.SentenceAdjustments.Select(adjustment => new AdjustmentKey(AdjustmentCategory.Sentence, adjustment.Id)));
                keys.AddRange(found.KeyDateAdjustments.Select(adjustment => new AdjustmentKey(AdjustmentCategory.KeyDate, adjustment.Id)));
            }
        }

        var visible = Estate.Adjustments.Keys().Where(key => Estate.Adjustments.Find(key) is { IsHidden: false }).ToList();
        Assert.That(keys, Is.EquivalentTo(visible).And.Count.GreaterThan(Options.Prisoners));
    }

    [Test]
    public async Task Should_tell_an_adjustment_as_its_category_does()
    {
        var sentence = Any(adjustment => adjustment.Key.Category == AdjustmentCategory.Sentence && !adjustment.IsHidden);
        var keyDate = Any(adjustment => adjustment.Key.Category == AdjustmentCategory.KeyDate);

        var ofSentence = (await Adjustments.GetSentenceAdjustment(sentence.Key.Id, default)).Content!;
        var ofKeyDate = (await Adjustments.GetKeyDateAdjustment(keyDate.Key.Id, default)).Content!;

        Assert.Multiple(() =>
        {
            Assert.That((ofSentence.BookingId, (long?)ofSentence.SentenceSequence, ofSentence.AdjustmentType.Code), Is.EqualTo((sentence.BookingId, sentence.SentenceSequence, sentence.Type.Code)));
            Assert.That((ofSentence.AdjustmentFromDate, ofSentence.AdjustmentDays, ofSentence.Active), Is.EqualTo((sentence.FromDate, sentence.Days, sentence.IsActive)));
            Assert.That((ofKeyDate.BookingId, ofKeyDate.AdjustmentType.Code, ofKeyDate.Comment), Is.EqualTo((keyDate.BookingId, keyDate.Type.Code, keyDate.Comment)));
        });
    }

    [Test]
    public void Should_use_the_same_ids_in_both_categories()
    {
        var ids = Estate.Adjustments.Keys().ToLookup(key => key.Category, key => key.Id);

        Assert.That(ids[AdjustmentCategory.Sentence].Intersect(ids[AdjustmentCategory.KeyDate]), Is.Not.Empty);
    }

    [Test]
    public async Task Should_show_a_hidden_adjustment_only_when_it_is_asked_for_by_its_id()
    {
        var hidden = Any(adjustment => adjustment.IsHidden);

        var asked = await Adjustments.GetSentenceAdjustment(hidden.Key.Id, default);
        var listed = (await Adjustments.GetAdjustments(hidden.BookingId, default)).Content!;

        Assert.Multiple(() =>
        {
            Assert.That(asked.Content!.HiddenFromUsers);
            Assert.That(listed.SentenceAdjustments.Select(adjustment => adjustment.Id), Does.Not.Contain(hidden.Key.Id));
        });
    }

    [Test]
    public async Task Should_list_inactive_adjustments_unless_only_active_ones_are_asked_for()
    {
        var inactive = Any(adjustment => adjustment is { IsActive: false, IsHidden: false, Key.Category: AdjustmentCategory.KeyDate });
        Http.DefaultRequestHeaders.Authorization = new("Bearer", await Token("nomis-prisoner-api"));

        var all = await Http.GetStringAsync($"nomis/prisoners/booking-id/{inactive.BookingId}/sentencing-adjustments?active-only=false");
        var active = await Http.GetStringAsync($"nomis/prisoners/booking-id/{inactive.BookingId}/sentencing-adjustments?active-only=true");

        Assert.Multiple(() =>
        {
            Assert.That(all, Does.Contain(inactive.Comment));
            Assert.That(active, Does.Not.Contain(inactive.Comment));
        });
    }

    [Test]
    public async Task Should_not_know_what_is_not_there()
    {
        var statuses = new[]
        {
            (await Adjustments.GetSentenceAdjustment(long.MaxValue, default)).StatusCode,
            (await Adjustments.GetKeyDateAdjustment(0, default)).StatusCode,
            (await Adjustments.GetAdjustments(Options.Prisoners * 4L + 1, default)).StatusCode,
            (await Prisoners.GetBookingIds("Z9999ZZ", default)).StatusCode,
        };

        Assert.That(statuses, Is.All.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Should_show_what_a_user_changed_added_and_removed()
    {
        var kept = Any(adjustment => adjustment.Key.Category == AdjustmentCategory.KeyDate);
        Estate.Adjustments.Change(kept.Key, adjustment => adjustment with { Days = 365 });
        var added = Estate.Adjustments.Add(kept.BookingId, AdjustmentCategory.KeyDate);
        var removed = Any(adjustment => adjustment.Key.Category == AdjustmentCategory.KeyDate && adjustment.Key != kept.Key);
        Estate.Adjustments.Remove(removed.Key);

        var listed = (await Adjustments.GetAdjustments(kept.BookingId, default)).Content!.KeyDateAdjustments.ToDictionary(adjustment => adjustment.Id);
        var gone = await Adjustments.GetKeyDateAdjustment(removed.Key.Id, default);

        Assert.Multiple(() =>
        {
            Assert.That(listed[kept.Key.Id].AdjustmentDays, Is.EqualTo(365));
            Assert.That(listed.Keys, Does.Contain(added.Key.Id));
            Assert.That(gone.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [Test]
    public async Task Should_number_the_bookings_of_a_prisoner_from_the_newest()
    {
        var offenderId = Enumerable.Range(1, Options.Prisoners).First(id => Estate.Prisoners.BookingsOf(id).Count > 1);

        var bookings = (await Prisoners.GetBookingIds(Migration.Simulator.Nomis.Prisoners.NumberOf(offenderId), default)).Content!;

        Assert.That(bookings.Select(Estate.Prisoners.SequenceOf), Is.EqualTo(Enumerable.Range(1, bookings.Count)));
    }

    [Test]
    public async Task Should_give_the_bookings_of_a_merged_prisoner_to_the_other()
    {
        var removed = await Prisoners.GetBookingIds(Number(1), default);
        var retained = await Prisoners.GetBookingIds(Number(2), default);

        Estate.Prisoners.Merge(removed: 1, retained: 2);

        var merged = await Prisoners.GetBookingIds(Number(2), default);
        Assert.Multiple(() =>
        {
            Assert.That(merged.Content, Is.EquivalentTo(removed.Content!.Concat(retained.Content!)));
            Assert.That(async () => (await Prisoners.GetBookingIds(Number(1), default)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(async () => await AllPrisoners(pageSize: 50).AnyAsync(number => number == Number(1)), Is.False);
            Assert.That(merged.Content!.Select(Estate.Prisoners.SequenceOf).Order(), Is.EqualTo(Enumerable.Range(1, merged.Content!.Count)));
        });
    }

    [Test]
    public void Should_move_a_booking_there_and_back()
    {
        var booking = Estate.Prisoners.BookingsOf(1)[0];

        Estate.Prisoners.Move(booking, toOffenderId: 2);
        var moved = (Estate.Prisoners.HolderOf(booking), Estate.Prisoners.BookingsOf(1).Contains(booking), Estate.Prisoners.BookingsOf(2).Contains(booking));
        Estate.Prisoners.Move(booking, toOffenderId: 1);

        Assert.Multiple(() =>
        {
            Assert.That(moved, Is.EqualTo((2L, false, true)));
            Assert.That(Estate.Prisoners.BookingsOf(1)[0], Is.EqualTo(booking));
            Assert.That(Estate.Prisoners.BookingsOf(2), Does.Not.Contain(booking));
        });
    }

    [Test]
    public void Should_be_the_same_with_the_same_seed_and_another_with_another()
    {
        var again = new Estate(Options);
        var other = new Estate(Options with { Seed = Options.Seed + 1 });

        Assert.Multiple(() =>
        {
            Assert.That(again.Adjustments.Keys().Select(again.Adjustments.Find), Is.EqualTo(Estate.Adjustments.Keys().Select(Estate.Adjustments.Find)));
            Assert.That(other.Adjustments.Keys().Select(other.Adjustments.Find), Is.Not.EqualTo(Estate.Adjustments.Keys().Select(Estate.Adjustments.Find)));
        });
    }

    private static string Number(long offenderId) => Migration.Simulator.Nomis.Prisoners.NumberOf(offenderId);

    private NomisAdjustment Any(Func<NomisAdjustment, bool> predicate) => Estate.Adjustments.Keys().Select(Estate.Adjustments.Find).OfType<NomisAdjustment>().First(predicate);

    private async IAsyncEnumerable<string> AllPrisoners(int pageSize)
    {
        for (var last = 0L; ;)
        {
            var page = (await Prisoners.GetPrisonerNumbers(last, pageSize, default)).Content!;
            foreach (var prisoner in page.PrisonerIds)
                yield return prisoner.OffenderNo;
            if (page.PrisonerIds.Count < pageSize)
                yield break;
            last = page.LastOffenderId;
        }
    }
}
