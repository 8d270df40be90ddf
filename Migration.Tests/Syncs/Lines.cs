using System.Collections.Concurrent;

namespace Migration.Tests.Syncs;

/// <summary>
/// The lines of a step at which its process can die: around each upstream call, around each message it sends, and before its own
/// message is acknowledged. Between two of them lies at most one write to the database. Who dies stands still for good.
/// </summary>
sealed class Lines(Func<string, bool> dies)
{
    static readonly AsyncLocal<Life?> Current = new();

    /// <summary>A process of its own that dies at the line of this number, from 1.</summary>
    public static Lines DyingAt(int number)
    {
        var passed = 0;
        return new Lines(_ => ++passed == number);
    }

    /// <summary>Where it died, in order.</summary>
    public ConcurrentQueue<string> Deaths { get; } = new();

    /// <summary>The step that runs here stands at a line.</summary>
    public static Task PassAsync(string line) => Current.Value is { } life ? life.Lines.StandAsync(life, line) : Task.CompletedTask;

    /// <summary>False: the process died in it, and its message comes back.</summary>
    public async Task<bool> RunAsync(Func<Task> step)
    {
        var life = new Life(this, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var work = Task.Run(async () =>
        {
            Current.Value = life;
            await step();
            await PassAsync("acknowledge");
        });
        if (await Task.WhenAny(work, life.Ended.Task) == life.Ended.Task)
            return false;
        await work;
        return true;
    }

    Task StandAsync(Life life, string line)
    {
        if (!dies(line))
            return Task.CompletedTask;
        Deaths.Enqueue(line);
        life.Ended.SetResult();
        return new TaskCompletionSource().Task;
    }

    /// <summary>One delivery in a process.</summary>
    sealed record Life(Lines Lines, TaskCompletionSource Ended);
}
