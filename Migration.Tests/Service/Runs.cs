using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>What must be true of every run that has ended, whatever happened on the way.</summary>
static class Runs
{
    /// <summary>
    /// Nothing lost: every record that was found has ended (or, in a cancelled run, waits to be resumed), its mapping stands where it is Migrated, and counters and ledger say the same.
    /// Nothing doubled in silence: a visit with two records in DPS is flagged, and a record without a mapping is listed or belongs to a flagged visit.
    /// </summary>
    public static async Task AssertBalancedAsync(World world, ServiceHost host, string runId, bool isCancelled = false)
    {
        await Invariants.CheckAsync(world.Database);
        var progress = await host.ProgressAsync(runId);
        var counts = progress["counts"]!.AsObject().ToDictionary(x => x.Key, x => (long)x.Value!);
        var ledger = await LedgerAsync(world, runId);
        var flagged = ledger.Where(x => x.IsFlagged).Select(x => x.Key).ToHashSet();
        var strays = await StraysAsync(world);
        var reports = ledger.ToDictionary(x => x.Key, x => world.Estate.Visit(x.Key));

        Assert.Multiple(() =>
        {
            Assert.That(counts, Is.EquivalentTo(counts.Keys.ToDictionary(x => x, state => (long)ledger.Count(row => row.State == state))), "counters and ledger");
            Assert.That((long)progress["found"]!, Is.EqualTo(ledger.Count), "found");
            Assert.That((isCancelled ? 0 : counts["Pending"]) + counts["Claimed"] + counts["MappingPending"], Is.Zero, "open records");
            Assert.That(ledger.Where(x => x.State == "Migrated" && reports[x.Key].Mapping?.VsipId != x.TargetId), Is.Empty, "migrated, but not mapped to what the ledger says");
            Assert.That(ledger.Where(x => x.State is "Failed" or "Rejected" && !x.IsFlagged && reports[x.Key].Records.Count > 0), Is.Empty, "failed, but in DPS");
            Assert.That(reports.Values.Where(x => x.Records.Count > 1 && !flagged.Contains(x.NomisId)).Select(x => x.NomisId), Is.Empty, "doubles that are not flagged");
            Assert.That(reports.Values.SelectMany(x => x.Records).Where(x => reports[x.NomisId!.Value].Mapping?.VsipId != x.Reference && !flagged.Contains(x.NomisId.Value) && !strays.Contains(x.Reference)),
                Is.Empty, "records without a mapping that nobody lists");
            Assert.That(world.Estate.Invalid().First, Is.Empty, "requests that do not match the API documents");
        });
    }

    static async Task<List<Row>> LedgerAsync(World world, string runId)
    {
        await using var command = world.Database.CreateCommand("select key, state, target_id, possible_duplicate, attempts from migration.ledger where run_id = $1 order by key");
        command.Parameters.AddWithValue(runId);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await reader.ReadAsync())
            rows.Add(new Row(long.Parse(reader.GetString(0)), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetBoolean(3), reader.GetInt32(4)));
        return rows;
    }

    static async Task<HashSet<string>> StraysAsync(World world)
    {
        await using var command = world.Database.CreateCommand("select target_id from migration.strays");
        await using var reader = await command.ExecuteReaderAsync();
        var strays = new HashSet<string>();
        while (await reader.ReadAsync())
            strays.Add(reader.GetString(0));
        return strays;
    }

    sealed record Row(long Key, string State, string? TargetId, bool IsFlagged, int Attempts);
}
