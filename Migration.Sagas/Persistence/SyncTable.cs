using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Migration.Sagas.Syncs;

namespace Migration.Sagas.Persistence;

/// <summary>How a sync lies in <c>migration.syncs</c>.</summary>
sealed class SyncTable : IEntityTypeConfiguration<Sync>
{
    public void Configure(EntityTypeBuilder<Sync> builder)
    {
        builder.ToTable("syncs");
        builder.HasKey(x => x.CorrelationId);
        builder.Property(x => x.CorrelationId).HasColumnName("correlation_id").ValueGeneratedNever();
        builder.Property(x => x.State).HasColumnName("state");
        builder.Property(x => x.StateReason).HasColumnName("state_reason");
        builder.Property(x => x.StateChangedBy).HasColumnName("state_changed_by");
        builder.Property(x => x.Domain).HasColumnName("domain");
        builder.Property(x => x.Entity).HasColumnName("entity");
        builder.Property(x => x.Key).HasColumnName("key");
        builder.Property(x => x.Mode).HasColumnName("mode");
        builder.Property(x => x.Action).HasColumnName("action");
        builder.Property(x => x.Properties).HasColumnName("properties");
        builder.Property(x => x.Lanes).HasColumnName("lanes");
        builder.Property(x => x.LanesHeld).HasColumnName("lanes_held");
        builder.Property(x => x.GraceUntil).HasColumnName("grace_until");
        builder.Property(x => x.StepNo).HasColumnName("step_no");
        builder.Property(x => x.StepToken).HasColumnName("step_token");
        builder.Property(x => x.StepKind).HasColumnName("step_kind");
        builder.Property(x => x.Attempts).HasColumnName("attempts");
        builder.Property(x => x.Pokes).HasColumnName("pokes");
        builder.Property(x => x.DueAt).HasColumnName("due_at");
        builder.Property(x => x.Parent).HasColumnName("parent");
        builder.Property(x => x.AbsorbedBy).HasColumnName("absorbed_by");
        builder.Property(x => x.BroadId).HasColumnName("broad_id");
        builder.Property(x => x.Awaited).HasColumnName("awaited");
        builder.Property(x => x.HeldEvents).HasColumnName("held_events");
        builder.Property(x => x.CreatedTargetId).HasColumnName("created_target_id");
        builder.Property(x => x.IsCreationProved).HasColumnName("is_creation_proved");
        builder.Property(x => x.ExistingTargetId).HasColumnName("existing_target_id");
        builder.Property(x => x.PossibleDuplicate).HasColumnName("possible_duplicate");
        builder.Property(x => x.Error).HasColumnName("error");
        builder.Property(x => x.Fingerprint).HasColumnName("fingerprint");
        builder.Property(x => x.ReceivedAt).HasColumnName("received_at");
        builder.Property(x => x.BegunAt).HasColumnName("begun_at");
        builder.Property(x => x.EndedAt).HasColumnName("ended_at");
        builder.Ignore(x => x.Record);
        builder.Ignore(x => x.HoldsAllLanes);
        builder.HasIndex(x => x.DueAt, "syncs_due").HasFilter("due_at is not null");
        builder.HasIndex(x => x.Parent, "syncs_of_parent").HasFilter("state = 'AwaitingParent'");
        builder.HasIndex(x => new { x.Domain, x.Entity, x.Key, x.ReceivedAt }, "syncs_of_record");
        builder.HasIndex(x => new { x.State, x.ReceivedAt }, "syncs_by_state").HasFilter("state not in ('Completed', 'Ignored', 'Superseded')");
    }
}
