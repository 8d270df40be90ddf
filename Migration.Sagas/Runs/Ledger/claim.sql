-- Claim (protocol L2, L3, L8 of the ledger). One verdict an input row.
-- $1 run_id[], $2 key[], $3 lane[], $4 token[], $5 lease, $6 deferral, $7 counter slot
with input as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) t (run_id, key, lane, token)
), due as (
  select l.run_id, l.key, i.lane, i.token
  from input i
  join migration.ledger l using (run_id, key)
  join migration.runs r using (run_id)
  where l.state = 'Pending' and l.not_before <= clock_timestamp()
    and r.state in ('Paging', 'Migrating', 'Completed', 'Failed')
    and not exists (select from migration.gates g where g.scope in ('all', 'domain/' || r.domain, 'run/' || r.run_id) and g.state <> 'open')
  order by l.run_id, l.key
  for no key update of l
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
select i.token, coalesce(c.claim_no, own.claim_no) as claim_no, coalesce(c.attempts, own.attempts) as attempts, b.key is not null as busy, l.state,
       coalesce(l.changed_at < clock_timestamp() - interval '60 seconds', false) as settled, r.state as run_state,
       exists (select from migration.gates g where g.scope in ('all', 'domain/' || r.domain, 'run/' || r.run_id) and g.state <> 'open') as gated
from input i
left join claimed c using (run_id, key)
left join busy b using (run_id, key)
left join migration.ledger l using (run_id, key)
left join migration.runs r using (run_id)
-- granted already, by a commit whose answer was lost
left join migration.ledger own on own.run_id = i.run_id and own.key = i.key and own.state = 'Claimed' and own.claimed_by = i.token
