-- Since when, and from how many ended records on, a run that was resumed has been at work: its rate is counted from there.
alter table migration.runs add column resumed_at timestamptz, add column ended_before_resume bigint;

-- Why a page that is still open could not be read the last time, without personal data.
alter table migration.run_pages add column error text;

create or replace view dashboard.runs as
select r.run_id, r.domain, r.state, r.started_at, r.ended_at, r.estimated_count, r.failure_reason,
       c.pending, c.claimed, c.mapping_pending, c.migrated, c.already_mapped, c.rejected, c.duplicate, c.failed,
       round(((c.done - coalesce(r.ended_before_resume, 0))
              / nullif(extract(epoch from coalesce(r.ended_at, clock_timestamp()) - coalesce(r.resumed_at, r.started_at)), 0))::numeric, 1) as records_per_second
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

create view dashboard.unread_pages as
select p.run_id, r.domain, p.page_key, p.error, p.changed_at from migration.run_pages p join migration.runs r using (run_id)
where p.state = 'Open' and p.error is not null;
