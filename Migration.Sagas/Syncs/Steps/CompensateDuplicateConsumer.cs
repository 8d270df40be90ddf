using MassTransit;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>
/// Removes a record of ours that is one too many. A second delivery is harmless: the row's token lets one of them call, and what
/// is removed already answers 404.
/// </summary>
sealed class CompensateDuplicateConsumer(SyncSteps steps) : IConsumer<CompensateDuplicate>
{
    public async Task Consume(ConsumeContext<CompensateDuplicate> context)
    {
        var message = context.Message;
        if (await steps.HeedAsync(context, message.CorrelationId, SyncState.Compensating, message.StepNo) is not { TargetId: { } target } row)
            return;
        var upstreams = steps.UpstreamsOf(row);
        using var slots = await steps.EnterAsync(row, upstreams, context.CancellationToken);
        if (slots is null)
            return;

        var lease = steps.Open(row);
        try
        {
            var outcome = await CompensateAsync(row, lease, target);
            if (outcome.IsLost)
                return;
            if (outcome.Failure is { } failure)
                await steps.FailAsync(context, row, lease, upstreams, failure, outcome.IsUnknown);
            else if (outcome.Refusal is { } refusal)
                await SyncSteps.ReportAsync(context, new CompensationRefused(row.SyncId, row.StepNo, refusal, lease.Mark));
            else
                await SyncSteps.ReportAsync(context, new DuplicateCompensated(row.SyncId, row.StepNo, lease.Mark));
        }
        finally
        {
            steps.Release(lease);
        }
    }

    async Task<CompensationOutcome> CompensateAsync(StepRow row, StepLease lease, string target)
    {
        try
        {
            return await steps.Domain(row.Domain).CompensateAsync(SyncSteps.Work(row, lease), target, CancellationToken.None);
        }
        catch (Exception exception) when (exception is not LedgerUnavailableException)
        {
            return CompensationOutcome.Retry(steps.Unexpected(exception, row), unknown: lease.IsBegun);
        }
    }
}
