-- What the sync engine keeps beside its sagas (docs/architecture.md), and its views.

-- Events that came while their feature switch was off.
create table migration.parked_events (
  id          uuid        not null,                                 -- the event's SNS message id
  domain      text        not null,
  event_type  text        not null,
  body        text        not null,                                 -- as it lay on the queue
  parked_at   timestamptz not null default clock_timestamp(),
  replayed_at timestamptz,                                          -- null: still parked
  primary key (id, domain)
);
create index parked_events_waiting on migration.parked_events (domain, parked_at) where replayed_at is null;

-- A number by which an operator names a stray.
alter table migration.strays add column id bigint generated always as identity;
create unique index strays_id on migration.strays (id);

create function migration.record_sync_transition() returns trigger language plpgsql as $$
begin
  insert into migration.transitions (saga_id, subject, from_state, to_state, reason, who)
  values (new.correlation_id, 'sync/' || new.domain || '/' || new.entity || '/' || new.key,
          case when tg_op = 'INSERT' then '' else old.state end, new.state, new.state_reason, new.state_changed_by);
  return null;
end $$;
create trigger sync_inserted after insert on migration.syncs for each row execute function migration.record_sync_transition();
create trigger sync_state_changed after update of state on migration.syncs for each row when (old.state is distinct from new.state)
  execute function migration.record_sync_transition();
create index transitions_saga on migration.transitions (saga_id, id);

create view dashboard.syncs as
select correlation_id as sync_id, domain, entity, key, action, mode, state, state_reason as reason, attempts, error, created_target_id, existing_target_id,
       possible_duplicate, received_at, begun_at, ended_at, coalesce(ended_at, clock_timestamp()) - received_at as age
from migration.syncs;

create view dashboard.syncs_by_state as
select domain, state, state_reason as reason, count(*) as syncs, min(received_at) as oldest
from migration.syncs where state not in ('Completed', 'Ignored', 'Superseded') or ended_at > clock_timestamp() - interval '1 hour'
group by domain, state, state_reason;

create view dashboard.syncs_a_minute as
select domain, date_trunc('minute', ended_at) as minute, count(*) as ended,
       percentile_cont(0.5) within group (order by extract(epoch from ended_at - received_at)) as median_seconds,
       percentile_cont(0.95) within group (order by extract(epoch from ended_at - received_at)) as p95_seconds
from migration.syncs where ended_at > clock_timestamp() - interval '1 day'
group by domain, date_trunc('minute', ended_at);

create view dashboard.waiting_lanes as
select l.lane, l.kind, l.holder, l.granted_at, clock_timestamp() - l.granted_at as held_for, l.waiting, w.sync_id as waiter, w.mode as waiter_mode
from migration.lanes l join migration.lane_waiters w using (lane);

create view dashboard.needs_operator as
select correlation_id as sync_id, domain, entity, key, state_reason as reason, created_target_id, existing_target_id, ended_at
from migration.syncs where state = 'NeedsOperator';

create view dashboard.sync_failures as
select domain, fingerprint, state_reason as reason, count(*) as syncs, min(ended_at) as first_seen, max(ended_at) as last_seen, min(error) as example
from migration.syncs where state = 'Failed'
group by domain, fingerprint, state_reason;

create view dashboard.parked_events as
select domain, event_type, count(*) as events, min(parked_at) as oldest from migration.parked_events where replayed_at is null group by domain, event_type;
