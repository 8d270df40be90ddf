using System.Collections.Concurrent;
using MassTransit;

namespace Migration.Tests.SagaPersistence;

/// <summary>What a fixture's consumers have seen.</summary>
public sealed class Seen<T>
    where T : class
{
    public ConcurrentQueue<ConsumeContext<T>> Contexts { get; } = new();

    public IReadOnlyList<T> Messages => [.. Contexts.Select(x => x.Message)];

    public int Count => Contexts.Count;
}

/// <summary>Notes every delivery.</summary>
public sealed class Recorder<T>(Seen<T> seen) : IConsumer<T>
    where T : class
{
    public Task Consume(ConsumeContext<T> context)
    {
        seen.Contexts.Enqueue(context);
        return Task.CompletedTask;
    }
}

public sealed record WriteNote(string Text);

public sealed record NoteWritten(string Text);

/// <summary>Sends, saves, and then may fail, as the fixture says.</summary>
public sealed class NoteWriter(CounterDbContext db, NoteWriter.Behaviour behaviour) : IConsumer<WriteNote>
{
    public async Task Consume(ConsumeContext<WriteNote> context)
    {
        await context.Publish(new NoteWritten(context.Message.Text));
        db.Notes.Add(new Note { Text = context.Message.Text });
        await db.SaveChangesAsync(context.CancellationToken);
        await behaviour.AfterSaving(behaviour.CountAttempt(), db);
    }

    public sealed class Behaviour
    {
        int _attempts;

        public int Attempts => _attempts;

        public Func<int, CounterDbContext, Task> AfterSaving { get; set; } = (_, _) => Task.CompletedTask;

        public int CountAttempt() => Interlocked.Increment(ref _attempts);
    }
}
