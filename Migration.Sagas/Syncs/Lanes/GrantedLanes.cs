using MassTransit;
using Microsoft.Extensions.Logging;
using Migration.Contracts.Syncs;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Syncs.Lanes;

/// <summary>
/// Tells syncs of the lanes that were handed to them outside of a saga, after the commit. A word that is lost with its process, or
/// cannot be sent, costs time: the sweep finds the lane. A doubled one is ignored by its epoch.
/// </summary>
public sealed partial class GrantedLanes(LedgerDatabase database, IBus bus, ILogger<GrantedLanes> logger)
{
    internal static readonly string HandOverSql = SqlResource.Read("Syncs.Lanes.hand_over.sql");

    /// <summary>Hands over the lanes that these holders left, and tells of it.</summary>
    public async Task HandOverAsync(Guid[] leaving, CancellationToken cancellationToken) =>
        await TellAsync(await database.QueryAsync(HandOverSql, Read, cancellationToken, (object)leaving), cancellationToken);

    public async Task TellAsync(IReadOnlyCollection<LaneGranted> granted, CancellationToken cancellationToken)
    {
        if (granted.Count == 0)
            return;
        try
        {
            var syncs = await bus.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
            await Task.WhenAll(granted.Select(x => syncs.Send(x, cancellationToken)));
        }
        catch (Exception exception)
        {
            // What was committed must not look undone to its caller for the sake of a hint.
            LogUntold(exception, granted.Count);
        }
    }

    internal static LaneGranted Read(NpgsqlDataReader row) => new(row.GetGuid(1), row.GetString(0), row.GetInt64(2));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} syncs could not be told of their lanes; the sweep will")]
    partial void LogUntold(Exception exception, int count);
}
