using MassTransit;
using Migration.Contracts.Runs;
using Npgsql;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>
/// The messages of ledger rows and pages. A row without a message has <c>sent_at</c> null: it is set after the send, so
/// that a crash in between costs a second message and never a lost one.
/// </summary>
public sealed class LedgerMessages(LedgerDatabase database, IBus bus)
{
    const string MarkRows =
        """
        with sent as (
          select l.run_id, l.key from migration.ledger l join unnest($2::text[], $3::timestamptz[]) i (key, not_before) using (key, not_before)
          where l.run_id = $1 and l.sent_at is null order by l.run_id, l.key for no key update of l
        )
        update migration.ledger l set sent_at = clock_timestamp() from sent s where l.run_id = s.run_id and l.key = s.key
        """;

    /// <summary>By another time for its row, whoever sent a message sees that it was given up. A back-off stays.</summary>
    internal const string LaterThanItWas = "greatest(clock_timestamp(), not_before + interval '1 microsecond')";

    const string FindOpenPages =
        "select page_key from migration.run_pages where run_id = $1 and state = 'Open' and sent_at is null order by page_key for no key update skip locked";

    /// <summary>Sends the rows of a page, and its follow-on pages, that have no message yet.</summary>
    public async Task SendPageAsync(Guid correlationId, string runId, string domain, string pageKey, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync(
            // a record that has to wait is sent when its time has come: now its message would be dropped, and the row marked sent all the same
            """
            select key, not_before from migration.ledger
            where run_id = $1 and page_key = $2 and state = 'Pending' and sent_at is null and attempts = 0 and not_before <= clock_timestamp() order by key
            """,
            x => (Key: x.GetString(0), NotBefore: x.GetFieldValue<DateTimeOffset>(1)), cancellationToken, runId, pageKey);
        await SendRecordsAsync(runId, domain, [.. rows.Select(x => x.Key)], cancellationToken);
        // A message may be worked on before this, and given up for another one: its lane was busy, or a gate closed. That moved the row's time on.
        await database.ExecuteAsync(MarkRows, cancellationToken, runId, rows.Select(x => x.Key).ToArray(), rows.Select(x => x.NotBefore).ToArray());

        await SendOpenPagesAsync(correlationId, runId, domain, cancellationToken);
    }

    // Pages without a message: the run's first ones, of which only one was sent, and the follow-on pages of others. Locked, so
    // that pages that are read side by side do not all send them.
    async Task SendOpenPagesAsync(Guid correlationId, string runId, string domain, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var pages = new List<string>();
        await using (var find = new NpgsqlCommand(FindOpenPages, connection))
        {
            find.Parameters.AddRange(LedgerDatabase.Positional(runId));
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                pages.Add(reader.GetString(0));
        }
        if (pages.Count == 0)
            return;
        await Task.WhenAll(pages.Select(x => SendPageMessageAsync(correlationId, runId, domain, x, cancellationToken)));
        await using var mark = new NpgsqlCommand("update migration.run_pages set sent_at = clock_timestamp() where run_id = $1 and page_key = any ($2)", connection);
        mark.Parameters.AddRange(LedgerDatabase.Positional(runId, pages.ToArray()));
        await mark.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Sends the mapping step of a row and marks it sent.</summary>
    public async Task SendMappingAsync(string runId, string domain, string key, int claimNo, CancellationToken cancellationToken)
    {
        var notBefore = await database.QueryAsync("select not_before from migration.ledger where run_id = $1 and key = $2 and state = 'MappingPending' and claim_no = $3",
            x => x.GetFieldValue<DateTimeOffset>(0), cancellationToken, runId, key, claimNo);
        if (notBefore.Count == 0)
            return; // written already
        await SendMappingMessageAsync(runId, domain, key, claimNo, cancellationToken);
        await database.ExecuteAsync( // as in SendPageAsync
            "update migration.ledger set sent_at = clock_timestamp() where run_id = $1 and key = $2 and state = 'MappingPending' and claim_no = $3 and not_before = $4",
            cancellationToken, runId, key, claimNo, notBefore[0]);
    }

    /// <summary>The row's message is given up; the sweeper sends another when the gate is open again.</summary>
    public Task ForgetAsync(string runId, string key, CancellationToken cancellationToken) =>
        database.ExecuteAsync($"update migration.ledger set sent_at = null, not_before = {LaterThanItWas} where run_id = $1 and key = $2 and state = 'Pending'", cancellationToken, runId, key);

    /// <summary>As <see cref="ForgetAsync"/>, of a page.</summary>
    public Task ForgetPageAsync(string runId, string pageKey, CancellationToken cancellationToken) => database.ExecuteAsync(
        "update migration.run_pages set sent_at = null, changed_at = clock_timestamp() where run_id = $1 and page_key = $2 and state = 'Open'", cancellationToken, runId, pageKey);

    internal async Task SendRecordsAsync(string runId, string domain, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
            return;
        var endpoint = await bus.GetSendEndpoint(QueueNames.Address(QueueNames.Entities(domain)));
        await Task.WhenAll(keys.Select(key => endpoint.Send(new MigrateEntity(runId, domain, key), cancellationToken)));
    }

    internal async Task SendMappingMessageAsync(string runId, string domain, string key, int claimNo, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(QueueNames.Address(QueueNames.Mappings(domain)));
        await endpoint.Send(new WriteMapping(runId, domain, key, claimNo), cancellationToken);
    }

    internal async Task SendPageMessageAsync(Guid correlationId, string runId, string domain, string pageKey, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(QueueNames.Address(QueueNames.Pages(domain)));
        await endpoint.Send(new FetchPage(correlationId, runId, domain, pageKey), cancellationToken);
    }
}
