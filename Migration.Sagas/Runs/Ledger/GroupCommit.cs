using System.Diagnostics;
using System.Net.Sockets;
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
    const int MaxDeadlocks = 3;
    static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    readonly Channel<Waiting> _channel;
    readonly Func<NpgsqlConnection, IReadOnlyList<TEntry>, Task<IReadOnlyList<TResult>>> _write;
    readonly Func<TEntry, string> _record;
    readonly NpgsqlDataSource _source;
    readonly int _groupSize;
    readonly TimeSpan _patience;
    readonly Task _loop;
    NpgsqlConnection? _connection;

    /// <param name="source">Where its connection comes from, again after it broke.</param>
    /// <param name="write">
    /// One transaction for the group; a result an entry, in order. Repeated after a commit whose end is unknown: it must
    /// recognise, by its token, an entry that is written already.
    /// </param>
    /// <param name="record">Entries with the same record never share a group: UPDATE … FROM applies one of two and says nothing.</param>
    /// <param name="groupSize">Entries in one transaction at most.</param>
    /// <param name="patience">How long a database that is away is waited for.</param>
    public GroupCommit(NpgsqlDataSource source,
        Func<NpgsqlConnection, IReadOnlyList<TEntry>, Task<IReadOnlyList<TResult>>> write,
        Func<TEntry, string> record, int groupSize, TimeSpan patience)
    {
        (_source, _write, _record, _groupSize, _patience) = (source, write, record, groupSize, patience);
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
        var since = Stopwatch.GetTimestamp();
        var (deadlocks, wait) = (0, FirstWait);
        while (true)
        {
            try
            {
                _connection ??= await _source.OpenConnectionAsync();
                Complete(group, await _write(_connection, [.. group.Select(x => x.Entry)]));
                return;
            }
            catch (PostgresException exception) when (IsDeadlock(exception) && ++deadlocks < MaxDeadlocks)
            {
                // the transaction was rolled back whole: nothing to look up
                await DropConnectionAsync();
            }
            catch (Exception exception) when (IsDataError(exception) && group.Count > 1)
            {
                // one entry holds data that Postgres, or its driver, refuses; the others must not pay for it
                await DropConnectionAsync();
                foreach (var waiting in group)
                    await CommitAsync([waiting]);
                return;
            }
            catch (Exception exception) when (IsAway(exception) && Stopwatch.GetElapsedTime(since) < _patience)
            {
                // What the entries know, a created record above all, is known to nobody else.
                await DropConnectionAsync();
                await Task.Delay(wait);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
            catch (Exception exception)
            {
                await DropConnectionAsync();
                foreach (var waiting in group)
                    waiting.Completion.TrySetException(new LedgerUnavailableException("The ledger could not be written.", exception));
                return;
            }
        }
    }

    static void Complete(List<Waiting> group, IReadOnlyList<TResult> results)
    {
        for (var i = 0; i < group.Count; i++)
            group[i].Completion.TrySetResult(results[i]);
    }

    static bool IsDeadlock(PostgresException exception) =>
        exception.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>The connection is lost, or the server starts, stops or is out of something.</summary>
    static bool IsAway(Exception exception) => exception switch
    {
        PostgresException refused => !IsDeadlock(refused) && (refused.IsTransient || refused.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown),
        NpgsqlException or TimeoutException or IOException or SocketException => true,
        _ => false,
    };

    static bool IsDataError(Exception exception) => exception switch
    {
        PostgresException refused => refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal),
        ArgumentException or InvalidCastException => true, // the driver cannot write it: half a surrogate pair, for one
        _ => false,
    };

    // Closed for good, not given back to its pool: after a batch that failed the driver was seen to lose its place among the answers.
    async Task DropConnectionAsync()
    {
        if (_connection is null)
            return;
        var connection = _connection;
        _connection = null;
        try
        {
            _source.Clear();
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
