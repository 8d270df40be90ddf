using System.Runtime.CompilerServices;

namespace Migration.Tests.Infrastructure;

/// <summary>Waits for a condition. The one place of these tests where time passes.</summary>
public static class Eventually
{
    public static async Task IsTrue(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (!await condition())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, $"never happened: {what}");
            await Task.Delay(10, CancellationToken.None);
        }
    }

    public static Task IsTrue(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") => IsTrue(() => Task.FromResult(condition()), what);

    /// <summary>The first value that is as expected; fails with the last one seen when there is none in time (40 s, unless told).</summary>
    public static async Task<T> Value<T>(Func<Task<T>> read, Func<T, bool> isExpected, TimeSpan? patience = null, [CallerArgumentExpression(nameof(isExpected))] string what = "")
    {
        using var limit = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(40));
        while (true)
        {
            var value = await read();
            if (isExpected(value))
                return value;
            Assert.That(limit.IsCancellationRequested, Is.False, $"never happened: {what}; last seen: {value}");
            await Task.Delay(10, CancellationToken.None);
        }
    }

    /// <summary>The task's result; fails when it does not come.</summary>
    public static Task<T> Ends<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(40));

    public static Task Ends(Task task) => task.WaitAsync(TimeSpan.FromSeconds(40));
}
