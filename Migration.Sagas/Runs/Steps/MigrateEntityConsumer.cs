using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Gates;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Runs.Steps;

/// <summary>
/// One record: claim, work, record. A second delivery is harmless because the claim decides: while the record is held,
/// deferred, waits for its mapping or has ended, the delivery is acknowledged without a call. A live claim is never
/// answered by throwing, which would spend receives and fill the dead letters with records that did not fail.
/// </summary>
public sealed partial class MigrateEntityConsumer(
    DomainRegistry domains, Claims claims, Outcomes outcomes, LedgerMessages messages, Reopenings reopenings, GateCache gates, UpstreamLimits limits,
    ITelemetry telemetry,
    IOptions<EngineOptions> options, ILogger<MigrateEntityConsumer> logger) : IConsumer<MigrateEntity>
{
    public async Task Consume(ConsumeContext<MigrateEntity> context)
    {
        var message = context.Message;
        var domain = domains[message.Domain];
        var upstreams = limits.Of(domain);
        if (await ClaimAsync(context, domain, upstreams) is not ({ } claim, { } held))
            return;
        using var slots = held;

        RecordOutcome outcome;
        bool isAccepted, isGivenUp;
        try
        {
            outcome = await WorkAsync(domain, claim);
            if (outcome == RecordOutcome.Lost)
                return;
            // Of an upstream that is away it says nothing about the record that its call failed. A create that may have arrived counts: it would
            // be made again for ever.
            if (outcome is { IsRetry: true, IsUnknown: false } && upstreams.IsDown)
                outcome = outcome with { IsReleased = true };
            // The row decides when to give up; the receive count only decides about the dead letters.
            isGivenUp = outcome.IsRetry && !outcome.IsReleased && claim.Attempts >= options.Value.MaxAttempts;
            if (isGivenUp)
                outcome = outcome with { State = RecordState.Failed };
            isAccepted = await outcomes.WriteAsync(
                new OutcomeEntry(claim.RunId, claim.Key, claim.Record, claim.ClaimNo, claim.Token, outcome, domain.UnknownKind), CancellationToken.None);
        }
        finally
        {
            claims.Release(claim);
        }

        if (!isAccepted)
        {
            LogLate(claim.Record, claim.RunId, outcome.State);
            return;
        }
        foreach (var telemetryEvent in outcome.Events)
            telemetry.Track(telemetryEvent);
        if (outcome.State == RecordState.MappingPending)
            await messages.SendMappingAsync(claim.RunId, domain.Name, claim.Key, claim.ClaimNo, context.CancellationToken);
        // What can never succeed is acknowledged: its row, with the reason, is where it is listed and replayed from.
        if (outcome.IsRetry && !outcome.IsReleased)
            context.Return($"{claim.Record}: {outcome.Reason}");
        else if (isGivenUp)
        {
            telemetry.Track(DeadLetterTelemetry.Sent(domain, QueueNames.Entities(domain.Name), options.Value));
            context.ReturnForDeadLetters($"{claim.Record}: {outcome.Reason}");
        }
    }

    async Task<(Claim Claim, UpstreamSlots Slots)?> ClaimAsync(ConsumeContext<MigrateEntity> context, IMigrationDomain domain, UpstreamSet upstreams)
    {
        var message = context.Message;
        var heldSince = TimeProvider.System.GetTimestamp();
        while (true)
        {
            // Before the claim: a record that waits for an upstream is in nobody's hand.
            var slots = await upstreams.EnterAsync(isLive: false, options.Value.HoldWhilePaused, claims.Stopping);
            if (slots is null)
            {
                await messages.ForgetAsync(message.RunId, message.Key, CancellationToken.None);
                return null;
            }
            var request = new ClaimRequest(message.RunId, message.Key, domain.Lane(message.Key), domain.Record(message.Key), Guid.NewGuid());
            ClaimVerdict? verdict = null;
            try
            {
                verdict = await claims.ClaimAsync(request, context.CancellationToken);
            }
            finally
            {
                if (verdict?.Claim is null)
                    slots.Dispose();
            }
            if (verdict.Claim is { } claim)
                return (claim, slots);
            switch (verdict)
            {
                case { State: RecordState.Pending, Gated: true, Busy: false, RunState: not (RunState.Cancelling or RunState.Cancelled) }:
                    // Hold the message while the gate is closed; its visibility is extended by the transport.
                    if (TimeProvider.System.GetElapsedTime(heldSince) > options.Value.HoldWhilePaused)
                    {
                        await messages.ForgetAsync(message.RunId, message.Key, context.CancellationToken);
                        return null;
                    }
                    await gates.WaitAfterRefusalAsync(domain.Name, message.RunId, context.CancellationToken);
                    continue;
                case { State: RecordState.Failed, RunState: not (RunState.Cancelling or RunState.Cancelled) }:
                    if (verdict.Settled && await reopenings.ReopenAsync(message.RunId, message.Key, hasMessage: true, context.CancellationToken))
                        continue;
                    if (verdict.Settled)
                        return null;
                    context.ReturnForDeadLetters($"{request.Record} of run {message.RunId} has failed");
                    return null;
                default:
                    return null;
            }
        }
    }

    async Task<RecordOutcome> WorkAsync(IMigrationDomain domain, Claim claim)
    {
        using var uncalled = new UncalledWork(claims.Stopping);
        var work = new RecordWork(claim, async cancellationToken => await claims.IsSafeToCallAsync(claim, cancellationToken) && uncalled.TryCall(),
            (lanes, cancellationToken) => claims.TryEnterAsync(claim, lanes, cancellationToken));
        try
        {
            var outcome = await domain.MigrateAsync(work, uncalled.Token);
            return uncalled.IsCut ? RecordOutcome.Released : outcome;
        }
        catch (Exception) when (uncalled.IsCut)
        {
            return RecordOutcome.Released;
        }
        catch (Exception exception) when (exception is not LedgerUnavailableException)
        {
            LogUnexpected(exception, claim.Record, claim.RunId);
            var failure = new Failure("step", "-", "-", exception.GetType().Name, $"{claim.Record}: {exception.GetType().Name}");
            return RecordOutcome.Retry(failure, unknown: uncalled.HasCalled);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Late outcome {State} of {Record} in run {RunId} was refused: another holder has taken over")]
    partial void LogLate(string record, string runId, string state);

    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected error at {Record} in run {RunId}")]
    partial void LogUnexpected(Exception exception, string record, string runId);
}
