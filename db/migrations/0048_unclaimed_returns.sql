-- Two more rules of a municipality: what NemKonto was told to do where there is no account (the money goes to the
-- municipality's own error account, is refused, or goes to the state's waiting account), and what becomes of a payment
-- that came back and that nobody claims. Limitation is three years (forældelsesloven § 3). The kinds that there are stay.
do $$
declare
  known text;
begin
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'local_rules'::regclass and conname = 'local_rules_kind_check';
  execute format('alter table local_rules drop constraint local_rules_kind_check, add constraint local_rules_kind_check %s',
    replace(known, 'ARRAY[', 'ARRAY[''no_account''::text, ''unclaimed''::text, '));
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'local_rules'::regclass and conname = 'local_rules_treatment_check';
  execute format('alter table local_rules drop constraint local_rules_treatment_check, add constraint local_rules_treatment_check %s',
    regexp_replace(known, 'CASE kind', 'CASE kind
      WHEN ''no_account''::text THEN (treatment = ANY (ARRAY[''error_account''::text, ''refusal''::text, ''state_account''::text]))
      WHEN ''unclaimed''::text THEN (months > 0 AND (treatment = ANY (ARRAY[''income''::text, ''claim''::text])
        OR treatment = ''limitation''::text AND months >= 36))'));
end $$;
alter table local_rules drop constraint local_rules_account_check, add constraint local_rules_account_check
  check ((kind = 'shared_account' or (kind = 'no_account' and treatment = 'error_account')) = (account <> ''));

-- What two persons close of what came back: one proposes what the rules cover on a day, the other approves it.
create table return_closings (
  municipality_code smallint not null,
  closing_no int not null,
  -- Its age was reckoned on this day.
  as_of date not null,
  -- Of the parts, payments and treatments that were shown, so that another list is not approved for it.
  sha256 bytea not null,
  parts int not null check (parts > 0),
  amount_ore bigint not null check (amount_ore > 0),
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, closing_no),
  unique (municipality_code, as_of, sha256)
);
comment on table return_closings is 'Proposal to close returned payments that nobody claims (indstilling om uafhentede betalinger)';
create table return_closing_approvals (
  municipality_code smallint not null,
  closing_no int not null,
  work_no int not null,
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, closing_no)
);
comment on table return_closing_approvals is 'Approval of a closing of returned payments (godkendt lukning af uafhentede betalinger)';

-- A part of a payment that came back and nobody claimed: its money has left the return account.
create table closed_returns (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  payment_id bigint not null,
  work_no int not null,
  posted_on date not null,
  source_system smallint not null,
  benefit smallint not null,
  amount_ore bigint not null check (amount_ore > 0),
  -- Where its money is booked.
  account int not null,
  treatment text not null check (treatment in ('income', 'claim', 'limitation')),
  primary key (municipality_code, item_id, part)
);
comment on table closed_returns is 'Returned payment that nobody claimed, closed (uafhentet betaling)';
create index closed_returns_of_work on closed_returns (municipality_code, work_no);
-- It is claimed after all, or a new version of the order says anew what is to be paid: the money goes back first.
create table reopened_returns (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  work_no int not null,
  posted_on date not null,
  primary key (municipality_code, item_id, part)
);
comment on table reopened_returns is 'Closed return that is open again (genåbnet uafhentet betaling)';
create index reopened_returns_of_work on reopened_returns (municipality_code, work_no);

-- A payee was asked for an account, and until when the answer is waited for: nothing is closed before.
create table asked_returns (
  municipality_code smallint not null,
  payment_id bigint not null,
  asked_on date not null,
  answer_by date not null,
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, payment_id, asked_on),
  check (answer_by > asked_on)
);
comment on table asked_returns is 'Payee of a returned payment who was asked for an account (bedt om konto)';
do $$
declare
  one text;
begin
  foreach one in array array['asked_returns', 'return_closings', 'return_closing_approvals', 'closed_returns', 'reopened_returns'] loop
    execute format('alter table %I enable row level security', one);
    execute format('create policy scope on %I using (municipality_code = any ((select municipality_scope())::smallint[]))', one);
    execute format('create policy loader_reads on %I for select to {{loader}} using (true)', one);
    execute format('grant select on %I to {{reader}}, {{writer}}, {{loader}}', one);
    execute format('grant insert on %I to {{writer}}, {{loader}}', one);
  end loop;
end $$;
