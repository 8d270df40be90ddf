-- Hand the lanes that leaving holders left to the syncs that wait longest. A statement of its own, after the one that
-- locked the lane rows: a waiter that committed in between would otherwise not be seen.
-- $1 tokens of the holders that leave
with leaving as (
  select lane from migration.lanes where holder = any ($1) and waiting > 0 order by lane for update
), first as (
  select distinct on (w.lane) w.* from migration.lane_waiters w join leaving using (lane) order by w.lane, w.ticket
), gone as (
  delete from migration.lane_waiters w using first f where w.lane = f.lane and w.ticket = f.ticket
)
update migration.lanes l
set kind = 'sync', holder = f.sync_id, epoch = nextval('migration.lane_epoch'), granted_at = clock_timestamp(),
    waiting = l.waiting - 1, phase = case when f.grace_until > clock_timestamp() then 'open' else 'closed' end
from first f
where l.lane = f.lane
returning l.lane, l.holder, l.epoch
