using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Migration.Sagas.Runs;

namespace Migration.Sagas.Persistence;

/// <summary>How a run lies in <c>migration.runs</c>.</summary>
sealed class RunTable : IEntityTypeConfiguration<Run>
{
    /// <summary>One active run a domain; the second start meets it.</summary>
    public const string OneActiveRun = "one_active_run";

    const string IsActive = "state in ('Requested', 'Estimating', 'Paging', 'Migrating', 'Cancelling')";

    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.ToTable("runs");
        builder.HasKey(x => x.RunId);
        builder.Property(x => x.RunId).HasColumnName("run_id").HasMaxLength(20);
        builder.Property(x => x.CorrelationId).HasColumnName("correlation_id");
        builder.Property(x => x.Domain).HasColumnName("domain");
        builder.Property(x => x.State).HasColumnName("state");
        builder.Property(x => x.StateReason).HasColumnName("state_reason");
        builder.Property(x => x.StateChangedBy).HasColumnName("state_changed_by");
        builder.Property(x => x.Filter).HasColumnName("filter");
        builder.Property(x => x.EstimatedCount).HasColumnName("estimated_count");
        builder.Property(x => x.StartedAt).HasColumnName("started_at");
        builder.Property(x => x.EndedAt).HasColumnName("ended_at");
        builder.Property(x => x.StartedBy).HasColumnName("started_by");
        builder.Property(x => x.FailureReason).HasColumnName("failure_reason");
        builder.Property(x => x.FailureStatus).HasColumnName("failure_status");
        builder.Property(x => x.CheckNo).HasColumnName("check_no");
        builder.Property(x => x.NextCheckAt).HasColumnName("next_check_at");
        builder.HasIndex(x => x.CorrelationId).IsUnique();
        builder.HasIndex(x => x.Domain, OneActiveRun).IsUnique().HasFilter(IsActive);
        builder.HasIndex(x => x.NextCheckAt, "runs_due").HasFilter(IsActive);
        builder.HasIndex(x => new { x.Domain, x.StartedAt }, "runs_history");
    }
}
