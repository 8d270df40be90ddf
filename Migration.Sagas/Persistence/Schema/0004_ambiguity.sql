-- A record that was created and waits for its mapping (target_id) may have, besides, a call whose end nobody knows. The first
-- has served when the mapping stands, the second only when it was looked for.
alter table migration.ambiguous add column unknown boolean not null default true;
update migration.ambiguous set unknown = false where target_id is not null;

create or replace view dashboard.open_ambiguities as
select record, kind, since, look_after, target_id, unknown from migration.ambiguous;
