using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>Events of sentencing adjustments, of both categories, through the service (spec: sentencing-adjustments 12.1 to 12.4).</summary>
[TestFixture(AdjustmentCategory.Sentence)]
[TestFixture(AdjustmentCategory.KeyDate)]
sealed class Adjustment_sync_Specs(AdjustmentCategory category) : SyncServiceFixture
{
    const string Screen = "OIDSENAD";
    const string Mappings = "sentencing-adjustments-sync-mappings";
    const string RetryMapping = "prisoner-from-nomis-synchronisation-RETRY_SYNCHRONISATION_MAPPING";

    bool IsSentence => category == AdjustmentCategory.Sentence;
    string Prefix => IsSentence ? "sentence-adjustment-" : "key-date-adjustment-";
    string Read => IsSentence ? Operations.GetSentenceAdjustment : Operations.GetKeyDateAdjustment;

    [Test]
    public async Task Should_create_and_map_an_adjustment_that_is_not_mapped() // S2 to S5, K2 to K5
    {
        var added = Add();

        await SyncAsync(Upserted(added));

        var report = Estate.Adjustment(added.Key);
        var told = await ToldAsync(Prefix + "created-synchronisation-success", "nomisAdjustmentId", IdOf(added));
        Assert.Multiple(() =>
        {
            Assert.That(Count(Operations.FindAdjustmentMapping, Read, Operations.CreateAdjustment), Is.EqualTo((1, 1, 1)));
            Assert.That((report.Records.Count, report.Difference), Is.EqualTo((1, (string?)null)));
            Assert.That(report.Records[0].IsCurrentTerm, Is.EqualTo(Estate.Prisoners.SequenceOf(added.BookingId) == 1));
            Assert.That((report.Mapping!.DpsId, report.Mapping.MappingType, report.Mapping.Label), Is.EqualTo((report.Records[0].Id.ToString(), "NOMIS_CREATED", (string?)null)));
            Assert.That(told, Is.EquivalentTo(Base(added, report.Records[0].Id.ToString())));
        });
    }

    [TestCase(true, TestName = "S12, K8: mapped")]
    [TestCase(false, TestName = "S1, K1: not mapped")]
    public async Task Should_leave_alone_what_dps_wrote_itself(bool isMapped)
    {
        var added = Add();
        if (isMapped)
            await SyncAsync(Upserted(added));
        var before = Requests();

        await SendAsync(Upserted(added, NomisEvents.DpsModule));

        Assert.That(await ToldAsync(Prefix + "synchronisation-skipped", "nomisAdjustmentId", IdOf(added)), Is.EquivalentTo(Base(added)));
        Assert.That(Requests(), Is.EqualTo(before));
    }

    [Test]
    public async Task Should_update_an_adjustment_that_is_mapped() // S13, S14, K9
    {
        var added = await MappedAsync();
        Estate.Adjustments.Change(added.Key, x => x with { Days = 77 });

        await SyncAsync(Upserted(added));

        var report = Estate.Adjustment(added.Key);
        Assert.That((report.Records.Single().Days, report.Difference), Is.EqualTo((77, (string?)null)));
        Assert.That(await ToldAsync(Prefix + "updated-synchronisation-success", "nomisAdjustmentId", IdOf(added)), Is.EquivalentTo(Base(added, report.Mapping!.DpsId)));
    }

    [Test]
    public async Task Should_write_a_mapping_that_failed_at_first_without_creating_again() // S6, S7, K6
    {
        var added = Add();
        using var refusal = Refuse(Operations.CreateAdjustmentMapping, 500, times: 1);

        await SyncAsync(Upserted(added));

        var dpsId = Estate.Adjustment(added.Key).Mapping!.DpsId;
        Assert.That((Estate.RequestsOf(Operations.CreateAdjustment), Estate.RequestsOf(Operations.CreateAdjustmentMapping)), Is.EqualTo((1, 2)));
        Assert.That(await ToldAsync("adjustment-mapping-created-synchronisation-success", "nomisAdjustmentId", IdOf(added)), Is.EquivalentTo(Base(added, dpsId)));
        Assert.That(await ToldAsync(Prefix + "created-synchronisation-success", "nomisAdjustmentId", IdOf(added)), Contains.Key("adjustmentId"));
    }

    [Test]
    public async Task Should_fail_when_the_mapping_always_fails_and_map_the_same_record_at_a_retry() // S8, S9, K7
    {
        var added = Add();
        var before = DeadLetters(Mappings);
        var sync = await UnmappableAsync(added);
        Assert.That((Estate.RequestsOf(Operations.CreateAdjustment), Estate.RequestsOf(Operations.CreateAdjustmentMapping)), Is.EqualTo((1, Attempts)));
        await AssertDeadLetterAsync(Mappings, before, RetryMapping);
        Assert.That((await ToldAsync(Prefix + "created-synchronisation-success", "nomisAdjustmentId", IdOf(added)))["mapping"], Is.EqualTo("initial-failure"));
        Assert.That(Told("adjustment-mapping-created-synchronisation-success", "nomisAdjustmentId", IdOf(added)), Is.Empty);

        using var retried = await Host.Operator.PostAsync($"/syncs/{sync}/retry", content: null);

        Assert.That(retried.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await UntilAsync(sync, "Completed");
        var report = Estate.Adjustment(added.Key);
        Assert.That((report.Records.Count, report.Mapping!.DpsId), Is.EqualTo((1, report.Records[0].Id.ToString())));
        Assert.That(Estate.RequestsOf(Operations.CreateAdjustment), Is.EqualTo(1));
        await ToldAsync("adjustment-mapping-created-synchronisation-success", "nomisAdjustmentId", IdOf(added));
        Assert.That(Told(Prefix + "created-synchronisation-success", "nomisAdjustmentId", IdOf(added)), Has.Count.EqualTo(1), "told of before");
    }

    [Test]
    public async Task Should_map_the_same_record_when_its_dead_letter_is_sent_back() // H21
    {
        var added = Add();
        var before = DeadLetters(Mappings);
        var sync = await UnmappableAsync(added);
        await Eventually.IsTrue(() => DeadLetters(Mappings) == before + 1);
        await World.ExecuteAsync("update migration.syncs set ended_at = ended_at - interval '2 minutes' where correlation_id = $1", sync); // a person is not that fast

        await SendBackAsync(Mappings);

        await UntilAsync(sync, "Completed");
        var report = Estate.Adjustment(added.Key);
        Assert.That((report.Records.Count, report.Mapping!.DpsId), Is.EqualTo((1, report.Records[0].Id.ToString())));
        Assert.That((Estate.RequestsOf(Operations.CreateAdjustment), DeadLetters(Mappings)), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Should_remove_its_own_record_when_another_is_mapped_meanwhile() // S10, K10
    {
        var added = Add();
        AdjustmentMapping? existing = null;
        using var race = After(Operations.CreateAdjustment, () => existing = Estate.CreateAndMap(added));

        await SyncAsync(Upserted(added), "Compensated");

        var told = await ToldAsync("from-nomis-synch-adjustment-duplicate", "duplicateNomisAdjustmentId", IdOf(added));
        Assert.Multiple(() =>
        {
            Assert.That(Estate.RequestsOf(Operations.DeleteAdjustment), Is.EqualTo(1));
            Assert.That(Estate.Adjustment(added.Key).Records.Select(x => x.Id.ToString()), Is.EqualTo(new[] { existing!.DpsId }));
            Assert.That(Guid.Parse(told["duplicateAdjustmentId"]).ToString(), Is.Not.EqualTo(existing.DpsId));
            Assert.That(told, Is.EquivalentTo(new Dictionary<string, string>
            {
                ["duplicateAdjustmentId"] = told["duplicateAdjustmentId"],
                ["duplicateNomisAdjustmentId"] = IdOf(added),
                ["duplicateNomisAdjustmentCategory"] = CategoryCode,
                ["existingAdjustmentId"] = existing.DpsId,
                ["existingNomisAdjustmentId"] = IdOf(added),
                ["existingNomisAdjustmentCategory"] = CategoryCode,
            }));
        });
    }

    [Test]
    public async Task Should_list_its_record_when_the_one_that_is_mapped_does_not_answer() // S10, S11
    {
        var added = Add();
        using var race = After(Operations.CreateAdjustment, () => Estate.Map(new AdjustmentMapping(added.Key, Guid.Empty.ToString(), Label: null, "NOMIS_CREATED", DateTime.Now)));
        using var refusal = Refuse(Operations.CreateAdjustmentMapping, 500, times: 1); // then 409

        await SyncAsync(Upserted(added), "NeedsOperator");

        var ours = (await ToldAsync("from-nomis-synch-adjustment-duplicate", "duplicateNomisAdjustmentId", IdOf(added)))["duplicateAdjustmentId"];
        var stray = (await StraysAsync()).Single(x => (string?)x!["targetId"] == ours)!;
        Assert.That(Estate.RequestsOf(Operations.DeleteAdjustment), Is.Zero);

        using var refused = await Host.Operator.PostAsync($"/compensations/{stray["id"]}/compensate", content: null);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "nothing else answers for the adjustment");
        using var dismissed = await Host.Operator.PostAsync($"/compensations/{stray["id"]}/dismiss", content: null);
        Assert.That(dismissed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await StraysAsync()).Select(x => (string?)x!["targetId"]), Has.None.EqualTo(ours));
        using var again = await Host.Operator.PostAsync($"/compensations/{stray["id"]}/dismiss", content: null);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [TestCase(true, TestName = "S15: hidden")]
    [TestCase(false, TestName = "S16, K11: gone")]
    public async Task Should_not_carry_what_nomis_does_not_show(bool isHidden)
    {
        Assume.That(IsSentence || !isHidden, "NOMIS hides adjustments of sentences alone");
        var added = Add();
        if (isHidden)
            Estate.Adjustments.Change(added.Key, x => x with { IsHidden = true });
        else
            Estate.Adjustments.Remove(added.Key);

        await SyncAsync(Upserted(added), "Ignored");

        var name = IsSentence ? "sentence-adjustment-hidden-or-deleted-synchronisation-skipped" : "key-date-adjustment-deleted-synchronisation-skipped";
        Assert.That(await ToldAsync(name, "nomisAdjustmentId", IdOf(added)), Is.EquivalentTo(Base(added)));
        Assert.That(Estate.RequestsOf(Operations.CreateAdjustment), Is.Zero);
    }

    [TestCase(NomisEvents.DpsModule, TestName = "S21, K21: by DPS")]
    [TestCase(Screen, TestName = "S24, K24: by a user")]
    public async Task Should_remove_an_adjustment_that_is_mapped(string auditModule)
    {
        var added = await MappedAsync();
        var dpsId = Estate.Adjustment(added.Key).Mapping!.DpsId;
        Estate.Adjustments.Remove(added.Key);

        await SyncAsync(Deleted(added, auditModule));

        var report = Estate.Adjustment(added.Key);
        Assert.That((report.Records, report.Mapping), Is.EqualTo((Array.Empty<object>(), (object?)null)));
        Assert.That(await ToldAsync(Prefix + "delete-synchronisation-success", "nomisAdjustmentId", IdOf(added)), Is.EquivalentTo(Base(added, dpsId)));
    }

    [Test]
    public async Task Should_remove_the_mapping_of_an_adjustment_that_dps_has_removed_already() // S22, K22
    {
        var added = await MappedAsync();
        using var refusal = Refuse(Operations.DeleteAdjustment, 404);

        await SyncAsync(Deleted(added, Screen));

        Assert.That(Estate.Adjustment(added.Key).Mapping, Is.Null);
        Assert.That(await ToldAsync(Prefix + "delete-synchronisation-success", "nomisAdjustmentId", IdOf(added)), Contains.Key("adjustmentId"));
    }

    [TestCase(NomisEvents.DpsModule, TestName = "S20, K20: by DPS")]
    [TestCase(Screen, TestName = "S23, K23: by a user")]
    public async Task Should_ignore_the_removal_of_what_is_not_mapped(string auditModule)
    {
        var added = Add();

        await SyncAsync(Deleted(added, auditModule), "Ignored");

        Assert.That(await ToldAsync(Prefix + "delete-synchronisation-ignored", "nomisAdjustmentId", IdOf(added)), Is.EquivalentTo(Base(added)));
        Assert.That(Count(Operations.FindAdjustmentMapping, Operations.DeleteAdjustment, Operations.DeleteAdjustmentMapping), Is.EqualTo((1, 0, 0)));
    }

    string CategoryCode => IsSentence ? "SENTENCE" : "KEY-DATE";

    NomisAdjustment Add() => Estate.Adjustments.Add(BookingOf(1), category);

    async Task<NomisAdjustment> MappedAsync()
    {
        var added = Add();
        await SyncAsync(Upserted(added));
        return added;
    }

    /// <summary>Sends the event of an adjustment whose mapping is refused at each attempt, and waits for its end.</summary>
    async Task<Guid> UnmappableAsync(NomisAdjustment adjustment)
    {
        using var refusal = Refuse(Operations.CreateAdjustmentMapping, 500);
        var sync = await SendAsync(Upserted(adjustment));
        await UntilAsync(sync, "Failed");
        return sync;
    }

    long BookingOf(long from)
    {
        while (Estate.Prisoners.BookingsOf(from) is not { Count: > 0 })
            from++;
        return Estate.Prisoners.BookingsOf(from)[0];
    }

    NomisEvent Upserted(NomisAdjustment adjustment, string auditModule = Screen) => NomisEvents.AdjustmentUpserted(adjustment, OffenderNo(adjustment), auditModule);

    NomisEvent Deleted(NomisAdjustment adjustment, string auditModule) => NomisEvents.AdjustmentDeleted(adjustment, OffenderNo(adjustment), auditModule);

    string OffenderNo(NomisAdjustment adjustment) => Prisoners.NumberOf(Estate.Prisoners.HolderOf(adjustment.BookingId));

    Dictionary<string, string> Base(NomisAdjustment adjustment, string? adjustmentId = null)
    {
        var properties = new Dictionary<string, string>
        {
            ["adjustmentCategory"] = CategoryCode,
            ["nomisAdjustmentId"] = IdOf(adjustment),
            ["offenderNo"] = OffenderNo(adjustment),
            ["bookingId"] = adjustment.BookingId.ToString(CultureInfo.InvariantCulture),
        };
        if (adjustment.SentenceSequence is { } sequence)
            properties["sentenceSequence"] = sequence.ToString(CultureInfo.InvariantCulture);
        if (adjustmentId is not null)
            properties["adjustmentId"] = adjustmentId;
        return properties;
    }

    long Requests() => new[] { Operations.FindAdjustmentMapping, Read, Operations.CreateAdjustment, Operations.UpdateAdjustment }.Sum(Estate.RequestsOf);

    async Task<JsonArray> StraysAsync() => JsonNode.Parse(await Host.Operator.GetStringAsync("/compensations"))!.AsArray();

    static string IdOf(NomisAdjustment adjustment) => adjustment.Key.Id.ToString(CultureInfo.InvariantCulture);
}
