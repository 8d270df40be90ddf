using System.Text.RegularExpressions;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MassTransit;

/// <summary>Adds the tables to the model. Columns are in snake case; the callback may rename the table or put it into a schema: <c>x =&gt; x.ToTable("inbox", "migration")</c>.</summary>
public static partial class OutboxModelBuilderExtensions
{
    /// <summary>Adds <c>inbox_state</c>.</summary>
    public static void AddInboxStateEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<InboxState>>? callback = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var inbox = modelBuilder.Entity<InboxState>();
        inbox.ToTable("inbox_state");
        inbox.HasKey(x => new { x.MessageId, x.ConsumerId });
        inbox.Property(x => x.ReceivedAt).HasDefaultValueSql("clock_timestamp()");
        inbox.HasIndex(x => x.ReceivedAt);
        UseSnakeCase(inbox);
        callback?.Invoke(inbox);
    }

    /// <summary>Adds <c>outbox_message</c>.</summary>
    public static void AddOutboxMessageEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<OutboxMessage>>? callback = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var outbox = modelBuilder.Entity<OutboxMessage>();
        outbox.ToTable("outbox_message");
        outbox.HasKey(x => x.SequenceNumber);
        outbox.Property(x => x.SequenceNumber).UseIdentityAlwaysColumn();
        outbox.Property(x => x.AddedAt).HasDefaultValueSql("clock_timestamp()");
        outbox.Property(x => x.NotBefore).HasDefaultValueSql("clock_timestamp()");
        outbox.HasIndex(x => new { x.ScopeId, x.SequenceNumber });
        outbox.Property(x => x.SourceAddress);
        outbox.Property(x => x.DestinationAddress);
        outbox.Property(x => x.ResponseAddress);
        outbox.Property(x => x.FaultAddress);
        UseSnakeCase(outbox);
        outbox.Property(x => x.HeadersJson).HasColumnName("headers");
        outbox.Property(x => x.PropertiesJson).HasColumnName("properties");
        callback?.Invoke(outbox);
    }

    /// <summary>Adds <c>outbox_state</c>: the processes that deliver.</summary>
    public static void AddOutboxStateEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<OutboxState>>? callback = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var state = modelBuilder.Entity<OutboxState>();
        state.ToTable("outbox_state");
        state.HasKey(x => x.DelivererId);
        state.Property(x => x.DelivererId).ValueGeneratedNever();
        UseSnakeCase(state);
        callback?.Invoke(state);
    }

    /// <summary>Adds all three tables; the callback sees each of them.</summary>
    public static void AddTransactionalOutboxEntities(this ModelBuilder modelBuilder, Action<EntityTypeBuilder>? callback = null)
    {
        modelBuilder.AddInboxStateEntity(callback);
        modelBuilder.AddOutboxMessageEntity(callback);
        modelBuilder.AddOutboxStateEntity(callback);
    }

    static void UseSnakeCase(EntityTypeBuilder entity)
    {
        foreach (var property in entity.Metadata.GetProperties())
            property.SetColumnName(WordStart().Replace(property.Name, "_$0").ToLowerInvariant());
    }

    [GeneratedRegex("(?<!^)[A-Z]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordStart();
}
