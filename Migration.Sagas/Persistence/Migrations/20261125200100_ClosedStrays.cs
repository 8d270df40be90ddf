using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Migration.Sagas.Persistence.Migrations;

/// <summary>SQL alone: the model does not know the table.</summary>
[DbContext(typeof(MigrationDbContext))]
[Migration("20261125200100_ClosedStrays")]
public sealed class ClosedStrays : Microsoft.EntityFrameworkCore.Migrations.Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(SqlResource.Read("Persistence.Schema.0009_closed_strays.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop index migration.parked_events_replayed;
        drop trigger stray_state_changed on migration.strays;
        drop function migration.record_stray_end();
        alter table migration.strays drop column closed_at;
        """);
}
