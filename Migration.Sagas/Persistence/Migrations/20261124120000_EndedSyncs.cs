using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Migration.Sagas.Persistence.Migrations;

/// <summary>SQL alone: the model does not know the index.</summary>
[DbContext(typeof(MigrationDbContext))]
[Migration("20261124120000_EndedSyncs")]
public sealed class EndedSyncs : Microsoft.EntityFrameworkCore.Migrations.Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(SqlResource.Read("Persistence.Schema.0006_ended_syncs.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop index migration.syncs_ended;");
}
