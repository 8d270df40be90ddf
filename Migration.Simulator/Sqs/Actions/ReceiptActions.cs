using Migration.Simulator.Sqs.Protocol;

namespace Migration.Simulator.Sqs.Actions;

/// <summary>What is done with the handle of a received message: delete it, or change how long it stays hidden.</summary>
internal static class ReceiptActions
{
    public static void Delete(SqsCall call) => Delete(call, call.Request);

    public static void DeleteBatch(SqsCall call) => Batch.Run(call, entry => Delete(call, entry));

    public static void ChangeVisibility(SqsCall call) => ChangeVisibility(call, call.Request);

    public static void ChangeVisibilityBatch(SqsCall call) => Batch.Run(call, entry => ChangeVisibility(call, entry));

    static void Delete(SqsCall call, SqsEntry entry) => call.Queue.Delete(ReceiptHandle.Parse(entry.ReceiptHandle));

    static void ChangeVisibility(SqsCall call, SqsEntry entry)
    {
        var seconds = entry.VisibilityTimeout ?? throw SqsException.MissingParameter("VisibilityTimeout");
        call.Queue.ChangeVisibility(ReceiptHandle.Parse(entry.ReceiptHandle), SqsLimits.Range("VisibilityTimeout", seconds, 0, SqsLimits.VisibilitySeconds));
    }
}
