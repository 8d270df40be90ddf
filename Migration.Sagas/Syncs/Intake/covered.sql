-- Events that add nothing to a change of the same record that has not begun: each becomes a saga that is Superseded from its first
-- moment. The statement before this one has locked the lanes: what covers has not begun when this commits, and nobody begins to wait.
-- $1 id[], $2 domain[], $3 entity[], $4 key[], $5 mode[], $6 action[], $7 properties[], $8 lane[], $9 modes that may cover it[], joined by commas
with input as (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    t (id, domain, entity, key, mode, action, properties, lane, covering)
), last as (
  select distinct on (lane, entity, key) * from migration.lane_waiters where lane = any ($8) order by lane, entity, key, ticket desc
), open as (
  select h.lane, s.correlation_id as sync_id, s.domain || '/' || s.entity as entity, s.key, s.mode
  from migration.lanes h join migration.syncs s on s.correlation_id = h.holder where h.lane = any ($8) and h.kind = 'sync' and h.phase = 'open'
), covered as (
  -- the last one that waits, if any does: it comes after whoever holds the lane
  select i.*, coalesce(l.sync_id, o.sync_id) as by
  from input i
  left join last l on l.lane = i.lane and l.entity = i.domain || '/' || i.entity and l.key = i.key
  left join open o on o.lane = i.lane and o.entity = i.domain || '/' || i.entity and o.key = i.key
  where coalesce(l.mode, o.mode) = any (string_to_array(i.covering, ','))
), added as (
  insert into migration.syncs (correlation_id, state, domain, entity, key, mode, action, properties, lanes, lanes_held, step_no, attempts, pokes, awaited,
                               is_creation_proved, possible_duplicate, absorbed_by, received_at, ended_at)
  select id, 'Superseded', domain, entity, key, mode, action, properties, array[lane], 0, 0, 0, 0, '{}', false, false, by, clock_timestamp(), clock_timestamp()
  from covered order by id
  on conflict (correlation_id) do nothing
  returning correlation_id
)
select correlation_id from added
union
select s.correlation_id from migration.syncs s where s.correlation_id = any ($1) -- a second delivery
