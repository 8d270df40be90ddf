using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs.Lanes;
using Npgsql;

namespace Migration.Sagas.Runs.Sweeping;

/// <summary>
/// Claims whose holder is gone (protocol L11), whatever the state of the run. Nobody knows whether its last call landed:
/// the record becomes ambiguous, and is tried again or, after the last attempt, Failed.
/// </summary>
public sealed partial class ExpiredClaims(LedgerDatabase database, DomainRegistry domains, GrantedLanes lanes, IOptions<EngineOptions> options, ILogger<ExpiredClaims> logger) : ISweep
{
    const string Find =
        """
        select l.run_id, l.key, l.claim_no, l.claimed_by, l.attempts, r.domain
        from migration.ledger l join migration.runs r using (run_id)
        where l.state = 'Claimed' and l.claimed_until < clock_timestamp()
        order by l.run_id, l.key limit 500
        for no key update of l skip locked
        """;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Commits.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var expired = new List<OutcomeEntry>();
        await using (var command = new NpgsqlCommand(Find, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                expired.Add(Read(reader));
        if (expired.Count == 0)
            return;

        var (_, granted) = await Outcomes.WriteAsync(connection, expired, database.Slot, options.Value.SettleTime, "sweeper", isMessageLost: true);
        await transaction.CommitAsync(cancellationToken);
        await lanes.TellAsync(granted, cancellationToken);
        LogExpired(expired.Count);
    }

    OutcomeEntry Read(NpgsqlDataReader reader)
    {
        var (runId, key, domain) = (reader.GetString(0), reader.GetString(1), domains[reader.GetString(5)]);
        var failure = new Failure("claim", "-", "-", "holder lost", $"{domain.Record(key)}: the claim ran out and its holder did not report");
        var outcome = RecordOutcome.Retry(failure, unknown: true);
        if (reader.GetInt32(4) >= options.Value.MaxAttempts)
            outcome = outcome with { State = RecordState.Failed };
        return new OutcomeEntry(runId, key, domain.Record(key), reader.GetInt32(2), reader.GetGuid(3), outcome, domain.UnknownKind);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} claims ran out; their records are ambiguous now")]
    partial void LogExpired(int count);
}
