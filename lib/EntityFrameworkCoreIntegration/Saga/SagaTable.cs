using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>What the repository must know of a saga's table.</summary>
static class SagaTable<TSaga>
    where TSaga : class, ISaga
{
    static readonly ConcurrentDictionary<IModel, Statements> Cache = new();

    /// <summary>Keeps the advisory locks of two saga types with equal ids apart. Stable over processes, unlike string.GetHashCode.</summary>
    static readonly long Salt = (typeof(TSaga).FullName ?? typeof(TSaga).Name).Aggregate(1125899906842597L, (hash, c) => unchecked((31 * hash) + c));

    /// <summary>The key of the saga's advisory lock: 64 bits of 128, so two sagas may share one. They then wait for each other and nothing worse.</summary>
    public static long LockKey(Guid correlationId)
    {
        Span<byte> bytes = stackalloc byte[16];
        correlationId.TryWriteBytes(bytes);
        return BitConverter.ToInt64(bytes) ^ BitConverter.ToInt64(bytes[8..]) ^ Salt;
    }

    /// <summary>The statements for the model of this context; throws if it cannot keep the saga by this lock.</summary>
    public static Statements Of(DbContext db, SagaLock kind)
    {
        var statements = Cache.GetOrAdd(db.Model, static (_, db) => Build(db), db);
        return kind != SagaLock.Optimistic || statements.HasToken
            ? statements
            : throw new InvalidOperationException($"{typeof(TSaga)} has no concurrency token, so an optimistic lock would lose updates: map one in its SagaClassMap, as entity.Property<uint>(\"xmin\").IsRowVersion(), or use another lock.");
    }

    static Statements Build(DbContext db)
    {
        var entity = db.Model.FindEntityType(typeof(TSaga)) ?? throw new InvalidOperationException($"{typeof(TSaga)} is not part of the model of {db.GetType()}: add its SagaClassMap in OnModelCreating.");
        var sql = db.GetService<ISqlGenerationHelper>();
        var name = entity.GetTableName() ?? throw new InvalidOperationException($"{typeof(TSaga)} is not mapped to a table.");
        var column = entity.FindProperty(nameof(ISaga.CorrelationId))?.GetColumnName(StoreObjectIdentifier.Table(name, entity.GetSchema()))
            ?? throw new InvalidOperationException($"The correlation id of {typeof(TSaga)} is not mapped.");
        var (table, key) = (sql.DelimitIdentifier(name, entity.GetSchema()), sql.DelimitIdentifier(column));
        var reader = SagaReader<TSaga>.For(entity, sql);
        return new Statements(
            entity.GetProperties().Any(x => x.IsConcurrencyToken),
            reader,
            $"select {reader?.Columns} from {table} where {key} = $1",
            $"select 1 as \"Value\" from {table} where {key} = {{0}} for update");
    }

    /// <param name="HasToken">Whether an update notices that the row has changed since it was read.</param>
    /// <param name="Reader">Reads what <paramref name="Select"/> returns. Null when only EF can read this saga.</param>
    /// <param name="Select">The row of correlation id $1.</param>
    /// <param name="LockRow">Locks the row of correlation id {0}.</param>
    public sealed record Statements(bool HasToken, SagaReader<TSaga>? Reader, string Select, string LockRow);
}
