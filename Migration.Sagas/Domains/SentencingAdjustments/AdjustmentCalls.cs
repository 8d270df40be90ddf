using Migration.Clients;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.SentencingAdjustments;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>The calls of an adjustment, whichever its category, for runs and syncs alike.</summary>
public sealed class AdjustmentCalls(INomisAdjustments nomis, IAdjustmentMappings mappings, ISentencingAdjustments adjustments)
{
    public async Task<Answer<NomisAdjustment>> ReadAsync(AdjustmentKey key, CancellationToken cancellationToken) => key.IsSentence
        ? (await Answers.Of(Upstreams.Nomis, ct => nomis.GetSentenceAdjustment(key.Id, ct), cancellationToken)).Select(NomisAdjustment.Of)
        : (await Answers.Of(Upstreams.Nomis, ct => nomis.GetKeyDateAdjustment(key.Id, ct), cancellationToken)).Select(NomisAdjustment.Of);

    public async Task<Answer<IReadOnlyList<NomisAdjustment>>> ReadBookingAsync(long bookingId, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Nomis, ct => nomis.GetAdjustments(bookingId, ct), cancellationToken))
        .Select(x => (IReadOnlyList<NomisAdjustment>)[.. x.SentenceAdjustments.Select(NomisAdjustment.Of), .. x.KeyDateAdjustments.Select(NomisAdjustment.Of)]);

    public async Task<Answer<Mapped>> FindMappingAsync(AdjustmentKey key, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Mapping, ct => mappings.FindByNomisId(key.Category, key.Id, ct), cancellationToken)).Select(ToMapped);

    public async Task<Answer<Mapped>> FindMappingAsync(string targetId, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Mapping, ct => mappings.FindByDpsId(targetId, ct), cancellationToken)).Select(ToMapped);

    /// <param name="label">The run that writes it; null for a sync.</param>
    public Task<Answer<NoBody>> WriteMappingAsync(AdjustmentKey key, string targetId, string? label, CancellationToken cancellationToken)
    {
        var mapping = new AdjustmentMapping
        {
            NomisAdjustmentId = key.Id,
            NomisAdjustmentCategory = key.Category,
            AdjustmentId = targetId,
            Label = label,
            MappingType = label is null ? AdjustmentMappingType.NomisCreated : AdjustmentMappingType.Migrated,
        };
        return Answers.Of(Upstreams.Mapping, ct => mappings.Create(mapping, ct), cancellationToken);
    }

    public Task<Answer<NoBody>> DeleteMappingAsync(string targetId, CancellationToken cancellationToken) =>
        Answers.Of(Upstreams.Mapping, ct => mappings.Delete(targetId, ct), cancellationToken);

    public async Task<Answer<string>> CreateAsync(LegacyAdjustment adjustment, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Sentencing, ct => adjustments.Create(adjustment, ct), cancellationToken)).Select(x => x.AdjustmentId.ToString());

    public async Task<Answer<string>> MigrateAsync(LegacyAdjustment adjustment, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Sentencing, ct => adjustments.Migrate(adjustment, ct), cancellationToken)).Select(x => x.AdjustmentId.ToString());

    public async Task<Answer<string>> UpdateAsync(string targetId, LegacyAdjustment adjustment, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Sentencing, ct => adjustments.Update(Guid.Parse(targetId), adjustment, ct), cancellationToken)).Select(_ => targetId);

    public Task<Answer<NoBody>> DeleteAsync(string targetId, CancellationToken cancellationToken) =>
        Answers.Of(Upstreams.Sentencing, ct => adjustments.Delete(Guid.Parse(targetId), ct), cancellationToken);

    public async Task<Answer<NoBody>> FindAsync(string targetId, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Sentencing, ct => adjustments.Get(Guid.Parse(targetId), ct), cancellationToken)).Select(_ => NoBody.Instance);

    public static Mapped? ReadDuplicate(string? errorBody) =>
        DuplicateAdjustmentMapping.Read(errorBody) is { MoreInfo.Existing: { } existing } ? ToMapped(existing) : null;

    static Mapped ToMapped(AdjustmentMapping mapping) =>
        new(new AdjustmentKey(mapping.NomisAdjustmentCategory, mapping.NomisAdjustmentId).ToString(), mapping.AdjustmentId, mapping.Label);
}
