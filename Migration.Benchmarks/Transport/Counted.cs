namespace Migration.Benchmarks.Transport;

/// <summary>What the counting endpoint consumes.</summary>
sealed record WorkItem(Guid Id, int Number, string Text);

/// <summary>Counts down to a task's end.</summary>
sealed class Counted
{
    TaskCompletionSource _done = new();
    int _left;
    long _total;

    /// <summary>All that were counted, expected or not.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>A task that ends with that many more.</summary>
    public Task Expect(int messages)
    {
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _left, messages);
        return _done.Task;
    }

    public void Count()
    {
        Interlocked.Increment(ref _total);
        if (Interlocked.Decrement(ref _left) == 0)
            _done.TrySetResult();
    }
}
