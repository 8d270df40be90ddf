using System.Globalization;
using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.PrisonerFinance;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains.FinanceTransactions;

/// <summary>
/// A transaction with all its rows (spec: finance-transactions 6.3). DPS posts each row once by its sequence, so the same call
/// serves a new transaction and one with new rows, and may be repeated.
/// </summary>
public sealed class TransactionSyncEntity(INomisTransactions nomis, ITransactionMappings mappings, IPrisonerFinance finance)
    : IFlatSyncEntity<List<OffenderTransaction>, SyncTransaction>
{
    public string CreateKind => CallKind.Take;

    // NOMIS answers an unknown transaction with no rows.
    public bool MissingMeansGone => false;

    public ISyncTelemetry Telemetry { get; } = new TransactionTelemetry();

    public Task<Answer<List<OffenderTransaction>>> ReadAsync(SyncChange change, CancellationToken cancellationToken) =>
        Answers.Of(Upstreams.Nomis, ct => nomis.GetTransaction(Id(change), ct), cancellationToken);

    public string? SkipReason(List<OffenderTransaction> source) => source.Count == 0 ? "of the general ledger alone" : null;

    public async Task<Answer<Mapped>> FindMappingAsync(SyncChange change, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Mapping, ct => mappings.FindByNomisId(Id(change), ct), cancellationToken)).Select(ToMapped);

    public SyncTransaction Translate(SyncWork work, List<OffenderTransaction> source) => TransactionTranslation.Translate(source,
        work.Change.Property(TransactionTelemetry.RequestId) is { } requestId ? Guid.Parse(requestId) : work.SyncId);

    public async Task<Answer<string>> CreateAsync(SyncTransaction target, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Finance, ct => finance.Sync(target, ct), cancellationToken)).Select(x => x.SynchronizedTransactionId.ToString());

    public Task<Answer<string>> UpdateAsync(string targetId, SyncTransaction target, CancellationToken cancellationToken) => CreateAsync(target, cancellationToken);

    // Some rows are posted; the same request posts the others.
    public bool MayPass(Answer<string> refused) => refused.Status == HttpStatusCode.UnprocessableEntity;

    public Task<Answer<NoBody>> WriteMappingAsync(SyncChange change, string targetId, CancellationToken cancellationToken)
    {
        var mapping = new TransactionMapping
        {
            DpsTransactionId = targetId,
            NomisTransactionId = Id(change),
            NomisBookingId = change.Property(TransactionTelemetry.BookingId) is { } booking ? long.Parse(booking, CultureInfo.InvariantCulture) : 0,
            OffenderNo = change.Property(TransactionTelemetry.OffenderNo),
            MappingType = TransactionMappingType.NomisCreated,
        };
        return Answers.Of(Upstreams.Mapping, ct => mappings.Create(mapping, ct), cancellationToken);
    }

    public Mapped? ReadDuplicate(string? errorBody) =>
        DuplicateTransactionMapping.Read(errorBody) is { MoreInfo.Existing: { } existing } ? ToMapped(existing) : null;

    static Mapped ToMapped(TransactionMapping mapping) =>
        new(mapping.NomisTransactionId.ToString(CultureInfo.InvariantCulture), mapping.DpsTransactionId, mapping.Label);

    static long Id(SyncChange change) => long.Parse(change.Key, CultureInfo.InvariantCulture);
}
