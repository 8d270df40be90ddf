-- A page's rows, its follow-on pages and its end, in one statement fenced by the page row (protocol L1).
-- $1 run_id, $2 page_key, $3 key[] (sorted), $4 follow-on page_key[], $5 counter slot
with page as (
  select p.run_id, p.page_key
  from migration.run_pages p join migration.runs r using (run_id)
  where p.run_id = $1 and p.page_key = $2 and p.state = 'Open' and r.state in ('Paging', 'Migrating')
  for no key update of p
), added as (
  insert into migration.ledger (run_id, key, page_key)
  select page.run_id, k.key, page.page_key from page cross join unnest($3::text[]) k (key) order by k.key
  on conflict (run_id, key) do nothing
  returning key
), follow as (
  insert into migration.run_pages (run_id, page_key)
  select page.run_id, f.page_key from page cross join unnest($4::text[]) f (page_key) order by f.page_key
  on conflict (run_id, page_key) do nothing
  returning page_key
), counted as (
  insert into migration.run_counters (run_id, slot, state, n)
  select page.run_id, $5, 'Pending', (select count(*) from added) from page
  on conflict (run_id, slot, state) do update set n = run_counters.n + excluded.n, changed_at = clock_timestamp()
), reported as (
  update migration.run_pages p
  set state = 'Reported', records = (select count(*) from added), changed_at = clock_timestamp()
  from page
  where p.run_id = page.run_id and p.page_key = page.page_key
)
select exists (select from page) as accepted
