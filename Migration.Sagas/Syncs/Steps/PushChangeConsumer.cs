using MassTransit;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>
/// Carries one change to DPS. A second delivery is harmless: before the first call that changes anything the row is marked with
/// this delivery's token, and whoever does not get the mark makes no call; a result that comes twice finds the saga further on.
/// </summary>
sealed class PushChangeConsumer(SyncSteps steps) : IConsumer<PushChange>
{
    public async Task Consume(ConsumeContext<PushChange> context)
    {
        var message = context.Message;
        if (await steps.HeedAsync(context, message.CorrelationId, SyncState.Pushing, message.StepNo) is not { } row)
            return;
        var upstreams = steps.UpstreamsOf(row);
        using var slots = await steps.EnterAsync(row, upstreams, context.CancellationToken);
        if (slots is null)
            return;

        var lease = steps.Open(row);
        try
        {
            var outcome = await PushAsync(row, lease);
            if (outcome == PushOutcome.Lost)
                return;
            if (outcome.IsRetry)
            {
                if (await steps.FailAsync(context, row, lease, upstreams, outcome.Failure!, outcome.IsUnknown) && outcome.FailedEvent is { } told) // a retry has its failure
                    steps.Tell([told]);
                return;
            }
            var report = new ChangePushed(row.SyncId, row.StepNo, outcome.Kind)
            {
                StepToken = lease.Mark,
                TargetId = outcome.TargetId,
                IsProved = outcome.IsProved,
                IsPossibleDuplicate = outcome.IsPossibleDuplicate,
                ChangedBy = lease.Kind,
                Reason = outcome.Failure?.Reason ?? outcome.Reason,
                Error = outcome.Failure?.Detail,
                Fingerprint = outcome.Failure?.Fingerprint,
                Parent = outcome.Parent,
                Records = outcome.Records,
                Events = outcome.FailedEvent is { } failed ? [.. outcome.Events, failed] : outcome.Events,
            };
            if (report is { Kind: PushKind.Created, ChangedBy: CallKind.Create })
                await steps.KeepReportAsync(row, report);
            await SyncSteps.ReportAsync(context, report);
        }
        finally
        {
            steps.Release(lease);
        }
    }

    async Task<PushOutcome> PushAsync(StepRow row, StepLease lease)
    {
        try
        {
            // A stop does not cancel a change in hand: its calls are bounded by their own time-outs.
            return await steps.Domain(row.Domain).PushAsync(SyncSteps.Work(row, lease), CancellationToken.None);
        }
        catch (Exception exception) when (exception is not LedgerUnavailableException)
        {
            return PushOutcome.Retry(steps.Unexpected(exception, row), unknown: lease.IsBegun);
        }
    }
}
