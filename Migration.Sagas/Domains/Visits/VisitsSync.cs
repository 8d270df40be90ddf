using System.Globalization;
using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.VisitScheduler;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Intake;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains.Visits;

/// <summary>
/// Cancellations of visits (spec: visits 7). One that comes while the visit is being migrated waits in the visit's lane for the
/// mapping.
/// </summary>
public sealed class VisitsSync(INomisVisits nomis, IVisitMappings mappings, IVisitScheduler scheduler) : ISyncDomain
{
    const string Visit = "visit";
    const string Cancelled = "VISIT_CANCELLED";

    /// <summary>The account by which DPS writes into NOMIS: what it changed last was cancelled in DPS.</summary>
    const string DpsAccount = "PRISONER_MANAGER_API";

    public string Name => "visits";
    public string SwitchName => "visits";
    public IReadOnlyList<string> EventQueues { get; } = ["eventvisits"];
    public IReadOnlyList<string> Calls { get; } = [Upstreams.Nomis, Upstreams.Mapping, Upstreams.Visits];

    public EventReading Read(IncomingEvent incoming) => incoming.Type == Cancelled
        ? Change(incoming.RequiredNumber("visitId").ToString(CultureInfo.InvariantCulture), SyncMode.Upsert, Cancelled)
        : EventReading.Unknown;

    public SyncChange LookAt(string entity, string key) => Change(key, SyncMode.Look, SyncAction.Look);

    public async Task<PushOutcome> PushAsync(SyncWork work, CancellationToken cancellationToken)
    {
        var id = long.Parse(work.Key, CultureInfo.InvariantCulture);
        var read = await Answers.Of(Upstreams.Nomis, ct => nomis.GetVisit(id, ct), cancellationToken);
        if (!read.IsDone)
            return read.ToPushOutcome("read");
        var visit = read.Body;
        if (visit.ModifyUserId == DpsAccount)
            return PushOutcome.Ignored("cancelled in DPS");

        var mapping = await Answers.Of(Upstreams.Mapping, ct => mappings.FindByNomisId(id, ct), cancellationToken);
        if (!mapping.IsDone && !mapping.IsRefusedWith(HttpStatusCode.NotFound))
            return mapping.ToPushOutcome("find mapping");
        OutcomeStatus outcome;
        try
        {
            outcome = VisitCodes.Outcome(visit.VisitStatus.Code, visit.VisitOutcome?.Code) ?? OutcomeStatus.Cancellation;
        }
        catch (UnknownCodeException exception)
        {
            return PushOutcome.Failed(new("translate", "-", "-", exception.Message, $"visit {work.Key}: {exception.Message}"));
        }

        var grant = await work.BeginAsync(CallKind.Set, cancellationToken);
        if (!grant.IsGranted)
            return PushOutcome.Lost;
        // A visit whose mapping was given up is in DPS all the same.
        if ((mapping.IsDone ? mapping.Body.VsipId : grant.Ambiguity?.TargetId) is not { } vsipId)
            return PushOutcome.Ignored("not mapped");
        var cancellation = new CancelVisit
        {
            ActionedBy = visit.ModifyUserId ?? visit.CreateUserId,
            CancelOutcome = new CancelOutcome { OutcomeStatus = outcome, Text = "Cancelled by NOMIS" },
        };
        var cancelled = await Answers.Of(Upstreams.Visits, ct => scheduler.CancelVisit(vsipId, cancellation, ct), cancellationToken);
        if (!cancelled.IsDone)
            return cancelled.ToPushOutcome("cancel", isChange: true);
        return work.Change.Mode == SyncMode.Look ? PushOutcome.Done() : PushOutcome.Done(VisitTelemetry.Cancelled(visit, vsipId, outcome));
    }

    // A cancellation creates nothing: there is never a mapping to write, nor a visit of ours to remove.
    public Task<MappingOutcome> WriteMappingAsync(SyncWork work, string targetId, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The cancellation of a visit creates nothing.");

    public Task<CompensationOutcome> CompensateAsync(SyncWork work, string targetId, CancellationToken cancellationToken) =>
        Task.FromResult(CompensationOutcome.Refused("the visit scheduler has no call that removes a visit"));

    static SyncChange Change(string visitId, string mode, string action) =>
        new() { Entity = Visit, Key = visitId, Mode = mode, Action = action, Lanes = [VisitLane.Of(visitId)] };
}
