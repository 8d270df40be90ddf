using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>
/// LISTEN and NOTIFY between processes. A commit that notifies takes a lock of the whole database until it is on disk, so notifying with every message would make all
/// commits wait for each other. Each process therefore wakes its own delivery by itself, and notifies the others, outside any transaction of the application, only when
/// it has more rows than one pass takes, or does not deliver at all.
/// </summary>
sealed class OutboxNotifications<TDb>(IServiceScopeFactory scopes, OutboxSignal<TDb> signal, TimeProvider time, ILogger<OutboxNotifications<TDb>> logger)
    where TDb : DbContext
{
    static readonly TimeSpan CallInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan ReconnectDelay = TimeSpan.FromSeconds(5);

    long _called;

    /// <summary>Sets the signal whenever another process calls. Reconnects until cancelled; polling goes on meanwhile.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
            {
                logger.LogWarning(e, "Listening for outbox notifications was interrupted");
                await Task.Delay(ReconnectDelay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Tells the other processes that there is work. Waits first, so that it does so ten times a second at most: a call for what was committed meanwhile is never left out.</summary>
    public async Task CallAsync(CancellationToken cancellationToken)
    {
        var left = CallInterval - time.GetElapsedTime(_called);
        if (_called != 0 && left > TimeSpan.Zero)
            await Task.Delay(left, time, cancellationToken).ConfigureAwait(false);
        _called = time.GetTimestamp();
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var db = scope.ServiceProvider.GetRequiredService<TDb>();
            await db.Database.ExecuteSqlAsync($"select pg_notify({OutboxTables.Of(db).Channel}, '')", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Likewise, unless there was a call just now: who is not done with its own work calls again after its next pass.</summary>
    public Task CallForHelpAsync(CancellationToken cancellationToken) =>
        _called != 0 && time.GetElapsedTime(_called) < CallInterval ? Task.CompletedTask : CallAsync(cancellationToken);

    async Task ListenOnceAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection connection;
        string channel;
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var db = scope.ServiceProvider.GetRequiredService<TDb>();
            channel = OutboxTables.Of(db).Channel;
            // a clone keeps what the original's data source knows and its connection string does not show, such as a rotating password
            connection = (NpgsqlConnection)((ICloneable)db.Database.GetDbConnection()).Clone();
        }
        await using (connection.ConfigureAwait(false))
        {
            connection.Notification += (_, _) => signal.Set();
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var listen = new NpgsqlCommand($"listen \"{channel}\"", connection);
            await using (listen.ConfigureAwait(false))
                await listen.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            signal.Set(); // whoever called while nobody listened was not heard
            while (true)
                await connection.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
