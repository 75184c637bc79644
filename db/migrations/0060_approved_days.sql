-- A day whose payments, bank and ERP agree is approved, with all days before it: nothing more is posted on them. It is
-- not taken back: what was wrong is corrected on the first day that is open.
create table approved_days (
  municipality_code smallint not null,
  day date not null,
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  -- What was shown and seen: counts and sums by source system; no person is named.
  shown jsonb not null,
  primary key (municipality_code, day)
);
comment on table approved_days is 'Approved day, and all days before it (godkendt dag)';
alter table approved_days enable row level security;
create policy scope on approved_days using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on approved_days for select to {{loader}} using (true);
grant select on approved_days to {{reader}}, {{writer}}, {{loader}};
grant insert on approved_days to {{writer}}, {{loader}};
create trigger approved_days_appended before update or delete on approved_days for each row execute function refuse_change();

-- What is posted while a day is being approved waits for the approval, which waits for what is being posted.
create or replace function open_ledger_batch() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(7031207, new.municipality_code);
  if exists (select from closed_periods p
             where p.municipality_code = new.municipality_code
               and p.month = date_trunc('month', new.posting_date)::date) then
    raise exception 'Accounting period % of municipality % is closed', to_char(new.posting_date, 'YYYY-MM'),
      lpad(new.municipality_code::text, 4, '0')
      using errcode = 'check_violation', constraint = 'open_day',
        hint = 'Post in the first open period with the original value date';
  end if;
  if exists (select from approved_days d
             where d.municipality_code = new.municipality_code and d.day >= new.posting_date) then
    raise exception 'The day % of municipality % is approved', new.posting_date, lpad(new.municipality_code::text, 4, '0')
      using errcode = 'check_violation', constraint = 'open_day',
        hint = 'Post on the first open day with the original value date';
  end if;
  perform set_config('toek.ledger_open', new.municipality_code::text, true);
  perform set_config('toek.entry_from',
    least(nullif(current_setting('toek.entry_from', true), '')::bigint, new.batch_no::bigint << 24)::text, true);
  perform set_config('toek.entry_to',
    greatest(nullif(current_setting('toek.entry_to', true), '')::bigint, (new.batch_no::bigint + 1) << 24)::text, true);
  return new;
end $$;
