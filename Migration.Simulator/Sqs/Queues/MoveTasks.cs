namespace Migration.Simulator.Sqs.Queues;

/// <summary>The dead-letter redrives that were asked for. They are done within the request, so none is ever running.</summary>
internal sealed class MoveTasks
{
    readonly Lock _lock = new();
    readonly List<MoveTask> _tasks = [];

    public void Add(MoveTask task)
    {
        lock (_lock)
            _tasks.Add(task);
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<MoveTask> For(string sourceArn, int maximum)
    {
        lock (_lock)
            return [.. _tasks.Where(x => x.SourceArn == sourceArn).Reverse().Take(maximum)];
    }
}

internal sealed record MoveTask(string SourceArn, string? DestinationArn, int? MaxPerSecond, long StartedAt, int Moved, int Left);
