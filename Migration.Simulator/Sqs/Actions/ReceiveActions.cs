using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Sqs.Protocol;
using Migration.Simulator.Sqs.Queues;

namespace Migration.Simulator.Sqs.Actions;

/// <summary>ReceiveMessage.</summary>
internal static class ReceiveActions
{
    public static async ValueTask ReceiveAsync(SqsCall call)
    {
        var request = call.Request;
        var queue = call.Queue;
        var maximum = SqsLimits.Range("MaxNumberOfMessages", request.MaxNumberOfMessages ?? 1, 1, SqsLimits.BatchEntries);
        var wait = SqsLimits.Range("WaitTimeSeconds", request.WaitTimeSeconds ?? queue.Settings.WaitSeconds, 0, SqsLimits.WaitSeconds);
        var visibility = SqsLimits.Range("VisibilityTimeout", request.VisibilityTimeout ?? queue.Settings.VisibilitySeconds, 0, SqsLimits.VisibilitySeconds);

        call.Taken = await queue.ReceiveAsync(maximum, visibility, TimeSpan.FromSeconds(wait), call.Broker.FindByArn, call.IsClientGone, call.Aborted);

        if (call.Broker.Faults.RefuseAll)
            throw SqsException.ServiceUnavailable();
        DeliverAgain(call, queue);
        var systemNames = request.MessageSystemAttributeNames ?? request.AttributeNames;
        call.Json.WriteStartArray("Messages");
        foreach (var received in call.Taken)
            Write(call.Json, received, request.MessageAttributeNames, systemNames);
        call.Json.WriteEndArray();
    }

    /// <summary>The fault "delivered twice": a copy with the same id and a life of its own.</summary>
    static void DeliverAgain(SqsCall call, SqsQueue queue)
    {
        foreach (var received in call.Taken)
        {
            if (SqsFaults.Happens(call.Broker.Faults.DuplicateDeliveryRate))
                queue.Send([received.Message.Copy(received.Message.MessageId)], isRedrive: true);
        }
    }

    static void Write(Utf8JsonWriter json, ReceivedMessage received, List<string>? names, List<string>? systemNames)
    {
        var message = received.Message;
        json.WriteStartObject();
        json.WriteString("MessageId", message.MessageId);
        json.WriteString("ReceiptHandle", received.Handle.ToString());
        json.WriteString("MD5OfBody", message.BodyMd5);
        json.WriteString("Body", message.Body);
        if (systemNames is { Count: > 0 })
            WriteSystemAttributes(json, received, systemNames);
        if (names is { Count: > 0 } && message.Attributes is not null)
            WriteAttributes(json, message, names);
        json.WriteEndObject();
    }

    static void WriteSystemAttributes(Utf8JsonWriter json, ReceivedMessage received, List<string> names)
    {
        var all = names.Contains("All");
        var message = received.Message;
        json.WriteStartObject("Attributes");
        Write("SenderId", "AIDALOCALSIMULATOR");
        Write("SentTimestamp", Text(message.SentAt));
        Write("ApproximateReceiveCount", Text(received.Handle.Receipt));
        Write("ApproximateFirstReceiveTimestamp", Text(message.FirstReceivedAt));
        Write("MessageGroupId", message.GroupId);
        Write("MessageDeduplicationId", message.DeduplicationId);
        Write("SequenceNumber", message.DeduplicationId is null ? null : message.Sequence.ToString("D20", CultureInfo.InvariantCulture));
        Write("AWSTraceHeader", message.TraceHeader);
        Write("DeadLetterQueueSourceArn", message.DeadLetterSourceArn);
        json.WriteEndObject();

        void Write(string name, string? value)
        {
            if (value is not null && (all || names.Contains(name)))
                json.WriteString(name, value);
        }

        static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
    }

    static void WriteAttributes(Utf8JsonWriter json, SqsMessage message, List<string> names)
    {
        var all = message.Attributes!; // the caller has seen that there are some
        var wanted = names.Exists(x => x is "All" or ".*") ? all : all.Where(x => names.Exists(name => Matches(name, x.Key))).ToDictionary();
        if (wanted.Count == 0)
            return;
        json.WriteString("MD5OfMessageAttributes", wanted.Count == all.Count ? message.AttributesMd5 : Checksum.Of(wanted));
        json.WriteStartObject("MessageAttributes");
        foreach (var (name, value) in wanted)
        {
            json.WriteStartObject(name);
            json.WriteString("DataType", value.DataType);
            if (value.BinaryValue is { } binary)
                json.WriteBase64String("BinaryValue", binary);
            else
                json.WriteString("StringValue", value.StringValue);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    static bool Matches(string wanted, string name) =>
        wanted == name || (wanted.EndsWith(".*", StringComparison.Ordinal) && name.StartsWith(wanted[..^1], StringComparison.Ordinal));
}
