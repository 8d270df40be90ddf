namespace Migration.Tests.Infrastructure;

/// <summary>Waits for a condition. The one place of these tests where time passes.</summary>
public static class Eventually
{
    public static async Task IsTrue(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (!await condition())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, $"never happened: {what}");
            await Task.Delay(10, CancellationToken.None);
        }
    }

    public static Task IsTrue(Func<bool> condition, string what) => IsTrue(() => Task.FromResult(condition()), what);

    /// <summary>The task's result; fails when it does not come.</summary>
    public static Task<T> Ends<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(40));

    public static Task Ends(Task task) => task.WaitAsync(TimeSpan.FromSeconds(40));
}
