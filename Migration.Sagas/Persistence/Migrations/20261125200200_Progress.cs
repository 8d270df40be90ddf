using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Migration.Sagas.Persistence.Migrations;

/// <summary>SQL alone: the saga has no use for the columns, which progress and dashboards show.</summary>
[DbContext(typeof(MigrationDbContext))]
[Migration("20261125200200_Progress")]
public sealed class Progress : Microsoft.EntityFrameworkCore.Migrations.Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(SqlResource.Read("Persistence.Schema.0010_progress.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop view dashboard.unread_pages; drop view dashboard.runs;
        alter table migration.run_pages drop column error; alter table migration.runs drop column resumed_at, drop column ended_before_resume;
        """ + SqlResource.Read("Persistence.Schema.0002_dashboard.sql"));
}
