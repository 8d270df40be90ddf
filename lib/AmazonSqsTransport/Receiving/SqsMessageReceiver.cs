using System.Diagnostics.CodeAnalysis;
using Amazon.SQS.Model;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Receives for one endpoint: polls while there is room, runs messages through the receive pipe, keeps what is in hand hidden, and drains
/// when it is stopped. A stop lets running polls end by themselves; what they still bring, and what has not begun, is given back at once.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "They are disposed of when receiving has ended")]
sealed class SqsMessageReceiver : ConsumerAgent<string>
{
    const int MostPolls = 8;
    const int MessagesPerPoll = 10;

    readonly SqsConnection _connection;
    readonly ReceiveEndpointContext _endpoint;
    readonly SqsReceiveSettings _settings;
    readonly TimeProvider _time;
    readonly CreditPool _credits;
    readonly SemaphoreSlim _consumers;
    readonly PollPacer _pacer;
    readonly PollGate _gate;
    readonly DeliveriesInHand _inHand;
    readonly PollOutage _outage;
    readonly CancellationTokenSource _forced = new();
    readonly CancellationTokenSource _consumersForced = new();
    QueueInfo _queue;
    int _notBegun;

    public SqsMessageReceiver(SqsConnection connection, QueueInfo queue, ReceiveEndpointContext endpoint, SqsReceiveSettings settings)
        : base(endpoint, StringComparer.Ordinal)
    {
        _connection = connection;
        _time = connection.Time;
        _queue = queue;
        _endpoint = endpoint;
        _settings = settings;
        var prefetch = Math.Max(1, endpoint.PrefetchCount);
        var concurrency = Math.Max(1, endpoint.ConcurrentMessageLimit ?? prefetch);
        _credits = new CreditPool(prefetch);
        _consumers = new SemaphoreSlim(concurrency, concurrency);
        _pacer = new PollPacer(Math.Clamp(prefetch / MessagesPerPoll, 1, MostPolls), settings.ReceiveLinger);
        _gate = new PollGate(settings.IsOpen, _time);
        _inHand = new DeliveriesInHand(_time);
        _outage = new PollOutage(endpoint, _time);
        SetReady();
        TrySetConsumeTask(Task.Run(Consume));
    }

    // Redelivered messages are recognised by DeliveriesInHand, which can put the work under the new receipt.
    protected override bool IsTrackable(string key) => false;

    protected override async Task ActiveAndActualAgentsCompleted(StopContext context)
    {
        if (_endpoint.ConsumerStopTimeout is { } limit)
            _consumersForced.CancelAfter(limit);
        var forced = context.CancellationToken.Register(() =>
        {
            _forced.Cancel();
            _consumersForced.Cancel();
        });
        await using (forced.ConfigureAwait(false))
            await base.ActiveAndActualAgentsCompleted(context).ConfigureAwait(false);
    }

    async Task Consume()
    {
        using CancellationTokenSource done = new();
        var keepHidden = _inHand.KeepHidden(() => _queue.VisibilityTimeout, done.Token);
        try
        {
            await PollUntilStopped().ConfigureAwait(false);
        }
        finally
        {
            await _credits.WaitForAll().ConfigureAwait(false);
            await done.CancelAsync().ConfigureAwait(false);
            await keepHidden.ConfigureAwait(false);
            _pacer.Dispose();
            _credits.Dispose();
            _consumers.Dispose();
        }
    }

    async Task PollUntilStopped()
    {
        List<Task> polls = [];
        try
        {
            while (!IsStopping)
            {
                await _gate.WaitUntilOpen(Stopping).ConfigureAwait(false);
                await _pacer.WaitForTurn(Stopping).ConfigureAwait(false);
                polls.RemoveAll(x => x.IsCompleted);
                polls.Add(Poll());
            }
        }
        catch (OperationCanceledException) when (IsStopping)
        {
            // as asked
        }
        await Task.WhenAll(polls).ConfigureAwait(false);
    }

    /// <summary>One poll, and the pause after it. Never throws.</summary>
    async Task Poll()
    {
        try
        {
            await ReceiveOnce().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsStopping)
        {
            // no credits were free, or the stop has run out of time
        }
        catch (Exception exception)
        {
            if (SqsErrors.IsMissingQueue(exception))
                _connection.Queues.Evict(_queue); // the next poll creates it
            _pacer.Learn(asked: MessagesPerPoll, received: 0);
            await _outage.Pause(exception, Stopping).ConfigureAwait(false);
        }
        finally
        {
            _pacer.EndTurn();
        }
    }

    async Task ReceiveOnce()
    {
        var credits = await _credits.Take(() => Volatile.Read(ref _notBegun) > 0, Stopping).ConfigureAwait(false);
        try
        {
            _queue = await _connection.Queues.Get(_settings.QueueName, create: true, Stopping).ConfigureAwait(false);
            if (!_settings.IsOpen())
                return; // closed while the poll waited for credits

            var asked = credits;
            var messages = await _connection.Receive(_queue, asked, _settings.WaitTimeSeconds, _forced.Token).ConfigureAwait(false);
            credits -= Begin(messages);
            _credits.Return(credits);
            credits = 0;
            await _outage.End().ConfigureAwait(false);
            var pause = _pacer.Learn(asked, messages.Count);
            if (pause > TimeSpan.Zero && !IsStopping)
                await Task.Delay(pause, _time).ConfigureAwait(false);
        }
        finally
        {
            _credits.Return(credits);
        }
    }

    /// <summary>
    /// Begins the work on messages that were received together; returns how many are new. All are in hand, and so kept hidden, before the first begins,
    /// and each begins on a thread of its own: a consumer that blocks its thread holds up neither the others nor the poll.
    /// </summary>
    int Begin(IReadOnlyList<Message> messages)
    {
        var receivedAt = _time.GetTimestamp();
        List<SqsDelivery> deliveries = new(messages.Count);
        foreach (var message in messages)
        {
            SqsDelivery delivery = new(message, _queue, _connection, _settings, _time, receivedAt, new ConsumerSlot(_consumers));
            if (_inHand.TryAdd(delivery))
                deliveries.Add(delivery);
        }
        Interlocked.Add(ref _notBegun, deliveries.Count);
        Action<SqsDelivery> handle = x => _ = Handle(x);
        foreach (var delivery in deliveries)
            ThreadPool.QueueUserWorkItem(handle, delivery, preferLocal: false);
        return deliveries.Count;
    }

    /// <summary>Works on one message until it is deleted or given back. Never throws.</summary>
    async Task Handle(SqsDelivery delivery)
    {
        var message = delivery.Message;
        try
        {
            if (!await TryBegin(delivery).ConfigureAwait(false))
                await delivery.GiveBack(TimeSpan.Zero).ConfigureAwait(false);
            else if (MessageDelay.NextHop(message, _time.GetUtcNow()) is { } nextHop)
                await Hop(delivery, nextHop).ConfigureAwait(false);
            else
                await Dispatch(delivery).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogContext.Warning?.Log(exception, "Message {MessageId} of queue {Queue} could not be handled", message.MessageId, _queue.Name);
            await delivery.Faulted(exception).ConfigureAwait(false);
        }
        finally
        {
            _inHand.Remove(delivery);
            delivery.Leave();
            _credits.Return(1);
        }
    }

    /// <summary>Waits for a free consumer and an open gate. False when the endpoint is stopped first.</summary>
    async Task<bool> TryBegin(SqsDelivery delivery)
    {
        try
        {
            if (IsStopping)
                return false;
            if (!delivery.Predecessor.IsCompleted)
                await WaitForPredecessor(delivery).ConfigureAwait(false);
            await delivery.Slot.Enter(Stopping).ConfigureAwait(false);
            await _gate.WaitUntilOpen(Stopping).ConfigureAwait(false);
            return !IsStopping;
        }
        catch (OperationCanceledException) when (IsStopping)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _notBegun);
        }
    }

    /// <summary>Meanwhile the delivery does not count as something that a consumer could begin, which polls wait for.</summary>
    async Task WaitForPredecessor(SqsDelivery delivery)
    {
        Interlocked.Decrement(ref _notBegun);
        try
        {
            await delivery.Predecessor.WaitAsync(Stopping).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Increment(ref _notBegun);
        }
    }

    async Task Dispatch(SqsDelivery delivery)
    {
        using SqsReceiveContext context = new(delivery, _endpoint);
        delivery.CancelWorkBy(context.CancelWork);
        // A consumer that watches its token is told when the stop has run out of time.
        var forced = _consumersForced.Token.Register(context.CancelWork);
        await using (forced.ConfigureAwait(false))
        {
            try
            {
                await Dispatch(delivery.Message.MessageId, context, delivery).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                context.LogTransportFaulted(exception); // the delivery has given the message back, or it has expired
            }
        }
    }

    async Task Hop(SqsDelivery delivery, SendMessageBatchRequestEntry nextHop)
    {
        await _connection.Send(_settings.QueueName, createQueue: true, nextHop, CancellationToken.None).ConfigureAwait(false);
        await delivery.Complete().ConfigureAwait(false);
    }
}
