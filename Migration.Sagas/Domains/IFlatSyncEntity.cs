using Migration.Clients;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains;

/// <summary>
/// A flat entity whose changes are carried over: read alone, mapped by one row, created, updated and removed by one call each.
/// A domain states these parts; <see cref="FlatSync{TSource,TTarget}"/> puts them in order.
/// </summary>
/// <typeparam name="TSource">The record as NOMIS gives it.</typeparam>
/// <typeparam name="TTarget">The body of the create and update calls.</typeparam>
public interface IFlatSyncEntity<TSource, TTarget> where TSource : class where TTarget : class
{
    /// <summary>What a create of unknown end may have done: <see cref="CallKind.Create"/>, or <see cref="CallKind.Take"/>.</summary>
    string CreateKind => CallKind.Create;

    /// <summary>Whether a read that is answered with 404 says that the record is gone; if not, it is a failure like any other and is tried again.</summary>
    bool MissingMeansGone => true;

    /// <summary>The record as it is now.</summary>
    Task<Answer<TSource>> ReadAsync(SyncChange change, CancellationToken cancellationToken);

    /// <summary>The reason when a record of NOMIS is not for DPS (any more); null when it is.</summary>
    string? SkipReason(TSource source) => null;

    /// <summary>The mapping of the record; an answer of 404 means that there is none.</summary>
    Task<Answer<Mapped>> FindMappingAsync(SyncChange change, CancellationToken cancellationToken);

    /// <summary>The mapping of a record of DPS; an answer of 404 means that there is none.</summary>
    Task<Answer<Mapped>> FindMappingByTargetAsync(string targetId, CancellationToken cancellationToken) => throw NotRemovable();

    /// <exception cref="UntranslatableException">The record holds what the target cannot take.</exception>
    TTarget Translate(SyncWork work, TSource source);

    /// <summary>Creates the record; the answer's body is its id in the target.</summary>
    Task<Answer<string>> CreateAsync(TTarget target, CancellationToken cancellationToken);

    /// <summary>Brings a mapped record up to date; the answer's body is the id that the target names.</summary>
    Task<Answer<string>> UpdateAsync(string targetId, TTarget target, CancellationToken cancellationToken);

    /// <summary>Removes a record; an answer of 404 means that it is gone already.</summary>
    Task<Answer<NoBody>> DeleteAsync(string targetId, CancellationToken cancellationToken) => throw NotRemovable();

    /// <summary>Whether a record of the target answers; 404 means that it is gone.</summary>
    Task<Answer<NoBody>> FindTargetAsync(string targetId, CancellationToken cancellationToken) => throw NotRemovable();

    /// <summary>A refusal that the same call may yet overcome, beside those that always may.</summary>
    bool MayPass(Answer<string> refused) => false;

    Task<Answer<NoBody>> WriteMappingAsync(SyncChange change, string targetId, CancellationToken cancellationToken);

    Task<Answer<NoBody>> DeleteMappingAsync(string targetId, CancellationToken cancellationToken) => throw NotRemovable();

    /// <summary>The mapping that a 409 names as standing already; null when its body cannot be read or names none.</summary>
    Mapped? ReadDuplicate(string? errorBody);

    /// <summary>What is told of it.</summary>
    ISyncTelemetry Telemetry { get; }

    // Only what its domain reads as a removal, or can be created twice, is ever removed.
    private static NotSupportedException NotRemovable() => new("Records of this entity are never removed.");
}

/// <summary>The telemetry of a flat entity's changes: names and properties are contract.</summary>
public interface ISyncTelemetry
{
    /// <summary>There was nothing to carry: gone from NOMIS, or not for DPS.</summary>
    TelemetryEvent? Skipped(SyncChange change);

    /// <summary>The change is of a record that is not mapped yet; null where nothing is told of it.</summary>
    TelemetryEvent? Unmapped(SyncChange change) => null;

    /// <param name="change">What changed.</param>
    /// <param name="targetId">The new record.</param>
    /// <param name="isMappingDelayed">The mapping failed at first.</param>
    TelemetryEvent Created(SyncChange change, string targetId, bool isMappingDelayed);

    TelemetryEvent Updated(SyncChange change, string targetId);

    /// <summary>The mapping that had failed at first is written.</summary>
    TelemetryEvent MappingCreated(SyncChange change, string targetId);

    /// <summary>Another record was mapped before ours.</summary>
    TelemetryEvent Duplicate(SyncChange change, string targetId, Mapped existing);

    TelemetryEvent? Deleted(SyncChange change, string targetId) => null;

    /// <summary>A removal of what was never carried over.</summary>
    TelemetryEvent? DeleteIgnored(SyncChange change) => null;

    /// <summary>An attempt failed; null where nothing is told of it.</summary>
    TelemetryEvent? Failed(SyncChange change, string error) => null;
}
