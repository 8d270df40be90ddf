using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;

namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>
/// Makes a saga of its row and has the context track it, as a query of EF would. EF prepares a query with SQL of one's own anew for every execution, which costs more than
/// all else in loading a saga; this prepares once for each model.
/// </summary>
sealed class SagaReader<TSaga>
    where TSaga : class, ISaga
{
    readonly Func<DbDataReader, TSaga> _create;
    readonly Dictionary<string, Func<DbDataReader, object?>> _shadow;

    SagaReader(IEnumerable<string> columns, Func<DbDataReader, TSaga> create, Dictionary<string, Func<DbDataReader, object?>> shadow) =>
        (Columns, _create, _shadow) = (string.Join(", ", columns), create, shadow);

    /// <summary>What a select must return, in this order.</summary>
    public string Columns { get; }

    /// <summary>Null for a saga that is more than the columns of its row, or that EF makes in a way of its own.</summary>
    public static SagaReader<TSaga>? For(IEntityType entity, ISqlGenerationHelper sql)
    {
        var table = StoreObjectIdentifier.Create(entity, StoreObjectType.Table);
        // What EF adds to a query of its own accord, joins and conditions, would read an older snapshot than the locked row.
        var isRow = table is not null && entity.BaseType is null && !entity.GetDerivedTypes().Any() && !entity.GetNavigations().Any() && !entity.GetSkipNavigations().Any()
            && !entity.GetComplexProperties().Any() && entity.GetDeclaredQueryFilters().Count == 0 && entity.GetChangeTrackingStrategy() == ChangeTrackingStrategy.Snapshot;
        if (!isRow || typeof(TSaga).GetConstructor(Type.EmptyTypes) is not { } constructor)
            return null;

        var row = Expression.Parameter(typeof(DbDataReader), "row");
        var (columns, bindings, shadow) = (new List<string>(), new List<MemberBinding>(), new Dictionary<string, Func<DbDataReader, object?>>());
        foreach (var property in entity.GetProperties())
        {
            if (property.IsIndexerProperty() || property.GetColumnName(table!.Value) is not { } column) // isRow
                return null;
            var value = ValueOf(property, row, columns.Count);
            columns.Add(sql.DelimitIdentifier(column));
            if (property.IsShadowProperty())
                shadow[property.Name] = Expression.Lambda<Func<DbDataReader, object?>>(Expression.Convert(value, typeof(object)), row).Compile();
            else if (property.GetMemberInfo(forMaterialization: true, forSet: true) is var member && member is not FieldInfo { IsInitOnly: true })
                bindings.Add(Expression.Bind(member, value));
            else
                return null;
        }
        return new SagaReader<TSaga>(columns, Expression.Lambda<Func<DbDataReader, TSaga>>(Expression.MemberInit(Expression.New(constructor), bindings), row).Compile(), shadow);
    }

    /// <summary>The saga of the current row. As with a query of EF, one that the context tracks already is returned as it is there.</summary>
    public TSaga Track(DbContext db, DbDataReader row)
    {
        var saga = _create(row);
        if (Find(db.ChangeTracker, saga.CorrelationId) is { } known)
            return known;
        var entry = db.Entry(saga);
        foreach (var (name, read) in _shadow)
            entry.Property(name).CurrentValue = read(row);
        entry.State = EntityState.Unchanged;
        return saga;
    }

    static TSaga? Find(ChangeTracker tracker, Guid correlationId)
    {
        // Otherwise each look would compare all that is tracked with what it was: square in the number of sagas that one message concerns.
        var detects = tracker.AutoDetectChangesEnabled;
        tracker.AutoDetectChangesEnabled = false;
        var known = tracker.Entries<TSaga>().FirstOrDefault(x => x.Entity.CorrelationId == correlationId);
        tracker.AutoDetectChangesEnabled = detects;
        return known?.Entity;
    }

    static Expression ValueOf(IProperty property, ParameterExpression row, int ordinal)
    {
        var mapping = property.GetRelationalTypeMapping();
        var (read, index) = (mapping.GetDataReaderMethod(), Expression.Constant(ordinal));
        var value = mapping.CustomizeDataReaderExpression(Expression.Call(Expression.Convert(row, read.DeclaringType ?? typeof(DbDataReader)), read, index));
        if (mapping.Converter is { } converter)
        {
            var (from, body) = (converter.ConvertFromProviderExpression.Parameters[0], converter.ConvertFromProviderExpression.Body);
            value = ReplacingExpressionVisitor.Replace(from, Converted(value, from.Type), body);
        }
        value = Converted(value, property.ClrType);
        return property.IsNullable
            ? Expression.Condition(Expression.Call(row, nameof(DbDataReader.IsDBNull), null, index), Expression.Default(property.ClrType), value)
            : value;
    }

    static Expression Converted(Expression value, Type type) => value.Type == type ? value : Expression.Convert(value, type);
}
