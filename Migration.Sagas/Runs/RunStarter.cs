using System.Globalization;
using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;
using Npgsql;

namespace Migration.Sagas.Runs;

/// <summary>Starts a run: its row, its first message and its audit event are one transaction (protocol R1).</summary>
public sealed class RunStarter(MigrationDbContext database, ISendEndpointProvider sender, TimeProvider time)
{
    const string RunIdFormat = "yyyy-MM-ddTHH:mm:ss";

    /// <param name="domain">The domain to migrate.</param>
    /// <param name="filterJson">The filter, validated, as JSON.</param>
    /// <param name="who">User name of the token, else its client id.</param>
    /// <exception cref="RunInProgressException">Another run of the domain is active.</exception>
    public async Task<Run> StartAsync(IMigrationDomain domain, string filterJson, string who, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var correlationId = NewId.NextGuid();
        string runId;
        try
        {
            runId = await InsertAsync(correlationId, domain.Name, filterJson, who, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation && exception.ConstraintName == RunTable.OneActiveRun)
        {
            throw new RunInProgressException(domain.Type);
        }

        var runs = await sender.GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
        await runs.Send(new StartRun(correlationId, runId), cancellationToken);
        var notices = await sender.GetSendEndpoint(QueueNames.Address(QueueNames.Notices));
        using var filter = JsonDocument.Parse(filterJson);
        var details = JsonSerializer.Serialize(new { migrationType = domain.Type.ToString(), migrationId = runId, filter = filter.RootElement });
        await notices.Send(new AuditNotice("MIGRATION_STARTED", who, time.GetUtcNow(), details), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await database.Runs.AsNoTracking().SingleAsync(x => x.RunId == runId, cancellationToken);
    }

    // Ids are unique over all domains and processes; a second that is taken moves the id on by one, within the same transaction.
    async Task<string> InsertAsync(Guid correlationId, string domain, string filterJson, string who, CancellationToken cancellationToken)
    {
        for (var candidate = LocalTime.From(time.GetUtcNow()); ; candidate = candidate.AddSeconds(1))
        {
            var runId = candidate.ToString(RunIdFormat, CultureInfo.InvariantCulture);
            var inserted = await database.ExecuteAsync(
                $"""
                 insert into migration.runs (run_id, correlation_id, domain, state, filter, started_at, started_by, state_changed_by, check_no, next_check_at)
                 values ({runId}, {correlationId}, {domain}, 'Requested', {filterJson}, clock_timestamp(), {who}, {who}, 0, clock_timestamp() + interval '30 seconds')
                 on conflict (run_id) do nothing
                 """, cancellationToken);
            if (inserted == 1)
                return runId;
        }
    }
}
