using Microsoft.EntityFrameworkCore;
using Migration.Sagas.Persistence;
using Npgsql;

namespace Migration.Tests.Infrastructure;

/// <summary>
/// Databases with the service's schema: migrated once a test run, then copied. A deferred trigger lets a test hold a
/// process's commits (<see cref="HeldCommits"/>): the statements are done, their locks are held, nobody sees them yet.
/// </summary>
public static class EngineDatabase
{
    const string HoldCommits =
        """
        create schema test;
        create function test.commit_gate(process text) returns bigint language sql immutable as $$ select hashtextextended('commit/' || process, 0) $$;
        create function test.hold_commit() returns trigger language plpgsql as $$
        begin
          perform pg_advisory_xact_lock_shared(test.commit_gate(current_setting('application_name') || coalesce(tg_argv[0], '')));
          return null;
        end $$;
        create constraint trigger hold_commit after insert or update on migration.ledger
          deferrable initially deferred for each row execute function test.hold_commit();
        create constraint trigger hold_enter after insert on migration.syncs
          deferrable initially deferred for each row execute function test.hold_commit('/enter');
        create constraint trigger hold_end after update of state on migration.syncs
          deferrable initially deferred for each row when (new.ended_at is not null and old.ended_at is null) execute function test.hold_commit('/end');
        """;

    static readonly Lazy<Task<string>> Template = new(CreateTemplateAsync);

    /// <summary>Returns the connection string of a new, migrated database.</summary>
    public static async Task<string> CreateAsync() => await TestPostgres.CreateDatabaseAsync(await Template.Value);

    static async Task<string> CreateTemplateAsync()
    {
        // Not pooled: nobody may be connected to a template.
        var connectionString = await TestPostgres.CreateDatabaseAsync() + ";Pooling=false";
        var options = new DbContextOptionsBuilder<MigrationDbContext>()
            .UseNpgsql(connectionString, x => x.MigrationsHistoryTable("schema_history", MigrationDbContext.Schema)).Options;
        await using var database = new MigrationDbContext(options);
        await database.Database.MigrateAsync();
        await database.Database.ExecuteSqlRawAsync(HoldCommits);
        return new NpgsqlConnectionStringBuilder(connectionString).Database!; // set by CreateDatabaseAsync
    }
}
