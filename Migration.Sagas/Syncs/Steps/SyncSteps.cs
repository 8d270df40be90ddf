using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Runs.Steps;
using Migration.Sagas.Telemetry;
using Npgsql;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>
/// What the three steps of a sync have in common: which deliveries are heeded, and how a failed attempt is recorded. The row
/// decides: a delivery of another step, or of one that has begun elsewhere, is acknowledged without a call.
/// </summary>
sealed partial class SyncSteps(
    SyncDomainRegistry domains, StepRows rows, StepLeases leases, UpstreamLimits limits, ITelemetry telemetry, IOptions<SyncOptions> options, ILogger<SyncSteps> logger)
{
    public ISyncDomain Domain(string name) => domains[name];

    /// <summary>The row, if this delivery is to work on it.</summary>
    public async Task<StepRow?> HeedAsync(ConsumeContext context, Guid syncId, string state, int stepNo)
    {
        var row = await rows.FindAsync(syncId, context.CancellationToken);
        if (row is { IsSettledFailure: true })
        {
            await ReportAsync(context, new RetrySync(syncId, RequestedBy: null)); // a dead letter that was sent back
            return null;
        }
        if (row is { State: SyncState.Failed } || (row?.State == state && row.StepNo == stepNo && row.Attempts >= options.Value.MaxAttempts))
        {
            context.ReturnForDeadLetters($"{row.Record} has failed");
            return null;
        }
        return row?.State == state && row.StepNo == stepNo ? row : null;
    }

    /// <summary>A slot at each upstream of the step, before bulk work. Null: there was none in time, and the step is postponed.</summary>
    public async Task<UpstreamSlots?> EnterAsync(StepRow row, UpstreamSet upstreams, CancellationToken cancellationToken)
    {
        var slots = await upstreams.EnterAsync(isLive: true, options.Value.UpstreamPatience, cancellationToken);
        if (slots is null)
            await rows.PostponeAsync(row, options.Value.AfterOutage, CancellationToken.None);
        return slots;
    }

    public UpstreamSet UpstreamsOf(StepRow row) => limits.Of(domains[row.Domain]);

    public UpstreamSet MappingUpstream => limits.OfMapping();

    public StepLease Open(StepRow row) => leases.Open(row);

    public void Release(StepLease lease) => leases.Release(lease);

    public static SyncWork Work(StepRow row, StepLease lease) =>
        new() { SyncId = row.SyncId, Change = row.Change, IsMappingRetry = row.Attempts > 0 || !row.IsCreationProved, BeginAsync = lease.BeginAsync };

    public void Tell(IEnumerable<TelemetryEvent> events)
    {
        foreach (var telemetryEvent in events)
            telemetry.Track(telemetryEvent);
    }

    /// <summary>Keeps what was created for the case that the saga does not hear of it in time. A database that is away does not hold the report up.</summary>
    public async Task KeepReportAsync(StepRow row, ChangePushed report)
    {
        try
        {
            await rows.KeepReportAsync(row, report, CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            LogNotKept(exception, row.Record);
        }
    }

    /// <summary>The result goes to the saga.</summary>
    public static async Task ReportAsync<T>(ConsumeContext context, T result) where T : class
    {
        var syncs = await context.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
        await syncs.Send(result, context.CancellationToken);
    }

    /// <summary>
    /// Records the attempt; the message comes back by the queue's back-off. After the last attempt the saga is told before the
    /// message becomes a dead letter. While the upstream is away no attempt counts that may be repeated for ever: the message has
    /// done its part, and the saga asks again. One that may have left another record in DPS always counts.
    /// </summary>
    /// <returns>Whether the attempt counts: also false when another delivery has taken over.</returns>
    public async Task<bool> FailAsync(ConsumeContext context, StepRow row, StepLease lease, UpstreamSet upstreams, Failure failure, bool isUnknown)
    {
        var backOff = options.Value.BackOffOrDefault;
        var unknownKind = isUnknown && lease.Kind != CallKind.Take ? lease.Kind ?? CallKind.Create : null;
        var isCounted = !upstreams.IsDown || unknownKind is CallKind.Create or CallKind.Replace;
        var again = isCounted ? backOff[Math.Min(row.Attempts, backOff.Count - 1)] + options.Value.Overdue : options.Value.AfterOutage;
        var attempts = await rows.FailAsync(row, lease.Token, failure, unknownKind, isCounted, again, CancellationToken.None);
        if (attempts is null)
        {
            LogLate(row.Record, failure.Reason);
            return false;
        }
        if (!isCounted)
            return false;
        if (attempts < options.Value.MaxAttempts)
        {
            context.Return($"{row.Record}: {failure.Reason}");
            return true;
        }
        await ReportAsync(context, new StepFailed(row.SyncId, row.StepNo, failure.Reason, failure.Detail, failure.Fingerprint));
        telemetry.Track(DeadLetterTelemetry.Sent(EventType(row), row.Queue, backOff, options.Value.MaxAttempts));
        context.ReturnForDeadLetters($"{row.Record}: {failure.Reason}");
        return true;
    }

    // To the reference a mapping that is written later is a message of its own.
    static string EventType(StepRow row) => row.State == SyncState.WritingMapping ? $"prisoner-from-nomis-synchronisation-{SyncAction.RetryMapping}" : row.Change.Action;

    /// <summary>An error that no outcome stands for: our own.</summary>
    public Failure Unexpected(Exception exception, StepRow row)
    {
        LogUnexpected(exception, row.Record);
        return new Failure("step", "-", "-", exception.GetType().Name, $"{row.Record}: {exception.GetType().Name}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Late failure at {Record} was refused: another delivery has taken over ({Reason})")]
    partial void LogLate(string record, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was created for {Record} could not be kept; it is reported all the same")]
    partial void LogNotKept(Exception exception, string record);

    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected error at {Record}")]
    partial void LogUnexpected(Exception exception, string record);
}
