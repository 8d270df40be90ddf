using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Migration.Sagas.Persistence.Migrations;

/// <summary>SQL alone: the column belongs to the steps, and sagas read it by SQL when they miss a report.</summary>
[DbContext(typeof(MigrationDbContext))]
[Migration("20261125200000_StepReports")]
public sealed class StepReports : Microsoft.EntityFrameworkCore.Migrations.Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(SqlResource.Read("Persistence.Schema.0008_step_reports.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("alter table migration.syncs drop column step_report;");
}
