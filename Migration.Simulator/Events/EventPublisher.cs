using System.Diagnostics;

namespace Migration.Simulator.Events;

/// <summary>
/// Lets things happen in NOMIS and tells of them, in the envelope of SNS, on the queues of the domains. NOMIS is changed first, always:
/// an event never tells of what is not there yet.
/// </summary>
public sealed class EventPublisher
{
    private const int LogLimit = 100_000;
    private const int SendAtOnce = 500;

    /// <summary>A mixed day. Cancellations and transactions are the most of it, merges and moved bookings are rare.</summary>
    private static readonly Dictionary<EventKind, double> MixedDay = new()
    {
        [EventKind.VisitCancelled] = 20,
        [EventKind.SentenceAdjustmentCreated] = 12,
        [EventKind.SentenceAdjustmentUpdated] = 16,
        [EventKind.SentenceAdjustmentDeleted] = 4,
        [EventKind.KeyDateAdjustmentCreated] = 8,
        [EventKind.KeyDateAdjustmentUpdated] = 10,
        [EventKind.KeyDateAdjustmentDeleted] = 3,
        [EventKind.PrisonersMerged] = 0.5,
        [EventKind.BookingMoved] = 0.5,
        [EventKind.BookingNumberChanged] = 1,
        [EventKind.TransactionCreated] = 20,
        [EventKind.TransactionUpdated] = 5,
    };

    private readonly VisitChanges _visits;
    private readonly AdjustmentChanges _adjustments;
    private readonly TransactionChanges _transactions;
    private readonly ToldRecords _told;
    private readonly List<Message> _log = [];
    private int _isPublishing;
    private int _days;

    internal EventPublisher(VisitChanges visits, AdjustmentChanges adjustments, TransactionChanges transactions, ToldRecords told) =>
        (_visits, _adjustments, _transactions, _told) = (visits, adjustments, transactions, told);

    /// <summary>Makes the changes that are asked for and publishes what they tell. Returns when everything is on its queue.</summary>
    /// <exception cref="HttpRequestException">The endpoint or a queue is not there. NOMIS is changed by then.</exception>
    /// <exception cref="InvalidOperationException">Another day is being published: two at once would not be the same twice.</exception>
    public async Task<PublishedEvents> PublishAsync(EventTarget target, EventRequest request, CancellationToken ct = default)
    {
        if (Interlocked.Exchange(ref _isPublishing, 1) == 1)
            throw new InvalidOperationException("Events are being published already.");
        try
        {
            using var sender = new SqsSender(target.Sqs);
            return await new Day(this, target, sender, request, _days++).PublishAsync(ct);
        }
        finally
        {
            Volatile.Write(ref _isPublishing, 0);
        }
    }

    /// <summary>Publishes one event of a change that the caller has made.</summary>
    public Task SendAsync(EventTarget target, NomisEvent happened, Guid? messageId = null, CancellationToken ct = default) =>
        SendAsync(target, [(happened, messageId ?? Guid.NewGuid())], ct);

    /// <summary>Publishes the events of a change that the caller has made, in batches.</summary>
    public Task SendAsync(EventTarget target, IEnumerable<NomisEvent> happened, CancellationToken ct = default) =>
        SendAsync(target, [.. happened.Select(told => (told, Guid.NewGuid()))], ct);

    /// <summary>Sends a share of what was published before, at most the first hundred thousand, once more: unchanged and in another order.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ReplayAsync(EventTarget target, double share = 1, int seed = 1, CancellationToken ct = default)
    {
        using var sender = new SqsSender(target.Sqs);
        var dice = new Dice(seed);
        List<Message> again;
        lock (_log)
        {
            again = [.. _log.Where(_ => dice.Is(share)).OrderBy(_ => dice.Fraction())];
        }

        await SendAsync(target, sender, again, ct);
        return again.Count;
    }

    /// <summary>When what was published was put on its queue, at most the first hundred thousand; an event that was sent twice is there twice.</summary>
    public IReadOnlyList<SentEvent> Sent()
    {
        lock (_log)
        {
            return [.. _log.Select(sent => new SentEvent(sent.Id, sent.At))];
        }
    }

    internal void Clear()
    {
        lock (_log)
        {
            _log.Clear();
            _days = 0;
        }
    }

    private async Task SendAsync(EventTarget target, IReadOnlyList<(NomisEvent Happened, Guid Id)> events, CancellationToken ct)
    {
        using var sender = new SqsSender(target.Sqs);
        foreach (var (happened, _) in events)
            _told.Add(happened);
        await SendAndKeepAsync(target, sender, [.. events.Select(told => ToMessage(told.Happened, told.Id, isTextual: false))], ct);
    }

    private static async Task SendAsync(EventTarget target, SqsSender sender, IReadOnlyList<Message> events, CancellationToken ct)
    {
        foreach (var queue in events.GroupBy(sent => sent.Queue))
            await sender.SendAsync(target.QueueOf(queue.Key), [.. queue.Select(sent => sent.Body)], ct);
    }

    /// <summary>Sends, and keeps for a replay as many as there is room for.</summary>
    private async Task SendAndKeepAsync(EventTarget target, SqsSender sender, IReadOnlyList<Message> events, CancellationToken ct)
    {
        var now = DateTimeOffset.UtcNow;
        await SendAsync(target, sender, events, ct);
        lock (_log)
        {
            _log.AddRange(events.Select(sent => sent with { At = now }).Take(LogLimit - Math.Min(LogLimit, _log.Count)));
        }
    }

    private static Message ToMessage(NomisEvent happened, Guid id, bool isTextual) =>
        new(id, happened.Queue, SnsEnvelope.Write(happened, id, DateTime.Now, isTextual));

    /// <summary>Null when there is nothing to do it to.</summary>
    private IReadOnlyList<Change>? Begin(EventKind kind, Dice dice, EventRequest request)
    {
        var isFromDps = dice.Is(request.FromDpsShare);
        return kind switch
        {
            EventKind.VisitCancelled => _visits.Cancel(dice, isFromDps),
            EventKind.SentenceAdjustmentCreated => _adjustments.Create(dice, Nomis.AdjustmentCategory.Sentence, isFromDps),
            EventKind.SentenceAdjustmentUpdated => _adjustments.Update(dice, Nomis.AdjustmentCategory.Sentence, isFromDps),
            EventKind.SentenceAdjustmentDeleted => _adjustments.Delete(dice, Nomis.AdjustmentCategory.Sentence, isFromDps),
            EventKind.KeyDateAdjustmentCreated => _adjustments.Create(dice, Nomis.AdjustmentCategory.KeyDate, isFromDps),
            EventKind.KeyDateAdjustmentUpdated => _adjustments.Update(dice, Nomis.AdjustmentCategory.KeyDate, isFromDps),
            EventKind.KeyDateAdjustmentDeleted => _adjustments.Delete(dice, Nomis.AdjustmentCategory.KeyDate, isFromDps),
            EventKind.PrisonersMerged => _adjustments.Merge(dice),
            EventKind.BookingMoved => _adjustments.Move(dice),
            EventKind.BookingNumberChanged => _adjustments.Renumber(dice),
            EventKind.TransactionCreated => _transactions.Create(dice, isFromDps, request.CommitIntervalMs),
            EventKind.TransactionUpdated => _transactions.Update(dice, isFromDps),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Nothing of that kind happens."),
        };
    }

    private sealed record Message(Guid Id, EventQueue Queue, string Body, DateTimeOffset At = default);

    /// <summary>One request on its way: what is to be committed and what is to be sent, by the time at which it is due.</summary>
    private sealed class Day(EventPublisher publisher, EventTarget target, SqsSender sender, EventRequest request, int day)
    {
        private readonly Dice _dice = new(request.Seed, day); // ids too: the same again would be second deliveries
        private readonly PriorityQueue<object, (double DueMs, long Order)> _due = new();
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly Dictionary<EventKind, int> _changes = [];
        private readonly Dictionary<string, int> _events = [];
        private readonly List<Message> _ready = [];
        private long _order;
        private int _duplicates;

        public async Task<PublishedEvents> PublishAsync(CancellationToken ct)
        {
            var kinds = request.Kinds ?? MixedDay;
            var begun = 0;
            for (var number = 0; begun < request.Events; number++)
            {
                var beginsMs = number * (1000 / (request.RatePerSecond ?? 1000));
                await RunUntilAsync(beginsMs, ct);
                var kind = Pick(kinds, _dice.Fraction());
                // A change that tells nothing, or finds nothing to change, counts as one: a day ends.
                begun++;
                if (publisher.Begin(kind, _dice, request) is not { } change)
                    continue;
                _changes[kind] = _changes.GetValueOrDefault(kind) + 1;
                begun += Math.Max(0, change.Sum(part => part.Events) - 1);
                foreach (var part in change)
                    Add(part, beginsMs + part.DelayMs);
            }

            await RunUntilAsync(double.MaxValue, ct);
            await FlushAsync(ct);
            return new PublishedEvents(_changes, _events, _duplicates);
        }

        private static EventKind Pick(IReadOnlyDictionary<EventKind, double> kinds, double fraction)
        {
            var left = fraction * kinds.Values.Sum();
            foreach (var (kind, weight) in kinds.OrderBy(kind => kind.Key))
            {
                left -= weight;
                if (left < 0)
                    return kind;
            }

            return kinds.Keys.Max();
        }

        private async Task RunUntilAsync(double untilMs, CancellationToken ct)
        {
            while (_due.TryPeek(out _, out var next) && next.DueMs <= untilMs)
            {
                await WaitAsync(next.DueMs, ct);
                switch (_due.Dequeue())
                {
                    case Change change:
                        foreach (var told in change.Commit())
                            Tell(told, next.DueMs);
                        break;
                    case Message sent:
                        _ready.Add(sent);
                        break;
                }

                if (_ready.Count >= SendAtOnce)
                    await FlushAsync(ct);
            }

            if (untilMs < double.MaxValue)
                await WaitAsync(untilMs, ct);
        }

        /// <summary>Without a rate nobody waits, and times only decide the order.</summary>
        private async Task WaitAsync(double untilMs, CancellationToken ct)
        {
            var left = request.RatePerSecond is null ? TimeSpan.Zero : TimeSpan.FromMilliseconds(untilMs) - _clock.Elapsed;
            if (left <= TimeSpan.FromMilliseconds(1))
                return;
            await FlushAsync(ct);
            await Task.Delay(left, ct);
        }

        private void Tell(NomisEvent told, double nowMs)
        {
            publisher._told.Add(told);
            _events[told.Type] = _events.GetValueOrDefault(told.Type) + 1;
            var sent = ToMessage(told, _dice.Id(), _dice.Is(request.TextShare));
            Add(sent, nowMs + (_dice.Fraction() * request.LatencyMs));
            if (!_dice.Is(request.DuplicateShare))
                return;
            _duplicates++;
            Add(sent, nowMs + (_dice.Fraction() * Math.Max(100, 2 * request.LatencyMs)));
        }

        private async Task FlushAsync(CancellationToken ct)
        {
            if (_ready.Count == 0)
                return;
            await publisher.SendAndKeepAsync(target, sender, _ready, ct);
            _ready.Clear();
        }

        private void Add(object item, double dueMs) => _due.Enqueue(item, (dueMs, _order++));
    }
}
