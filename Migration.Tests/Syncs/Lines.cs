namespace Migration.Tests.Syncs;

/// <summary>
/// The lines of a step at which its process can die: around each upstream call, around each message it sends, and before its own
/// message is acknowledged. Between two of them lies at most one write to the database. Who dies stands still for good.
/// </summary>
sealed class Lines(Func<string, bool> dies)
{
    static readonly AsyncLocal<Lines?> Current = new();

    TaskCompletionSource _died = New();

    /// <summary>A process of its own that dies at the line of this number, from 1.</summary>
    public static Lines DyingAt(int number)
    {
        var passed = 0;
        return new Lines(_ => ++passed == number);
    }

    /// <summary>Where it died, in order.</summary>
    public List<string> Deaths { get; } = [];

    /// <summary>The step that runs here stands at a line.</summary>
    public static Task PassAsync(string line) => Current.Value?.StandAsync(line) ?? Task.CompletedTask;

    /// <summary>False: the process died in it, and its message comes back.</summary>
    public async Task<bool> RunAsync(Func<Task> step)
    {
        var died = _died = New();
        var work = Task.Run(async () =>
        {
            Current.Value = this;
            await step();
            await PassAsync("acknowledge");
        });
        if (await Task.WhenAny(work, died.Task) == died.Task)
            return false;
        await work;
        return true;
    }

    Task StandAsync(string line)
    {
        if (!dies(line))
            return Task.CompletedTask;
        Deaths.Add(line);
        _died.SetResult();
        return new TaskCompletionSource().Task;
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
