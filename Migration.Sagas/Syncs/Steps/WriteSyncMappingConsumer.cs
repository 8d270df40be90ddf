using MassTransit;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>
/// Writes the mapping of what a sync created. A second delivery is harmless: the mapping service answers 201 to the same pair
/// again, and the saga is further on.
/// </summary>
sealed class WriteSyncMappingConsumer(SyncSteps steps) : IConsumer<WriteSyncMapping>
{
    public async Task Consume(ConsumeContext<WriteSyncMapping> context)
    {
        var message = context.Message;
        if (await steps.HeedAsync(context, message.CorrelationId, SyncState.WritingMapping, message.StepNo) is not { TargetId: { } target } row)
            return;
        using var slots = await steps.EnterAsync(row, steps.MappingUpstream, context.CancellationToken);
        if (slots is null)
            return;

        var lease = steps.Open(row);
        try
        {
            var outcome = await WriteAsync(row, lease, target);
            if (outcome.Failure is { } failure)
                await FailAsync(context, row, lease, failure, outcome);
            else if (outcome.ExistingTargetId is { } existing)
                await SyncSteps.ReportAsync(context, new MappingDuplicate(row.SyncId, row.StepNo, existing, outcome.IsSameRecord, outcome.Events));
            else
                await SyncSteps.ReportAsync(context, new MappingWritten(row.SyncId, row.StepNo, outcome.Events));
        }
        finally
        {
            steps.Release(lease);
        }
    }

    async Task FailAsync(ConsumeContext context, StepRow row, StepLease lease, Failure failure, MappingOutcome outcome)
    {
        if (!outcome.MayPass)
        {
            await SyncSteps.ReportAsync(context, new StepFailed(row.SyncId, row.StepNo, failure.Reason, failure.Detail, failure.Fingerprint));
            steps.Tell(outcome.Events);
        }
        else if (await steps.FailAsync(context, row, lease, steps.MappingUpstream, failure, isUnknown: false) && row.Attempts == 0)
            steps.Tell(outcome.Events); // the change itself is in DPS: told once, at the first failure
    }

    async Task<MappingOutcome> WriteAsync(StepRow row, StepLease lease, string target)
    {
        try
        {
            return await steps.Domain(row.Domain).WriteMappingAsync(SyncSteps.Work(row, lease), target, CancellationToken.None);
        }
        catch (Exception exception) when (exception is not LedgerUnavailableException)
        {
            return MappingOutcome.Failed(steps.Unexpected(exception, row), mayPass: true);
        }
    }
}
