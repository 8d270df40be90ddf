using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Runs.Steps;

/// <summary>
/// Writes the mapping of a record that is created already; nothing else is repeated. A second delivery is harmless: the row
/// decides whether a mapping is still owed in this claim, and the mapping service answers 201 to the same pair again. A dead letter
/// that comes back reopens its record, which then maps what was created.
/// </summary>
public sealed class WriteMappingConsumer(
    DomainRegistry domains, LedgerDatabase database, Outcomes outcomes, Reopenings reopenings, UpstreamLimits limits, Claims claims, ITelemetry telemetry,
    IOptions<EngineOptions> options) : IConsumer<WriteMapping>
{
    const string Begin =
        """
        update migration.ledger l set mapping_attempts = mapping_attempts + 1, changed_at = clock_timestamp()
        from migration.runs r
        where l.run_id = $1 and l.key = $2 and l.state = 'MappingPending' and l.claim_no = $3 and r.run_id = l.run_id
        returning l.mapping_attempts, l.claimed_by, l.target_id, r.started_at
        """;

    // As for a record's own message: within a minute it is another delivery of the one that failed.
    const string HasFailed =
        "select exists (select from migration.ledger where run_id = $1 and key = $2 and state = 'Failed' and claim_no = $3 and changed_at < clock_timestamp() - interval '60 seconds')";

    // No attempt, and its message is given up for another one later.
    const string Forget =
        $"""
        update migration.ledger set mapping_attempts = mapping_attempts - $4, sent_at = null, not_before = {LedgerMessages.LaterThanItWas}, changed_at = clock_timestamp()
        where run_id = $1 and key = $2 and state = 'MappingPending' and claim_no = $3
        """;

    public async Task Consume(ConsumeContext<WriteMapping> context)
    {
        var message = context.Message;
        var domain = domains[message.Domain];
        var upstreams = limits.OfMapping();
        using var slots = await upstreams.EnterAsync(isLive: false, options.Value.HoldWhilePaused, claims.Stopping);
        if (slots is null)
        {
            await database.ExecuteAsync(Forget, CancellationToken.None, message.RunId, message.Key, message.ClaimNo, 0);
            return;
        }
        var rows = await database.QueryAsync(Begin,
            x => (Attempts: x.GetInt32(0), Token: x.GetGuid(1), TargetId: x.GetString(2), StartedAt: x.GetFieldValue<DateTimeOffset>(3)),
            context.CancellationToken, message.RunId, message.Key, message.ClaimNo);
        if (rows.Count == 0)
        {
            if ((await database.QueryAsync(HasFailed, x => x.GetBoolean(0), context.CancellationToken, message.RunId, message.Key, message.ClaimNo)).Single())
                await reopenings.ReopenAsync(message.RunId, message.Key, hasMessage: false, context.CancellationToken);
            return;
        }

        var row = rows[0];
        // An attempt beyond the last one: its predecessors ended without a word, their process with them.
        var outcome = row.Attempts > options.Value.MaxAttempts
            ? RecordOutcome.Retry(new Failure("map", "-", "-", "holder lost", $"{domain.Record(message.Key)}: {options.Value.MaxAttempts} attempts at the mapping did not report"))
            : await domain.WriteMappingAsync(new MappingWork(message.RunId, message.Key, row.TargetId, row.StartedAt), CancellationToken.None);
        if (outcome.IsRetry && upstreams.IsDown)
        {
            await database.ExecuteAsync(Forget, CancellationToken.None, message.RunId, message.Key, message.ClaimNo, 1);
            return;
        }
        var isGivenUp = outcome.IsRetry && row.Attempts >= options.Value.MaxAttempts;
        if (isGivenUp)
            outcome = outcome with { State = RecordState.Failed, UnmappedId = row.TargetId };
        if (outcome.IsRetry)
        {
            context.Return($"{domain.Record(message.Key)}: {outcome.Reason}");
            return;
        }

        // A mapping that is refused for good is acknowledged: its row, with the reason, is where it is listed and replayed from.
        await outcomes.WriteAsync(new OutcomeEntry(message.RunId, message.Key, domain.Record(message.Key), message.ClaimNo, row.Token, outcome, domain.UnknownKind),
            CancellationToken.None);
        if (!isGivenUp)
            return;
        telemetry.Track(DeadLetterTelemetry.Sent(domain, QueueNames.Mappings(domain.Name), options.Value));
        context.ReturnForDeadLetters($"{domain.Record(message.Key)}: {outcome.Reason}");
    }
}
