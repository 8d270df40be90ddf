-- Views for operators and Grafana, read with a role that sees nothing else.

create schema if not exists dashboard;

create or replace view dashboard.runs as
select r.run_id, r.domain, r.state, r.started_at, r.ended_at, r.estimated_count, r.failure_reason,
       c.pending, c.claimed, c.mapping_pending, c.migrated, c.already_mapped, c.rejected, c.duplicate, c.failed,
       round((c.done / nullif(extract(epoch from coalesce(r.ended_at, clock_timestamp()) - r.started_at), 0))::numeric, 1) as records_per_second
from migration.runs r
left join lateral (
  select coalesce(sum(n) filter (where state = 'Pending'), 0)        as pending,
         coalesce(sum(n) filter (where state = 'Claimed'), 0)        as claimed,
         coalesce(sum(n) filter (where state = 'MappingPending'), 0) as mapping_pending,
         coalesce(sum(n) filter (where state = 'Migrated'), 0)       as migrated,
         coalesce(sum(n) filter (where state = 'AlreadyMapped'), 0)  as already_mapped,
         coalesce(sum(n) filter (where state = 'Rejected'), 0)       as rejected,
         coalesce(sum(n) filter (where state = 'Duplicate'), 0)      as duplicate,
         coalesce(sum(n) filter (where state = 'Failed'), 0)         as failed,
         coalesce(sum(n) filter (where state not in ('Pending', 'Claimed', 'MappingPending')), 0) as done
  from migration.run_counters k where k.run_id = r.run_id) c on true;

create or replace view dashboard.failures as
select run_id, fingerprint, reason, count(*) as records, min(changed_at) as first_seen, max(changed_at) as last_seen, min(error) as example
from migration.ledger where state in ('Failed', 'Rejected', 'Duplicate')
group by run_id, fingerprint, reason;

create or replace view dashboard.possible_duplicates as
select run_id, key, state, target_id, changed_at from migration.ledger where possible_duplicate;

create or replace view dashboard.open_strays as
select record, target_id, reason, found_by, since from migration.strays where state = 'Open';

create or replace view dashboard.open_ambiguities as
select record, kind, since, look_after, target_id from migration.ambiguous;

create or replace view dashboard.lanes as
select lane, kind, holder, granted_at, clock_timestamp() - granted_at as held_for, waiting from migration.lanes;
