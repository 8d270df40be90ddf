using MassTransit.Context;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>Loads, inserts, updates and deletes the saga of one message.</summary>
sealed class PostgresSagaRepositoryContext<TSaga, TMessage>(DbContext db, ConsumeContext<TMessage> context, ISagaConsumeContextFactory<DbContext, TSaga> factory, SagaRepositoryOptions<TSaga> options)
    : ConsumeContextScope<TMessage>(context, db), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISaga
    where TMessage : class
{
    readonly ConsumeContext<TMessage> _context = context;

    public async Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance)
    {
        Enter(instance.CorrelationId);
        return await factory.CreateSagaConsumeContext(db, _context, instance, SagaConsumeContextMode.Add).ConfigureAwait(false);
    }

    /// <summary>
    /// For events that insert at first sight. Null when the row exists: the caller then loads it. Looking under the lock saves the failing insert; where there is no lock
    /// the insert may still lose, which EF's savepoint undoes, for otherwise the transaction would be lost with it.
    /// </summary>
    public async Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance)
    {
        if (await LoadInstanceAsync(instance.CorrelationId).ConfigureAwait(false) is not null)
            return null!; // the interface is older than nullable annotations; null is its "not inserted"
        var tracked = db.ChangeTracker.Entries().Select(x => x.Entity).ToHashSet(ReferenceEqualityComparer.Instance);
        await db.Set<TSaga>().AddAsync(instance, CancellationToken).ConfigureAwait(false);
        try
        {
            await db.SaveChangesAsync(CancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException e) when (IsUniqueViolation(e))
        {
            foreach (var entry in db.ChangeTracker.Entries().Where(x => !tracked.Contains(x.Entity)).ToList()) // the saga, and what it owns
                entry.State = EntityState.Detached;
            return null!; // as above
        }
        return await factory.CreateSagaConsumeContext(db, _context, instance, SagaConsumeContextMode.Insert).ConfigureAwait(false);
    }

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId)
    {
        var instance = await LoadInstanceAsync(correlationId).ConfigureAwait(false);
        return instance is null
            ? null! // likewise "not found"
            : await factory.CreateSagaConsumeContext(db, _context, instance, SagaConsumeContextMode.Load).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<TSaga>> LoadAllAsync(ISagaQuery<TSaga> query)
    {
        // in one order, so that two messages that concern the same sagas cannot deadlock
        var ids = await db.Set<TSaga>().AsNoTracking().Where(query.FilterExpression).OrderBy(x => x.CorrelationId).Select(x => x.CorrelationId)
            .ToListAsync(CancellationToken).ConfigureAwait(false);
        var isStillWanted = query.FilterExpression.Compile(); // a row may have changed before it was locked
        var loaded = new List<TSaga>(ids.Count);
        foreach (var id in ids)
        {
            if (await LoadInstanceAsync(id).ConfigureAwait(false) is { } instance && isStillWanted(instance))
                loaded.Add(instance);
        }
        return loaded;
    }

    public async Task Save(SagaConsumeContext<TSaga> context)
    {
        try
        {
            await SaveChangesAsync(() => db.Set<TSaga>().Add(context.Saga)).ConfigureAwait(false);
        }
        catch (DbUpdateException e) when (IsUniqueViolation(e))
        {
            // With an advisory lock, which is of the id, too: two messages may make up different ids for what has the same unique key.
            throw new SagaInsertRaceException($"Saga {context.Saga.CorrelationId}, or another of the same unique key, was inserted by another message at the same time.", e);
        }
    }

    public Task Update(SagaConsumeContext<TSaga> context) => SaveChangesAsync(static () => { });

    public Task Delete(SagaConsumeContext<TSaga> context) => SaveChangesAsync(() => db.Set<TSaga>().Remove(context.Saga));

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context)
    {
        var entry = db.Entry(context.Saga);
        if (entry.State != EntityState.Detached)
        {
            entry.CurrentValues.SetValues(entry.OriginalValues);
            entry.State = EntityState.Unchanged;
        }
        return Task.CompletedTask;
    }

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class =>
        factory.CreateSagaConsumeContext(db, consumeContext, instance, mode);

    /// <summary>
    /// Locks, and then reads by a statement that begins after the wait for the lock: under READ COMMITTED a statement sees what was committed when it began. A single
    /// <c>for update</c> does read the locked row anew, and nothing but that row, so it is enough only for a saga that is one row.
    /// </summary>
    async Task<TSaga?> LoadInstanceAsync(Guid correlationId)
    {
        Enter(correlationId);
        var statements = SagaTable<TSaga>.Of(db, options.Lock);
        if (options.Lock != SagaLock.Optimistic && options.CustomizeQuery is null && statements.Reader is { } reader)
            return await ReadAsync(reader, statements.Select, correlationId).ConfigureAwait(false);

        if (options.Lock == SagaLock.Row)
        {
            var locked = await db.Database.SqlQueryRaw<int>(statements.LockRow, correlationId).ToListAsync(CancellationToken).ConfigureAwait(false);
            if (locked.Count == 0)
                return null; // a row that comes into being now would be read, and tracked, without its lock
        }
        else if (options.Lock == SagaLock.Advisory)
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({SagaTable<TSaga>.LockKey(correlationId)})", CancellationToken).ConfigureAwait(false);
        return await options.Customize(db.Set<TSaga>().AsTracking()).SingleOrDefaultAsync(x => x.CorrelationId == correlationId, CancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lock and read in one round trip; the server still begins the second statement after the first has its lock.</summary>
    async Task<TSaga?> ReadAsync(SagaReader<TSaga> reader, string select, Guid correlationId)
    {
        var isAdvisory = options.Lock == SagaLock.Advisory;
        var batch = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection());
        await using (batch.ConfigureAwait(false))
        {
            batch.Timeout = db.Database.GetCommandTimeout() ?? batch.Timeout;
            if (isAdvisory)
                batch.BatchCommands.Add(Command("select pg_advisory_xact_lock($1)", SagaTable<TSaga>.LockKey(correlationId)));
            batch.BatchCommands.Add(Command(isAdvisory ? select : $"{select} for update", correlationId));
            var rows = await batch.ExecuteReaderAsync(CancellationToken).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                if (isAdvisory)
                    await rows.NextResultAsync(CancellationToken).ConfigureAwait(false);
                return await rows.ReadAsync(CancellationToken).ConfigureAwait(false) ? reader.Track(db, rows) : null;
            }
        }

        static NpgsqlBatchCommand Command<T>(string text, T parameter) => new(text) { Parameters = { new NpgsqlParameter<T> { TypedValue = parameter } } };
    }

    /// <summary>What is sent from now on is of this saga.</summary>
    public void Enter(Guid correlationId)
    {
        if (_context.TryGetPayload<IOpenTransaction>(out var open))
            open.BelongsTo(correlationId);
    }

    async Task SaveChangesAsync(Action change)
    {
        change();
        // No savepoint, which costs a round trip: an error here ends the message's whole transaction.
        db.Database.AutoSavepointsEnabled = false;
        try
        {
            await db.SaveChangesAsync(CancellationToken).ConfigureAwait(false);
        }
        finally
        {
            db.Database.AutoSavepointsEnabled = true;
        }
    }

    static bool IsUniqueViolation(DbUpdateException e) => e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };
}
