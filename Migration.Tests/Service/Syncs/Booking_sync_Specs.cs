using System.Globalization;
using System.Net;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>Merges of prisoners, and repairs of a booking's adjustments (spec: sentencing-adjustments 12.5, 12.7).</summary>
sealed class Booking_sync_Specs : SyncServiceFixture
{
    [Test]
    public async Task Should_tell_of_a_merge_without_adjustments() // M1
    {
        var booking = await EmptyBookingAsync();

        await SyncAsync(NomisEvents.BookingNumberChanged(booking, "A1234AA", "A4321AA"));

        Assert.That(await MergeToldAsync(booking), Is.EqualTo((0, 0, 0, 0)));
        Assert.That(Estate.RequestsOf(Operations.FindAdjustmentMapping), Is.Zero);
    }

    [TestCase(true, 0, TestName = "M2: all mapped")]
    [TestCase(false, 1, TestName = "M3: one of each unmapped")]
    public async Task Should_bring_what_a_merge_left_unmapped(bool isAllMapped, int created)
    {
        var (booking, unmapped) = await BookingAsync(isAllMapped);

        await SyncAsync(NomisEvents.BookingNumberChanged(booking, "A1234AA", "A4321AA"));

        Assert.That(await MergeToldAsync(booking), Is.EqualTo((2, 2, created, created)));
        AssertBrought(unmapped);
    }

    [Test]
    public async Task Should_bring_what_is_unmapped_when_a_booking_only_got_another_number() // 5.4: the type is not asked
    {
        var (booking, unmapped) = await BookingAsync(isAllMapped: false);

        await SyncAsync(NomisEvents.BookingNumberChanged(booking, retained: null, removed: null));

        Assert.That(await MergeToldAsync(booking), Is.EqualTo((2, 2, 1, 1)));
        AssertBrought(unmapped);
    }

    [Test]
    public async Task Should_tell_of_a_merge_by_its_event_when_one_of_its_adjustments_is_given_up()
    {
        var (booking, _) = await BookingAsync(isAllMapped: false);
        using var refusal = Refuse(Operations.GetSentenceAdjustment, 403);
        const string Pushes = "sentencing-adjustments-sync-pushes";
        var before = DeadLetters(Pushes);

        await SyncAsync(NomisEvents.BookingNumberChanged(booking, "A1234AA", "A4321AA"), "Failed");

        await AssertDeadLetterAsync(Pushes, before, "BOOKING_NUMBER-CHANGED");
        Assert.That(Host.Telemetry.Named("from-nomis-synch-adjustment-merge"), Is.Empty, "told when everything went through");
    }

    [Test]
    public async Task Should_repair_a_merge() // D2
    {
        var (booking, unmapped) = await BookingAsync(isAllMapped: false);

        using var response = await Host.Operator.PostAsync($"/prisoners/booking-id/{booking}/merge/sentencing-adjustments/repair", content: null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), await response.Content.ReadAsStringAsync());
        Assert.That(await MergeToldAsync(booking), Is.EqualTo((2, 2, 1, 1)));
        Assert.That((await ToldAsync("from-nomis-synch-adjustment-merge-repair", "bookingId", Text(booking))).Count, Is.EqualTo(1));
        AssertBrought(unmapped);
    }

    [Test]
    public async Task Should_repair_a_booking_as_nomis_has_it_now() // D4
    {
        var (booking, _) = await BookingAsync(isAllMapped: true);
        foreach (var adjustment in Visible(booking))
            Estate.Adjustments.Change(adjustment.Key, x => x with { Days = 55 });

        using var response = await Host.Operator.PostAsync($"/prisoners/booking-id/{booking}/update/sentencing-adjustments/repair", content: null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), await response.Content.ReadAsStringAsync());
        Assert.That(Visible(booking).Select(x => Estate.Adjustment(x.Key).Records.Single().Days), Is.All.EqualTo(55));
        Assert.That((await ToldAsync("from-nomis-synch-adjustment-update-repair", "bookingId", Text(booking))).Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_say_why_a_repair_failed()
    {
        var (booking, _) = await BookingAsync(isAllMapped: true);
        using var refusal = Refuse(Operations.GetBookingAdjustments, 400);

        using var response = await Host.Operator.PostAsync($"/prisoners/booking-id/{booking}/update/sentencing-adjustments/repair", content: null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("Failed"));
    }

    /// <summary>Each of these was created and mapped, and nothing else was sent to DPS; the mapping of every adjustment was looked up.</summary>
    void AssertBrought(IReadOnlyList<AdjustmentKey> keys)
    {
        Assert.That((Count(Operations.CreateAdjustment, Operations.CreateAdjustmentMapping, Operations.UpdateAdjustment), Estate.RequestsOf(Operations.FindAdjustmentMapping)),
            Is.EqualTo(((keys.Count, keys.Count, 0), 4 + keys.Count)));
        Assert.That(keys.Select(Estate.Adjustment).Select(x => (x.Records.Count, x.Records.Any(record => record.Id.ToString() == x.Mapping?.DpsId), x.Difference)),
            Is.All.EqualTo((1, true, (string?)null)));
    }

    /// <summary>A booking with two adjustments of each category, one of each unmapped if asked for.</summary>
    async Task<(long Booking, IReadOnlyList<AdjustmentKey> Unmapped)> BookingAsync(bool isAllMapped)
    {
        var booking = await EmptyBookingAsync();
        var unmapped = new List<AdjustmentKey>();
        foreach (var category in Enum.GetValues<AdjustmentCategory>())
        {
            Estate.CreateAndMap(Estate.Adjustments.Add(booking, category));
            var second = Estate.Adjustments.Add(booking, category);
            if (isAllMapped)
                Estate.CreateAndMap(second);
            else
                unmapped.Add(second.Key);
        }
        return (booking, unmapped);
    }

    /// <summary>A booking whose adjustments are gone.</summary>
    Task<long> EmptyBookingAsync()
    {
        var booking = Enumerable.Range(1, 40).SelectMany(x => Estate.Prisoners.BookingsOf(x)).First();
        foreach (var adjustment in Estate.Adjustments.OfBooking(booking))
            Estate.Adjustments.Remove(adjustment.Key);
        return Task.FromResult(booking);
    }

    IEnumerable<NomisAdjustment> Visible(long booking) => Estate.Adjustments.OfBooking(booking).Where(x => !x.IsHidden);

    async Task<(int, int, int, int)> MergeToldAsync(long booking)
    {
        var told = await ToldAsync("from-nomis-synch-adjustment-merge", "bookingId", Text(booking));
        return (Number("sentenceAdjustments"), Number("keyDateAdjustments"), Number("sentenceAdjustmentsCreated"), Number("keyDateAdjustmentsCreated"));

        int Number(string name) => int.Parse(told[name], CultureInfo.InvariantCulture);
    }

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
