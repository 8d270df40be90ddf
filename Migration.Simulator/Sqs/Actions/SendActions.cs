using System.Globalization;
using Migration.Simulator.Sqs.Protocol;
using Migration.Simulator.Sqs.Queues;

namespace Migration.Simulator.Sqs.Actions;

/// <summary>SendMessage and its batch.</summary>
internal static class SendActions
{
    public static void Send(SqsCall call)
    {
        var message = MessageFactory.Create(call.Request, call.Queue.Settings, out _);
        call.Queue.Send([message]);
        WriteSent(call, message);
    }

    public static void SendBatch(SqsCall call)
    {
        var entries = Batch.Check(call);
        var settings = call.Queue.Settings;
        var accepted = new List<SqsMessage>(entries.Count);
        var ids = new List<string>(entries.Count);
        var failures = new Dictionary<SqsEntry, SqsException>();
        long total = 0;
        foreach (var entry in entries)
        {
            var failure = Batch.Try(call, entry, x =>
            {
                accepted.Add(MessageFactory.Create(x, settings, out var size));
                ids.Add(x.Id!); // Batch.Check refuses an entry without one
                total += size;
            });
            if (failure is not null)
                failures[entry] = failure;
        }
        if (total > SqsLimits.MessageBytes)
            throw SqsException.BatchRequestTooLong(total);
        if (accepted.Count > 0)
            call.Queue.Send(accepted);
        Batch.WriteSuccessful(call, ids.Zip(accepted), static (c, sent) =>
        {
            c.Json.WriteString("Id", sent.First);
            WriteSent(c, sent.Second);
        });
        Batch.WriteFailed(call, failures);
    }

    static void WriteSent(SqsCall call, SqsMessage message)
    {
        call.Json.WriteString("MessageId", message.MessageId);
        call.Json.WriteString("MD5OfMessageBody", message.BodyMd5);
        if (message.AttributesMd5 is { } attributes)
            call.Json.WriteString("MD5OfMessageAttributes", attributes);
        if (message.TraceHeader is { } trace)
            call.Json.WriteString("MD5OfMessageSystemAttributes", Checksum.Of([new("AWSTraceHeader", new SqsAttributeValue { DataType = "String", StringValue = trace })]));
        if (call.Queue.Settings.IsFifo)
            call.Json.WriteString("SequenceNumber", message.Sequence.ToString("D20", CultureInfo.InvariantCulture));
    }
}
