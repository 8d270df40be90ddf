using MassTransit;
using Microsoft.EntityFrameworkCore;
using Migration.Sagas.Runs;

namespace Migration.Sagas.Persistence;

/// <summary>
/// The sagas, their inbox and their outbox. The ledger's tables are made by SQL in the same EF migrations and are used by
/// SQL alone: their statements are the protocol.
/// </summary>
public sealed class MigrationDbContext(DbContextOptions<MigrationDbContext> options) : DbContext(options)
{
    public const string Schema = "migration";

    public DbSet<Run> Runs => Set<Run>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfiguration(new RunTable());
        modelBuilder.AddInboxStateEntity();
        modelBuilder.AddOutboxMessageEntity();
        modelBuilder.AddOutboxStateEntity();
    }
}
