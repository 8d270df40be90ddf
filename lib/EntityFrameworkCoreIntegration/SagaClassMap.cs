using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MassTransit;

/// <summary>
/// Maps a saga to a table: derive, override <see cref="Configure(EntityTypeBuilder{TSaga}, ModelBuilder)"/>, and call <see cref="Configure(ModelBuilder)"/> from
/// <c>OnModelCreating</c>. The key is the correlation id unless <see cref="ConfigureKey"/> says otherwise; the correlation id is then a unique column, because the
/// repository finds the row by it.
/// </summary>
public abstract class SagaClassMap<TSaga> : ISagaClassMap
    where TSaga : class, ISaga
{
    /// <inheritdoc />
    public Type SagaType => typeof(TSaga);

    /// <inheritdoc />
    public void Configure(ModelBuilder model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var entity = model.Entity<TSaga>();
        ConfigureKey(entity);
        entity.Property(x => x.CorrelationId).ValueGeneratedNever();
        if (entity.Metadata.FindPrimaryKey()?.Properties is not [{ Name: nameof(ISaga.CorrelationId) }])
            entity.HasIndex(x => x.CorrelationId).IsUnique();
        Configure(entity, model);
    }

    /// <summary>Sets the primary key; the correlation id unless overridden.</summary>
    protected virtual void ConfigureKey(EntityTypeBuilder<TSaga> entity) => entity.HasKey(x => x.CorrelationId);

    /// <summary>Names the table and its columns.</summary>
    protected virtual void Configure(EntityTypeBuilder<TSaga> entity, ModelBuilder model)
    {
    }
}
