using Microsoft.Extensions.Options;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Runs.Sweeping;

/// <summary>
/// Open rows and pages without a message (protocol L13): their sender died between commit and send, or they were deferred,
/// resumed, reopened. Locked, sent, marked: a doubled message is harmless, a missing one is not.
/// </summary>
public sealed class UnsentRows(LedgerDatabase database, LedgerMessages messages, IOptions<EngineOptions> options) : ISweep
{
    const int Batch = 1000;

    const string FindRows =
        """
        select l.run_id, l.key, l.state, l.claim_no, r.domain
        from migration.ledger l join migration.runs r using (run_id)
        where l.state in ('Pending', 'MappingPending') and l.sent_at is null and l.not_before <= clock_timestamp()
          and l.changed_at < clock_timestamp() - $1
          and (r.state in ('Paging', 'Migrating', 'Completed', 'Failed') or (r.state = 'Cancelling' and l.state = 'MappingPending'))
          and not exists (select from migration.gates g where g.scope in ('all', 'domain/' || r.domain, 'run/' || r.run_id) and g.state <> 'open')
        order by l.run_id, l.key limit $2
        for no key update of l skip locked
        """;

    const string FindPages =
        """
        select p.run_id, p.page_key, r.domain, r.correlation_id
        from migration.run_pages p join migration.runs r using (run_id)
        where p.state = 'Open' and p.sent_at is null and p.changed_at < clock_timestamp() - $1 and r.state in ('Paging', 'Migrating')
          and not exists (select from migration.gates g where g.scope in ('all', 'domain/' || r.domain, 'run/' || r.run_id) and g.state <> 'open')
        order by p.run_id, p.page_key limit $2
        for no key update of p skip locked
        """;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        while (await SendPagesAsync(cancellationToken) == Batch)
        {
            // more are waiting
        }
        while (await SendRowsAsync(cancellationToken) == Batch)
        {
            // more are waiting
        }
    }

    async Task<int> SendRowsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var rows = await ReadAsync(connection, FindRows,
            x => (RunId: x.GetString(0), Key: x.GetString(1), IsPending: x.GetString(2) == "Pending", ClaimNo: x.GetInt32(3), Domain: x.GetString(4)), cancellationToken);
        if (rows.Count == 0)
            return 0;

        foreach (var run in rows.Where(x => x.IsPending).GroupBy(x => (x.RunId, x.Domain)))
            await messages.SendRecordsAsync(run.Key.RunId, run.Key.Domain, [.. run.Select(x => x.Key)], cancellationToken);
        await Task.WhenAll(rows.Where(x => !x.IsPending).Select(x => messages.SendMappingMessageAsync(x.RunId, x.Domain, x.Key, x.ClaimNo, cancellationToken)));

        await using var mark = new NpgsqlCommand(
            "update migration.ledger l set sent_at = clock_timestamp() from unnest($1::text[], $2::text[]) i (run_id, key) where l.run_id = i.run_id and l.key = i.key", connection);
        mark.Parameters.AddRange(LedgerDatabase.Positional(rows.Select(x => x.RunId).ToArray(), rows.Select(x => x.Key).ToArray()));
        await mark.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows.Count;
    }

    async Task<int> SendPagesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var pages = await ReadAsync(connection, FindPages,
            x => (RunId: x.GetString(0), PageKey: x.GetString(1), Domain: x.GetString(2), CorrelationId: x.GetGuid(3)), cancellationToken);
        if (pages.Count == 0)
            return 0;

        await Task.WhenAll(pages.Select(x => messages.SendPageMessageAsync(x.CorrelationId, x.RunId, x.Domain, x.PageKey, cancellationToken)));
        await using var mark = new NpgsqlCommand(
            "update migration.run_pages p set sent_at = clock_timestamp() from unnest($1::text[], $2::text[]) i (run_id, page_key) where p.run_id = i.run_id and p.page_key = i.page_key", connection);
        mark.Parameters.AddRange(LedgerDatabase.Positional(pages.Select(x => x.RunId).ToArray(), pages.Select(x => x.PageKey).ToArray()));
        await mark.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return pages.Count;
    }

    async Task<List<T>> ReadAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(LedgerDatabase.Positional(options.Value.SenderGrace, Batch));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }
}
