using System.Text.Json;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>What a step reads and writes of its sync (protocol S4 to S6). Everything else of the row is the saga's.</summary>
sealed class StepRows(LedgerDatabase database, IOptions<SyncOptions> options, IOptions<EngineOptions> engine)
{
    const string FindSql =
        """
        select domain, entity, key, mode, action, properties, lanes, state, step_no, attempts, created_target_id, is_creation_proved, ended_at, clock_timestamp()
        from migration.syncs where correlation_id = $1
        """;

    const string BeginSql =
        """
        update migration.syncs set step_token = $4, step_kind = $5, due_at = clock_timestamp() + $6
        where correlation_id = $1 and state = $2 and step_no = $3 and (step_token is null or step_token = $4)
        """;

    // A statement of its own: what is read because of the row's lock is read after it was taken.
    const string AmbiguitySql = "select kind, target_id from migration.ambiguous where record = $1 and kind = 'create'";

    const string FailSql =
        """
        with mine as (
          update migration.syncs set step_token = null, step_kind = null, attempts = attempts + $10, pokes = greatest(pokes + $10 - 1, 0),
            error = $5, fingerprint = $6, due_at = clock_timestamp() + $7
          where correlation_id = $1 and state = $2 and step_no = $3 and (step_token is null or step_token = $4)
          returning attempts, domain || '/' || entity || '/' || key as record
        ), unsure as (
          insert into migration.ambiguous (record, kind, look_after) select record, $8, clock_timestamp() + $9 from mine where $8 is not null
          on conflict (record, kind) do update set since = clock_timestamp(), look_after = excluded.look_after, unknown = true
        )
        select attempts from mine
        """;

    const string KeepSql = "update migration.syncs set step_report = $4, due_at = clock_timestamp() + $5 where correlation_id = $1 and step_no = $2 and step_token = $3";

    // The step is asked for again when its time has come; that asking is taken off beforehand, it is nobody's failure.
    const string PostponeSql =
        "update migration.syncs set due_at = clock_timestamp() + $4, pokes = greatest(pokes - 1, 0) where correlation_id = $1 and state = $2 and step_no = $3 and step_token is null";

    const string DoubtSql =
        """
        insert into migration.ambiguous (record, kind, look_after) values ($1, $2, clock_timestamp() + $3)
        on conflict (record, kind) do update set since = clock_timestamp(), look_after = excluded.look_after, unknown = true
        """;

    const string RenewSql =
        "update migration.syncs set due_at = clock_timestamp() + $2 where step_token = any ($1) and state in ('Pushing', 'Compensating') returning step_token";

    /// <summary>Null when there is no such sync.</summary>
    public async Task<StepRow?> FindAsync(Guid syncId, CancellationToken cancellationToken) => (await database.QueryAsync(FindSql, x => new StepRow(
        syncId,
        x.GetString(0),
        new SyncChange
        {
            Entity = x.GetString(1),
            Key = x.GetString(2),
            Mode = x.GetString(3),
            Action = x.GetString(4),
            Properties = JsonSerializer.Deserialize<Dictionary<string, string>>(x.GetString(5))!, // an object, as the saga writes it
            Lanes = x.GetFieldValue<string[]>(6),
        },
        x.GetString(7), x.GetInt32(8), x.GetInt32(9), x.IsDBNull(10) ? null : x.GetString(10), x.GetBoolean(11),
        x.IsDBNull(12) ? null : x.GetFieldValue<DateTimeOffset>(12), x.GetFieldValue<DateTimeOffset>(13)), cancellationToken, syncId)).SingleOrDefault();

    /// <summary>Writes down that the target is about to be changed, and reads what is doubtful about the record.</summary>
    public async Task<StepGrant> BeginAsync(StepRow row, Guid token, string kind, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                LedgerDatabase.Statement(BeginSql, row.SyncId, row.State, row.StepNo, token, kind, options.Value.Lease),
                LedgerDatabase.Statement(AmbiguitySql, row.Record),
            },
        };
        Ambiguity? ambiguity = null;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                ambiguity = new Ambiguity(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1));
        }
        return batch.BatchCommands[0].RecordsAffected == 1 ? new StepGrant(IsGranted: true, ambiguity) : StepGrant.Refused;
    }

    /// <summary>Records a failed attempt. Null: another delivery has taken over; else the number of failed attempts.</summary>
    /// <param name="token">Of this delivery, whether the row has it or not: the answer to the question for it may have been lost.</param>
    /// <param name="unknownKind">What a call of unknown end may have done; null when nothing happened.</param>
    /// <param name="isCounted">False when the attempt says nothing of the record: its upstream is away.</param>
    /// <param name="again">When the saga is to ask for the step again, should nobody else.</param>
    public async Task<int?> FailAsync(StepRow row, Guid token, Failure failure, string? unknownKind, bool isCounted, TimeSpan again, CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand(FailSql);
        command.Parameters.AddRange(LedgerDatabase.Positional(row.SyncId, row.State, row.StepNo, token, failure.Detail, failure.Fingerprint, again));
        command.Parameters.Add(new NpgsqlParameter { Value = unknownKind is null ? DBNull.Value : unknownKind, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.AddRange(LedgerDatabase.Positional(engine.Value.SettleTime, isCounted ? 1 : 0));
        if (await command.ExecuteScalarAsync(cancellationToken) is int attempts)
            return attempts;
        if (unknownKind is not null)
            await database.ExecuteAsync(DoubtSql, cancellationToken, row.Record, unknownKind, engine.Value.SettleTime);
        return null;
    }

    /// <summary>Writes down what the step has created, before the saga is told: whoever takes the step for lost then finds it, and creates nothing.</summary>
    public Task KeepReportAsync(StepRow row, ChangePushed report, CancellationToken cancellationToken) =>
        database.ExecuteAsync(KeepSql, cancellationToken, row.SyncId, row.StepNo, report.StepToken, JsonSerializer.Serialize(report), options.Value.Overdue);

    /// <summary>The step was not tried, and is to be asked for again then.</summary>
    public Task PostponeAsync(StepRow row, TimeSpan again, CancellationToken cancellationToken) =>
        database.ExecuteAsync(PostponeSql, cancellationToken, row.SyncId, row.State, row.StepNo, again);

    /// <summary>Returns the tokens that still stand.</summary>
    public async Task<HashSet<Guid>> RenewAsync(Guid[] tokens, CancellationToken cancellationToken) =>
        [.. await database.QueryAsync(RenewSql, x => x.GetGuid(0), cancellationToken, tokens, options.Value.Lease)];
}
