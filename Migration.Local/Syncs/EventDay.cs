namespace Migration.Local.Syncs;

/// <summary>The events of a local run: how they are published, and what still moves.</summary>
sealed class EventDay(Operator operations, LocalOptions options)
{
    static readonly string[] Moving = ["Queued", "Grace", "Pushing", "WritingMapping", "Compensating", "AwaitingRecords", "AwaitingParent"];

    /// <summary>Ends when the last event is on its queue.</summary>
    public Task<PublishedEvents> PublishAsync(CancellationToken cancellationToken) => operations.PostToEstateAsync<PublishedEvents>("simulator/events", new
    {
        target = new { sqs = operations.Sqs, visitsQueue = "eventvisits", sentencingQueue = "eventsentencing", financeQueue = "eventfinance" },
        request = new
        {
            events = options.Events,
            seed = options.Seed,
            ratePerSecond = options.EventsPerSecond,
            latencyMs = 300,
            commitIntervalMs = 20,
            duplicateShare = 0.1,
        },
    }, cancellationToken);

    public Task<IReadOnlyList<SyncCount>> CountAsync(CancellationToken cancellationToken) => operations.AskAsync<IReadOnlyList<SyncCount>>("syncs/counts", cancellationToken);

    /// <summary>Messages that somebody has still to work on.</summary>
    public async Task<int> CountMessagesAsync(CancellationToken cancellationToken) => (await ReadQueuesAsync(cancellationToken)).Where(x => !x.HoldsDeadLetters).Sum(x => x.Total);

    public async Task<int> CountDeadLettersAsync(CancellationToken cancellationToken) => (await ReadQueuesAsync(cancellationToken)).Where(x => x.HoldsDeadLetters).Sum(x => x.Total);

    public static long CountMoving(IEnumerable<SyncCount> counts) => counts.Where(x => Moving.Contains(x.State)).Sum(x => x.Count);

    Task<IReadOnlyList<QueueDepth>> ReadQueuesAsync(CancellationToken cancellationToken) => operations.GetAsync<IReadOnlyList<QueueDepth>>(operations.Sqs, "simulator/sqs/queues", cancellationToken);
}
