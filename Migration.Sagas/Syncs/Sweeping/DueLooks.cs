using MassTransit;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Runs.Sweeping;

namespace Migration.Sagas.Syncs.Sweeping;

/// <summary>
/// Records whose content a call of unknown end, or one that came late, may have set back: when it can no longer land, a sync
/// pushes the present NOMIS state once more (protocol section 9). Its id is made of the doubt, so that it is asked for once.
/// </summary>
sealed class DueLooks(LedgerDatabase database, SyncDomainRegistry domains, IBus bus) : ISweep
{
    const string Find =
        """
        select id, record from (
          select md5(record || '/' || kind || '/' || extract(epoch from since))::uuid as id, record, look_after from migration.ambiguous where kind <> 'create' and look_after < clock_timestamp()) a
        where split_part(record, '/', 1) = any ($1) and not exists (select from migration.syncs s where s.correlation_id = a.id)
        order by look_after limit 100
        """;

    // A create that could not be looked up and was pushed again: the flag stays with the sync, the doubt has served.
    const string SettleFlagged =
        """
        delete from migration.ambiguous a where a.kind = 'create' and a.target_id is null and a.look_after < clock_timestamp()
          and exists (select from migration.syncs s where s.domain || '/' || s.entity || '/' || s.key = a.record and s.possible_duplicate and s.state in ('Completed', 'Compensated'))
        """;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(SettleFlagged, cancellationToken);
        var due = await database.QueryAsync(Find, x => (Id: x.GetGuid(0), Record: x.GetString(1)), cancellationToken, (object)domains.All.Select(x => x.Name).ToArray());
        if (due.Count == 0)
            return;
        var syncs = await bus.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
        foreach (var (id, record) in due)
        {
            var parts = record.Split('/', 3);
            await syncs.Send(new SyncRequested(id, parts[0], domains[parts[0]].LookAt(parts[1], parts[2])), x => x.MessageId = id, cancellationToken);
        }
    }
}
