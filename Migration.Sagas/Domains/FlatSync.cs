using System.Net;
using Migration.Clients;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains;

/// <summary>
/// One change of a flat entity, from NOMIS to DPS: read what is there now, is it mapped, create or update; or remove. It
/// repeats nothing by itself: an attempt ends with an outcome, and the saga decides what comes next.
/// </summary>
public sealed class FlatSync<TSource, TTarget>(IFlatSyncEntity<TSource, TTarget> entity) where TSource : class where TTarget : class
{
    public async Task<PushOutcome> PushAsync(SyncWork work, CancellationToken cancellationToken)
    {
        var outcome = work.Change switch
        {
            { Action: SyncAction.RetryMapping } => PushOutcome.Created(work.Change.Property(SyncAction.TargetId)!, isProved: false), // carried by the message
            { Mode: SyncMode.Delete } => await RemoveAsync(work, cancellationToken),
            _ => await UpsertAsync(work, cancellationToken),
        };
        if (outcome.Failure is { } failure)
            return outcome with { FailedEvent = entity.Telemetry.Failed(work.Change, failure.Detail) };
        return work.Change.Mode == SyncMode.Look ? outcome with { Events = [] } : outcome; // a look tells nothing: the change was told of
    }

    async Task<PushOutcome> UpsertAsync(SyncWork work, CancellationToken cancellationToken)
    {
        var change = work.Change;
        var read = await entity.ReadAsync(change, cancellationToken);
        if (read.IsRefusedWith(HttpStatusCode.NotFound))
            return entity.MissingMeansGone ? Skipped(change, "no longer in NOMIS") : PushOutcome.Retry(read.ToFailure("read"));
        if (!read.IsDone)
            return read.ToPushOutcome("read");
        if (entity.SkipReason(read.Body) is { } reason)
            return Skipped(change, reason);

        var mapping = await entity.FindMappingAsync(change, cancellationToken);
        if (!mapping.IsDone && !mapping.IsRefusedWith(HttpStatusCode.NotFound))
            return mapping.ToPushOutcome("find mapping");

        TTarget target;
        try
        {
            target = entity.Translate(work, read.Body);
        }
        catch (UntranslatableException exception)
        {
            return PushOutcome.Failed(new Failure("translate", "-", "-", exception.Message, $"{change.Entity} {change.Key}: {exception.Message}"));
        }
        return mapping.IsDone
            ? await UpdateAsync(work, mapping.Body.TargetId, target, cancellationToken)
            : await CreateAsync(work, target, cancellationToken);
    }

    async Task<PushOutcome> UpdateAsync(SyncWork work, string targetId, TTarget target, CancellationToken cancellationToken)
    {
        var kind = entity.CreateKind == CallKind.Take ? CallKind.Take : CallKind.Set;
        if (!(await work.BeginAsync(kind, cancellationToken)).IsGranted)
            return PushOutcome.Lost;
        var updated = await entity.UpdateAsync(targetId, target, cancellationToken);
        if (updated.IsDone)
            return PushOutcome.Done(entity.Telemetry.Updated(work.Change, updated.Body));
        return updated.IsRefusedWith(HttpStatusCode.NotFound) && kind == CallKind.Set
            ? PushOutcome.Undecided("the mapped record is gone from DPS")
            : NotPushed(updated, "update", kind);
    }

    async Task<PushOutcome> CreateAsync(SyncWork work, TTarget target, CancellationToken cancellationToken)
    {
        var grant = await work.BeginAsync(entity.CreateKind, cancellationToken);
        if (!grant.IsGranted)
            return PushOutcome.Lost;

        // A record that was created before, and whose mapping never came: nothing is created again.
        if (grant.Ambiguity is { TargetId: { } known })
            return await AdoptAsync(work, known, target, cancellationToken);

        var created = await entity.CreateAsync(target, cancellationToken);
        return created.IsDone
            ? Created(work.Change, created.Body, isProved: true) with { IsPossibleDuplicate = grant.Ambiguity is not null }
            : NotPushed(created, "create", entity.CreateKind) with { IsPossibleDuplicate = grant.Ambiguity is not null };
    }

    async Task<PushOutcome> AdoptAsync(SyncWork work, string known, TTarget target, CancellationToken cancellationToken)
    {
        if (!(await work.BeginAsync(CallKind.Set, cancellationToken)).IsGranted)
            return PushOutcome.Lost;
        var updated = await entity.UpdateAsync(known, target, cancellationToken);
        if (updated.IsRefusedWith(HttpStatusCode.NotFound))
            return PushOutcome.Undecided("the record that was created for it is gone from DPS");
        return updated.IsDone ? Created(work.Change, known, isProved: false) : NotPushed(updated, "update", CallKind.Set);
    }

    async Task<PushOutcome> RemoveAsync(SyncWork work, CancellationToken cancellationToken)
    {
        var change = work.Change;
        var mapping = await entity.FindMappingAsync(change, cancellationToken);
        if (!mapping.IsDone && !mapping.IsRefusedWith(HttpStatusCode.NotFound))
            return mapping.ToPushOutcome("find mapping");

        var grant = await work.BeginAsync(CallKind.Set, cancellationToken);
        if (!grant.IsGranted)
            return PushOutcome.Lost;
        // Beside the mapped record, or without one, there may be a record of ours whose mapping was given up.
        var known = grant.Ambiguity?.TargetId;
        if ((mapping.IsDone ? mapping.Body.TargetId : known) is not { } targetId)
            return Ignored("not mapped", entity.Telemetry.DeleteIgnored(change));

        string[] ours = known is null || known == targetId ? [targetId] : [known, targetId];
        foreach (var id in ours)
        {
            var removed = await entity.DeleteAsync(id, cancellationToken);
            if (!removed.IsDone && !removed.IsRefusedWith(HttpStatusCode.NotFound))
                return removed.ToPushOutcome("delete", isChange: true);
        }
        var unmapped = await entity.DeleteMappingAsync(targetId, cancellationToken);
        if (!unmapped.IsDone && !unmapped.IsRefusedWith(HttpStatusCode.NotFound))
            return unmapped.ToPushOutcome("delete mapping");
        var done = entity.Telemetry.Deleted(change, targetId) is { } told ? PushOutcome.Done(told) : PushOutcome.Done();
        return done with { TargetId = known };
    }

    /// <summary>The mapping step; what is told of the creation depends on how it goes at first.</summary>
    public async Task<MappingOutcome> WriteMappingAsync(SyncWork work, string targetId, CancellationToken cancellationToken)
    {
        var (change, telemetry) = (work.Change, entity.Telemetry);
        var written = await entity.WriteMappingAsync(change, targetId, cancellationToken);
        if (written.IsDone)
            return MappingOutcome.Written(Success());
        if (!written.IsRefusedWith(HttpStatusCode.Conflict))
            return NotWritten(written.ToFailure("map"), written.MayPass());

        // The target knows the record by its own key: whichever id is mapped, it is the same. Once the mapping is late the reference no longer tells them apart.
        var isTaken = entity.CreateKind == CallKind.Take;
        if (isTaken && work.IsMappingRetry)
            return MappingOutcome.Written(Success());

        var existing = entity.ReadDuplicate(written.ErrorBody);
        if (existing is null)
        {
            // the 409 does not say which mapping stands: ask for it
            var found = await entity.FindMappingAsync(change, cancellationToken);
            if (!found.IsDone)
                return NotWritten(written.ToFailure("map", "duplicate that names no mapping"), mayPass: true);
            existing = found.Body;
        }
        if (existing.Key == change.Key && existing.TargetId == targetId)
            return MappingOutcome.Written(Success());
        TelemetryEvent[] events = work.IsMappingRetry
            ? [telemetry.Duplicate(change, targetId, existing)]
            : [telemetry.Duplicate(change, targetId, existing), telemetry.Created(change, targetId, isMappingDelayed: false)];
        return isTaken
            ? MappingOutcome.Written(events)
            : MappingOutcome.Duplicate(existing.TargetId, existing.Key == change.Key, events);

        TelemetryEvent Success() => work.IsMappingRetry ? telemetry.MappingCreated(change, targetId) : telemetry.Created(change, targetId, isMappingDelayed: false);

        MappingOutcome NotWritten(Failure failure, bool mayPass) => work.IsMappingRetry
            ? MappingOutcome.Failed(failure, mayPass)
            : MappingOutcome.Failed(failure, mayPass, telemetry.Created(change, targetId, isMappingDelayed: true));
    }

    /// <summary>Removes a record of ours if another one stands for the same NOMIS record and nobody needs ours; then the survivor gets the present state.</summary>
    public async Task<CompensationOutcome> CompensateAsync(SyncWork work, string targetId, CancellationToken cancellationToken)
    {
        var change = work.Change;
        var mapping = await entity.FindMappingAsync(change, cancellationToken);
        if (mapping.IsRefusedWith(HttpStatusCode.NotFound))
            return CompensationOutcome.Refused("no mapping names a survivor");
        if (!mapping.IsDone)
            return CompensationOutcome.Retry(mapping.ToFailure("find mapping"));
        var survivor = mapping.Body.TargetId;
        if (survivor == targetId)
            return CompensationOutcome.Refused("the record is the mapped one");
        var named = await entity.FindMappingByTargetAsync(targetId, cancellationToken);
        if (named.IsDone)
            return CompensationOutcome.Refused("the record is mapped to another record of NOMIS");
        if (!named.IsRefusedWith(HttpStatusCode.NotFound))
            return CompensationOutcome.Retry(named.ToFailure("find mapping"));
        var answers = await entity.FindTargetAsync(survivor, cancellationToken);
        if (answers.IsRefusedWith(HttpStatusCode.NotFound))
            return CompensationOutcome.Refused("the mapped record is gone from DPS");
        if (!answers.IsDone)
            return CompensationOutcome.Retry(answers.ToFailure("find survivor"));

        if (!(await work.BeginAsync(CallKind.Set, cancellationToken)).IsGranted)
            return CompensationOutcome.Lost;
        var removed = await entity.DeleteAsync(targetId, cancellationToken);
        if (!removed.IsDone && !removed.IsRefusedWith(HttpStatusCode.NotFound))
            return CompensationOutcome.Retry(removed.ToFailure("delete duplicate"), removed.Kind == AnswerKind.Unknown);
        return await UpdateSurvivorAsync(work, survivor, cancellationToken);
    }

    // Or the content that ours was created with would be lost.
    async Task<CompensationOutcome> UpdateSurvivorAsync(SyncWork work, string survivor, CancellationToken cancellationToken)
    {
        var read = await entity.ReadAsync(work.Change, cancellationToken);
        if (read.IsRefusedWith(HttpStatusCode.NotFound) || (read.IsDone && entity.SkipReason(read.Body) is not null))
            return CompensationOutcome.Done; // whoever removed it in NOMIS has raised an event of its own
        if (!read.IsDone)
            return CompensationOutcome.Retry(read.ToFailure("read"));
        TTarget target;
        try
        {
            target = entity.Translate(work, read.Body);
        }
        catch (UntranslatableException exception)
        {
            return CompensationOutcome.Refused(exception.Message);
        }
        if (!(await work.BeginAsync(CallKind.Set, cancellationToken)).IsGranted)
            return CompensationOutcome.Lost;
        var updated = await entity.UpdateAsync(survivor, target, cancellationToken);
        if (updated.IsRefusedWith(HttpStatusCode.NotFound))
            return CompensationOutcome.Refused("the mapped record is gone from DPS");
        return updated.IsDone ? CompensationOutcome.Done : CompensationOutcome.Retry(updated.ToFailure("update survivor"), updated.Kind == AnswerKind.Unknown);
    }

    PushOutcome NotPushed(Answer<string> answer, string step, string kind)
    {
        if (answer.Kind == AnswerKind.Refused && entity.MayPass(answer))
            return PushOutcome.Retry(answer.ToFailure(step));
        return answer.ToPushOutcome(step, isChange: kind != CallKind.Take);
    }

    PushOutcome Created(SyncChange change, string targetId, bool isProved) =>
        PushOutcome.Created(targetId, isProved) with { Events = entity.Telemetry.Unmapped(change) is { } told ? [told] : [] };

    PushOutcome Skipped(SyncChange change, string reason) => Ignored(reason, entity.Telemetry.Skipped(change));

    static PushOutcome Ignored(string reason, TelemetryEvent? told) => told is null ? PushOutcome.Ignored(reason) : PushOutcome.Ignored(reason, told);
}
