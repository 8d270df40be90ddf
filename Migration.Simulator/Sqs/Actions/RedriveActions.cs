using Migration.Simulator.Sqs.Protocol;
using Migration.Simulator.Sqs.Queues;

namespace Migration.Simulator.Sqs.Actions;

/// <summary>Dead-letter queues and the way back from them.</summary>
internal static class RedriveActions
{
    public static void ListSources(SqsCall call) => QueueActions.WriteUrls(call, "queueUrls", SourcesOf(call.Broker, call.Queue)); // lower case, as on the wire

    public static void StartMove(SqsCall call)
    {
        var source = Find(call, call.Request.SourceArn ?? throw SqsException.MissingParameter("SourceArn"));
        if (!SourcesOf(call.Broker, source).Any())
            throw SqsException.InvalidParameter("SourceArn", source.Arn, "Source queue must be configured as a Dead Letter Queue.");
        var destination = call.Request.DestinationArn is { } arn ? Find(call, arn) : null;
        if (call.Request.MaxNumberOfMessagesPerSecond is { } rate)
            SqsLimits.Range("MaxNumberOfMessagesPerSecond", rate, 1, 500);

        var started = call.Broker.Now;
        var (moved, left) = source.MoveVisible(message =>
            destination ?? (message.DeadLetterSourceArn is { } origin ? call.Broker.FindByArn(origin) : null));

        call.Broker.MoveTasks.Add(new MoveTask(source.Arn, destination?.Arn, call.Request.MaxNumberOfMessagesPerSecond, started, moved, left));
        call.Json.WriteString("TaskHandle", Guid.NewGuid().ToString());
    }

    public static void ListMoves(SqsCall call)
    {
        var source = Find(call, call.Request.SourceArn ?? throw SqsException.MissingParameter("SourceArn"));
        call.Json.WriteStartArray("Results");
        foreach (var task in call.Broker.MoveTasks.For(source.Arn, SqsLimits.Range("MaxResults", call.Request.MaxResults ?? 1, 1, 10)))
            Write(call, task);
        call.Json.WriteEndArray();
    }

    static void Write(SqsCall call, MoveTask task)
    {
        call.Json.WriteStartObject();
        call.Json.WriteString("SourceArn", task.SourceArn);
        if (task.DestinationArn is { } destination)
            call.Json.WriteString("DestinationArn", destination);
        if (task.MaxPerSecond is { } rate)
            call.Json.WriteNumber("MaxNumberOfMessagesPerSecond", rate);
        call.Json.WriteString("Status", task.Left == 0 ? "COMPLETED" : "FAILED");
        if (task.Left > 0)
            call.Json.WriteString("FailureReason", "CouldNotDetermineMessageSource");
        call.Json.WriteNumber("ApproximateNumberOfMessagesMoved", task.Moved);
        call.Json.WriteNumber("ApproximateNumberOfMessagesToMove", task.Moved + task.Left);
        call.Json.WriteNumber("StartedTimestamp", task.StartedAt);
        call.Json.WriteEndObject();
    }

    static IEnumerable<SqsQueue> SourcesOf(SqsBroker broker, SqsQueue target) => broker.Queues.Where(x => x.Settings.Redrive?.TargetArn == target.Arn);

    static SqsQueue Find(SqsCall call, string arn) =>
        call.Broker.FindByArn(arn) ?? throw SqsException.ResourceNotFound("The resource that you specified for the SourceArn or DestinationArn parameter doesn't exist.");
}
