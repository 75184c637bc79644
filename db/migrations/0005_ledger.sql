-- Work is cut into numbered batches per municipality before it is done, so that every id is fixed by input.
create table work_batches (
  municipality_code smallint not null,
  work_no int not null check (work_no between 1 and 65535),
  kind text not null check (kind in ('facts', 'calculate', 'run', 'answers', 'statement')),
  -- What the batch is about, unique within its kind: a file, a run, a month and number.
  cause text not null,
  -- Business time: when this was known. Never a wall clock in a scripted month.
  known_at timestamptz not null,
  order_ids bigint[],
  primary key (municipality_code, work_no),
  unique (municipality_code, kind, cause)
);
comment on table work_batches is 'Planned batch of work (arbejdsparti)';

-- The checkpoint: in the same transaction as what the batch wrote.
create table work_done (
  municipality_code smallint not null,
  work_no int not null,
  totals jsonb not null,
  primary key (municipality_code, work_no)
);
comment on table work_done is 'Finished batch of work and its totals (færdigt arbejdsparti)';

create table closed_periods (
  municipality_code smallint not null,
  -- The first day of the closed month.
  month date not null check (extract(day from month) = 1),
  closed_at timestamptz not null,
  closed_by text not null,
  primary key (municipality_code, month)
);
comment on table closed_periods is 'Closed accounting period (lukket regnskabsperiode)';

-- One posting date per ledger batch: so the database can refuse a closed period once per batch and not once per row.
create table ledger_batches (
  municipality_code smallint not null,
  -- work_no × 64 + position.
  batch_no int not null,
  posting_date date not null,
  value_date date not null,
  known_at timestamptz not null,
  entries int not null check (entries >= 0),
  transfers int not null check (transfers >= 0),
  amount_ore bigint not null check (amount_ore >= 0),
  -- sha256 over the digests of its entries, in order.
  digest bytea not null check (length(digest) = 32),
  primary key (municipality_code, batch_no)
);
comment on table ledger_batches is 'Ledger batch (bogføringsparti)';

create table entries (
  municipality_code smallint not null,
  -- batch_no × 2^24 + number.
  entry_id bigint not null,
  -- The order, run or statement that caused it.
  cause_id bigint not null,
  digest bytea not null check (length(digest) = 32),
  primary key (municipality_code, entry_id)
);
comment on table entries is 'Entry: a set of transfers with one cause (bilag)';

create table transfers (
  municipality_code smallint not null,
  entry_id bigint not null,
  transfer_no int not null,
  source_system smallint not null,
  benefit smallint not null,
  debit_account int not null,
  credit_account int not null check (credit_account <> debit_account),
  amount_ore bigint not null check (amount_ore > 0),
  -- 0 when the transfer is about no single item.
  item_id bigint not null,
  primary key (municipality_code, entry_id, transfer_no)
);
comment on table transfers is 'Transfer: one debit, one credit, one amount (postering i balance)';

create table seals (
  municipality_code smallint not null,
  seal_no int not null,
  batch_no int not null,
  -- sha256(previous head || batch digest); the first follows 32 zero bytes.
  head bytea not null check (length(head) = 32),
  primary key (municipality_code, seal_no),
  unique (municipality_code, batch_no)
);
comment on table seals is 'Seal: the chain over ledger batches (segl)';

-- A ledger batch opens its own id range for this transaction; rows outside it, and closed periods, are refused.
create function open_ledger_batch() returns trigger language plpgsql as $$
begin
  if exists (select from closed_periods p
             where p.municipality_code = new.municipality_code
               and p.month = date_trunc('month', new.posting_date)::date) then
    raise exception 'Accounting period % of municipality % is closed', to_char(new.posting_date, 'YYYY-MM'),
      lpad(new.municipality_code::text, 4, '0')
      using errcode = 'check_violation', hint = 'Post in the first open period with the original value date';
  end if;
  perform set_config('toek.entry_from',
    least(nullif(current_setting('toek.entry_from', true), '')::bigint, new.batch_no::bigint << 24)::text, true);
  perform set_config('toek.entry_to',
    greatest(nullif(current_setting('toek.entry_to', true), '')::bigint, (new.batch_no::bigint + 1) << 24)::text, true);
  return new;
end $$;
create trigger ledger_batches_open before insert on ledger_batches for each row execute function open_ledger_batch();

create function refuse_stray_entry() returns trigger language plpgsql as $$
begin
  raise exception 'Entry % belongs to no ledger batch of this transaction', new.entry_id
    using errcode = 'check_violation', hint = 'Insert its ledger batch first';
end $$;
create trigger entries_of_batch before insert on entries for each row
  when (new.entry_id < coalesce(nullif(current_setting('toek.entry_from', true), '')::bigint, 9223372036854775807)
     or new.entry_id >= coalesce(nullif(current_setting('toek.entry_to', true), '')::bigint, 0))
  execute function refuse_stray_entry();
create trigger transfers_of_batch before insert on transfers for each row
  when (new.entry_id < coalesce(nullif(current_setting('toek.entry_from', true), '')::bigint, 9223372036854775807)
     or new.entry_id >= coalesce(nullif(current_setting('toek.entry_to', true), '')::bigint, 0))
  execute function refuse_stray_entry();

create trigger ledger_batches_appended before update or delete on ledger_batches for each row execute function refuse_change();
create trigger entries_appended before update or delete on entries for each row execute function refuse_change();
create trigger transfers_appended before update or delete on transfers for each row execute function refuse_change();
create trigger seals_appended before update or delete on seals for each row execute function refuse_change();
create trigger ledger_batches_kept before truncate on ledger_batches for each statement execute function refuse_change();
create trigger entries_kept before truncate on entries for each statement execute function refuse_change();
create trigger transfers_kept before truncate on transfers for each statement execute function refuse_change();
create trigger seals_kept before truncate on seals for each statement execute function refuse_change();

alter table work_batches enable row level security;
create policy scope on work_batches using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table work_done enable row level security;
create policy scope on work_done using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table closed_periods enable row level security;
create policy scope on closed_periods using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table ledger_batches enable row level security;
create policy scope on ledger_batches using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table entries enable row level security;
create policy scope on entries using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table transfers enable row level security;
create policy scope on transfers using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table seals enable row level security;
create policy scope on seals using (municipality_code = any ((select municipality_scope())::smallint[]));

grant select on work_batches, work_done, closed_periods, ledger_batches, entries, transfers, seals
  to {{reader}}, {{writer}}, {{loader}};
grant insert on work_batches, work_done, ledger_batches, entries, transfers, seals to {{loader}};
grant insert on work_batches, work_done, ledger_batches, entries, transfers, seals, closed_periods to {{writer}};

-- The contract with auditors and tests: it stays as it is.
create view ledger_lines_v1 with (security_invoker = true) as
  select t.municipality_code as municipality, t.entry_id, t.transfer_no * 2 + side.n as line_no,
    b.posting_date, b.value_date, a.number as account,
    case side.n when 0 then t.amount_ore else 0 end as debit_ore,
    case side.n when 1 then t.amount_ore else 0 end as credit_ore,
    s.key as source_system, f.key as benefit, nullif(t.item_id, 0) as item_id
  from transfers t
  join ledger_batches b on b.municipality_code = t.municipality_code and b.batch_no = (t.entry_id >> 24)::int
  cross join (values (0), (1)) side (n)
  join accounts a on a.account = case side.n when 0 then t.debit_account else t.credit_account end
  left join source_systems s on s.source_system = t.source_system
  left join benefits f on f.benefit = t.benefit;
comment on view ledger_lines_v1 is 'Ledger lines for auditors: two for each transfer (finansposteringer)';
grant select on ledger_lines_v1 to {{reader}}, {{writer}}, {{loader}};
