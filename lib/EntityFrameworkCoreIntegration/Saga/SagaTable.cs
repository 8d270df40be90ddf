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
    static readonly ConcurrentDictionary<IModel, string> SelectForUpdates = new();

    /// <summary>Keeps the advisory locks of two saga types with equal ids apart. Stable over processes, unlike string.GetHashCode.</summary>
    static readonly long Salt = (typeof(TSaga).FullName ?? typeof(TSaga).Name).Aggregate(1125899906842597L, (hash, c) => unchecked((31 * hash) + c));

    /// <summary>The key of the saga's advisory lock: 64 bits of 128, so two sagas may share one. They then wait for each other and nothing worse.</summary>
    public static long LockKey(Guid correlationId)
    {
        Span<byte> bytes = stackalloc byte[16];
        correlationId.TryWriteBytes(bytes);
        return BitConverter.ToInt64(bytes) ^ BitConverter.ToInt64(bytes[8..]) ^ Salt;
    }

    /// <summary>Selects the row of correlation id {0} for update.</summary>
    public static string SelectForUpdate(DbContext db) => SelectForUpdates.GetOrAdd(db.Model, static (_, db) => Build(db), db);

    static string Build(DbContext db)
    {
        var entity = db.Model.FindEntityType(typeof(TSaga)) ?? throw new InvalidOperationException($"{typeof(TSaga)} is not part of the model of {db.GetType()}: add its SagaClassMap in OnModelCreating.");
        var sql = db.GetService<ISqlGenerationHelper>();
        var name = entity.GetTableName() ?? throw new InvalidOperationException($"{typeof(TSaga)} is not mapped to a table.");
        var table = StoreObjectIdentifier.Table(name, entity.GetSchema());
        // xmin, the usual row version, is a system column and not part of *
        var columns = entity.GetProperties().Select(x => x.GetColumnName(table)).OfType<string>().Select(sql.DelimitIdentifier);
        var key = entity.FindProperty(nameof(ISaga.CorrelationId))?.GetColumnName(table) ?? throw new InvalidOperationException($"The correlation id of {typeof(TSaga)} is not mapped.");
        return $"select {string.Join(", ", columns)} from {sql.DelimitIdentifier(name, entity.GetSchema())} where {sql.DelimitIdentifier(key)} = {{0}} for update";
    }
}
