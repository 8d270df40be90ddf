using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Migration.Sagas.Persistence.Migrations;

/// <summary>SQL alone: the model does not know the table.</summary>
[DbContext(typeof(MigrationDbContext))]
[Migration("20261124090100_UpstreamLimits")]
public sealed class UpstreamLimits : Microsoft.EntityFrameworkCore.Migrations.Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(SqlResource.Read("Persistence.Schema.0005_upstream_limits.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table migration.upstream_limits;");
}
