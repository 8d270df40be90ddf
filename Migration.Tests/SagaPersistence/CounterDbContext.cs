using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Migration.Tests.SagaPersistence;

/// <summary>Three sagas, one whose key is not its correlation id, and a table of the application's own.</summary>
public sealed class CounterDbContext(DbContextOptions<CounterDbContext> options) : DbContext(options)
{
    public DbSet<Counter> Counters => Set<Counter>();

    public DbSet<Run> Runs => Set<Run>();

    public DbSet<Note> Notes => Set<Note>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        new CounterMap().Configure(modelBuilder);
        new RunMap().Configure(modelBuilder);
        new ParcelMap().Configure(modelBuilder);
        modelBuilder.Entity<Note>().ToTable("notes", "migration").HasKey(x => x.Id);
        modelBuilder.AddInboxStateEntity(x => x.ToTable("inbox_state", "migration"));
        modelBuilder.AddOutboxMessageEntity(x => x.ToTable("outbox_message", "migration"));
        modelBuilder.AddOutboxStateEntity(x => x.ToTable("outbox_state", "migration"));
    }

    sealed class RunMap : SagaClassMap<Run>
    {
        protected override void ConfigureKey(EntityTypeBuilder<Run> entity) => entity.HasKey(x => x.RunId);

        protected override void Configure(EntityTypeBuilder<Run> entity, ModelBuilder model)
        {
            entity.ToTable("runs", "migration");
            entity.OwnsOne(x => x.Place);
            entity.OwnsMany(x => x.Stops, x => x.ToTable("stops", "migration"));
        }
    }
}

sealed class CounterMap : SagaClassMap<Counter>
{
    protected override void Configure(EntityTypeBuilder<Counter> entity, ModelBuilder model)
    {
        entity.ToTable("counters", "migration");
        entity.Property<uint>("xmin").IsRowVersion();
    }
}

public sealed class Note
{
    public long Id { get; set; }
    public required string Text { get; init; }
}
