-- What ended within the last hour or day is counted again and again (dashboard.syncs_by_state, dashboard.syncs_a_minute).
create index syncs_ended on migration.syncs (ended_at) where ended_at is not null;
