-- The ledger is written in sets. A row trigger on entries and transfers made COPY insert row by row, each with its own
-- record in the log; a check constraint holds the same and leaves COPY its speed. Not valid: it is held for every row
-- that comes, and a restored copy is not asked in which transaction its rows once came.
drop trigger entries_of_batch on entries;
drop trigger transfers_of_batch on transfers;
drop function refuse_stray_entry();

-- A ledger batch opens its municipality and its own id range for this transaction; rows outside are refused, and so are
-- closed periods.
create or replace function open_ledger_batch() returns trigger language plpgsql as $$
begin
  if exists (select from closed_periods p
             where p.municipality_code = new.municipality_code
               and p.month = date_trunc('month', new.posting_date)::date) then
    raise exception 'Accounting period % of municipality % is closed', to_char(new.posting_date, 'YYYY-MM'),
      lpad(new.municipality_code::text, 4, '0')
      using errcode = 'check_violation', hint = 'Post in the first open period with the original value date';
  end if;
  perform set_config('toek.ledger_open', new.municipality_code::text, true);
  perform set_config('toek.entry_from',
    least(nullif(current_setting('toek.entry_from', true), '')::bigint, new.batch_no::bigint << 24)::text, true);
  perform set_config('toek.entry_to',
    greatest(nullif(current_setting('toek.entry_to', true), '')::bigint, (new.batch_no::bigint + 1) << 24)::text, true);
  return new;
end $$;

alter table entries add constraint entries_of_a_ledger_batch_of_this_transaction check (
  municipality_code::text = coalesce(current_setting('toek.ledger_open', true), '')
  and entry_id >= coalesce(nullif(current_setting('toek.entry_from', true), '')::bigint, 9223372036854775807)
  and entry_id < coalesce(nullif(current_setting('toek.entry_to', true), '')::bigint, 0)) not valid;
alter table transfers add constraint transfers_of_a_ledger_batch_of_this_transaction check (
  municipality_code::text = coalesce(current_setting('toek.ledger_open', true), '')) not valid;

-- A transfer is found by the range of its entries: rows lie in the order of their batches, so the smallest and largest
-- entry of a few pages is index enough. A key of its own cost as much as the rows. That none comes twice is held by the
-- key of its entry and by the totals of its batch, which `toek verify` and every reconciliation reckon again.
alter table transfers drop constraint transfers_pkey;
create index transfers_of_entries on transfers using brin (municipality_code, entry_id) with (pages_per_range = 16, autosummarize = on);
