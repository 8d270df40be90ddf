using System.Collections.Concurrent;
using System.Threading.Channels;
using Migration.Clients;
using Migration.Contracts.Runs;

namespace Migration.Tests.Engine;

/// <summary>What goes wrong in <see cref="Stress_Specs"/>: by a seed, so that a failure can be looked at again.</summary>
sealed class Chaos
{
    static readonly Ending[] CreateEndings =
    [
        Ending.NotSent, Ending.NoAnswer, Ending.WithoutId, Ending.Killed, Ending.Answered(408), Ending.Answered(429), Ending.Answered(500), Ending.Answered(503),
        Ending.Answered(401), Ending.Answered(400), Ending.Answered(422), Ending.Answered(409),
    ];

    static readonly Ending[] OtherEndings = [Ending.NotSent, Ending.NoAnswer, Ending.Killed, Ending.Answered(429), Ending.Answered(500), Ending.Answered(503), Ending.Answered(401)];

    readonly Lock _lock = new();
    readonly Random _random;
    readonly ConcurrentQueue<HeldCall> _held = new();

    public Chaos(int seed) => _random = new Random(seed);

    public bool IsOver { get; set; }

    public int Next(int below)
    {
        lock (_lock)
            return _random.Next(below);
    }

    public CallPlan? Plan(Call call)
    {
        if (IsOver)
            return null;
        var chance = Next(100);
        // changing calls above all: what counts is what lands late
        if (chance < (call is Call.Create or Call.Map ? 25 : 4))
            return Hold(isBefore: Next(2) == 0);
        if (chance >= 45)
            return null;
        var endings = call == Call.Create ? CreateEndings : OtherEndings;
        var ending = endings[Next(endings.Length)];
        // A refusal means that nothing has happened; anything else may come after the effect.
        return ending.Kind is AnswerKind.Unknown && Next(2) == 0 ? CallPlan.FailingAfter(ending) : CallPlan.FailingBefore(ending);
    }

    /// <summary>Calls that were held go on: late, if their claims have been swept meanwhile.</summary>
    public void ReleaseSome(bool all = false)
    {
        for (var i = _held.Count; i > 0 && _held.TryDequeue(out var held); i--)
        {
            if (all || Next(3) == 0)
                held.Release(!IsOver && Next(4) == 0 ? Ending.Killed : null);
            else
                _held.Enqueue(held);
        }
    }

    CallPlan Hold(bool isBefore)
    {
        var held = new HeldCall();
        _held.Enqueue(held);
        return isBefore ? new CallPlan { Before = held.WaitAsync } : new CallPlan { After = held.WaitAsync };
    }
}

/// <summary>Queues of a kind: messages come back when their delivery fails, up to a number of receives, and may come twice.</summary>
sealed class LossyQueue(IReadOnlyList<EngineHost> pods, Chaos chaos)
{
    const int MaxReceives = 6;

    readonly Channel<(object Message, int Receives)> _messages = Channel.CreateUnbounded<(object, int)>();
    int _inHand;

    public int DeadLetters { get; private set; }

    public bool IsIdle => Volatile.Read(ref _inHand) == 0;

    public void Send(object message)
    {
        var copies = chaos.IsOver ? 1 : chaos.Next(20) switch { 0 => 0, 1 or 2 => 2, 3 => 3, _ => 1 };
        for (var copy = 0; copy < copies; copy++)
            Enqueue(message, 1);
    }

    /// <summary>What the pods have sent goes on its way.</summary>
    public void Collect()
    {
        foreach (var message in pods.SelectMany(x => x.TakeSent()).Where(x => x is MigrateEntity or WriteMapping))
            Send(message);
    }

    public async Task ConsumeAsync(CancellationToken cancellationToken)
    {
        await foreach (var (message, receives) in _messages.Reader.ReadAllAsync(cancellationToken))
        {
            var delivery = await pods[chaos.Next(pods.Count)].DeliverAsync(message);
            if (!delivery.IsAcknowledged && receives < MaxReceives)
                Enqueue(message, receives + 1);
            else if (!delivery.IsAcknowledged)
                DeadLetters++;
            Interlocked.Decrement(ref _inHand);
        }
    }

    void Enqueue(object message, int receives)
    {
        Interlocked.Increment(ref _inHand);
        _messages.Writer.TryWrite((message, receives));
    }
}
