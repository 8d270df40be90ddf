using Npgsql;

namespace Migration.Local.Syncs;

/// <summary>
/// Time from an event's arrival on its queue to the end of its sync, of those that changed DPS; 0 when there are none. Transactions do
/// not count: they wait for their grace first, and their rows no longer say so when it has passed.
/// </summary>
sealed record SyncLatency(double MedianMs, double P95Ms)
{
    public static async Task<SyncLatency> ReadAsync(Operator operations, string database, CancellationToken cancellationToken)
    {
        var sent = new Dictionary<Guid, DateTimeOffset>();
        foreach (var one in await operations.GetAsync<IReadOnlyList<SentEvent>>(operations.Estate, "simulator/events/sent", cancellationToken))
            sent.TryAdd(one.Id, one.At); // the first of two deliveries
        var times = new List<double>();
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select correlation_id, ended_at from migration.syncs where state in ('Completed', 'Compensated') and domain <> 'transactions'");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            if (sent.TryGetValue(reader.GetGuid(0), out var at))
                times.Add((reader.GetFieldValue<DateTimeOffset>(1) - at).TotalMilliseconds);
        times.Sort();
        return times.Count == 0 ? new SyncLatency(0, 0) : new SyncLatency(times[times.Count / 2], times[times.Count * 95 / 100]);
    }
}
