using Migration.Clients;
using Migration.Contracts.Syncs;
using Migration.Contracts.Telemetry;
using Migration.Sagas.Domains;
using Migration.Sagas.Syncs.Intake;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Tests.Syncs;

/// <summary>A flat domain over <see cref="FakeSyncEstate"/>. Keys that begin with "child-of-X-" need X to be mapped; a booking fans out into its records.</summary>
public sealed class FakeSyncDomain : ISyncDomain
{
    public const string Things = "things";
    public const string Thing = "thing";
    public const string Many = "many";

    readonly FakeSyncEstate _estate;
    readonly FlatSync<FakeRecord, FakeRecord> _flat;

    public FakeSyncDomain(FakeSyncEstate estate) => (_estate, _flat) = (estate, new(new Entity(estate)));

    public string Name => Things;
    public string SwitchName => Things;
    public IReadOnlyList<string> EventQueues { get; } = ["eventthings"];

    /// <summary>Upstreams of its steps; set by the test before a host starts.</summary>
    public IReadOnlyList<string> Calls { get; set; } = [];

    /// <summary>Every record of a fan-out; set by the test.</summary>
    public IReadOnlyList<SyncChange> Parts { get; set; } = [];

    public EventReading Read(IncomingEvent incoming) => incoming.Type switch
    {
        "THING-CHANGED" => incoming.OriginatesInDps ? EventReading.Skipped() : Change(incoming.RequiredText("id")),
        _ => EventReading.Unknown,
    };

    public SyncChange LookAt(string entity, string key) => Change(key, SyncMode.Look);

    public async Task<PushOutcome> PushAsync(SyncWork work, CancellationToken cancellationToken)
    {
        if (work.Change.Entity == Many)
            return PushOutcome.Several(Parts, TelemetryEvent.Of("many-done"));
        if (work.Key.Split("-child-") is [var parent, _] && !(await _estate.FindAsync(parent)).IsDone)
            return PushOutcome.ParentMissing($"{Things}/{Thing}/{parent}");
        return await _flat.PushAsync(work, cancellationToken);
    }

    public Task<MappingOutcome> WriteMappingAsync(SyncWork work, string targetId, CancellationToken cancellationToken) => _flat.WriteMappingAsync(work, targetId, cancellationToken);

    public Task<CompensationOutcome> CompensateAsync(SyncWork work, string targetId, CancellationToken cancellationToken) => _flat.CompensateAsync(work, targetId, cancellationToken);

    public static SyncChange Change(string key, string mode = SyncMode.Upsert, TimeSpan? grace = null, params string[] lanes) =>
        new() { Entity = Thing, Key = key, Mode = mode, Action = "THING-CHANGED", Grace = grace, Lanes = lanes.Length == 0 ? ["thing/" + key] : lanes };

    sealed class Entity(FakeSyncEstate estate) : IFlatSyncEntity<FakeRecord, FakeRecord>, ISyncTelemetry
    {
        public ISyncTelemetry Telemetry => this;

        public Task<Answer<FakeRecord>> ReadAsync(SyncChange change, CancellationToken cancellationToken) => estate.ReadAsync(change.Key);

        public async Task<Answer<Mapped>> FindMappingAsync(SyncChange change, CancellationToken cancellationToken) =>
            (await estate.FindAsync(change.Key)).Select(x => new Mapped(change.Key, x, Label: null));

        public async Task<Answer<Mapped>> FindMappingByTargetAsync(string targetId, CancellationToken cancellationToken) =>
            (await estate.FindByTargetAsync(targetId)).Select(x => new Mapped(x, targetId, Label: null));

        public FakeRecord Translate(SyncWork work, FakeRecord source) => source.Version >= 0 ? source : throw new UnknownCodeException("version", "negative");

        public Task<Answer<string>> CreateAsync(FakeRecord target, CancellationToken cancellationToken) => estate.CreateAsync(target);

        public Task<Answer<string>> UpdateAsync(string targetId, FakeRecord target, CancellationToken cancellationToken) => estate.UpdateAsync(targetId, target);

        public Task<Answer<NoBody>> DeleteAsync(string targetId, CancellationToken cancellationToken) => estate.DeleteAsync(targetId);

        public Task<Answer<NoBody>> FindTargetAsync(string targetId, CancellationToken cancellationToken) => estate.AnswersAsync(targetId);

        public Task<Answer<NoBody>> WriteMappingAsync(SyncChange change, string targetId, CancellationToken cancellationToken) => estate.MapAsync(change.Key, targetId);

        public Task<Answer<NoBody>> DeleteMappingAsync(string targetId, CancellationToken cancellationToken) => estate.UnmapAsync(targetId);

        public Mapped? ReadDuplicate(string? errorBody) => errorBody?.Split('|') is [var key, var targetId] ? new Mapped(key, targetId, Label: null) : null;

        public TelemetryEvent? Skipped(SyncChange change) => TelemetryEvent.Of("skipped", ("key", change.Key));

        public TelemetryEvent Created(SyncChange change, string targetId, bool isMappingDelayed) => TelemetryEvent.Of("created", ("key", change.Key), ("mapping", isMappingDelayed ? "initial-failure" : null));

        public TelemetryEvent Updated(SyncChange change, string targetId) => TelemetryEvent.Of("updated", ("key", change.Key));

        public TelemetryEvent MappingCreated(SyncChange change, string targetId) => TelemetryEvent.Of("mapping-created", ("key", change.Key));

        public TelemetryEvent Duplicate(SyncChange change, string targetId, Mapped existing) => TelemetryEvent.Of("duplicate", ("key", change.Key), ("existing", existing.TargetId));

        public TelemetryEvent? Deleted(SyncChange change, string targetId) => TelemetryEvent.Of("deleted", ("key", change.Key));
    }
}
