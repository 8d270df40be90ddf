using System.Collections.Concurrent;
using System.Text.Json;
using Migration.Clients;
using Migration.Contracts;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Telemetry;

namespace Migration.Tests.Engine;

/// <summary>A flat domain over <see cref="FakeEstate"/>; its target can be searched or not.</summary>
public sealed class FakeDomain(FakeEstate estate, bool isTargetSearchable = true, string name = FakeDomain.Things, MigrationType type = MigrationType.VISITS) : IMigrationDomain
{
    public const string Things = "things";

    readonly FlatMigration<FakeRecord, FakeRecord> _migration = new(new FakeEntity(estate, name, isTargetSearchable), TimeProvider.System);

    public string Name => name;
    public MigrationType Type => type;
    public string TelemetryName => name;
    public string Entity => "thing";
    public int PageSize => 100;
    public IReadOnlyList<string> Calls { get; init; } = [];
    public string UnknownKind => "create";
    public bool IsTargetSearchable => isTargetSearchable;

    public FakeSource Source { get; } = new();

    public IIdDiscovery Discovery => Source;

    public string Lane(string key) => "thing/" + key;

    public IEnumerable<(string Name, string? Value)> DescribeFilter(JsonElement filter) => [];

    public Task<RecordOutcome> MigrateAsync(RecordWork work, CancellationToken cancellationToken) => _migration.MigrateAsync(work, cancellationToken);

    public Task<RecordOutcome> WriteMappingAsync(MappingWork work, CancellationToken cancellationToken) => _migration.WriteMappingAsync(work, cancellationToken);

    public Task<string?> FindMappedAsync(string key, CancellationToken cancellationToken) => _migration.FindMappedAsync(key, cancellationToken);

    public Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken) => _migration.FindUnmappedAsync(key, cancellationToken);
}

public sealed record FakeRecord(string Key);

/// <summary>Pages of ids that a test writes down; a page may be held while it is read.</summary>
public sealed class FakeSource : IIdDiscovery
{
    readonly ConcurrentDictionary<string, DiscoveredPage> _pages = new();

    /// <summary>Called for every read of a page, before its content is taken.</summary>
    public Func<string, Task> Reading { get; set; } = _ => Task.CompletedTask;

    public void SetPage(string pageKey, string[] keys, params string[] followOn) => _pages[pageKey] = new DiscoveredPage(keys, followOn);

    public Task<DiscoveryStart> StartAsync(JsonElement filter, int pageSize, CancellationToken cancellationToken) =>
        Task.FromResult(new DiscoveryStart(_pages.Values.Sum(x => x.Keys.Count), [.. _pages.Keys.Order()]));

    public async Task<DiscoveredPage> ReadAsync(JsonElement filter, int pageSize, string pageKey, CancellationToken cancellationToken)
    {
        var page = _pages.GetValueOrDefault(pageKey, new DiscoveredPage([], []));
        await Reading(pageKey);
        return page;
    }

    /// <summary>The page that is read once more at the end; null for none.</summary>
    public string? Last { get; set; }

    public string? LastLook(IReadOnlyCollection<string> pageKeys) => pageKeys.Contains(Last) ? null : Last;
}

sealed class FakeEntity(FakeEstate estate, string domain, bool isSearchable) : IFlatEntity<FakeRecord, FakeRecord>
{
    const string Target = "target";

    public async Task<Answer<Mapped>> FindMappingAsync(string key, CancellationToken cancellationToken)
    {
        (string TargetId, string? Label)? found = null;
        var ending = await estate.CallAsync(Call.FindMapping, key, () => (found = estate.FindMapping(key)) is null ? Ending.Answered(404) : null, Record(key), cancellationToken);
        return ending?.ToAnswer<Mapped>(Upstreams.Mapping) ?? Done(new Mapped(key, found!.Value.TargetId, found.Value.Label)); // no ending: it was found
    }

    public async Task<Answer<FakeRecord>> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var ending = await estate.CallAsync(Call.Read, key, () => null, Record(key), cancellationToken);
        return ending?.ToAnswer<FakeRecord>(Upstreams.Nomis) ?? Done(new FakeRecord(key));
    }

    public Task<Translation<FakeRecord>> TranslateAsync(string runId, FakeRecord source, CancellationToken cancellationToken) =>
        Task.FromResult<Translation<FakeRecord>>(source);

    public async Task<Answer<string>> CreateAsync(FakeRecord target, CancellationToken cancellationToken)
    {
        var id = "";
        var ending = await estate.CallAsync(Call.Create, target.Key, () =>
        {
            id = estate.AddRecord(Record(target.Key));
            return null;
        }, Record(target.Key), cancellationToken);
        return ending?.ToAnswer<string>(Target) ?? Done(id);
    }

    public async Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> found = [];
        if (isSearchable && await estate.CallAsync(Call.FindUnmapped, key, () =>
        {
            found = estate.Unmapped(Record(key));
            return null;
        }, Record(key), cancellationToken) is { } ending)
            throw new HttpRequestException($"the target cannot be searched: {ending}");
        return found;
    }

    public async Task<Answer<NoBody>> WriteMappingAsync(string key, string targetId, string runId, CancellationToken cancellationToken)
    {
        var ending = await estate.CallAsync(Call.Map, key, () => estate.Map(key, targetId, runId) is { } standing
            ? Ending.Answered(409) with { Body = estate.NamesDuplicates ? $"{standing.Key}|{standing.TargetId}|{standing.Label}" : null }
            : null, Record(key), cancellationToken);
        return ending?.ToAnswer<NoBody>(Upstreams.Mapping) ?? Done(NoBody.Instance);
    }

    public Mapped? ReadDuplicate(string? errorBody) => errorBody?.Split('|') is [var key, var targetId, var label] ? new Mapped(key, targetId, label) : null;

    public string? RejectionReason(Answer<string> refused) => (int?)refused.Status == 422 ? "a rule of the target" : null;

    public TelemetryEvent MigratedEvent(string runId, FakeRecord source, FakeRecord target, string targetId) => TelemetryEvent.Of("migrated", ("key", source.Key), ("id", targetId));
    public TelemetryEvent RejectedEvent(string runId, FakeRecord source, FakeRecord target) => TelemetryEvent.Of("rejected", ("key", source.Key));
    public TelemetryEvent DuplicateEvent(MappingWork work, Mapped existing) => TelemetryEvent.Of("duplicate", ("key", work.Key));

    string Record(string key) => $"{domain}/thing/{key}";

    static Answer<T> Done<T>(T body) => new(AnswerKind.Done, System.Net.HttpStatusCode.OK, body, null, Target, null);
}
