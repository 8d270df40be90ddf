using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;

namespace Migration.Sagas.Notices;

/// <summary>
/// What an operator does: its rows, its messages and its audit event are one transaction. In a scope of its own: the end of the scope
/// tells the outbox to send.
/// </summary>
public sealed class OperatorActions(IServiceScopeFactory scopes, TimeProvider time)
{
    /// <param name="who">User name of the token, else its client id.</param>
    /// <param name="act">Returns what is to be audited; null when there was nothing to do, which changes nothing.</param>
    /// <returns>False when there was nothing to do.</returns>
    public async Task<bool> CommitAsync(string who, Func<MigrationDbContext, ISendEndpointProvider, Task<Audited?>> act, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MigrationDbContext>();
        var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await act(database, sender) is not { } audited)
            return false;
        var notices = await sender.GetSendEndpoint(QueueNames.Address(QueueNames.Notices));
        await notices.Send(new AuditNotice(audited.What, who, time.GetUtcNow(), JsonSerializer.Serialize(audited.Details)), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}

/// <param name="What">The audit event's name: SYNC_RETRY_REQUESTED.</param>
/// <param name="Details">Becomes JSON.</param>
public sealed record Audited(string What, object Details);
