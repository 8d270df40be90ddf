-- Outcome (protocol L5 to L11). Only the current token writes; a row that does not come back was late.
-- $1 run_id[], $2 key[], $3 record[], $4 claim_no[], $5 token[], $6 new_state[], $7 target_id[], $8 existing_id[],
-- $9 unknown[], $10 possible_duplicate[], $11 reason[], $12 error[], $13 fingerprint[], $14 stray[], $15 known_target[],
-- $16 kind[], $17 released[] (no attempt, and its message is given up), $18 counter slot, $19 settle time, $20 who,
-- $21 message lost (the sweeper: nobody will deliver it again)
with input as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::uuid[], $6::text[], $7::text[], $8::text[],
                       $9::bool[], $10::bool[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bool[])
    t (run_id, key, record, claim_no, token, new_state, target_id, existing_id, unknown, possible_duplicate, reason, error, fingerprint, stray, known_target, kind, released)
), mine as (
  select i.*, l.state as old_state
  from (select * from input order by run_id, key) i
  cross join lateral (
    select l.state from migration.ledger l
    where l.run_id = i.run_id and l.key = i.key and l.claim_no = i.claim_no and l.claimed_by = i.token and l.state in ('Claimed', 'MappingPending')
    for no key update of l
  ) l
), done as (
  update migration.ledger l
  set state = m.new_state,
      target_id = coalesce(m.target_id, l.target_id),
      existing_id = coalesce(m.existing_id, l.existing_id),
      possible_duplicate = l.possible_duplicate or m.possible_duplicate,
      attempts = l.attempts - m.released::int,
      claimed_until = null,
      claimed_by = case when m.new_state = 'MappingPending' then l.claimed_by end,
      sent_at = case when m.new_state <> 'MappingPending' and not $21 and not m.released then l.sent_at end,
      -- by another time for its row, whoever is sending its message sees that it was given up; a back-off stays
      not_before = case when $21 or m.released then greatest(clock_timestamp(), l.not_before + interval '1 microsecond') else l.not_before end,
      reason = m.reason, error = coalesce(m.error, l.error), fingerprint = m.fingerprint,
      changed_at = clock_timestamp()
  from mine m
  where l.run_id = m.run_id and l.key = m.key
), held as (
  select n.lane, n.holder, n.waiting
  from migration.lanes n join mine m on n.holder = m.token and m.new_state <> 'MappingPending'
  order by n.lane
  for update of n
), freed as (
  delete from migration.lanes n using held h where n.lane = h.lane and h.waiting = 0
), unsure as (
  -- what is known already stays: whoever comes next maps one record, and it must not be another than the last one was told
  insert into migration.ambiguous (record, kind, look_after, target_id, unknown)
  select record, kind, clock_timestamp() + $19, known_target, unknown from mine where unknown or known_target is not null order by record
  on conflict (record, kind) do update
    set since = clock_timestamp(), look_after = excluded.look_after, target_id = coalesce(ambiguous.target_id, excluded.target_id),
        unknown = ambiguous.unknown or excluded.unknown
  returning record, target_id
), mapped as (
  -- the knowledge that a created record waits for its mapping has served when the mapping stands
  delete from migration.ambiguous a using mine m
  where a.record = m.record and a.kind = 'create' and a.target_id = m.target_id and m.new_state = 'Migrated' and not a.unknown
), unmapped as (
  update migration.ambiguous a set target_id = null from mine m
  where a.record = m.record and a.kind = 'create' and a.target_id = m.target_id and m.new_state = 'Migrated' and a.unknown
), astray as (
  insert into migration.strays (record, target_id, reason, found_by)
  select record, stray, 'duplicate', $20 from mine where stray is not null
  union
  select m.record, m.known_target, 'late', $20 from mine m join unsure u using (record) where u.target_id <> m.known_target
  order by 1, 2
  on conflict (record, target_id) do nothing
), closed as (
  -- a stray that a mapping now names was not one after all
  update migration.strays s set state = 'Kept' from mine m
  where s.record = m.record and m.new_state = 'Migrated' and s.target_id = m.target_id and s.state = 'Open'
), delta as (
  select run_id, old_state as state, -count(*) as n from mine group by 1, 2
  union all
  select run_id, new_state, count(*) from mine group by 1, 2
), summed as (
  select run_id, state, sum(n) as n from delta group by 1, 2
), counted as (
  insert into migration.run_counters (run_id, slot, state, n)
  select run_id, $18, state, n from summed order by run_id, state
  on conflict (run_id, slot, state) do update set n = run_counters.n + excluded.n, changed_at = clock_timestamp()
)
select m.token, h.lane, coalesce(h.waiting, 0) as waiting from mine m left join held h on h.holder = m.token
