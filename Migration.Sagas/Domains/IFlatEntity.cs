using Migration.Clients;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Domains;

/// <summary>
/// A flat entity (catalogue 6.2, B1): looked up by its source key, read alone, created by one call, mapped by one row.
/// A domain states these parts; <see cref="FlatMigration{TSource,TTarget}"/> puts them in order.
/// </summary>
/// <typeparam name="TSource">The record as NOMIS gives it.</typeparam>
/// <typeparam name="TTarget">The body of the create call.</typeparam>
public interface IFlatEntity<TSource, TTarget> where TSource : class where TTarget : class
{
    /// <summary>The mapping of a source key; an answer of 404 means that there is none.</summary>
    Task<Answer<Mapped>> FindMappingAsync(string key, CancellationToken cancellationToken);

    Task<Answer<TSource>> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Looks up what the record refers to and translates it.</summary>
    Task<Translation<TTarget>> TranslateAsync(string runId, TSource source, CancellationToken cancellationToken);

    /// <summary>Creates the record; the answer's body is its id in the target.</summary>
    Task<Answer<string>> CreateAsync(TTarget target, CancellationToken cancellationToken);

    /// <summary>Unmapped records of the target made for this key; empty where the target cannot be searched.</summary>
    Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken);

    Task<Answer<NoBody>> WriteMappingAsync(string key, string targetId, string runId, CancellationToken cancellationToken);

    /// <summary>The mapping that a 409 names as standing already; null when its body cannot be read.</summary>
    Mapped? ReadDuplicate(string? errorBody);

    /// <summary>The reason when the target refuses the record by a rule of its own (which then is not a failure); null when it is one.</summary>
    string? RejectionReason(Answer<string> refused);

    TelemetryEvent MigratedEvent(string runId, TSource source, TTarget target, string targetId);
    TelemetryEvent RejectedEvent(string runId, TSource source, TTarget target);
    TelemetryEvent DuplicateEvent(MappingWork work, Mapped existing);
}

/// <summary>A row of the mapping service.</summary>
/// <param name="Key">Source key.</param>
/// <param name="TargetId">Id in the target.</param>
/// <param name="Label">The run that wrote it; null for others.</param>
public sealed record Mapped(string Key, string TargetId, string? Label);

/// <summary>A translated record, or the outcome that ends the attempt.</summary>
public sealed record Translation<TTarget>(TTarget? Target, RecordOutcome? Ended) where TTarget : class
{
    public static implicit operator Translation<TTarget>(TTarget target) => new(target, null);
    public static implicit operator Translation<TTarget>(RecordOutcome ended) => new(null, ended);
}
