-- The run engine's tables (docs/architecture.md). Times are the database's clock_timestamp(); states are text.

create table migration.run_pages (
  run_id      varchar(20) not null references migration.runs (run_id) on delete cascade,
  page_key    text        not null,
  state       text        not null default 'Open',
  sent_at     timestamptz,                                          -- null: no message is out
  changed_at  timestamptz not null default clock_timestamp(),
  records     integer     not null default 0,                       -- rows this page added to the ledger
  primary key (run_id, page_key)
);
create index run_pages_unsent on migration.run_pages (changed_at) where state = 'Open' and sent_at is null;

create table migration.ledger (
  run_id             varchar(20) not null,
  key                text        not null,                          -- the record's key in NOMIS, as its domain writes it
  page_key           text        not null,
  state              text        not null default 'Pending',
  claim_no           integer     not null default 0,
  claimed_by         uuid,
  claimed_until      timestamptz,
  attempts           integer     not null default 0,
  mapping_attempts   integer     not null default 0,
  not_before         timestamptz not null default clock_timestamp(),
  sent_at            timestamptz,                                   -- null: no message is out
  target_id          text,                                          -- the record we created in DPS
  existing_id        text,                                          -- the record that was mapped before us
  possible_duplicate boolean     not null default false,            -- pushed again after an unknown end
  reason             text,                                          -- why it ended so, in a few words
  error              text,                                          -- last error, without personal data
  fingerprint        text,                                          -- step, upstream, status, reason; ids and dates cut out
  changed_at         timestamptz not null default clock_timestamp(),
  primary key (run_id, key)
) with (fillfactor = 80);
create index ledger_expiring on migration.ledger (claimed_until) where state = 'Claimed';
create index ledger_unsent on migration.ledger (run_id, not_before) where state in ('Pending', 'MappingPending') and sent_at is null;
-- with the whole key: statements planned while the table was empty may pick it for a single record
create index ledger_open on migration.ledger (run_id, key) where state in ('Pending', 'Claimed', 'MappingPending');
create index ledger_failures on migration.ledger (run_id, key) where state in ('Failed', 'Rejected', 'Duplicate') or possible_duplicate;

-- Exact counts without counting: each process adds to its own slot. One slot may be negative, the sum is exact.
create table migration.run_counters (
  run_id     varchar(20) not null,
  slot       text        not null,
  state      text        not null,
  n          bigint      not null,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (run_id, slot, state)
) with (fillfactor = 50);

-- The one lock: nobody changes a record in DPS without holding its lanes.
create sequence migration.lane_epoch;
create sequence migration.lane_ticket;
create table migration.lanes (
  lane       text primary key,
  kind       text        not null,                                  -- claim, sync or look
  holder     uuid        not null,                                  -- claim token, sync id or look id
  epoch      bigint      not null,
  granted_at timestamptz not null default clock_timestamp(),
  phase      text        not null default 'closed',
  waiting    integer     not null default 0
) with (fillfactor = 50);
create index lanes_holder on migration.lanes (holder);
create table migration.lane_waiters (
  lane        text        not null,
  ticket      bigint      not null,
  sync_id     uuid        not null,
  entity      text        not null,
  key         text        not null,
  mode        text        not null,
  grace_until timestamptz,
  primary key (lane, ticket),
  unique (lane, sync_id)
);

-- A call that changes a target and whose end is unknown. Read by every creator; removed only by its own end.
create table migration.ambiguous (
  record     text        not null,                                  -- domain/entity/key
  kind       text        not null,                                  -- create, replace or set
  since      timestamptz not null default clock_timestamp(),
  look_after timestamptz not null,
  target_id  text,                                                  -- created, known, not mapped
  primary key (record, kind)
);
create index ambiguous_look on migration.ambiguous (look_after);

-- A record that we created in DPS and that no mapping names.
create table migration.strays (
  record    text        not null,
  target_id text        not null,
  reason    text        not null,                                   -- late, duplicate or second look
  found_by  text        not null,
  since     timestamptz not null default clock_timestamp(),
  state     text        not null default 'Open',                    -- Open, Compensated or Kept
  primary key (record, target_id)
);
create index strays_open on migration.strays (state, since);

create table migration.gates (
  scope      text primary key,                                      -- all, domain/<name>, upstream/<name>, run/<id>
  state      text        not null,                                  -- open, paused or closed
  reason     text,
  changed_by text        not null,
  changed_at timestamptz not null default clock_timestamp()
);

-- Every change of a saga's state; append only.
create table migration.transitions (
  id         bigint generated always as identity primary key,
  saga_id    uuid        not null,
  subject    text        not null,                                  -- run/<id>
  at         timestamptz not null default clock_timestamp(),
  from_state text        not null,
  to_state   text        not null,
  reason     text,
  who        text
);
create index transitions_subject on migration.transitions (subject, id);

-- Advisory key of a run's gate: shared by claims, exclusive for cancel. Not a row lock: a stream of sharers starved the writer.
create function migration.run_gate(run_id text) returns bigint language sql immutable strict parallel safe
  return hashtextextended('run-gate/' || run_id, 0);

create function migration.record_run_transition() returns trigger language plpgsql as $$
begin
  insert into migration.transitions (saga_id, subject, from_state, to_state, reason, who)
  values (new.correlation_id, 'run/' || new.run_id, case when tg_op = 'INSERT' then '' else old.state end, new.state, new.state_reason, new.state_changed_by);
  return null;
end $$;
create trigger run_inserted after insert on migration.runs for each row execute function migration.record_run_transition();
create trigger run_state_changed after update of state on migration.runs for each row when (old.state is distinct from new.state)
  execute function migration.record_run_transition();

-- How the processes of a release name lanes and records and check tokens. Processes of another number must not work side by side.
create table migration.protocol (
  one    boolean primary key default true check (one),
  number integer not null
);
