using Migration.Sagas.Persistence;
using Migration.Sagas.Runs.Discovery;
using Npgsql;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>The page rows of a run.</summary>
public sealed class LedgerPages(LedgerDatabase database)
{
    static readonly string ReportSql = SqlResource.Read("Runs.Ledger.page.sql");

    /// <summary>Null when there is no such page.</summary>
    public async Task<LedgerPage?> FindAsync(string runId, string pageKey, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync(
            "select p.state, r.state, r.filter from migration.run_pages p join migration.runs r using (run_id) where p.run_id = $1 and p.page_key = $2",
            x => new LedgerPage(x.GetString(0), x.GetString(1), x.GetString(2)), cancellationToken, runId, pageKey);
        return rows.SingleOrDefault();
    }

    /// <summary>The page could not be read; it stays open.</summary>
    /// <param name="error">Without personal data.</param>
    public Task KeepErrorAsync(string runId, string pageKey, string error, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update migration.run_pages set error = $3 where run_id = $1 and page_key = $2 and state = 'Open'", cancellationToken, runId, pageKey, error.Storable()!);

    /// <summary>
    /// Adds the page's rows and follow-on pages and marks it Reported, under the run's shared gate. False when the page was
    /// reported already or the run no longer takes pages: nothing was added.
    /// </summary>
    public async Task<bool> ReportAsync(string runId, string pageKey, DiscoveredPage page, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                LedgerDatabase.Statement("select pg_advisory_xact_lock_shared(migration.run_gate($1))", runId),
                LedgerDatabase.Statement(ReportSql, runId, pageKey, page.Keys.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray(),
                    page.FollowOn.ToArray(), database.Slot),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetBoolean(0);
    }
}

/// <summary>A page as its message finds it.</summary>
public sealed record LedgerPage(string State, string RunState, string Filter);
