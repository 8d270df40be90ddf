using System.Threading.Channels;
using Npgsql;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>
/// Writes the entries of many concurrent consumers in one transaction, on a connection of its own, so that no consumer
/// holds a pooled connection while it waits. While one group commits the next one fills: groups grow with load and a lone
/// entry never waits.
/// </summary>
sealed class GroupCommit<TEntry, TResult> : IAsyncDisposable
{
    const int MaxTries = 3;

    readonly Channel<Waiting> _channel;
    readonly Func<NpgsqlConnection, IReadOnlyList<TEntry>, Task<IReadOnlyList<TResult>>> _write;
    readonly Func<TEntry, string> _record;
    readonly Func<CancellationToken, ValueTask<NpgsqlConnection>> _open;
    readonly int _groupSize;
    readonly Task _loop;
    NpgsqlConnection? _connection;

    /// <param name="open">Opens the connection; called again after it broke.</param>
    /// <param name="write">
    /// One transaction for the group; a result an entry, in order. Repeated after a commit whose end is unknown: it must
    /// recognise, by its token, an entry that is written already.
    /// </param>
    /// <param name="record">Entries with the same record never share a group: UPDATE … FROM applies one of two and says nothing.</param>
    /// <param name="groupSize">Entries in one transaction at most.</param>
    public GroupCommit(Func<CancellationToken, ValueTask<NpgsqlConnection>> open,
        Func<NpgsqlConnection, IReadOnlyList<TEntry>, Task<IReadOnlyList<TResult>>> write,
        Func<TEntry, string> record, int groupSize)
    {
        (_open, _write, _record, _groupSize) = (open, write, record, groupSize);
        _channel = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(groupSize * 16) { SingleReader = true });
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Ends when the entry is on disk. A caller that stops waiting does not take its entry back.</summary>
    public async Task<TResult> ExecuteAsync(TEntry entry, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(entry);
        await _channel.Writer.WriteAsync(waiting, cancellationToken);
        return await waiting.Completion.Task;
    }

    async Task LoopAsync()
    {
        var heldOver = new List<Waiting>();
        while (heldOver.Count > 0 || await _channel.Reader.WaitToReadAsync())
        {
            var group = new List<Waiting>(_groupSize);
            var records = new HashSet<string>(StringComparer.Ordinal);
            var candidates = heldOver;
            heldOver = [];
            foreach (var waiting in candidates)
                Place(waiting);
            while (group.Count < _groupSize && _channel.Reader.TryRead(out var next))
                Place(next);
            await CommitAsync(group);

            void Place(Waiting waiting)
            {
                if (group.Count < _groupSize && records.Add(_record(waiting.Entry)))
                    group.Add(waiting);
                else
                    heldOver.Add(waiting);
            }
        }
    }

    async Task CommitAsync(List<Waiting> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _connection ??= await _open(CancellationToken.None);
                Complete(group, await _write(_connection, [.. group.Select(x => x.Entry)]));
                return;
            }
            catch (PostgresException exception) when (IsRepeatable(exception) && attempt < MaxTries)
            {
                // the transaction was rolled back whole: nothing to look up
            }
            catch (Exception exception) when (IsDataError(exception) && group.Count > 1)
            {
                // one entry holds data that Postgres, or its driver, refuses; the others must not pay for it
                foreach (var waiting in group)
                    await CommitAsync([waiting]);
                return;
            }
            catch (Exception exception)
            {
                await DropConnectionAsync();
                if (exception is PostgresException { IsTransient: false } || IsDataError(exception) || attempt >= MaxTries)
                {
                    foreach (var waiting in group)
                        waiting.Completion.TrySetException(new LedgerUnavailableException("The ledger could not be written.", exception));
                    return;
                }
                await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt));
            }
        }
    }

    static void Complete(List<Waiting> group, IReadOnlyList<TResult> results)
    {
        for (var i = 0; i < group.Count; i++)
            group[i].Completion.TrySetResult(results[i]);
    }

    static bool IsRepeatable(PostgresException exception) =>
        exception.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    static bool IsDataError(Exception exception) => exception switch
    {
        PostgresException refused => refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal),
        ArgumentException or InvalidCastException => true, // the driver cannot write it: half a surrogate pair, for one
        _ => false,
    };

    async Task DropConnectionAsync()
    {
        if (_connection is null)
            return;
        var connection = _connection;
        _connection = null;
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // it is broken already, which is why it is dropped
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Writer.TryComplete();
        await _loop;
        await DropConnectionAsync();
    }

    sealed record Waiting(TEntry Entry)
    {
        public TaskCompletionSource<TResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The database did not take a claim or an outcome. Nothing is known to have happened; the message comes back.</summary>
public sealed class LedgerUnavailableException(string message, Exception inner) : Exception(message, inner);
