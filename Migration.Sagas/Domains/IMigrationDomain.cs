using System.Text.Json;
using Migration.Contracts;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Domains;

/// <summary>All that the run engine needs to know of a domain that can be migrated in bulk.</summary>
public interface IMigrationDomain
{
    /// <summary>Lower-case word that begins its queues and names its rows: <c>visits</c>.</summary>
    string Name { get; }

    MigrationType Type { get; }

    /// <summary>Begins its telemetry events: <c>visits</c> in <c>visits-migration-started</c>.</summary>
    string TelemetryName { get; }

    /// <summary>The kind of record, for record names: <c>visit</c> in <c>visits/visit/123</c>.</summary>
    string Entity { get; }

    /// <summary>Ids a page.</summary>
    int PageSize { get; }

    /// <summary>How ids are found.</summary>
    IIdDiscovery Discovery { get; }

    /// <summary>The upstreams that one record asks, a call each, in order: the longest way through.</summary>
    IReadOnlyList<string> Calls { get; }

    /// <summary>What an unknown create may have done (protocol section 4): create, replace or set.</summary>
    string UnknownKind { get; }

    /// <summary>Whether a record of the target can be found by its source key, so that an unknown create can be looked up.</summary>
    bool IsTargetSearchable { get; }

    /// <summary>The lane that guards the record; the same for every domain and sync that touches the object.</summary>
    string Lane(string key);

    /// <summary>The filter's properties as the telemetry and history of the reference show them; null values are left out.</summary>
    IEnumerable<(string Name, string? Value)> DescribeFilter(JsonElement filter);

    /// <summary>Migrates one record that is claimed. Errors come back as outcomes; only a stop of the process throws.</summary>
    Task<RecordOutcome> MigrateAsync(RecordWork work, CancellationToken cancellationToken);

    /// <summary>Writes the mapping of a record that is created already.</summary>
    Task<RecordOutcome> WriteMappingAsync(MappingWork work, CancellationToken cancellationToken);

    /// <summary>The record of the target that the mapping of this source key names; null when there is none.</summary>
    /// <exception cref="UpstreamException">The mapping service did not say.</exception>
    Task<string?> FindMappedAsync(string key, CancellationToken cancellationToken);

    /// <summary>Records of the target made for this source key that no mapping names; empty where the target cannot be searched.</summary>
    Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken);
}

public static class MigrationDomainExtensions
{
    /// <summary>domain/entity/key: the record's name whatever run or sync works on it.</summary>
    public static string Record(this IMigrationDomain domain, string key) => $"{domain.Name}/{domain.Entity}/{key}";
}
