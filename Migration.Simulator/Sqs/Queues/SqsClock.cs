namespace Migration.Simulator.Sqs.Queues;

/// <summary>Unix time in milliseconds that never goes back, so that due times stay in order when the machine's clock is set.</summary>
internal sealed class SqsClock(TimeProvider time)
{
    readonly long _started = time.GetTimestamp();
    readonly long _startedAt = time.GetUtcNow().ToUnixTimeMilliseconds();

    public TimeProvider Time => time;

    public long Now => _startedAt + (long)time.GetElapsedTime(_started).TotalMilliseconds;
}
