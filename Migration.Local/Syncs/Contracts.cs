namespace Migration.Local.Syncs;

/// <summary>Syncs of a domain in a state.</summary>
sealed record SyncCount(string Domain, string State, long Count);

/// <summary>A sync, as far as it matters here.</summary>
sealed record ListedSync(Guid SyncId, string Domain, string Entity, string Key, string State, string? Reason, bool PossibleDuplicate);

/// <summary>A record of DPS that no mapping names, as the service lists it.</summary>
sealed record ListedStray(long Id, string Record, string TargetId);

/// <summary>What the estate published.</summary>
sealed record PublishedEvents(IReadOnlyDictionary<string, int> Events, int Duplicates)
{
    public int Total => Events.Values.Sum();
}

/// <summary>An event and when it was put on its queue.</summary>
sealed record SentEvent(Guid Id, DateTimeOffset At);

/// <summary>Messages on a queue of the SQS endpoint.</summary>
sealed record QueueDepth(string Name, int Visible, int InFlight, int Delayed)
{
    public int Total => Visible + InFlight + Delayed;

    public bool HoldsDeadLetters => Name.EndsWith("-dlq", StringComparison.Ordinal);
}

/// <summary>A number of ids, the first thousand of them by name.</summary>
sealed record EstateKeys<T>(int Count, IReadOnlyList<T> First);

/// <summary>What DPS made of one adjustment.</summary>
sealed record AdjustmentRecords(IReadOnlyList<AdjustmentRecord> Records);

sealed record AdjustmentRecord(Guid Id);

/// <summary>The estate's own account of adjustments: NOMIS against DPS against mappings.</summary>
sealed record AdjustmentAccount(
    int Source, int Dps, int Mapped, EstateKeys<string> Duplicates, EstateKeys<Guid> Unmapped, EstateKeys<string> Lost, EstateKeys<string> Stale, EstateKeys<Guid> Leftover);

/// <summary>The estate's own account of the transactions that events told of.</summary>
sealed record TransactionAccount(
    int Told, int OfPrisonAlone, int Dps, int Mapped, EstateKeys<long> Refused, EstateKeys<long> Lost, EstateKeys<long> Incomplete, EstateKeys<long> Unmapped, EstateKeys<long> WronglyMapped,
    EstateKeys<long> Unwanted);

/// <summary>The estate's own account of the cancellations that events told of.</summary>
sealed record CancellationAccount(int Told, int Mapped, int Cancelled, EstateKeys<long> Lost);
