using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Migration.Sagas.Persistence.Migrations;

/// <summary>SQL alone: the model does not know the view.</summary>
[DbContext(typeof(MigrationDbContext))]
[Migration("20261124150000_PossibleDuplicateSyncs")]
public sealed class PossibleDuplicateSyncs : Microsoft.EntityFrameworkCore.Migrations.Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(SqlResource.Read("Persistence.Schema.0007_possible_duplicate_syncs.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop view dashboard.possible_duplicate_syncs; drop index migration.syncs_possible_duplicates;");
}
