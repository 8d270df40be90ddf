-- Rows that nobody needs any more are removed some time after they were closed: strays tell when, whoever closed them.
alter table migration.strays add column closed_at timestamptz;
update migration.strays set closed_at = clock_timestamp() where state <> 'Open';
create index strays_closed on migration.strays (closed_at) where closed_at is not null;

create function migration.record_stray_end() returns trigger language plpgsql as $$
begin
  new.closed_at := case when new.state <> 'Open' then clock_timestamp() end;
  return new;
end $$;
create trigger stray_state_changed before update of state on migration.strays for each row when (old.state is distinct from new.state)
  execute function migration.record_stray_end();

create index parked_events_replayed on migration.parked_events (replayed_at) where replayed_at is not null;
