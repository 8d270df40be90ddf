using System.Text.Json;
using Migration.Clients;
using Migration.Contracts;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;
using Migration.Tests.Engine;

namespace Migration.Tests.Syncs;

/// <summary>A run's side of <see cref="FakeSyncEstate"/>: the records that <see cref="FakeSyncDomain"/> synchronises, migrated under the same lanes.</summary>
sealed class FakeSyncMigration(FakeSyncEstate estate) : IMigrationDomain
{
    readonly FlatMigration<FakeRecord, FakeRecord> _migration = new(new Records(estate), TimeProvider.System);

    public string Name => FakeSyncDomain.Things;
    public MigrationType Type => MigrationType.VISITS;
    public string TelemetryName => Name;
    public string Entity => FakeSyncDomain.Thing;
    public int PageSize => 100;
    public IReadOnlyList<string> Calls => [];
    public string UnknownKind => CallKind.Create;
    public bool IsTargetSearchable => false;
    public IIdDiscovery Discovery { get; } = new FakeSource();

    public string Lane(string key) => "thing/" + key;

    public IEnumerable<(string Name, string? Value)> DescribeFilter(JsonElement filter) => [];

    public Task<RecordOutcome> MigrateAsync(RecordWork work, CancellationToken cancellationToken) => _migration.MigrateAsync(work, cancellationToken);

    public Task<RecordOutcome> WriteMappingAsync(MappingWork work, CancellationToken cancellationToken) => _migration.WriteMappingAsync(work, cancellationToken);

    public Task<string?> FindMappedAsync(string key, CancellationToken cancellationToken) => _migration.FindMappedAsync(key, cancellationToken);

    public Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken) => _migration.FindUnmappedAsync(key, cancellationToken);

    sealed class Records(FakeSyncEstate estate) : IFlatEntity<FakeRecord, FakeRecord>
    {
        public async Task<Answer<Mapped>> FindMappingAsync(string key, CancellationToken cancellationToken) =>
            (await estate.FindAsync(key)).Select(x => new Mapped(key, x, Label: null));

        public Task<Answer<FakeRecord>> ReadAsync(string key, CancellationToken cancellationToken) => estate.ReadAsync(key);

        public Task<Translation<FakeRecord>> TranslateAsync(string runId, FakeRecord source, CancellationToken cancellationToken) => Task.FromResult<Translation<FakeRecord>>(source);

        public Task<Answer<string>> CreateAsync(FakeRecord target, CancellationToken cancellationToken) => estate.CreateAsync(target);

        public Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

        public Task<Answer<NoBody>> WriteMappingAsync(string key, string targetId, string runId, CancellationToken cancellationToken) => estate.MapAsync(key, targetId);

        public Mapped? ReadDuplicate(string? errorBody) => null;

        public string? RejectionReason(Answer<string> refused) => null;

        public TelemetryEvent MigratedEvent(string runId, FakeRecord source, FakeRecord target, string targetId) => TelemetryEvent.Of("migrated", ("key", source.Key));
        public TelemetryEvent RejectedEvent(string runId, FakeRecord source, FakeRecord target) => TelemetryEvent.Of("rejected", ("key", source.Key));
        public TelemetryEvent DuplicateEvent(MappingWork work, Mapped existing) => TelemetryEvent.Of("duplicate", ("key", work.Key));
    }
}
