-- How many records and changes one process may have under way at an upstream; read every second. Without a row: 2 and 512.
create table migration.upstream_limits (
  upstream   text primary key,                                      -- nomis, mapping, visits, …
  lowest     integer     not null default 2 check (lowest >= 1),
  highest    integer     not null check (highest >= lowest),
  changed_by text        not null,
  changed_at timestamptz not null default clock_timestamp()
);
