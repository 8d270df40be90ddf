-- Claim (protocol L2, L3, L8 of the ledger). One verdict an input row.
-- $1 run_id[], $2 key[], $3 lane[], $4 token[], $5 lease, $6 deferral, $7 counter slot
with input as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) t (run_id, key, lane, token)
), due as (
  -- a lookup a row, in key order: the order of locks, and a plan that does not depend on what the planner knows of the table
  select i.run_id, i.key, i.lane, i.token
  from (select * from input order by run_id, key) i
  cross join lateral (
    select l.run_id from migration.ledger l
    where l.run_id = i.run_id and l.key = i.key and l.state = 'Pending' and l.not_before <= clock_timestamp()
      and exists (
        select from migration.runs r
        where r.run_id = i.run_id and r.state in ('Paging', 'Migrating', 'Completed', 'Failed')
          and not exists (select from migration.gates g where g.scope in ('all', 'domain/' || r.domain, 'run/' || r.run_id) and g.state <> 'open'))
    for no key update of l
  ) l
), got as (
  insert into migration.lanes (lane, kind, holder, epoch)
  select lane, 'claim', token, nextval('migration.lane_epoch') from due order by lane
  on conflict (lane) do nothing
  returning lane, holder
), claimed as (
  update migration.ledger l
  set state = 'Claimed', claim_no = l.claim_no + 1, claimed_by = d.token, attempts = l.attempts + 1,
      claimed_until = clock_timestamp() + $5, changed_at = clock_timestamp()
  from due d join got g on g.lane = d.lane and g.holder = d.token
  where l.run_id = d.run_id and l.key = d.key
  returning l.run_id, l.key, l.claim_no, l.attempts
), busy as (
  update migration.ledger l
  set not_before = clock_timestamp() + $6, sent_at = null
  from due d left join got g on g.lane = d.lane and g.holder = d.token
  where g.lane is null and l.run_id = d.run_id and l.key = d.key
  returning l.run_id, l.key
), delta as (
  select run_id, 'Pending' as state, -count(*) as n from claimed group by 1
  union all
  select run_id, 'Claimed', count(*) from claimed group by 1
), counted as (
  insert into migration.run_counters (run_id, slot, state, n)
  select run_id, $7, state, n from delta order by run_id, state
  on conflict (run_id, slot, state) do update set n = run_counters.n + excluded.n, changed_at = clock_timestamp()
)
select i.token,
       -- granted now, or granted already by a commit whose answer was lost
       coalesce(c.claim_no, case when l.state = 'Claimed' and l.claimed_by = i.token then l.claim_no end) as claim_no,
       coalesce(c.attempts, l.attempts) as attempts, b.key is not null as busy, l.state,
       coalesce(l.changed_at < clock_timestamp() - interval '60 seconds', false) as settled, r.state as run_state,
       exists (select from migration.gates g where g.scope in ('all', 'domain/' || r.domain, 'run/' || r.run_id) and g.state <> 'open') as gated
from input i
left join claimed c using (run_id, key)
left join busy b using (run_id, key)
left join lateral (
  select l.state, l.changed_at, l.claim_no, l.claimed_by, l.attempts from migration.ledger l where l.run_id = i.run_id and l.key = i.key offset 0
) l on true
left join migration.runs r on r.run_id = i.run_id
