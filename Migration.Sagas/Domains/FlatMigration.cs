using System.Net;
using Migration.Clients;
using Migration.Contracts.Runs;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Domains;

/// <summary>
/// One record of a flat entity, from NOMIS to DPS: is it mapped, read, translate, create, map. It repeats nothing by
/// itself: an attempt ends with an outcome, and the ledger decides what comes next.
/// </summary>
public sealed class FlatMigration<TSource, TTarget>(IFlatEntity<TSource, TTarget> entity, TimeProvider time) where TSource : class where TTarget : class
{
    public async Task<RecordOutcome> MigrateAsync(RecordWork work, CancellationToken cancellationToken)
    {
        var mapping = await entity.FindMappingAsync(work.Key, cancellationToken);
        if (mapping.IsDone)
            return AlreadyMapped(mapping.Body, work.RunId);
        if (!mapping.IsRefusedWith(HttpStatusCode.NotFound))
            return mapping.ToReadOutcome("find mapping");

        // A record that an earlier holder created, and whose mapping never came: nothing is created again.
        if (work.Claim.Ambiguity is { TargetId: { } known })
            return await MapAsync(work, known, [], cancellationToken);

        var read = await entity.ReadAsync(work.Key, cancellationToken);
        if (!read.IsDone)
            return read.ToReadOutcome("read", read.IsRefusedWith(HttpStatusCode.NotFound) ? "no longer in NOMIS" : null);
        var source = read.Body;

        var translation = await entity.TranslateAsync(work.RunId, source, cancellationToken);
        if (translation.Ended is { } ended)
            return ended;
        var target = translation.Target!; // one of the two is set

        // "Nothing found" proves nothing while the earlier call may still land; the later look settles it.
        var isPossibleDuplicate = false;
        if (work.Claim.Ambiguity is not null)
        {
            var unmapped = await entity.FindUnmappedAsync(work.Key, cancellationToken);
            if (unmapped.Count > 0)
                return await MapAsync(work, unmapped[0], [entity.MigratedEvent(work.RunId, source, target, unmapped[0])], cancellationToken);
            isPossibleDuplicate = true;
        }

        if (!await work.IsSafeToCallAsync(cancellationToken))
            return RecordOutcome.Lost;
        var created = await entity.CreateAsync(target, cancellationToken);
        if (!created.IsDone)
            return NotCreated(work, source, target, created) with { IsPossibleDuplicate = isPossibleDuplicate };

        var outcome = await MapAsync(work, created.Body, [entity.MigratedEvent(work.RunId, source, target, created.Body)], cancellationToken);
        return outcome with { CreatedId = created.Body, IsPossibleDuplicate = isPossibleDuplicate };
    }

    /// <summary>The mapping step alone, for a record that is created already. Its success and its duplicate are silent, as in the reference.</summary>
    public async Task<RecordOutcome> WriteMappingAsync(MappingWork work, CancellationToken cancellationToken) => await WriteAsync(work, cancellationToken) switch
    {
        { Existing: { } existing } => Duplicate(work, existing),
        { Failure: { } failure, MayPass: true } => RecordOutcome.Retry(failure),
        { Failure: { } failure } => RecordOutcome.MappingRefused(work.TargetId, failure),
        _ => RecordOutcome.Migrated(work.TargetId),
    };

    /// <exception cref="UpstreamException">The mapping service did not say.</exception>
    public async Task<string?> FindMappedAsync(string key, CancellationToken cancellationToken)
    {
        var mapping = await entity.FindMappingAsync(key, cancellationToken);
        if (mapping.IsDone)
            return mapping.Body.TargetId;
        return mapping.IsRefusedWith(HttpStatusCode.NotFound) ? null : throw UpstreamException.From(mapping);
    }

    public Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken) => entity.FindUnmappedAsync(key, cancellationToken);

    static RecordOutcome AlreadyMapped(Mapped mapping, string runId) => mapping.Label == runId
        ? RecordOutcome.Migrated(mapping.TargetId) with { CreatedId = null, MappedByThisAttempt = false } // killed after mapping, before its outcome
        : RecordOutcome.AlreadyMapped(mapping.TargetId);

    RecordOutcome NotCreated(RecordWork work, TSource source, TTarget target, Answer<string> answer)
    {
        if (answer.Kind == AnswerKind.Unknown)
            return RecordOutcome.Retry(answer.ToFailure("create"), unknown: true);
        if (answer.Kind == AnswerKind.Refused && entity.RejectionReason(answer) is { } reason)
            return RecordOutcome.Rejected(answer.ToFailure("create", reason)) with { Events = [entity.RejectedEvent(work.RunId, source, target)] };
        return answer.ToReadOutcome("create");
    }

    async Task<RecordOutcome> MapAsync(RecordWork work, string targetId, IReadOnlyList<TelemetryEvent> migrated, CancellationToken cancellationToken)
    {
        var mapping = new MappingWork(work.RunId, work.Key, targetId, time.GetUtcNow());
        return await WriteAsync(mapping, cancellationToken) switch
        {
            { Existing: { } existing } => Duplicate(mapping, existing) is var duplicate && duplicate.State == RecordState.Failed
                ? duplicate
                : duplicate with { Events = [entity.DuplicateEvent(mapping, existing), .. migrated] },
            { Failure: { } failure, MayPass: true } => RecordOutcome.MappingPending(targetId, failure) with { Events = migrated },
            { Failure: { } failure } => RecordOutcome.MappingRefused(targetId, failure) with { Events = migrated },
            _ => RecordOutcome.Migrated(targetId) with { Events = migrated },
        };
    }

    async Task<Written> WriteAsync(MappingWork work, CancellationToken cancellationToken)
    {
        var written = await entity.WriteMappingAsync(work.Key, work.TargetId, work.RunId, cancellationToken);
        if (written.IsDone)
            return new Written(null, null);
        if (!written.IsRefusedWith(HttpStatusCode.Conflict))
            return new Written(null, written.ToFailure("map"), written.MayPass());

        var existing = entity.ReadDuplicate(written.ErrorBody);
        if (existing is null)
        {
            // the 409 does not say which mapping stands: ask for it
            var found = await entity.FindMappingAsync(work.Key, cancellationToken);
            if (!found.IsDone)
                return new Written(null, written.ToFailure("map", "duplicate that names no mapping"));
            existing = found.Body;
        }
        return existing.Key == work.Key && existing.TargetId == work.TargetId ? new Written(null, null) : new Written(existing, null);
    }

    static RecordOutcome Duplicate(MappingWork work, Mapped existing)
    {
        // Our record is alive for another NOMIS record: never ours to compensate.
        if (existing.Key != work.Key)
            return RecordOutcome.Failed(new Failure("map", Upstreams.Mapping, "409", "target id is mapped to another record",
                $"{work.TargetId} is mapped to {existing.Key}, not to {work.Key}"));
        // Whoever wrote it worked for this run: the record counts as migrated, and ours is one too many.
        if (existing.Label == work.RunId)
            return RecordOutcome.Migrated(existing.TargetId) with { CreatedId = work.TargetId, MappedByThisAttempt = false, StrayId = work.TargetId };
        return new RecordOutcome
        {
            State = RecordState.Duplicate,
            TargetId = work.TargetId,
            ExistingId = existing.TargetId,
            CreatedId = work.TargetId,
            StrayId = work.TargetId,
            Reason = "mapped by another meanwhile",
            Fingerprint = "map|mapping|409|mapped by another meanwhile",
            Error = $"{work.Key} is mapped to {existing.TargetId}; {work.TargetId} was created",
        };
    }

    /// <summary>Neither: it is written.</summary>
    sealed record Written(Mapped? Existing, Failure? Failure, bool MayPass = true);
}
