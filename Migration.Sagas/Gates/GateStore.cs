using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Gates;

/// <summary>Opens and pauses gates. Claims obey with their next statement, pollers within a second.</summary>
public sealed class GateStore(LedgerDatabase database)
{
    const string Sql =
        """
        insert into migration.gates (scope, state, reason, changed_by) values ($1, $2, $3, $4)
        on conflict (scope) do update set state = excluded.state, reason = excluded.reason, changed_by = excluded.changed_by, changed_at = clock_timestamp()
        """;

    /// <param name="scope">all, domain/…, upstream/… or run/….</param>
    public Task PauseAsync(string scope, string reason, string who, CancellationToken cancellationToken) =>
        database.ExecuteAsync(Sql, cancellationToken, scope, "paused", reason, who);

    public Task OpenAsync(string scope, string who, CancellationToken cancellationToken) =>
        database.ExecuteAsync(Sql, cancellationToken, scope, "open", null, who);
}
