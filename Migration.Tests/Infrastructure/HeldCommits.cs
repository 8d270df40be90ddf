using Npgsql;

namespace Migration.Tests.Infrastructure;

/// <summary>Holds commits of one process (its application name) until it is released: those of the ledger, or those in which syncs enter or end.</summary>
public sealed class HeldCommits : IAsyncDisposable
{
    readonly NpgsqlConnection _connection;
    readonly NpgsqlDataSource _source;
    readonly string _process;

    HeldCommits(NpgsqlDataSource source, NpgsqlConnection connection, string process) => (_source, _connection, _process) = (source, connection, process);

    /// <param name="what">Empty for the ledger, <c>/enter</c> for new syncs, <c>/end</c> for syncs that end.</param>
    public static async Task<HeldCommits> OfAsync(NpgsqlDataSource source, string process, string what = "")
    {
        var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select pg_advisory_lock(test.commit_gate($1))", connection) { Parameters = { new() { Value = process + what } } };
        await command.ExecuteNonQueryAsync();
        return new HeldCommits(source, connection, process);
    }

    /// <summary>Waits until a transaction of the process stands before its commit; returns its backend.</summary>
    public async Task<int> ReachedAsync()
    {
        int? pid = null;
        await Eventually.IsTrue(async () => (pid = await FindAsync()) is not null, $"{_process} stands before a commit");
        return pid!.Value; // the wait ends with one
    }

    /// <summary>The process's transaction is rolled back and its connection broken: a commit that has not happened.</summary>
    public async Task KillAsync()
    {
        var pid = await ReachedAsync();
        await using var kill = _source.CreateCommand("select pg_terminate_backend($1)");
        kill.Parameters.Add(new() { Value = pid });
        await kill.ExecuteNonQueryAsync();
        await Eventually.IsTrue(async () => await FindAsync() != pid, "the backend is gone");
    }

    async Task<int?> FindAsync()
    {
        await using var find = _source.CreateCommand(
            """
            select a.pid from pg_stat_activity a join pg_locks l on l.pid = a.pid
            where a.application_name = $1 and a.datname = current_database() and l.locktype = 'advisory' and not l.granted
            """);
        find.Parameters.Add(new() { Value = _process });
        return (int?)await find.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await using (var command = new NpgsqlCommand("select pg_advisory_unlock_all()", _connection))
            await command.ExecuteNonQueryAsync();
        await _connection.DisposeAsync();
    }
}
