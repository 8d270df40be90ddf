namespace Migration.Simulator.Events;

/// <summary>Where events go.</summary>
/// <param name="Sqs">An SQS endpoint; credentials are not sent.</param>
public sealed record EventTarget(Uri Sqs, string VisitsQueue, string SentencingQueue, string FinanceQueue)
{
    internal string QueueOf(EventQueue queue) => queue switch
    {
        EventQueue.Visits => VisitsQueue,
        EventQueue.Sentencing => SentencingQueue,
        _ => FinanceQueue,
    };
}

/// <summary>A day in NOMIS. The same request to the same estate makes the same changes and tells the same events.</summary>
public sealed record EventRequest
{
    /// <summary>Changes are made until this many events came of them; the last change may bring a few, or a few thousand, more.</summary>
    public int Events { get; init; } = 1;

    /// <summary>What happens, by weight; null is a mixed day.</summary>
    public IReadOnlyDictionary<EventKind, double>? Kinds { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Changes a second; null is as fast as it goes, and then the times below are counted in changes: one a millisecond.</summary>
    public double? RatePerSecond { get; init; }

    /// <summary>Longest time from a change to its event. Each event takes a part of it by chance, so this also shuffles them.</summary>
    public int LatencyMs { get; init; }

    /// <summary>Time from one commit of a transaction's rows to the next.</summary>
    public int CommitIntervalMs { get; init; }

    /// <summary>Share of events that come twice.</summary>
    public double DuplicateShare { get; init; }

    /// <summary>Share of changes that come from DPS itself.</summary>
    public double FromDpsShare { get; init; } = 0.1;

    /// <summary>Share of events that write numbers as text.</summary>
    public double TextShare { get; init; } = 0.5;
}

/// <summary>What was published.</summary>
/// <param name="Changes">Changes of NOMIS by kind.</param>
/// <param name="Events">Events by type, without duplicates.</param>
/// <param name="Duplicates">Events that were sent a second time.</param>
public sealed record PublishedEvents(IReadOnlyDictionary<EventKind, int> Changes, IReadOnlyDictionary<string, int> Events, int Duplicates);

/// <summary>An event that was published.</summary>
/// <param name="Id">Of its message at SNS.</param>
/// <param name="At">When it was put on its queue.</param>
public sealed record SentEvent(Guid Id, DateTimeOffset At);
