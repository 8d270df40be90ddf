using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Migration.Sagas.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Syncs : Microsoft.EntityFrameworkCore.Migrations.Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "syncs",
                schema: "migration",
                columns: table => new
                {
                    correlation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    state_reason = table.Column<string>(type: "text", nullable: true),
                    state_changed_by = table.Column<string>(type: "text", nullable: true),
                    domain = table.Column<string>(type: "text", nullable: false),
                    entity = table.Column<string>(type: "text", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false),
                    mode = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    properties = table.Column<string>(type: "text", nullable: false),
                    lanes = table.Column<string[]>(type: "text[]", nullable: false),
                    lanes_held = table.Column<int>(type: "integer", nullable: false),
                    grace_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    step_no = table.Column<int>(type: "integer", nullable: false),
                    step_token = table.Column<Guid>(type: "uuid", nullable: true),
                    step_kind = table.Column<string>(type: "text", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    pokes = table.Column<int>(type: "integer", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    parent = table.Column<string>(type: "text", nullable: true),
                    absorbed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    broad_id = table.Column<Guid>(type: "uuid", nullable: true),
                    awaited = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    held_events = table.Column<string>(type: "text", nullable: true),
                    created_target_id = table.Column<string>(type: "text", nullable: true),
                    is_creation_proved = table.Column<bool>(type: "boolean", nullable: false),
                    existing_target_id = table.Column<string>(type: "text", nullable: true),
                    possible_duplicate = table.Column<bool>(type: "boolean", nullable: false),
                    error = table.Column<string>(type: "text", nullable: true),
                    fingerprint = table.Column<string>(type: "text", nullable: true),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    begun_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_syncs", x => x.correlation_id);
                });

            migrationBuilder.CreateIndex(
                name: "syncs_by_state",
                schema: "migration",
                table: "syncs",
                columns: new[] { "state", "received_at" },
                filter: "state not in ('Completed', 'Ignored', 'Superseded')");

            migrationBuilder.CreateIndex(
                name: "syncs_due",
                schema: "migration",
                table: "syncs",
                column: "due_at",
                filter: "due_at is not null");

            migrationBuilder.CreateIndex(
                name: "syncs_of_parent",
                schema: "migration",
                table: "syncs",
                column: "parent",
                filter: "state = 'AwaitingParent'");

            migrationBuilder.CreateIndex(
                name: "syncs_of_record",
                schema: "migration",
                table: "syncs",
                columns: new[] { "domain", "entity", "key", "received_at" });

            migrationBuilder.Sql(SqlResource.Read("Persistence.Schema.0003_syncs.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                drop view dashboard.syncs, dashboard.syncs_by_state, dashboard.syncs_a_minute, dashboard.waiting_lanes, dashboard.needs_operator,
                  dashboard.sync_failures, dashboard.parked_events;
                drop table migration.syncs, migration.parked_events;
                drop function migration.record_sync_transition();
                drop index migration.transitions_saga;
                alter table migration.strays drop column id;
                """);
        }
    }
}
