using MassTransit;
using Migration.Contracts.Syncs;

namespace Migration.Tests.Syncs;

/// <summary>Stands before the sync sagas, outside of inbox and transaction: loses, holds or repeats what comes, under its own message id.</summary>
sealed class SagaDeliveries(Func<object, Task<int>> deliveries, Action<object> heard) : IFilter<ConsumeContext>
{
    static readonly Func<ConsumeContext, object?>[] Kinds =
    [
        Kind<SyncRequested>, Kind<LaneGranted>, Kind<GraceElapsed>, Kind<ChangePushed>, Kind<StepFailed>, Kind<MappingWritten>, Kind<MappingDuplicate>,
        Kind<DuplicateCompensated>, Kind<CompensationRefused>, Kind<SyncOverdue>, Kind<ParentMapped>, Kind<RecordEnded>, Kind<RetrySync>,
    ];

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var message = Kinds.Select(x => x(context)).First(x => x is not null)!; // all that is ever sent to a sync
        for (var left = await deliveries(message); left > 0; left--)
            await next.Send(context);
        heard(message);
    }

    public void Probe(ProbeContext context)
    {
    }

    static object? Kind<T>(ConsumeContext context) where T : class => context.TryGetMessage<T>(out var typed) ? typed.Message : null;
}
