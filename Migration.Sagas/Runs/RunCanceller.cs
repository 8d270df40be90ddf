using System.Text.Json;
using MassTransit;
using Migration.Contracts.Runs;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;

namespace Migration.Sagas.Runs;

/// <summary>Asks a run to stop: the request and its audit event are one transaction, and leave through the outbox.</summary>
public sealed class RunCanceller(MigrationDbContext database, ISendEndpointProvider sender, TimeProvider time)
{
    /// <param name="run">Going or not: one that has ended takes no notice.</param>
    /// <param name="who">User name of the token, else its client id.</param>
    public async Task CancelAsync(RunSummary run, string who, CancellationToken cancellationToken)
    {
        var runs = await sender.GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
        await runs.Send(new CancelRun(run.CorrelationId, run.RunId, who), cancellationToken);
        var details = JsonSerializer.Serialize(new { migrationType = run.Type.ToString(), migrationId = run.RunId });
        var notices = await sender.GetSendEndpoint(QueueNames.Address(QueueNames.Notices));
        await notices.Send(new AuditNotice("MIGRATION_CANCEL_REQUESTED", who, time.GetUtcNow(), details), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
    }
}
