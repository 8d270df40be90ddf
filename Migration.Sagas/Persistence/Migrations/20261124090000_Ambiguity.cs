using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Migration.Sagas.Persistence.Migrations;

/// <summary>SQL alone: the model does not know the table.</summary>
[DbContext(typeof(MigrationDbContext))]
[Migration("20261124090000_Ambiguity")]
public sealed class Ambiguity : Microsoft.EntityFrameworkCore.Migrations.Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(SqlResource.Read("Persistence.Schema.0004_ambiguity.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop view dashboard.open_ambiguities;
        alter table migration.ambiguous drop column unknown;
        create view dashboard.open_ambiguities as select record, kind, since, look_after, target_id from migration.ambiguous;
        """);
}
