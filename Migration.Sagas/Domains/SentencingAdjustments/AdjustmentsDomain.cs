using System.Text.Json;
using Migration.Clients;
using Migration.Clients.SentencingAdjustments;
using Migration.Contracts;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>Bulk migration of adjustments, from prisoner to bookings to their adjustments: the list of their ids is gone from NOMIS (spec: sentencing-adjustments 8.2).</summary>
public sealed class AdjustmentsDomain(AdjustmentEntity entity, PrisonerAdjustments prisoners, TimeProvider time) : IMigrationDomain
{
    /// <summary>See <see cref="Name"/>.</summary>
    public const string DomainName = "sentencing-adjustments";

    readonly FlatMigration<NomisAdjustment, LegacyAdjustment> _migration = new(entity, time);

    public string Name => DomainName;
    public MigrationType Type => MigrationType.SENTENCING_ADJUSTMENTS;
    public string TelemetryName => "sentencing-adjustments";
    public string Entity => AdjustmentEvents.Adjustment;
    public int PageSize => 100; // prisoners: each of them costs a call, and one more a booking
    public IReadOnlyList<string> Calls => [Upstreams.Mapping, Upstreams.Nomis, Upstreams.Sentencing, Upstreams.Mapping];
    public string UnknownKind => CallKind.Create;
    public bool IsTargetSearchable => false;
    public string Lane(string key) => AdjustmentKey.Parse(key).Lane;

    public IIdDiscovery Discovery { get; } = new LastIdDiscovery(prisoners.ReadPageAsync);

    public IEnumerable<(string Name, string? Value)> DescribeFilter(JsonElement filter) => [];

    public Task<RecordOutcome> MigrateAsync(RecordWork work, CancellationToken cancellationToken) => _migration.MigrateAsync(work, cancellationToken);

    public Task<RecordOutcome> WriteMappingAsync(MappingWork work, CancellationToken cancellationToken) => _migration.WriteMappingAsync(work, cancellationToken);

    public Task<string?> FindMappedAsync(string key, CancellationToken cancellationToken) => _migration.FindMappedAsync(key, cancellationToken);

    public Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken) => entity.FindUnmappedAsync(key, cancellationToken);
}
