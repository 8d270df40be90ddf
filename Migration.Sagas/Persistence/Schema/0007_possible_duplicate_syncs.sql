-- Changes whose create got no answer and was made again: DPS may hold the record twice.
create index syncs_possible_duplicates on migration.syncs (received_at) where possible_duplicate;

create view dashboard.possible_duplicate_syncs as
select correlation_id as sync_id, domain, entity, key, state, created_target_id, ended_at from migration.syncs where possible_duplicate;
