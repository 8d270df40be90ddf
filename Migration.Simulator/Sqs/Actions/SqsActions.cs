using System.Collections.Frozen;

namespace Migration.Simulator.Sqs.Actions;

internal delegate ValueTask SqsAction(SqsCall call);

/// <summary>Every action that is understood, by the name in <c>X-Amz-Target</c>.</summary>
internal static class SqsActions
{
    public static readonly FrozenDictionary<string, SqsAction> All = new Dictionary<string, SqsAction>
    {
        ["CreateQueue"] = Now(QueueActions.Create),
        ["GetQueueUrl"] = Now(QueueActions.GetUrl),
        ["ListQueues"] = Now(QueueActions.List),
        ["DeleteQueue"] = Now(QueueActions.Delete),
        ["PurgeQueue"] = Now(QueueActions.Purge),
        ["GetQueueAttributes"] = Now(QueueActions.GetAttributes),
        ["SetQueueAttributes"] = Now(QueueActions.SetAttributes),
        ["TagQueue"] = Now(QueueActions.Tag),
        ["UntagQueue"] = Now(QueueActions.Untag),
        ["ListQueueTags"] = Now(QueueActions.ListTags),
        ["SendMessage"] = Now(SendActions.Send),
        ["SendMessageBatch"] = Now(SendActions.SendBatch),
        ["ReceiveMessage"] = ReceiveActions.ReceiveAsync,
        ["DeleteMessage"] = Now(ReceiptActions.Delete),
        ["DeleteMessageBatch"] = Now(ReceiptActions.DeleteBatch),
        ["ChangeMessageVisibility"] = Now(ReceiptActions.ChangeVisibility),
        ["ChangeMessageVisibilityBatch"] = Now(ReceiptActions.ChangeVisibilityBatch),
        ["ListDeadLetterSourceQueues"] = Now(RedriveActions.ListSources),
        ["StartMessageMoveTask"] = Now(RedriveActions.StartMove),
        ["ListMessageMoveTasks"] = Now(RedriveActions.ListMoves),
    }.ToFrozenDictionary();

    static SqsAction Now(Action<SqsCall> action) => call =>
    {
        action(call);
        return ValueTask.CompletedTask;
    };
}
