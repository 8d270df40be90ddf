using System.Globalization;
using System.Text.Json;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;
using Migration.Contracts;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;
using MigrateVisit = Migration.Clients.VisitScheduler.MigrateVisit;

namespace Migration.Sagas.Domains.Visits;

/// <summary>Social visits: numbered pages of visit ids, each visit created in the visit scheduler.</summary>
public sealed class VisitsDomain(INomisVisits nomis, VisitEntity entity, TimeProvider time) : IMigrationDomain
{
    readonly FlatMigration<Visit, MigrateVisit> _migration = new(entity, time);

    public string Name => "visits";
    public MigrationType Type => MigrationType.VISITS;
    public string TelemetryName => "visits";
    public string Entity => "visit";
    public int PageSize => 1000;
    public IReadOnlyList<string> Calls => [Upstreams.Mapping, Upstreams.Nomis, Upstreams.Mapping, Upstreams.Visits, Upstreams.Mapping];
    public string UnknownKind => "create";
    public bool IsTargetSearchable => false;
    public string Lane(string key) => VisitLane.Of(key);

    public IIdDiscovery Discovery { get; } = new PageNumberDiscovery(
        async (filter, ct) => (await ReadPageAsync(nomis, filter, page: 0, size: 1, ct)).TotalElements,
        async (filter, page, size, ct) => [.. (await ReadPageAsync(nomis, filter, page, size, ct)).Content.Select(x => x.VisitId.ToString(CultureInfo.InvariantCulture))]);

    public IEnumerable<(string Name, string? Value)> DescribeFilter(JsonElement filter) => VisitsFilter.Read(filter).Describe();

    public Task<RecordOutcome> MigrateAsync(RecordWork work, CancellationToken cancellationToken) => _migration.MigrateAsync(work, cancellationToken);

    public Task<RecordOutcome> WriteMappingAsync(MappingWork work, CancellationToken cancellationToken) => _migration.WriteMappingAsync(work, cancellationToken);

    public Task<string?> FindMappedAsync(string key, CancellationToken cancellationToken) => _migration.FindMappedAsync(key, cancellationToken);

    public Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken) => entity.FindUnmappedAsync(key, cancellationToken);

    static async Task<VisitIdPage> ReadPageAsync(INomisVisits nomis, JsonElement filter, int page, int size, CancellationToken cancellationToken)
    {
        var visits = VisitsFilter.Read(filter);
        var answer = await Answers.Of(Upstreams.Nomis,
            ct => nomis.GetVisitIds(visits.PrisonIds, visits.VisitTypes, visits.FromDateTime, visits.ToDateTime, visits.IgnoreMissingRoom, page, size, ct),
            cancellationToken);
        return answer.IsDone ? answer.Body : throw UpstreamException.From(answer);
    }
}
