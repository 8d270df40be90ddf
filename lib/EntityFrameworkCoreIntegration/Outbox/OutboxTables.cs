using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>The statements, with the tables named as the model names them. Column names are those of <see cref="OutboxModelBuilderExtensions"/>.</summary>
sealed class OutboxTables
{
    static readonly ConcurrentDictionary<IModel, OutboxTables> Cache = new();

    OutboxTables(DbContext db)
    {
        var inbox = NameOf<InboxState>(db, nameof(OutboxModelBuilderExtensions.AddInboxStateEntity));
        var outbox = NameOf<OutboxMessage>(db, nameof(OutboxModelBuilderExtensions.AddOutboxMessageEntity));
        var state = NameOf<OutboxState>(db, nameof(OutboxModelBuilderExtensions.AddOutboxStateEntity));

        Channel = outbox.Replace("\"", "", StringComparison.Ordinal);
        InsertInbox = $"insert into {inbox} (message_id, consumer_id, received_at) values ($1, $2, clock_timestamp()) on conflict do nothing";
        InsertMessage = $"""
            insert into {outbox} (scope_id, message_id, content_type, message_type, body, headers, properties, conversation_id, correlation_id, initiator_id, request_id,
              source_address, destination_address, response_address, fault_address, expiration_time, sent_time, due_at, attempts)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0)
            """;
        DeleteOldInbox = $$"""
            delete from {{inbox}} where (message_id, consumer_id) in (
              select message_id, consumer_id from {{inbox}} where received_at < clock_timestamp() - {0} order by received_at limit {1} for update skip locked)
            """;
        SelectDue = $$"""
            set local jit = off;
            with failed as materialized (
              select * from {{outbox}} where last_error is not null and not_before <= clock_timestamp() order by not_before limit {1} for update skip locked),
            fresh as materialized (
              select * from {{outbox}} o where last_error is null and not_before <= clock_timestamp() and not exists (
                select from {{outbox}} holder
                where holder.scope_id = o.scope_id and holder.sequence_number < o.sequence_number and holder.last_error is not null and holder.attempts < {{OutboxMessage.AttemptsInPlace}} offset 0)
              order by sequence_number limit greatest(1, {0} - (select count(*) from failed)) for update skip locked),
            taken as (select * from failed union all select * from fresh)
            select t.* from taken t where not exists (
              select from {{outbox}} earlier
              where earlier.scope_id = t.scope_id and earlier.sequence_number < t.sequence_number and earlier.attempts < {{OutboxMessage.AttemptsInPlace}}
                and not exists (select from taken where taken.sequence_number = earlier.sequence_number) offset 0)
            order by t.sequence_number
            """;
        Delete = $"set local synchronous_commit = off; delete from {outbox} where sequence_number = any ({{0}})";
        BackOff = $$"""
            update {{outbox}} o set attempts = o.attempts + f.counts::int, last_error = f.error,
              not_before = clock_timestamp() + least(power(2, least(o.attempts, 20) * f.counts::int) * interval '1 second', {3})
            from unnest({0}, {1}, {2}) as f (sequence_number, error, counts) where o.sequence_number = f.sequence_number
            """;
        UpsertState = $$"""
            insert into {{state}} (deliverer_id, host, started_at, seen_at, delivered, failed) values ({0}, {1}, clock_timestamp(), clock_timestamp(), {2}, {3})
            on conflict (deliverer_id) do update set seen_at = excluded.seen_at, delivered = excluded.delivered, failed = excluded.failed
            """;
        DeleteOldStates = $"delete from {state} where seen_at < clock_timestamp() - interval '1 day'";
        Backlog = $"""
            select count(*) as "Messages", count(last_error) as "Failing",
              coalesce(extract(epoch from clock_timestamp() - min(added_at)), 0)::float8 as "OldestAgeSeconds" from {outbox}
            """;
    }

    /// <summary>Of LISTEN and NOTIFY.</summary>
    public string Channel { get; }

    /// <summary>$1 message, $2 consumer. Waits for another transaction that has inserted the same and not yet ended.</summary>
    public string InsertInbox { get; }

    /// <summary>The columns of a new message in the order of <see cref="OutboxMessage.ToInsert"/>; the database adds the rest.</summary>
    public string InsertMessage { get; }

    /// <summary>{0} age, {1} rows at most.</summary>
    public string DeleteOldInbox { get; }

    /// <summary>
    /// {0} rows at most, of which {1} may have failed before: however many are refused, the others come through. Takes due rows that nobody else has, and of these returns
    /// the ones whose predecessors in their scope are all taken: what another process holds must leave first, and what failed holds back its scope until it has lost its
    /// place. With <c>offset 0</c> the predecessors are looked up row by row: a join would read the whole table, 160 ms in a backlog of 100,000 rows against 2 ms.
    /// </summary>
    public string SelectDue { get; }

    /// <summary>
    /// {0} sequence numbers. The commit need not wait for the disk: a deletion that a crash of the server undoes is a message sent twice, as after a crash of the process.
    /// </summary>
    public string Delete { get; }

    /// <summary>{0} sequence numbers, {1} errors, {2} whether the failure counts, {3} longest back-off. 1, 2, 4 … seconds; one second if it does not count.</summary>
    public string BackOff { get; }

    /// <summary>{0} deliverer, {1} host, {2} delivered, {3} failed.</summary>
    public string UpsertState { get; }

    public string DeleteOldStates { get; }

    public string Backlog { get; }

    public static OutboxTables Of(DbContext db) => Cache.GetOrAdd(db.Model, static (_, db) => new OutboxTables(db), db);

    static string NameOf<T>(DbContext db, string addedBy)
    {
        var entity = db.Model.FindEntityType(typeof(T));
        var table = entity?.GetTableName() ?? throw new InvalidOperationException($"{db.GetType().Name} has no {typeof(T).Name}: call modelBuilder.{addedBy}() in OnModelCreating.");
        return db.GetService<ISqlGenerationHelper>().DelimitIdentifier(table, entity.GetSchema());
    }
}
