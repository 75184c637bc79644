-- What is due to whom and when: the date leads, so that a run reads just its own.
create table payables (
  municipality_code smallint not null,
  disposition_date date not null,
  item_id bigint not null,
  -- 0: the payee's net; otherwise the third-party line.
  part smallint not null,
  payee bigint not null,
  unit int not null,
  -- NemKonto ydelsesart.
  rail_kind text not null,
  source_system smallint not null,
  benefit smallint not null,
  amount_ore bigint not null check (amount_ore > 0),
  -- The batch that calculated it: a run takes what is due of the batches that no earlier run of its date has taken.
  work_no int not null,
  primary key (municipality_code, disposition_date, item_id, part)
);
comment on table payables is 'Due item part (forfalden ydelsespost)';

create table payment_runs (
  municipality_code smallint not null,
  run_no int not null,
  work_no int not null,
  disposition_date date not null,
  -- The last calculated batch whose payables it took.
  until_work_no int not null,
  known_at timestamptz not null,
  payments int not null,
  parts int not null,
  amount_ore bigint not null,
  primary key (municipality_code, run_no)
);
comment on table payment_runs is 'Payment run (udbetalingskørsel)';

-- planned → assembled → approved → released → sent: appended, each by somebody.
create table payment_run_steps (
  municipality_code smallint not null,
  run_no int not null,
  step text not null check (step in ('planned', 'assembled', 'approved', 'released', 'sent')),
  at timestamptz not null,
  by_actor text not null,
  amount_ore bigint not null,
  primary key (municipality_code, run_no, step)
);
comment on table payment_run_steps is 'Step of a payment run (trin i udbetalingskørsel)';

create table payments (
  municipality_code smallint not null,
  -- run_no × 2^24 + number.
  payment_id bigint not null,
  payee bigint not null,
  unit int not null,
  -- NemKonto ydelsesart.
  rail_kind text not null,
  amount_ore bigint not null check (amount_ore > 0),
  parts int not null,
  primary key (municipality_code, payment_id)
);
comment on table payments is 'Payment to one payee (udbetaling)';

-- At most one payment per item part: the key refuses a second.
create table payment_parts (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  payment_id bigint not null,
  primary key (municipality_code, item_id, part)
);
comment on table payment_parts is 'Which payment carries an item part (udbetalingspost)';

create table payment_bundles (
  municipality_code smallint not null,
  run_no int not null,
  unit int not null,
  payments int not null,
  amount_ore bigint not null,
  primary key (municipality_code, run_no, unit)
);
comment on table payment_bundles is 'Payments of one paying unit in a run (bundt)';

create table received_files (
  municipality_code smallint not null,
  work_no int not null,
  kind text not null check (kind in ('answers', 'statement')),
  name text not null,
  sha256 bytea not null,
  header jsonb not null,
  problems jsonb not null,
  known_at timestamptz not null,
  primary key (municipality_code, work_no),
  unique (municipality_code, kind, name)
);
comment on table received_files is 'File received from a rail or bank (modtaget fil)';

create table payment_answers (
  municipality_code smallint not null,
  payment_id bigint not null,
  answer smallint not null check (answer in (2, 7, 8, 9)),
  work_no int not null,
  waiting_account boolean not null,
  reason text not null,
  primary key (municipality_code, payment_id, answer)
);
comment on table payment_answers is 'Answer of the rail on a payment (retursvar)';

create table statement_entries (
  municipality_code smallint not null,
  work_no int not null,
  entry_no int not null,
  account text not null,
  bank_ref text not null,
  -- Negative: money left the account.
  amount_ore bigint not null,
  booking_date date not null,
  value_date date not null,
  -- What it was matched with: a bundle (run and unit) or a payment; both 0 when nothing matches.
  run_no int not null,
  unit int not null,
  payment_id bigint not null,
  payments int not null,
  reason text not null,
  -- The id that the bank named, and what the movement was found to be.
  named text not null,
  match text not null check (match in ('settled', 'returned', 'unmatched')),
  primary key (municipality_code, work_no, entry_no),
  unique (municipality_code, account, bank_ref)
);
comment on table statement_entries is 'Movement on the bank account (kontobevægelse)';

create table payment_returns (
  municipality_code smallint not null,
  payment_id bigint not null,
  -- 2 formal error, 7 no account, 9 returned by the bank.
  answer smallint not null,
  work_no int not null,
  amount_ore bigint not null check (amount_ore > 0),
  reason text not null,
  primary key (municipality_code, payment_id)
);
comment on table payment_returns is 'Returned payment, an open item on the return account (returneret betaling)';

alter table payables enable row level security;
create policy scope on payables using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table payment_runs enable row level security;
create policy scope on payment_runs using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table payment_run_steps enable row level security;
create policy scope on payment_run_steps using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table payments enable row level security;
create policy scope on payments using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table payment_parts enable row level security;
create policy scope on payment_parts using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table payment_bundles enable row level security;
create policy scope on payment_bundles using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table received_files enable row level security;
create policy scope on received_files using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table payment_answers enable row level security;
create policy scope on payment_answers using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table statement_entries enable row level security;
create policy scope on statement_entries using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table payment_returns enable row level security;
create policy scope on payment_returns using (municipality_code = any ((select municipality_scope())::smallint[]));
grant select on payables, payment_runs, payment_run_steps, payments, payment_parts, payment_bundles, received_files,
  payment_answers, statement_entries, payment_returns to {{reader}}, {{writer}}, {{loader}};
grant insert on payables, payment_runs, payment_run_steps, payments, payment_parts, payment_bundles, received_files,
  payment_answers, statement_entries, payment_returns to {{writer}}, {{loader}};
