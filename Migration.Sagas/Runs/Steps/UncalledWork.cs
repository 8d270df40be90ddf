namespace Migration.Sagas.Runs.Steps;

/// <summary>
/// Work on a record, to be cut off by a stop as long as it has called nothing that changes a target. From the first such call
/// on it goes to its end: its calls are bounded by their own time-outs.
/// </summary>
sealed class UncalledWork : IDisposable
{
    const int Reading = 0, Called = 1, Cut = 2;

    readonly CancellationTokenSource _cut = new();
    readonly CancellationTokenRegistration _stop;
    int _state;

    public UncalledWork(CancellationToken stopping) => _stop = stopping.Register(() =>
    {
        if (Interlocked.CompareExchange(ref _state, Cut, Reading) == Reading)
            _cut.Cancel();
    });

    /// <summary>Never cancelled after <see cref="TryCall"/> has said yes.</summary>
    public CancellationToken Token => _cut.Token;

    public bool IsCut => Volatile.Read(ref _state) == Cut;

    public bool HasCalled => Volatile.Read(ref _state) == Called;

    /// <summary>To be asked before each call that changes a target. False: the process stops, and nothing was called.</summary>
    public bool TryCall() => Interlocked.CompareExchange(ref _state, Called, Reading) != Cut;

    public void Dispose()
    {
        _stop.Dispose();
        _cut.Dispose();
    }
}
