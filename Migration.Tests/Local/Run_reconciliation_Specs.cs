using System.Text.Json.Nodes;
using Migration.Local.Runs;

namespace Migration.Tests.Local;

/// <summary>When a local run balances: what ./run answers for, by its table and its exit code.</summary>
public class Run_reconciliation_Specs
{
    static readonly RunProgress Ended = new("2026-01-01T00:00:00", "Completed", null, 10, 10,
        new Dictionary<string, long> { ["Migrated"] = 5, ["AlreadyMapped"] = 1, ["Rejected"] = 1, ["Failed"] = 2, ["Duplicate"] = 1 }, [], 1, 100, 0);

    static readonly EstateReconciliation Estate = new(Source: 10, Dps: 9, Mapped: 7, Duplicates: Ids(3, 9), Missing: Ids(1, 2));

    static readonly ListedRecord[] Listed =
        [new("1", "Failed", false), new("2", "Failed", false), new("3", "Migrated", true), new("4", "Rejected", false), new("9", "Duplicate", false)];

    [Test]
    public void Should_balance_when_every_record_is_accounted_for_once() => Assert.That(Of(Ended, Estate, Listed).IsBalanced);

    [Test]
    public void Should_not_balance_when_a_record_is_in_NOMIS_and_nowhere_else()
    {
        var report = Of(Ended, Estate with { Missing = Ids(1, 2, 7) }, Listed);

        Assert.That((report.Lost, report.IsBalanced), Is.EqualTo((1, false)));
    }

    [Test]
    public void Should_not_balance_when_a_record_is_doubled_and_nobody_says_so()
    {
        var report = Of(Ended, Estate with { Duplicates = Ids(3, 5, 9) }, Listed);

        Assert.That((report.UnlistedDuplicates, report.IsBalanced), Is.EqualTo((1, false)));
    }

    [Test]
    public void Should_know_what_an_earlier_run_has_doubled_and_listed() =>
        Assert.That(Of(Ended, Estate with { Duplicates = Ids(3, 5, 9) }, Listed, [new("5", "Migrated", true)]).IsBalanced);

    [Test]
    public void Should_not_take_what_the_estate_does_not_name_for_accounted()
    {
        var report = Of(Ended, Estate with { Missing = new EstateIds(5, [1, 2]), Duplicates = new EstateIds(4, [3, 9]) }, Listed);

        Assert.That((report.Lost, report.UnlistedDuplicates, report.IsBalanced), Is.EqualTo((3, 2, false)));
    }

    [Test]
    public void Should_not_balance_when_the_counts_do_not_add_up_or_the_run_did_not_end() => Assert.Multiple(() =>
    {
        Assert.That(Of(Ended, Estate with { Source = 11 }, Listed).IsBalanced, Is.False, "a record that was never found");
        Assert.That(Of(Ended, Estate with { Mapped = 5 }, Listed).IsBalanced, Is.False, "fewer mappings than migrated records");
        Assert.That(Of(Ended with { State = "Cancelled" }, Estate, Listed).IsBalanced, Is.False);
    });

    [Test]
    public void Should_write_one_object_for_scripts()
    {
        var json = JsonNode.Parse(Of(Ended, Estate, Listed).ToJson())!.AsObject();

        Assert.That(json.Select(x => x.Key), Is.EqualTo(new[]
        {
            "runId", "source", "migrated", "alreadyMapped", "rejected", "failed", "duplicates", "possibleDuplicates", "lost", "mappings", "seconds", "perSecond",
            "sqsRequestsPer1000", "httpCallsPerRecord", "rssMb",
        }));
        Assert.That(((string?)json["runId"], (long)json["source"]!, (double)json["perSecond"]!, (double)json["sqsRequestsPer1000"]!, (double)json["httpCallsPerRecord"]!),
            Is.EqualTo(("2026-01-01T00:00:00", 10L, 5.0, 300.0, 4.0)));
    }

    static RunReconciliation Of(RunProgress progress, EstateReconciliation estate, ListedRecord[] listed, ListedRecord[]? listedBefore = null) =>
        RunReconciliation.Of(progress, estate, listed, listedBefore ?? [], seconds: 2, new Traffic(3, 40), rssMb: 200);

    static EstateIds Ids(params long[] ids) => new(ids.Length, ids);
}
