using MassTransit;
using Microsoft.EntityFrameworkCore;
using Migration.Sagas.Runs;
using Migration.Sagas.Syncs;

namespace Migration.Sagas.Persistence;

/// <summary>
/// The sagas, their inbox and their outbox. The ledger's tables are made by SQL in the same EF migrations and are used by
/// SQL alone: their statements are the protocol.
/// </summary>
public sealed class MigrationDbContext(DbContextOptions<MigrationDbContext> options) : DbContext(options)
{
    public const string Schema = "migration";

    public DbSet<Run> Runs => Set<Run>();
    public DbSet<Sync> Syncs => Set<Sync>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfiguration(new RunTable());
        modelBuilder.ApplyConfiguration(new SyncTable());
        modelBuilder.AddInboxStateEntity();
        modelBuilder.AddOutboxMessageEntity();
        modelBuilder.AddOutboxStateEntity();
    }
}
