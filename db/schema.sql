-- The schema as it stands after all migrations. Written by `npm run schema`; do not edit.
-- Order: functions, tables, views. {{owner}}, {{reader}}, {{writer}}, {{loader}} are the roles of the database;
-- {{owner}} owns everything. What a role may do beyond that is granted below.

-- owned by {{owner}}

CREATE OR REPLACE FUNCTION public.municipality_scope()
 RETURNS smallint[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (COALESCE(NULLIF(current_setting('toek.municipalities'::text, true), ''::text), '{}'::text))::smallint[];

CREATE OR REPLACE FUNCTION public.open_ledger_batch()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'Rows of % are never changed or removed; append a correction instead', tg_table_name
    using errcode = 'insufficient_privilege';
end $function$;

create table accepted_payments (
  municipality_code smallint not null,
  work_no integer not null,
  run_no integer not null,
  waiting_account boolean not null,
  payments integer not null,
  numbers int4multirange not null,
  constraint accepted_payments_pkey PRIMARY KEY (municipality_code, work_no, run_no, waiting_account),
  constraint accepted_payments_payments_check CHECK ((payments > 0))
);
comment on table accepted_payments is 'Payments that an answer file accepted, by number within their run (retursvar)';
CREATE INDEX accepted_payments_of_run ON accepted_payments USING btree (municipality_code, run_no);
create policy loader_reads on accepted_payments for select to {{loader}} using (true);
create policy scope on accepted_payments using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table accepted_payments enable row level security;
grant insert, select on accepted_payments to {{loader}};
grant select on accepted_payments to {{reader}};
grant insert, select on accepted_payments to {{writer}};

create table accepted_warnings (
  municipality_code smallint not null,
  payment_id bigint not null,
  work_no integer not null,
  reason text not null,
  constraint accepted_warnings_pkey PRIMARY KEY (municipality_code, payment_id, reason)
);
comment on table accepted_warnings is 'Warning beside an accepted payment (advarsel)';
create policy loader_reads on accepted_warnings for select to {{loader}} using (true);
create policy scope on accepted_warnings using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table accepted_warnings enable row level security;
grant insert, select on accepted_warnings to {{loader}};
grant select on accepted_warnings to {{reader}};
grant insert, select on accepted_warnings to {{writer}};

create table access_tokens (
  token_hash bytea not null,
  actor text not null,
  kind text not null,
  source_system smallint,
  roles text[] not null default '{}'::text[],
  municipalities smallint[] not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
  constraint access_tokens_pkey PRIMARY KEY (token_hash),
  constraint access_tokens_kind_check CHECK ((kind = ANY (ARRAY['source_system'::text, 'person'::text, 'auditor'::text])))
);
comment on table access_tokens is 'Access token (adgangsnøgle)';
grant select on access_tokens to {{loader}};
grant select on access_tokens to {{reader}};
grant select on access_tokens to {{writer}};

create table accounts (
  account integer not null,
  key text not null,
  number text not null,
  name_da text not null,
  clearing boolean not null,
  purpose text,
  source_system text,
  constraint accounts_pkey PRIMARY KEY (account),
  constraint accounts_key_key UNIQUE (key)
);
comment on table accounts is 'Account (konto)';
grant insert, select on accounts to {{loader}};
grant select on accounts to {{reader}};
grant insert, select on accounts to {{writer}};

create table adjustment_plans (
  municipality_code smallint not null,
  item_id bigint not null,
  line_at bigint not null,
  work_no integer not null,
  person bigint not null,
  total_ore bigint not null,
  instalments smallint not null,
  constraint adjustment_plans_pkey PRIMARY KEY (municipality_code, item_id, line_at, work_no),
  constraint adjustment_plans_instalments_check CHECK (((instalments >= 1) AND (instalments <= 60))),
  constraint adjustment_plans_total_ore_check CHECK ((total_ore > 0))
);
comment on table adjustment_plans is 'Overpaid item spread over coming payments (afdragsplan for regulering)';
CREATE INDEX adjustment_plans_of_person ON adjustment_plans USING btree (municipality_code, person);
create policy loader_reads on adjustment_plans for select to {{loader}} using (true);
create policy scope on adjustment_plans using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table adjustment_plans enable row level security;
grant insert, select on adjustment_plans to {{loader}};
grant select on adjustment_plans to {{reader}};
grant insert, select on adjustment_plans to {{writer}};

create table approved_days (
  municipality_code smallint not null,
  day date not null,
  at timestamp with time zone not null,
  by_actor text not null,
  shown jsonb not null,
  constraint approved_days_pkey PRIMARY KEY (municipality_code, day),
  constraint approved_days_by_actor_check CHECK ((by_actor <> ''::text))
);
comment on table approved_days is 'Approved day, and all days before it (godkendt dag)';
CREATE TRIGGER approved_days_appended BEFORE DELETE OR UPDATE ON approved_days FOR EACH ROW EXECUTE FUNCTION refuse_change();
create policy loader_reads on approved_days for select to {{loader}} using (true);
create policy scope on approved_days using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table approved_days enable row level security;
grant insert, select on approved_days to {{loader}};
grant select on approved_days to {{reader}};
grant insert, select on approved_days to {{writer}};

create table arranged_payments (
  municipality_code smallint not null,
  payment_id bigint not null,
  arrangement_no integer not null,
  constraint arranged_payments_pkey PRIMARY KEY (municipality_code, payment_id)
);
comment on table arranged_payments is 'Payment made by a payee arrangement (betaling efter modtageraftale)';
create policy loader_reads on arranged_payments for select to {{loader}} using (true);
create policy scope on arranged_payments using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table arranged_payments enable row level security;
grant insert, select on arranged_payments to {{loader}};
grant select on arranged_payments to {{reader}};
grant insert, select on arranged_payments to {{writer}};

create table asked_returns (
  municipality_code smallint not null,
  payment_id bigint not null,
  asked_on date not null,
  answer_by date not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint asked_returns_pkey PRIMARY KEY (municipality_code, payment_id, asked_on),
  constraint asked_returns_check CHECK ((answer_by > asked_on))
);
comment on table asked_returns is 'Payee of a returned payment who was asked for an account (bedt om konto)';
create policy loader_reads on asked_returns for select to {{loader}} using (true);
create policy scope on asked_returns using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table asked_returns enable row level security;
grant insert, select on asked_returns to {{loader}};
grant select on asked_returns to {{reader}};
grant insert, select on asked_returns to {{writer}};

create table audit_log (
  municipality_code smallint not null,
  audit_no bigint not null generated always as identity,
  at timestamp with time zone not null,
  actor text not null,
  command text not null,
  subject text not null,
  detail jsonb not null default '{}'::jsonb,
  constraint audit_log_pkey PRIMARY KEY (municipality_code, audit_no)
);
comment on table audit_log is 'Audit row (kontrolspor)';
CREATE TRIGGER audit_log_appended BEFORE DELETE OR UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_kept BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
create policy loader_reads on audit_log for select to {{loader}} using (true);
create policy scope on audit_log using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table audit_log enable row level security;
grant insert, select on audit_log to {{loader}};
grant insert, select on audit_log to {{reader}};
grant insert, select on audit_log to {{writer}};

create table benefits (
  benefit smallint not null,
  key text not null,
  name_da text not null,
  constraint benefits_pkey PRIMARY KEY (benefit),
  constraint benefits_key_key UNIQUE (key)
);
comment on table benefits is 'Benefit (ydelse)';
grant select on benefits to {{loader}};
grant select on benefits to {{reader}};
grant select on benefits to {{writer}};

create table booked_after_stop (
  municipality_code smallint not null,
  payment_id bigint not null,
  work_no integer not null,
  account text not null,
  bank_ref text not null,
  amount_ore bigint not null,
  constraint booked_after_stop_pkey PRIMARY KEY (municipality_code, payment_id),
  constraint booked_after_stop_amount_ore_check CHECK ((amount_ore > 0))
);
comment on table booked_after_stop is 'Payment that was stopped and is booked all the same (bogført standset betaling)';
create policy loader_reads on booked_after_stop for select to {{loader}} using (true);
create policy scope on booked_after_stop using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table booked_after_stop enable row level security;
grant insert, select on booked_after_stop to {{loader}};
grant select on booked_after_stop to {{reader}};
grant insert, select on booked_after_stop to {{writer}};

create table booked_after_stop_taken (
  municipality_code smallint not null,
  payment_id bigint not null,
  work_no integer not null,
  constraint booked_after_stop_taken_pkey PRIMARY KEY (municipality_code, payment_id)
);
comment on table booked_after_stop_taken is 'What was made of a stop is undone, since the bank booked the payment (tilbageført standsning)';
create policy loader_reads on booked_after_stop_taken for select to {{loader}} using (true);
create policy scope on booked_after_stop_taken using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table booked_after_stop_taken enable row level security;
grant insert, select on booked_after_stop_taken to {{loader}};
grant select on booked_after_stop_taken to {{reader}};
grant insert, select on booked_after_stop_taken to {{writer}};

create table calculations (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  work_no integer not null,
  source_system smallint not null,
  benefit smallint not null,
  gross_ore bigint not null,
  own_atp_ore bigint not null,
  am_ore bigint not null,
  tax_ore bigint not null,
  set_off_ore bigint not null,
  third_party_ore bigint not null,
  net_ore bigint not null,
  employer_atp_ore bigint not null,
  pension_ore bigint not null,
  tax_base_ore bigint not null,
  allowance_used_ore bigint not null,
  frikort_used_ore bigint not null,
  tax_rate_millionths integer not null,
  card smallint not null,
  card_no smallint not null,
  se integer not null,
  tax_method smallint not null,
  payee bigint not null,
  disposition_date date not null,
  unit integer not null,
  rail_kind text not null,
  constraint calculations_pkey PRIMARY KEY (municipality_code, order_id, line_no),
  constraint calculations_am_ore_check CHECK ((am_ore >= 0)),
  constraint calculations_check CHECK ((gross_ore = (((((own_atp_ore + am_ore) + tax_ore) + set_off_ore) + third_party_ore) + net_ore))),
  constraint calculations_employer_atp_ore_check CHECK ((employer_atp_ore >= 0)),
  constraint calculations_gross_ore_check CHECK ((gross_ore >= 0)),
  constraint calculations_net_ore_check CHECK ((net_ore >= 0)),
  constraint calculations_own_atp_ore_check CHECK ((own_atp_ore >= 0)),
  constraint calculations_pension_ore_check CHECK ((pension_ore >= 0)),
  constraint calculations_set_off_ore_check CHECK ((set_off_ore >= 0)),
  constraint calculations_tax_ore_check CHECK ((tax_ore >= 0)),
  constraint calculations_third_party_ore_check CHECK ((third_party_ore >= 0))
);
comment on table calculations is 'Calculation gross to net of one item (beregning)';
CREATE INDEX calculations_of_work ON calculations USING brin (municipality_code, work_no) WITH (pages_per_range='16', autosummarize='on');
create policy loader_reads on calculations for select to {{loader}} using (true);
create policy scope on calculations using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table calculations enable row level security;
grant insert, select on calculations to {{loader}};
grant select on calculations to {{reader}};
grant insert, select on calculations to {{writer}};

create table claim_movements (
  municipality_code smallint not null,
  claim_id bigint not null,
  item_id bigint not null,
  line_no smallint not null,
  amount_ore bigint not null,
  before_tax_ore bigint not null default 0,
  received_on date,
  constraint claim_movements_pkey PRIMARY KEY (municipality_code, claim_id, item_id, line_no),
  constraint claim_movements_amount_ore_check CHECK ((amount_ore <> 0)),
  constraint claim_movements_check CHECK (((before_tax_ore >= LEAST(amount_ore, (0)::bigint)) AND (before_tax_ore <= GREATEST(amount_ore, (0)::bigint)))),
  constraint claim_movements_check1 CHECK (((before_tax_ore <> 0) = (received_on IS NOT NULL)))
);
comment on table claim_movements is 'Set-off taken against a claim (modregning på fordring)';
CREATE INDEX claim_movements_before_tax ON claim_movements USING btree (municipality_code, item_id) WHERE (before_tax_ore <> 0);
create policy loader_reads on claim_movements for select to {{loader}} using (true);
create policy scope on claim_movements using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table claim_movements enable row level security;
grant insert, select on claim_movements to {{loader}};
grant select on claim_movements to {{reader}};
grant insert, select on claim_movements to {{writer}};

create table claim_payments (
  municipality_code smallint not null,
  claim_id bigint not null,
  payment_no smallint not null,
  payment_key text not null,
  paid_on date not null,
  amount_ore bigint not null,
  taken_ore bigint not null,
  surplus_ore bigint not null,
  reverses text,
  their_left_ore bigint,
  our_left_ore bigint not null,
  order_key text,
  work_no integer not null,
  constraint claim_payments_pkey PRIMARY KEY (municipality_code, claim_id, payment_no),
  constraint claim_payments_municipality_code_payment_key_key UNIQUE (municipality_code, payment_key),
  constraint claim_payments_municipality_code_reverses_key UNIQUE (municipality_code, reverses),
  constraint claim_payments_check CHECK ((amount_ore = (taken_ore + surplus_ore))),
  constraint claim_payments_check1 CHECK ( CASE WHEN (reverses IS NULL) THEN ((amount_ore > 0) AND (taken_ore >= 0) AND (surplus_ore >= 0)) ELSE ((amount_ore < 0) AND (taken_ore <= 0) AND (surplus_ore <= 0)) END),
  constraint claim_payments_check2 CHECK (((order_key IS NULL) = (surplus_ore = 0))),
  constraint claim_payments_payment_key_check CHECK ((payment_key <> ''::text)),
  constraint claim_payments_payment_no_check CHECK ((payment_no > 0))
);
comment on table claim_payments is 'What a debtor paid on a claim, as the debtor system says (indbetaling på fordring)';
CREATE INDEX claim_payments_of_work ON claim_payments USING btree (municipality_code, work_no);
create policy loader_reads on claim_payments for select to {{loader}} using (true);
create policy scope on claim_payments using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table claim_payments enable row level security;
grant insert, select on claim_payments to {{loader}};
grant select on claim_payments to {{reader}};
grant insert, select on claim_payments to {{writer}};

create table claims (
  municipality_code smallint not null,
  claim_id bigint not null,
  claim_key text not null,
  source_system smallint not null,
  debtor bigint not null,
  benefit smallint not null,
  period_from date not null,
  period_to date not null,
  amount_ore bigint not null,
  due_date date not null,
  cause text not null,
  order_id bigint not null,
  constraint claims_pkey PRIMARY KEY (municipality_code, claim_id),
  constraint claims_municipality_code_claim_key_key UNIQUE (municipality_code, claim_key),
  constraint claims_amount_ore_check CHECK ((amount_ore > 0)),
  constraint claims_check CHECK ((period_to > period_from))
);
comment on table claims is 'Claim (fordring)';
create policy loader_reads on claims for select to {{loader}} using (true);
create policy scope on claims using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table claims enable row level security;
grant insert, select on claims to {{loader}};
grant select on claims to {{reader}};
grant insert, select on claims to {{writer}};

create table closed_periods (
  municipality_code smallint not null,
  month date not null,
  closed_at timestamp with time zone not null,
  closed_by text not null,
  constraint closed_periods_pkey PRIMARY KEY (municipality_code, month),
  constraint closed_periods_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);
comment on table closed_periods is 'Closed accounting period (lukket regnskabsperiode)';
create policy loader_reads on closed_periods for select to {{loader}} using (true);
create policy scope on closed_periods using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table closed_periods enable row level security;
grant select on closed_periods to {{loader}};
grant select on closed_periods to {{reader}};
grant insert, select on closed_periods to {{writer}};

create table closed_returns (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  payment_id bigint not null,
  work_no integer not null,
  posted_on date not null,
  source_system smallint not null,
  benefit smallint not null,
  amount_ore bigint not null,
  account integer not null,
  treatment text not null,
  constraint closed_returns_pkey PRIMARY KEY (municipality_code, item_id, part),
  constraint closed_returns_amount_ore_check CHECK ((amount_ore > 0)),
  constraint closed_returns_treatment_check CHECK ((treatment = ANY (ARRAY['income'::text, 'claim'::text, 'limitation'::text])))
);
comment on table closed_returns is 'Returned payment that nobody claimed, closed (uafhentet betaling)';
CREATE INDEX closed_returns_of_work ON closed_returns USING btree (municipality_code, work_no);
create policy loader_reads on closed_returns for select to {{loader}} using (true);
create policy scope on closed_returns using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table closed_returns enable row level security;
grant insert, select on closed_returns to {{loader}};
grant select on closed_returns to {{reader}};
grant insert, select on closed_returns to {{writer}};

create table deductions (
  municipality_code smallint not null,
  item_id bigint not null,
  line_no smallint not null,
  kind smallint not null,
  amount_ore bigint not null,
  payee bigint,
  constraint deductions_pkey PRIMARY KEY (municipality_code, item_id, line_no),
  constraint deductions_amount_ore_check CHECK ((amount_ore > 0)),
  constraint deductions_kind_check CHECK ((kind = ANY (ARRAY[1, 2]))),
  constraint deductions_payee_check CHECK (((kind = 2) = (payee IS NOT NULL)))
);
comment on table deductions is 'Set-off or third-party amount taken of an item (fradragslinje)';
create policy loader_reads on deductions for select to {{loader}} using (true);
create policy scope on deductions using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table deductions enable row level security;
grant insert, select on deductions to {{loader}};
grant select on deductions to {{reader}};
grant insert, select on deductions to {{writer}};

create table deliveries (
  municipality_code smallint not null,
  delivery_no integer not null,
  kind text not null,
  cause text not null,
  file_name text not null,
  sha256 bytea not null,
  bytes bigint not null,
  totals jsonb not null,
  ledger_head bytea not null,
  known_at timestamp with time zone not null,
  constraint deliveries_pkey PRIMARY KEY (municipality_code, delivery_no),
  constraint deliveries_municipality_code_kind_cause_key UNIQUE (municipality_code, kind, cause),
  constraint deliveries_kind_check CHECK ((kind = ANY (ARRAY['letter'::text, 'iso20022'::text, 'nemkonto'::text, 'eindkomst'::text, 'g69'::text, 'ydelsesrefusion'::text, 'ydelsesindeks'::text])))
);
comment on table deliveries is 'Delivery to somebody else (leverance)';
create policy loader_reads on deliveries for select to {{loader}} using (true);
create policy scope on deliveries using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table deliveries enable row level security;
grant insert, select on deliveries to {{loader}};
grant select on deliveries to {{reader}};
grant insert, select on deliveries to {{writer}};

create table deliveries_sent (
  municipality_code smallint not null,
  delivery_no integer not null,
  at timestamp with time zone not null,
  constraint deliveries_sent_pkey PRIMARY KEY (municipality_code, delivery_no)
);
comment on table deliveries_sent is 'Delivery that lies in the outgoing folder (afsendt leverance)';
create policy loader_reads on deliveries_sent for select to {{loader}} using (true);
create policy scope on deliveries_sent using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table deliveries_sent enable row level security;
grant insert, select on deliveries_sent to {{loader}};
grant select on deliveries_sent to {{reader}};
grant insert, select on deliveries_sent to {{writer}};

create table delivery_batches (
  municipality_code smallint not null,
  kind text not null,
  work_no integer not null,
  delivery_no integer not null,
  constraint delivery_batches_pkey PRIMARY KEY (municipality_code, kind, work_no)
);
comment on table delivery_batches is 'Which calculated batches a delivery tells of (leverancens arbejdspartier)';
create policy loader_reads on delivery_batches for select to {{loader}} using (true);
create policy scope on delivery_batches using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table delivery_batches enable row level security;
grant insert, select on delivery_batches to {{loader}};
grant select on delivery_batches to {{reader}};
grant insert, select on delivery_batches to {{writer}};

create table entries (
  municipality_code smallint not null,
  entry_id bigint not null,
  cause_id bigint not null,
  digest bytea not null,
  constraint entries_pkey PRIMARY KEY (municipality_code, entry_id),
  constraint entries_digest_check CHECK ((length(digest) = 32)),
  constraint entries_of_a_ledger_batch_of_this_transaction CHECK ((((municipality_code)::text = COALESCE(current_setting('toek.ledger_open'::text, true), ''::text)) AND (entry_id >= COALESCE((NULLIF(current_setting('toek.entry_from'::text, true), ''::text))::bigint, '9223372036854775807'::bigint)) AND (entry_id < COALESCE((NULLIF(current_setting('toek.entry_to'::text, true), ''::text))::bigint, (0)::bigint)))) NOT VALID
);
comment on table entries is 'Entry: a set of transfers with one cause (bilag)';
CREATE TRIGGER entries_appended BEFORE DELETE OR UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_kept BEFORE TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
create policy loader_reads on entries for select to {{loader}} using (true);
create policy scope on entries using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table entries enable row level security;
grant insert, select on entries to {{loader}};
grant select on entries to {{reader}};
grant insert, select on entries to {{writer}};

create table event_batches (
  municipality_code smallint not null,
  source_system smallint not null,
  first_no bigint not null,
  events integer not null,
  kind text not null,
  ref bigint not null,
  known_at timestamp with time zone not null,
  constraint event_batches_pkey PRIMARY KEY (municipality_code, source_system, first_no),
  constraint event_batches_events_check CHECK ((events > 0))
);
comment on table event_batches is 'Events back to a source system (hændelser til fagsystem)';
CREATE INDEX event_batches_order ON event_batches USING btree (source_system, first_no);
create policy loader_reads on event_batches for select to {{loader}} using (true);
create policy scope on event_batches using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table event_batches enable row level security;
grant insert, select on event_batches to {{loader}};
grant select on event_batches to {{reader}};
grant insert, select on event_batches to {{writer}};

create table file_attempts (
  municipality_code smallint not null,
  run_no integer not null,
  attempt integer not null,
  after_attempt integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint file_attempts_pkey PRIMARY KEY (municipality_code, run_no, attempt),
  constraint file_attempts_municipality_code_run_no_after_attempt_fkey FOREIGN KEY (municipality_code, run_no, after_attempt) REFERENCES refused_files(municipality_code, run_no, attempt),
  constraint file_attempts_attempt_check CHECK (((attempt >= 2) AND (attempt <= 99))),
  constraint file_attempts_check CHECK ((after_attempt = (attempt - 1)))
);
comment on table file_attempts is 'Payment file that is sent again (genfremsendt fil)';
create policy loader_reads on file_attempts for select to {{loader}} using (true);
create policy scope on file_attempts using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table file_attempts enable row level security;
grant insert, select on file_attempts to {{loader}};
grant select on file_attempts to {{reader}};
grant insert, select on file_attempts to {{writer}};

create table hand_matches (
  municipality_code smallint not null,
  work_no integer not null,
  account text not null,
  bank_ref text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  reason text not null,
  constraint hand_matches_pkey PRIMARY KEY (municipality_code, work_no),
  constraint hand_matches_municipality_code_account_bank_ref_key UNIQUE (municipality_code, account, bank_ref),
  constraint hand_matches_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint hand_matches_reason_check CHECK ((reason <> ''::text))
);
comment on table hand_matches is 'Bank line that a person has matched (håndmatch)';
create policy loader_reads on hand_matches for select to {{loader}} using (true);
create policy scope on hand_matches using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table hand_matches enable row level security;
grant insert, select on hand_matches to {{loader}};
grant select on hand_matches to {{reader}};
grant insert, select on hand_matches to {{writer}};

create table idempotency_keys (
  municipality_code smallint not null,
  actor text not null,
  key text not null,
  request_hash bytea not null,
  at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (municipality_code, actor, key)
);
comment on table idempotency_keys is 'Idempotency key (gentagelsesnøgle)';
create policy loader_reads on idempotency_keys for select to {{loader}} using (true);
create policy scope on idempotency_keys using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table idempotency_keys enable row level security;
grant insert, select on idempotency_keys to {{writer}};

create table intake_faults (
  municipality_code smallint not null,
  intake_no integer not null,
  line_no integer not null,
  order_key text not null,
  version integer not null,
  faults jsonb not null,
  constraint intake_faults_pkey PRIMARY KEY (municipality_code, intake_no, line_no)
);
comment on table intake_faults is 'Refused order with every fault (afvist ordre)';
create policy loader_reads on intake_faults for select to {{loader}} using (true);
create policy scope on intake_faults using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table intake_faults enable row level security;
grant insert, select on intake_faults to {{loader}};
grant select on intake_faults to {{reader}};
grant insert, select on intake_faults to {{writer}};

create table intakes (
  municipality_code smallint not null,
  intake_no integer not null,
  source_system smallint not null,
  file_id text not null,
  sha256 bytea not null,
  state text not null,
  month date,
  lines integer not null,
  accepted integer not null,
  held integer not null,
  refused integer not null,
  findings jsonb not null default '[]'::jsonb,
  known_at timestamp with time zone not null,
  actor text not null,
  told_ore bigint,
  taken_ore bigint,
  constraint intakes_pkey PRIMARY KEY (municipality_code, intake_no),
  constraint intakes_intake_no_check CHECK (((intake_no >= 1) AND (intake_no <= 4194303))),
  constraint intakes_state_check CHECK ((state = ANY (ARRAY['loaded'::text, 'refused'::text])))
);
comment on table intakes is 'Intake: an order file, a fact file or a single order (modtagelse)';
CREATE UNIQUE INDEX intakes_file ON intakes USING btree (municipality_code, source_system, file_id) WHERE (state = 'loaded'::text);
create policy loader_reads on intakes for select to {{loader}} using (true);
create policy scope on intakes using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table intakes enable row level security;
grant insert, select on intakes to {{loader}};
grant select on intakes to {{reader}};
grant insert, select on intakes to {{writer}};

create table item_movements (
  municipality_code smallint not null,
  work_no integer not null,
  movement_no integer not null,
  order_id bigint not null,
  posted_on date not null,
  item_id bigint not null,
  from_place smallint not null,
  from_ref bigint not null,
  to_place smallint not null,
  to_ref bigint not null,
  gross_ore bigint not null,
  own_atp_ore bigint not null,
  am_ore bigint not null,
  tax_ore bigint not null,
  employer_atp_ore bigint not null,
  pension_ore bigint not null,
  allowance_ore bigint not null,
  frikort_ore bigint not null,
  set_off_ore bigint not null,
  paid_ore bigint not null,
  returned_ore bigint not null,
  carried_own_atp_ore bigint not null,
  carried_am_ore bigint not null,
  carried_tax_ore bigint not null,
  carried_employer_atp_ore bigint not null,
  carried_pension_ore bigint not null,
  turn_no integer not null,
  constraint item_movements_pkey PRIMARY KEY (municipality_code, work_no, movement_no),
  constraint item_movements_check CHECK (((from_place <> to_place) OR (from_ref <> to_ref))),
  constraint item_movements_from_place_check CHECK (((from_place >= 0) AND (from_place <= 7))),
  constraint item_movements_gross_ore_check CHECK ((gross_ore > 0)),
  constraint item_movements_paid_ore_check CHECK ((paid_ore >= 0)),
  constraint item_movements_returned_ore_check CHECK ((returned_ore >= 0)),
  constraint item_movements_set_off_ore_check CHECK ((set_off_ore >= 0)),
  constraint item_movements_to_place_check CHECK (((to_place >= 0) AND (to_place <= 7))),
  constraint item_movements_turn_no_check CHECK ((turn_no >= 0))
);
comment on table item_movements is 'Movement of an item''s gross: corrected, overpaid, claimed (regulering)';
CREATE UNIQUE INDEX item_movements_of_items ON item_movements USING btree (municipality_code, item_id, turn_no);
CREATE INDEX item_movements_to ON item_movements USING btree (municipality_code, to_ref) WHERE (to_place = ANY (ARRAY[0, 3, 4]));
create policy loader_reads on item_movements for select to {{loader}} using (true);
create policy scope on item_movements using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table item_movements enable row level security;
grant insert, select on item_movements to {{loader}};
grant select on item_movements to {{reader}};
grant insert, select on item_movements to {{writer}};

create table kill_switch_holds (
  municipality_code smallint not null,
  work_no integer not null,
  switch_no integer not null,
  constraint kill_switch_holds_pkey PRIMARY KEY (municipality_code, work_no)
);
comment on table kill_switch_holds is 'Lines that a kill switch holds, by the act that held them (tilbageholdt af nødstop)';
create policy loader_reads on kill_switch_holds for select to {{loader}} using (true);
create policy scope on kill_switch_holds using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table kill_switch_holds enable row level security;
grant insert, select on kill_switch_holds to {{loader}};
grant select on kill_switch_holds to {{reader}};
grant insert, select on kill_switch_holds to {{writer}};

create table kill_switch_lifts (
  municipality_code smallint not null,
  switch_no integer not null,
  nth smallint not null,
  at timestamp with time zone not null,
  by_actor text not null,
  reason text not null,
  constraint kill_switch_lifts_pkey PRIMARY KEY (municipality_code, switch_no, nth),
  constraint kill_switch_lifts_municipality_code_switch_no_by_actor_key UNIQUE (municipality_code, switch_no, by_actor),
  constraint kill_switch_lifts_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint kill_switch_lifts_nth_check CHECK ((nth = ANY (ARRAY[1, 2]))),
  constraint kill_switch_lifts_reason_check CHECK ((reason <> ''::text))
);
comment on table kill_switch_lifts is 'A person wants a kill switch off; two do it (ophævet nødstop)';
create policy loader_reads on kill_switch_lifts for select to {{loader}} using (true);
create policy scope on kill_switch_lifts using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table kill_switch_lifts enable row level security;
grant insert, select on kill_switch_lifts to {{loader}};
grant select on kill_switch_lifts to {{reader}};
grant insert, select on kill_switch_lifts to {{writer}};

create table kill_switches (
  municipality_code smallint not null,
  switch_no integer not null,
  source_system smallint not null,
  at timestamp with time zone not null,
  by_actor text not null,
  reason text not null,
  constraint kill_switches_pkey PRIMARY KEY (municipality_code, switch_no),
  constraint kill_switches_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint kill_switches_reason_check CHECK ((reason <> ''::text)),
  constraint kill_switches_source_system_check CHECK (((source_system >= 1) AND (source_system <= 3))),
  constraint kill_switches_switch_no_check CHECK ((switch_no > 0))
);
comment on table kill_switches is 'Nothing of a source system is released (nødstop)';
create policy loader_reads on kill_switches for select to {{loader}} using (true);
create policy scope on kill_switches using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table kill_switches enable row level security;
grant insert, select on kill_switches to {{loader}};
grant select on kill_switches to {{reader}};
grant insert, select on kill_switches to {{writer}};

create table law_approvals (
  approval_no integer not null,
  change_no integer not null,
  test_no integer not null,
  entered_by text not null,
  known_at timestamp with time zone not null,
  by_actor text not null,
  constraint law_approvals_pkey PRIMARY KEY (approval_no),
  constraint law_approvals_change_no_key UNIQUE (change_no),
  constraint law_approvals_change_no_entered_by_fkey FOREIGN KEY (change_no, entered_by) REFERENCES law_changes(change_no, by_actor),
  constraint law_approvals_change_no_test_no_fkey FOREIGN KEY (change_no, test_no) REFERENCES law_tests(change_no, test_no),
  constraint law_approvals_approval_no_check CHECK ((approval_no >= 1)),
  constraint law_approvals_check CHECK (((by_actor <> ''::text) AND (by_actor <> entered_by)))
);
comment on table law_approvals is 'Approval of a law change: from then on it applies (godkendt lovændring)';
grant insert, select on law_approvals to {{loader}};
grant select on law_approvals to {{reader}};
grant insert, select on law_approvals to {{writer}};

create table law_changes (
  change_no integer not null,
  name text not null,
  legal_source text not null,
  effective_from date not null,
  changes jsonb not null,
  file_sha256 bytea not null,
  known_at timestamp with time zone not null,
  by_actor text not null,
  constraint law_changes_pkey PRIMARY KEY (change_no),
  constraint law_changes_change_no_by_actor_key UNIQUE (change_no, by_actor),
  constraint law_changes_file_sha256_key UNIQUE (file_sha256),
  constraint law_changes_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint law_changes_change_no_check CHECK (((change_no >= 1) AND (change_no <= 9999))),
  constraint law_changes_changes_check CHECK (((jsonb_typeof(changes) = 'array'::text) AND (changes <> '[]'::jsonb))),
  constraint law_changes_legal_source_check CHECK ((legal_source <> ''::text)),
  constraint law_changes_name_check CHECK ((name <> ''::text))
);
comment on table law_changes is 'Law change of what TØK decides (lovændring)';
grant insert, select on law_changes to {{loader}};
grant select on law_changes to {{reader}};
grant insert, select on law_changes to {{writer}};

create table law_tests (
  change_no integer not null,
  test_no integer not null,
  base_no integer not null,
  municipalities smallint[] not null,
  since date not null,
  until_work bigint not null,
  items bigint not null,
  changed_items bigint not null,
  net_ore bigint not null,
  totals jsonb not null,
  by_benefit jsonb not null,
  known_at timestamp with time zone not null,
  by_actor text not null,
  constraint law_tests_pkey PRIMARY KEY (change_no, test_no),
  constraint law_tests_change_no_fkey FOREIGN KEY (change_no) REFERENCES law_changes(change_no),
  constraint law_tests_base_no_check CHECK ((base_no >= 0)),
  constraint law_tests_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint law_tests_check CHECK (((changed_items >= 0) AND (changed_items <= items))),
  constraint law_tests_items_check CHECK ((items >= 0)),
  constraint law_tests_municipalities_check CHECK ((cardinality(municipalities) > 0)),
  constraint law_tests_test_no_check CHECK ((test_no >= 1)),
  constraint law_tests_until_work_check CHECK ((until_work >= 0))
);
comment on table law_tests is 'Trial of a law change on what was paid, and its sums (prøvning af en lovændring)';
grant insert, select on law_tests to {{loader}};
grant select on law_tests to {{reader}};
grant insert, select on law_tests to {{writer}};

create table law_uses (
  municipality_code smallint not null,
  approval_no integer not null,
  first_work_no integer not null,
  constraint law_uses_pkey PRIMARY KEY (municipality_code, approval_no),
  constraint law_uses_approval_no_fkey FOREIGN KEY (approval_no) REFERENCES law_approvals(approval_no),
  constraint law_uses_first_work_no_check CHECK ((first_work_no >= 1))
);
comment on table law_uses is 'Law changes taken into use by a municipality''s work (ibrugtaget lovændring)';
create policy loader_reads on law_uses for select to {{loader}} using (true);
create policy scope on law_uses using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table law_uses enable row level security;
grant insert, select on law_uses to {{loader}};
grant select on law_uses to {{reader}};
grant insert, select on law_uses to {{writer}};

create table ledger_batches (
  municipality_code smallint not null,
  batch_no integer not null,
  posting_date date not null,
  value_date date not null,
  known_at timestamp with time zone not null,
  entries integer not null,
  transfers integer not null,
  amount_ore bigint not null,
  digest bytea not null,
  constraint ledger_batches_pkey PRIMARY KEY (municipality_code, batch_no),
  constraint ledger_batches_amount_ore_check CHECK ((amount_ore >= 0)),
  constraint ledger_batches_digest_check CHECK ((length(digest) = 32)),
  constraint ledger_batches_entries_check CHECK ((entries >= 0)),
  constraint ledger_batches_transfers_check CHECK ((transfers >= 0))
);
comment on table ledger_batches is 'Ledger batch (bogføringsparti)';
CREATE TRIGGER ledger_batches_appended BEFORE DELETE OR UPDATE ON ledger_batches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_batches_kept BEFORE TRUNCATE ON ledger_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_batches_open BEFORE INSERT ON ledger_batches FOR EACH ROW EXECUTE FUNCTION open_ledger_batch();
create policy loader_reads on ledger_batches for select to {{loader}} using (true);
create policy scope on ledger_batches using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table ledger_batches enable row level security;
grant insert, select on ledger_batches to {{loader}};
grant select on ledger_batches to {{reader}};
grant insert, select on ledger_batches to {{writer}};

create table letters (
  municipality_code smallint not null,
  letter_no integer not null,
  payment_id bigint not null,
  template text not null,
  version date not null,
  data_sha256 bytea not null,
  html_sha256 bytea not null,
  pdf_sha256 bytea not null,
  memo_sha256 bytea not null,
  checks integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint letters_pkey PRIMARY KEY (municipality_code, letter_no),
  constraint letters_checks_check CHECK ((checks > 0)),
  constraint letters_template_check CHECK ((template <> ''::text))
);
comment on table letters is 'Letter that passed the accessibility gate and was published (brev)';
CREATE INDEX letters_of_payment ON letters USING btree (municipality_code, payment_id);
create policy loader_reads on letters for select to {{loader}} using (true);
create policy scope on letters using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table letters enable row level security;
grant insert, select on letters to {{loader}};
grant select on letters to {{reader}};
grant insert, select on letters to {{writer}};

create table local_rule_approvals (
  municipality_code smallint not null,
  intake_no integer not null,
  at timestamp with time zone not null,
  told_by text not null,
  by_actor text not null,
  constraint local_rule_approvals_pkey PRIMARY KEY (municipality_code, intake_no),
  constraint local_rule_approvals_check CHECK (((by_actor <> ''::text) AND (by_actor <> told_by)))
);
comment on table local_rule_approvals is 'Approval of told local rules by a second person (godkendt lokal regel)';
create policy loader_reads on local_rule_approvals for select to {{loader}} using (true);
create policy scope on local_rule_approvals using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table local_rule_approvals enable row level security;
grant insert, select on local_rule_approvals to {{loader}};
grant select on local_rule_approvals to {{reader}};
grant insert, select on local_rule_approvals to {{writer}};

create table local_rules (
  municipality_code smallint not null,
  intake_no integer not null,
  rule_no integer not null,
  kind text not null,
  source_system smallint not null,
  benefit smallint not null,
  valid_from date not null,
  amount_ore bigint not null,
  months integer not null,
  treatment text not null,
  gate_check text not null default ''::text,
  percent integer not null default 0,
  account text not null default ''::text,
  unit text not null default ''::text,
  rail text not null default ''::text,
  bank_days integer not null default 0,
  clock text not null default ''::text,
  hours integer not null default 0,
  owner text not null default ''::text,
  constraint local_rules_pkey PRIMARY KEY (municipality_code, intake_no, rule_no),
  constraint local_rules_account_check CHECK ((((kind = 'shared_account'::text) OR ((kind = 'no_account'::text) AND (treatment = 'error_account'::text))) = (account <> ''::text))),
  constraint local_rules_amount_ore_check CHECK ((amount_ore >= 0)),
  constraint local_rules_benefit_check CHECK ((benefit >= 0)),
  constraint local_rules_check CHECK (((kind <> 'takeover'::text) OR ((source_system > 0) AND (benefit = 0)))),
  constraint local_rules_check1 CHECK (((bank_days >= 0) AND (bank_days <= CASE WHEN (kind = 'cut_off'::text) THEN 20 ELSE 0 END))),
  constraint local_rules_check2 CHECK ( CASE WHEN (kind = 'cut_off'::text) THEN (clock ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text) ELSE (clock = ''::text) END),
  constraint local_rules_check3 CHECK (((hours >= 0) AND (hours <= CASE WHEN (kind = ANY (ARRAY['at_cut_off'::text, 'escalation'::text])) THEN 720 ELSE 0 END))),
  constraint local_rules_check4 CHECK (((kind = 'escalation'::text) = (owner <> ''::text))),
  constraint local_rules_gate_check CHECK (((kind = 'gate'::text) = (gate_check <> ''::text))),
  constraint local_rules_kind_check CHECK ((kind = ANY (ARRAY['no_account'::text, 'unclaimed'::text, 'closing_day'::text, 'cut_off'::text, 'at_cut_off'::text, 'escalation'::text, 'rail'::text, 'shared_account'::text, 'takeover'::text, 'look_back'::text, 'set_off_minimum'::text, 'small_amount'::text, 'gate'::text, 'release'::text, 'two_approvers_over'::text]))),
  constraint local_rules_months_check CHECK ((months >= 0)),
  constraint local_rules_percent_check CHECK (((percent >= 0) AND (percent <= CASE WHEN (kind = 'gate'::text) THEN 100000 ELSE 0 END))),
  constraint local_rules_rail_check CHECK ((((kind = ANY (ARRAY['rail'::text, 'cut_off'::text])) = (rail <> ''::text)) AND ((kind = 'rail'::text) = (unit <> ''::text)))),
  constraint local_rules_source_system_check CHECK (((source_system >= 0) AND (source_system <= 3))),
  constraint local_rules_treatment_check CHECK ( CASE kind WHEN 'no_account'::text THEN (treatment = ANY (ARRAY['error_account'::text, 'refusal'::text, 'state_account'::text])) WHEN 'unclaimed'::text THEN ((months > 0) AND ((treatment = ANY (ARRAY['income'::text, 'claim'::text])) OR ((treatment = 'limitation'::text) AND (months >= 36)))) WHEN 'small_amount'::text THEN (treatment = ANY (ARRAY['gather'::text, 'suppress'::text])) WHEN 'gate'::text THEN (treatment = ANY (ARRAY['nothing'::text, 'ask'::text, 'block_line'::text, 'block_run'::text])) WHEN 'release'::text THEN (treatment = ANY (ARRAY['automatic'::text, 'one'::text, 'two'::text])) WHEN 'at_cut_off'::text THEN (treatment = ANY (ARRAY['wait'::text, 'next_bank_day'::text, 'when_clean'::text])) ELSE (treatment = ''::text) END)
);
comment on table local_rules is 'Rule that a municipality has chosen, from a date (lokal regel)';
create policy loader_reads on local_rules for select to {{loader}} using (true);
create policy scope on local_rules using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table local_rules enable row level security;
grant insert, select on local_rules to {{loader}};
grant select on local_rules to {{reader}};
grant insert, select on local_rules to {{writer}};

create table migrations (
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migrations_pkey PRIMARY KEY (name)
);

create table municipalities (
  municipality_code smallint not null,
  name text not null,
  constraint municipalities_pkey PRIMARY KEY (municipality_code)
);
comment on table municipalities is 'Municipality (kommune)';
grant select on municipalities to {{loader}};
grant select on municipalities to {{reader}};
grant select on municipalities to {{writer}};

create table opening_returns (
  municipality_code smallint not null,
  payment_id bigint not null,
  source_system smallint not null,
  return_key text not null,
  content_hash bytea not null,
  amount_ore bigint not null,
  paid_on date not null,
  returned_on date not null,
  reference text not null,
  text text not null,
  constraint opening_returns_pkey PRIMARY KEY (municipality_code, payment_id),
  constraint opening_returns_municipality_code_source_system_return_key_key UNIQUE (municipality_code, source_system, return_key),
  constraint opening_returns_amount_ore_check CHECK ((amount_ore > 0)),
  constraint opening_returns_check CHECK ((returned_on >= paid_on)),
  constraint opening_returns_payment_id_check CHECK ((payment_id >= ((1)::bigint << 46))),
  constraint opening_returns_reference_check CHECK ((reference <> ''::text)),
  constraint opening_returns_return_key_check CHECK ((return_key <> ''::text))
);
comment on table opening_returns is 'Returned payment that was taken over from an old system (overtaget returnering)';
create policy loader_reads on opening_returns for select to {{loader}} using (true);
create policy scope on opening_returns using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table opening_returns enable row level security;
grant insert, select on opening_returns to {{loader}};
grant select on opening_returns to {{reader}};
grant insert, select on opening_returns to {{writer}};

create table order_adjustments (
  municipality_code smallint not null,
  order_id bigint not null,
  instalments smallint not null,
  constraint order_adjustments_pkey PRIMARY KEY (municipality_code, order_id),
  constraint order_adjustments_instalments_check CHECK (((instalments >= 1) AND (instalments <= 60)))
);
comment on table order_adjustments is 'What an order takes away is adjusted in coming payments (regulering i kommende udbetalinger)';
create policy loader_reads on order_adjustments for select to {{loader}} using (true);
create policy scope on order_adjustments using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table order_adjustments enable row level security;
grant insert, select on order_adjustments to {{loader}};
grant select on order_adjustments to {{reader}};
grant insert, select on order_adjustments to {{writer}};

create table order_hold_releases (
  municipality_code smallint not null,
  order_id bigint not null,
  hold_no smallint not null,
  reason text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint order_hold_releases_pkey PRIMARY KEY (municipality_code, order_id, hold_no),
  constraint order_hold_releases_reason_check CHECK (((reason <> ''::text) OR (by_actor = 'toek'::text)))
);
comment on table order_hold_releases is 'Release of a hold (frigivelse af tilbageholdelse)';
create policy loader_reads on order_hold_releases for select to {{loader}} using (true);
create policy scope on order_hold_releases using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table order_hold_releases enable row level security;
grant insert, select on order_hold_releases to {{loader}};
grant select on order_hold_releases to {{reader}};
grant insert, select on order_hold_releases to {{writer}};

create table order_holds (
  municipality_code smallint not null,
  order_id bigint not null,
  hold_no smallint not null,
  kind text not null,
  reason text not null,
  related_order bigint,
  at timestamp with time zone not null,
  by_actor text not null,
  event_intake integer,
  detail jsonb,
  constraint order_holds_pkey PRIMARY KEY (municipality_code, order_id, hold_no),
  constraint order_holds_check CHECK (((event_intake IS NULL) OR (kind = ANY (ARRAY['dead'::text, 'missing'::text, 'bankrupt'::text, 'closed'::text])))),
  constraint order_holds_detail_check CHECK ((jsonb_typeof(detail) = 'object'::text)),
  constraint order_holds_kind_check CHECK ((kind = ANY (ARRAY['before_takeover'::text, 'before_look_back'::text, 'small_amount'::text, 'possible_duplicate'::text, 'excluding_benefit'::text, 'awaits_corrections'::text, 'awaits_answer'::text, 'came_back'::text, 'unfounded_repayment'::text, 'superseded'::text, 'dead'::text, 'manual'::text, 'missing'::text, 'bankrupt'::text, 'closed'::text])))
);
comment on table order_holds is 'Hold on an order (tilbageholdelse)';
create policy loader_reads on order_holds for select to {{loader}} using (true);
create policy scope on order_holds using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table order_holds enable row level security;
grant insert, select on order_holds to {{loader}};
grant select on order_holds to {{reader}};
grant insert, select on order_holds to {{writer}};

create table order_lines (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  kind smallint not null,
  line_key text not null,
  amount_ore bigint not null,
  benefit smallint not null,
  right_holder bigint not null,
  period_from date,
  period_to date,
  quantity_unit smallint,
  quantity_thousandths integer,
  repayable boolean,
  sensitivity smallint,
  component text,
  kle text,
  legal_basis text,
  grant_uuid uuid,
  grant_benefit_id text,
  text text,
  reference text,
  not_duplicate_of text,
  payee bigint,
  claim_key text,
  cause text,
  decision_key text,
  decision_date date,
  from_earmarked boolean,
  constraint order_lines_pkey PRIMARY KEY (municipality_code, order_id, line_no),
  constraint order_lines_amount_ore_check CHECK ((amount_ore > 0)),
  constraint order_lines_check CHECK ((period_to > period_from)),
  constraint order_lines_kind_check CHECK (((kind >= 0) AND (kind <= 3)))
);
comment on table order_lines is 'Order line (ordrelinje)';
CREATE INDEX order_lines_repayments ON order_lines USING btree (municipality_code, right_holder, benefit, order_id) WHERE (kind = 3);
CREATE INDEX order_lines_right ON order_lines USING btree (municipality_code, right_holder, period_to) WHERE (kind = 0);
create policy loader_reads on order_lines for select to {{loader}} using (true);
create policy scope on order_lines using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table order_lines enable row level security;
grant insert, select on order_lines to {{loader}};
grant select on order_lines to {{reader}};
grant insert, select on order_lines to {{writer}};

create table order_references (
  municipality_code smallint not null,
  source_system smallint not null,
  order_key text not null,
  version integer not null,
  instead_of text not null,
  constraint order_references_pkey PRIMARY KEY (municipality_code, source_system, order_key, version),
  constraint order_references_check CHECK ((instead_of <> order_key))
);
comment on table order_references is 'Version of an order that takes the place of another order (ordrehenvisning)';
CREATE INDEX order_references_by_other ON order_references USING btree (municipality_code, source_system, instead_of);
create policy loader_reads on order_references for select to {{loader}} using (true);
create policy scope on order_references using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table order_references enable row level security;
grant insert, select on order_references to {{loader}};
grant select on order_references to {{reader}};
grant insert, select on order_references to {{writer}};

create table orders (
  municipality_code smallint not null,
  order_id bigint not null,
  source_system smallint not null,
  order_key text not null,
  version integer not null,
  content_hash bytea not null,
  state smallint not null,
  settle smallint not null,
  beneficiary bigint not null,
  beneficiary_type smallint not null,
  payee bigint not null,
  disposition_date date not null,
  decision_date date not null,
  decision_key text not null,
  case_key text not null,
  reason text,
  warnings jsonb,
  again smallint not null default 0,
  constraint orders_pkey PRIMARY KEY (municipality_code, order_id),
  constraint orders_key UNIQUE (municipality_code, source_system, order_key, version, again),
  constraint orders_again_check CHECK ((again >= 0)),
  constraint orders_state_check CHECK ((((state >= 0) AND (state <= 2)) AND ((state = 2) = (version = 0)))),
  constraint orders_version_check CHECK ((version >= 0))
);
comment on table orders is 'Order, the full desired state of one decision (effektueringsordre)';
create policy loader_reads on orders for select to {{loader}} using (true);
create policy scope on orders using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table orders enable row level security;
grant insert, select on orders to {{loader}};
grant select on orders to {{reader}};
grant insert, select on orders to {{writer}};

create table outcome_approvals (
  municipality_code smallint not null,
  proposal_no integer not null,
  work_no integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint outcome_approvals_pkey PRIMARY KEY (municipality_code, proposal_no)
);
comment on table outcome_approvals is 'Approval of a proposal (godkendt indstilling)';
create policy loader_reads on outcome_approvals for select to {{loader}} using (true);
create policy scope on outcome_approvals using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table outcome_approvals enable row level security;
grant insert, select on outcome_approvals to {{loader}};
grant select on outcome_approvals to {{reader}};
grant insert, select on outcome_approvals to {{writer}};

create table outcome_lots (
  municipality_code smallint not null,
  proposal_no integer not null,
  item_id bigint not null,
  line_at bigint not null,
  gross_ore bigint not null,
  decision_key text,
  decision_date date,
  reason text not null,
  outcome text not null default 'not_repayable'::text,
  instalments smallint,
  from_place smallint not null default 2,
  constraint outcome_lots_pkey PRIMARY KEY (municipality_code, proposal_no, item_id, line_at, from_place),
  constraint outcome_lots_check CHECK (((decision_key IS NULL) = (outcome = 'technical_error'::text))),
  constraint outcome_lots_check1 CHECK (((decision_date IS NULL) = (decision_key IS NULL))),
  constraint outcome_lots_check2 CHECK (((instalments IS NULL) = (outcome <> 'adjust'::text))),
  constraint outcome_lots_from_place_check CHECK ((from_place = ANY (ARRAY[2, 6]))),
  constraint outcome_lots_gross_ore_check CHECK ((gross_ore > 0)),
  constraint outcome_lots_instalments_check CHECK (((instalments >= 1) AND (instalments <= 60))),
  constraint outcome_lots_outcome_check CHECK ((outcome = ANY (ARRAY['not_repayable'::text, 'adjust'::text, 'technical_error'::text]))),
  constraint outcome_lots_reason_check CHECK ((reason <> ''::text))
);
comment on table outcome_lots is 'Overpaid item of a proposal, with its decision (indstillet post)';
create policy loader_reads on outcome_lots for select to {{loader}} using (true);
create policy scope on outcome_lots using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table outcome_lots enable row level security;
grant insert, select on outcome_lots to {{loader}};
grant select on outcome_lots to {{reader}};
grant insert, select on outcome_lots to {{writer}};

create table outcome_proposals (
  municipality_code smallint not null,
  proposal_no integer not null,
  file_sha256 bytea not null,
  lots integer not null,
  amount_ore bigint not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint outcome_proposals_pkey PRIMARY KEY (municipality_code, proposal_no),
  constraint outcome_proposals_municipality_code_file_sha256_key UNIQUE (municipality_code, file_sha256),
  constraint outcome_proposals_amount_ore_check CHECK ((amount_ore > 0)),
  constraint outcome_proposals_lots_check CHECK ((lots > 0))
);
comment on table outcome_proposals is 'Proposal not to claim back what was overpaid (indstilling om ikke at kræve tilbage)';
create policy loader_reads on outcome_proposals for select to {{loader}} using (true);
create policy scope on outcome_proposals using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table outcome_proposals enable row level security;
grant insert, select on outcome_proposals to {{loader}};
grant select on outcome_proposals to {{reader}};
grant insert, select on outcome_proposals to {{writer}};

create table outside_approvals (
  municipality_code smallint not null,
  outside_no integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint outside_approvals_pkey PRIMARY KEY (municipality_code, outside_no),
  constraint outside_approvals_by_actor_check CHECK ((by_actor <> ''::text))
);
comment on table outside_approvals is 'Approval of a payment made elsewhere by a second person (godkendt betaling udenom)';
create policy loader_reads on outside_approvals for select to {{loader}} using (true);
create policy scope on outside_approvals using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table outside_approvals enable row level security;
grant insert, select on outside_approvals to {{loader}};
grant select on outside_approvals to {{reader}};
grant insert, select on outside_approvals to {{writer}};

create table outside_ends (
  municipality_code smallint not null,
  outside_no integer not null,
  reason text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint outside_ends_pkey PRIMARY KEY (municipality_code, outside_no),
  constraint outside_ends_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint outside_ends_reason_check CHECK ((reason <> ''::text))
);
comment on table outside_ends is 'A payment made elsewhere was registered in error (opgivet betaling udenom)';
create policy loader_reads on outside_ends for select to {{loader}} using (true);
create policy scope on outside_ends using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table outside_ends enable row level security;
grant insert, select on outside_ends to {{loader}};
grant select on outside_ends to {{reader}};
grant insert, select on outside_ends to {{writer}};

create table outside_lines (
  municipality_code smallint not null,
  outside_no integer not null,
  work_no integer not null,
  account text not null,
  bank_ref text not null,
  constraint outside_lines_pkey PRIMARY KEY (municipality_code, outside_no),
  constraint outside_lines_municipality_code_account_bank_ref_key UNIQUE (municipality_code, account, bank_ref)
);
comment on table outside_lines is 'Bank line of a payment that was made elsewhere (banklinje betalt udenom)';
create policy loader_reads on outside_lines for select to {{loader}} using (true);
create policy scope on outside_lines using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table outside_lines enable row level security;
grant insert, select on outside_lines to {{loader}};
grant select on outside_lines to {{reader}};
grant insert, select on outside_lines to {{writer}};

create table outside_parts (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  outside_no integer not null,
  work_no integer not null,
  source_system smallint not null,
  benefit smallint not null,
  amount_ore bigint not null,
  constraint outside_parts_pkey PRIMARY KEY (municipality_code, item_id, part),
  constraint outside_parts_amount_ore_check CHECK ((amount_ore > 0)),
  constraint outside_parts_part_check CHECK ((part >= 64))
);
comment on table outside_parts is 'Item part that was paid elsewhere (post betalt udenom)';
create policy loader_reads on outside_parts for select to {{loader}} using (true);
create policy scope on outside_parts using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table outside_parts enable row level security;
grant insert, select on outside_parts to {{loader}};
grant select on outside_parts to {{reader}};
grant insert, select on outside_parts to {{writer}};

create table outside_payments (
  municipality_code smallint not null,
  outside_no integer not null,
  source_system smallint not null,
  order_key text not null,
  line_key text not null default ''::text,
  amount_ore bigint not null,
  paid_on date not null,
  reference text not null,
  document text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint outside_payments_pkey PRIMARY KEY (municipality_code, outside_no),
  constraint outside_payments_municipality_code_source_system_order_key__key UNIQUE (municipality_code, source_system, order_key, line_key, reference),
  constraint outside_payments_amount_ore_check CHECK ((amount_ore > 0)),
  constraint outside_payments_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint outside_payments_document_check CHECK ((document <> ''::text)),
  constraint outside_payments_order_key_check CHECK ((order_key <> ''::text)),
  constraint outside_payments_outside_no_check CHECK (((outside_no >= 1) AND (outside_no <= 2097151))),
  constraint outside_payments_reference_check CHECK ((reference <> ''::text))
);
comment on table outside_payments is 'Payment that was made elsewhere (betalt udenom)';
create policy loader_reads on outside_payments for select to {{loader}} using (true);
create policy scope on outside_payments using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table outside_payments enable row level security;
grant insert, select on outside_payments to {{loader}};
grant select on outside_payments to {{reader}};
grant insert, select on outside_payments to {{writer}};

create table oversight_marks (
  municipality_code smallint not null,
  month date not null,
  payment_id bigint not null,
  verdict text not null,
  remark text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint oversight_marks_pkey PRIMARY KEY (municipality_code, month, payment_id),
  constraint oversight_marks_municipality_code_month_payment_id_fkey FOREIGN KEY (municipality_code, month, payment_id) REFERENCES oversight_payments(municipality_code, month, payment_id),
  constraint oversight_marks_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint oversight_marks_check CHECK (((verdict = 'remark'::text) = (remark <> ''::text))),
  constraint oversight_marks_verdict_check CHECK ((verdict = ANY (ARRAY['ok'::text, 'remark'::text])))
);
comment on table oversight_marks is 'What a person found of a payment in a sample (tilsynsmærke)';
create policy loader_reads on oversight_marks for select to {{loader}} using (true);
create policy scope on oversight_marks using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table oversight_marks enable row level security;
grant insert, select on oversight_marks to {{loader}};
grant select on oversight_marks to {{reader}};
grant insert, select on oversight_marks to {{writer}};

create table oversight_payments (
  municipality_code smallint not null,
  month date not null,
  payment_id bigint not null,
  constraint oversight_payments_pkey PRIMARY KEY (municipality_code, month, payment_id),
  constraint oversight_payments_municipality_code_month_fkey FOREIGN KEY (municipality_code, month) REFERENCES oversight_samples(municipality_code, month)
);
comment on table oversight_payments is 'Payment in a sample (udtrukket betaling)';
create policy loader_reads on oversight_payments for select to {{loader}} using (true);
create policy scope on oversight_payments using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table oversight_payments enable row level security;
grant insert, select on oversight_payments to {{loader}};
grant select on oversight_payments to {{reader}};
grant insert, select on oversight_payments to {{writer}};

create table oversight_samples (
  municipality_code smallint not null,
  month date not null,
  seed bytea not null,
  ledger_head bytea not null,
  payments integer not null,
  amount_ore bigint not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint oversight_samples_pkey PRIMARY KEY (municipality_code, month),
  constraint oversight_samples_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint oversight_samples_ledger_head_check CHECK ((octet_length(ledger_head) = 32)),
  constraint oversight_samples_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
  constraint oversight_samples_payments_check CHECK ((payments > 0)),
  constraint oversight_samples_seed_check CHECK ((octet_length(seed) = 32))
);
comment on table oversight_samples is 'Sample of a month''s payments for oversight (stikprøve til ledelsestilsyn)';
create policy loader_reads on oversight_samples for select to {{loader}} using (true);
create policy scope on oversight_samples using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table oversight_samples enable row level security;
grant insert, select on oversight_samples to {{loader}};
grant select on oversight_samples to {{reader}};
grant insert, select on oversight_samples to {{writer}};

create table oversight_signatures (
  municipality_code smallint not null,
  month date not null,
  remarks integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint oversight_signatures_pkey PRIMARY KEY (municipality_code, month),
  constraint oversight_signatures_municipality_code_month_fkey FOREIGN KEY (municipality_code, month) REFERENCES oversight_samples(municipality_code, month),
  constraint oversight_signatures_by_actor_check CHECK ((by_actor <> ''::text))
);
comment on table oversight_signatures is 'Signature under a month''s oversight (underskrift på ledelsestilsyn)';
create policy loader_reads on oversight_signatures for select to {{loader}} using (true);
create policy scope on oversight_signatures using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table oversight_signatures enable row level security;
grant insert, select on oversight_signatures to {{loader}};
grant select on oversight_signatures to {{reader}};
grant insert, select on oversight_signatures to {{writer}};

create table parties (
  municipality_code smallint not null,
  party_id bigint not null,
  type smallint not null,
  identifier text not null,
  constraint parties_pkey PRIMARY KEY (municipality_code, party_id),
  constraint parties_municipality_code_identifier_type_key UNIQUE (municipality_code, identifier, type),
  constraint parties_identifier_check CHECK (((length(identifier) >= 8) AND (length(identifier) <= 10))),
  constraint parties_type_check CHECK (((type >= 0) AND (type <= 3)))
);
comment on table parties is 'Party: citizen or company (part)';
create policy loader_reads on parties for select to {{loader}} using (true);
create policy scope on parties using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table parties enable row level security;
grant insert, select on parties to {{loader}};
grant select on parties to {{reader}};
grant insert, select on parties to {{writer}};

create table parts_again (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  payee bigint not null,
  disposition_date date not null,
  work_no integer not null,
  after_intake integer not null,
  reason text not null,
  by_actor text not null,
  constraint parts_again_pkey PRIMARY KEY (municipality_code, item_id, part),
  constraint parts_again_part_check CHECK ((part >= 64)),
  constraint parts_again_reason_check CHECK ((reason <> ''::text))
);
comment on table parts_again is 'Item part that is due again after it was stopped or came back (udbetales igen)';
create policy loader_reads on parts_again for select to {{loader}} using (true);
create policy scope on parts_again using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table parts_again enable row level security;
grant insert, select on parts_again to {{loader}};
grant select on parts_again to {{reader}};
grant insert, select on parts_again to {{writer}};

create table party_events (
  municipality_code smallint not null,
  party_id bigint not null,
  event smallint not null,
  date date not null,
  intake_no integer not null,
  constraint party_events_pkey PRIMARY KEY (municipality_code, party_id, event, date, intake_no),
  constraint party_events_event_check CHECK (((event >= 0) AND (event <= 5)))
);
comment on table party_events is 'Death, disappearance, protection, bankruptcy, closing (partshændelse)';
create policy loader_reads on party_events for select to {{loader}} using (true);
create policy scope on party_events using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table party_events enable row level security;
grant insert, select on party_events to {{loader}};
grant select on party_events to {{reader}};
grant insert, select on party_events to {{writer}};

create table pay_days (
  municipality_code smallint not null,
  work_no integer not null,
  order_id bigint not null,
  kind text not null,
  pay_on date not null,
  reason text not null default ''::text,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint pay_days_pkey PRIMARY KEY (municipality_code, work_no, order_id),
  constraint pay_days_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint pay_days_check CHECK (((reason <> ''::text) = (kind = 'acute'::text))),
  constraint pay_days_kind_check CHECK ((kind = ANY (ARRAY['at_once'::text, 'with_next_ordinary'::text, 'acute'::text])))
);
comment on table pay_days is 'Order that is paid on another day than it says (akut udbetaling)';
create policy loader_reads on pay_days for select to {{loader}} using (true);
create policy scope on pay_days using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table pay_days enable row level security;
grant insert, select on pay_days to {{loader}};
grant select on pay_days to {{reader}};
grant insert, select on pay_days to {{writer}};

create table payee_arrangement_approvals (
  municipality_code smallint not null,
  arrangement_no integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint payee_arrangement_approvals_pkey PRIMARY KEY (municipality_code, arrangement_no)
);
comment on table payee_arrangement_approvals is 'Approval of a payee arrangement by a second person (godkendt modtageraftale)';
create policy loader_reads on payee_arrangement_approvals for select to {{loader}} using (true);
create policy scope on payee_arrangement_approvals using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payee_arrangement_approvals enable row level security;
grant insert, select on payee_arrangement_approvals to {{loader}};
grant select on payee_arrangement_approvals to {{reader}};
grant insert, select on payee_arrangement_approvals to {{writer}};

create table payee_arrangement_ends (
  municipality_code smallint not null,
  arrangement_no integer not null,
  from_date date not null,
  reason text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint payee_arrangement_ends_pkey PRIMARY KEY (municipality_code, arrangement_no),
  constraint payee_arrangement_ends_reason_check CHECK ((reason <> ''::text))
);
comment on table payee_arrangement_ends is 'End of a payee arrangement (ophør af modtageraftale)';
create policy loader_reads on payee_arrangement_ends for select to {{loader}} using (true);
create policy scope on payee_arrangement_ends using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payee_arrangement_ends enable row level security;
grant insert, select on payee_arrangement_ends to {{loader}};
grant select on payee_arrangement_ends to {{reader}};
grant insert, select on payee_arrangement_ends to {{writer}};

create table payee_arrangements (
  municipality_code smallint not null,
  arrangement_no integer not null,
  beneficiary bigint not null,
  benefit smallint,
  payee bigint not null,
  account text,
  valid_from date not null,
  valid_to date,
  reason text not null,
  document text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  kind text not null default 'payee'::text,
  received_on date,
  claim_ore bigint,
  constraint payee_arrangements_pkey PRIMARY KEY (municipality_code, arrangement_no),
  constraint payee_arrangements_account_check CHECK ((account ~ '^[0-9]{14}$'::text)),
  constraint payee_arrangements_arrangement_no_check CHECK (((arrangement_no >= 1) AND (arrangement_no <= 2097151))),
  constraint payee_arrangements_check CHECK ((valid_to > valid_from)),
  constraint payee_arrangements_check1 CHECK (((payee <> beneficiary) OR (account IS NOT NULL))),
  constraint payee_arrangements_check2 CHECK (((kind = ANY (ARRAY['transport'::text, 'udlaeg'::text])) = (received_on IS NOT NULL))),
  constraint payee_arrangements_check3 CHECK (((claim_ore IS NULL) OR (kind = ANY (ARRAY['transport'::text, 'udlaeg'::text])))),
  constraint payee_arrangements_claim_ore_check CHECK ((claim_ore > 0)),
  constraint payee_arrangements_document_check CHECK ((document <> ''::text)),
  constraint payee_arrangements_kind_check CHECK ((kind = ANY (ARRAY['payee'::text, 'estate'::text, 'transport'::text, 'udlaeg'::text]))),
  constraint payee_arrangements_reason_check CHECK ((reason <> ''::text))
);
comment on table payee_arrangements is 'Payee or account entered for a beneficiary (modtageraftale)';
create policy loader_reads on payee_arrangements for select to {{loader}} using (true);
create policy scope on payee_arrangements using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payee_arrangements enable row level security;
grant insert, select on payee_arrangements to {{loader}};
grant select on payee_arrangements to {{reader}};
grant insert, select on payee_arrangements to {{writer}};

create table payment_answers (
  municipality_code smallint not null,
  payment_id bigint not null,
  answer smallint not null,
  work_no integer not null,
  reason text not null,
  constraint payment_answers_pkey PRIMARY KEY (municipality_code, payment_id, answer),
  constraint payment_answers_answer_check CHECK ((answer = ANY (ARRAY[2, 7, 9])))
);
comment on table payment_answers is 'Answer of the rail on a payment that it refused or returned (retursvar)';
create policy loader_reads on payment_answers for select to {{loader}} using (true);
create policy scope on payment_answers using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payment_answers enable row level security;
grant insert, select on payment_answers to {{loader}};
grant select on payment_answers to {{reader}};
grant insert, select on payment_answers to {{writer}};

create table payment_bundles (
  municipality_code smallint not null,
  run_no integer not null,
  unit integer not null,
  payments integer not null,
  amount_ore bigint not null,
  constraint payment_bundles_pkey PRIMARY KEY (municipality_code, run_no, unit)
);
comment on table payment_bundles is 'Payments of one paying unit in a run (bundt)';
create policy loader_reads on payment_bundles for select to {{loader}} using (true);
create policy scope on payment_bundles using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payment_bundles enable row level security;
grant insert, select on payment_bundles to {{loader}};
grant select on payment_bundles to {{reader}};
grant insert, select on payment_bundles to {{writer}};

create table payment_holds (
  municipality_code smallint not null,
  work_no integer not null,
  reason text not null,
  owner text not null,
  until date,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint payment_holds_pkey PRIMARY KEY (municipality_code, work_no),
  constraint payment_holds_owner_check CHECK ((owner <> ''::text)),
  constraint payment_holds_reason_check CHECK ((reason <> ''::text))
);
comment on table payment_holds is 'Hold on lines of a run that is not released (tilbageholdt betaling)';
create policy loader_reads on payment_holds for select to {{loader}} using (true);
create policy scope on payment_holds using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payment_holds enable row level security;
grant insert, select on payment_holds to {{loader}};
grant select on payment_holds to {{reader}};
grant insert, select on payment_holds to {{writer}};

create table payment_parts (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  payment_id bigint not null,
  constraint payment_parts_pkey PRIMARY KEY (municipality_code, item_id, part)
);
comment on table payment_parts is 'Which payment carries an item part (udbetalingspost)';
CREATE INDEX payment_parts_of_payments ON payment_parts USING brin (municipality_code int2_minmax_multi_ops, payment_id int8_minmax_multi_ops) WITH (pages_per_range='16', autosummarize='on');
create policy loader_reads on payment_parts for select to {{loader}} using (true);
create policy scope on payment_parts using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payment_parts enable row level security;
grant insert, select on payment_parts to {{loader}};
grant select on payment_parts to {{reader}};
grant insert, select on payment_parts to {{writer}};

create table payment_returns (
  municipality_code smallint not null,
  payment_id bigint not null,
  answer smallint not null,
  work_no integer not null,
  amount_ore bigint not null,
  reason text not null,
  constraint payment_returns_pkey PRIMARY KEY (municipality_code, payment_id),
  constraint payment_returns_amount_ore_check CHECK ((amount_ore > 0))
);
comment on table payment_returns is 'Returned payment, an open item on the return account (returneret betaling)';
create policy loader_reads on payment_returns for select to {{loader}} using (true);
create policy scope on payment_returns using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payment_returns enable row level security;
grant insert, select on payment_returns to {{loader}};
grant select on payment_returns to {{reader}};
grant insert, select on payment_returns to {{writer}};

create table payment_run_steps (
  municipality_code smallint not null,
  run_no integer not null,
  step text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  amount_ore bigint not null,
  constraint payment_run_steps_pkey PRIMARY KEY (municipality_code, run_no, step),
  constraint payment_run_steps_step_check CHECK ((step = ANY (ARRAY['planned'::text, 'assembled'::text, 'controlled'::text, 'approved'::text, 'released'::text, 'sent'::text])))
);
comment on table payment_run_steps is 'Step of a payment run (trin i udbetalingskørsel)';
create policy loader_reads on payment_run_steps for select to {{loader}} using (true);
create policy scope on payment_run_steps using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payment_run_steps enable row level security;
grant insert, select on payment_run_steps to {{loader}};
grant select on payment_run_steps to {{reader}};
grant insert, select on payment_run_steps to {{writer}};

create table payment_runs (
  municipality_code smallint not null,
  run_no integer not null,
  work_no integer not null,
  disposition_date date not null,
  until_work_no integer not null,
  known_at timestamp with time zone not null,
  payments integer not null,
  parts integer not null,
  amount_ore bigint not null,
  from_work_no integer not null,
  rail text not null default 'nemkonto'::text,
  purpose text not null default 'ordinary'::text,
  constraint payment_runs_pkey PRIMARY KEY (municipality_code, run_no),
  constraint payment_runs_purpose_check CHECK ((purpose = ANY (ARRAY['ordinary'::text, 'at_once'::text, 'acute'::text])))
);
comment on table payment_runs is 'Payment run (udbetalingskørsel)';
create policy loader_reads on payment_runs for select to {{loader}} using (true);
create policy scope on payment_runs using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payment_runs enable row level security;
grant insert, select on payment_runs to {{loader}};
grant select on payment_runs to {{reader}};
grant insert, select on payment_runs to {{writer}};

create table payment_sums (
  municipality_code smallint not null,
  run_no integer not null,
  unit integer not null,
  source_system smallint not null,
  benefit smallint not null,
  parts integer not null,
  amount_ore bigint not null,
  constraint payment_sums_pkey PRIMARY KEY (municipality_code, run_no, unit, source_system, benefit),
  constraint payment_sums_amount_ore_check CHECK ((amount_ore > 0)),
  constraint payment_sums_parts_check CHECK ((parts > 0))
);
comment on table payment_sums is 'Sum of a run by paying unit, source system and benefit (udbetalingskørsel)';
create policy loader_reads on payment_sums for select to {{loader}} using (true);
create policy scope on payment_sums using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payment_sums enable row level security;
grant insert, select on payment_sums to {{loader}};
grant select on payment_sums to {{reader}};
grant insert, select on payment_sums to {{writer}};

create table payments (
  municipality_code smallint not null,
  payment_id bigint not null,
  payee bigint not null,
  unit integer not null,
  rail_kind text not null,
  amount_ore bigint not null,
  parts integer not null,
  source_system smallint not null,
  constraint payments_pkey PRIMARY KEY (municipality_code, payment_id),
  constraint payments_amount_ore_check CHECK ((amount_ore > 0))
);
comment on table payments is 'Payment to one payee (udbetaling)';
create policy loader_reads on payments for select to {{loader}} using (true);
create policy scope on payments using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table payments enable row level security;
grant insert, select on payments to {{loader}};
grant select on payments to {{reader}};
grant insert, select on payments to {{writer}};

create table presumed_payments (
  municipality_code smallint not null,
  run_no integer not null,
  at timestamp with time zone not null,
  payments integer not null,
  numbers int4multirange not null,
  constraint presumed_payments_pkey PRIMARY KEY (municipality_code, run_no),
  constraint presumed_payments_payments_check CHECK ((payments > 0))
);
comment on table presumed_payments is 'Payments of a run that are presumed paid, by number within it (formodet udbetalt)';
create policy loader_reads on presumed_payments for select to {{loader}} using (true);
create policy scope on presumed_payments using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table presumed_payments enable row level security;
grant insert, select on presumed_payments to {{loader}};
grant select on presumed_payments to {{reader}};
grant insert, select on presumed_payments to {{writer}};

create table quarantine_resolutions (
  municipality_code smallint not null,
  work_no integer not null,
  problem_no integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  reason text not null,
  constraint quarantine_resolutions_pkey PRIMARY KEY (municipality_code, work_no, problem_no),
  constraint quarantine_resolutions_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint quarantine_resolutions_problem_no_check CHECK ((problem_no > 0)),
  constraint quarantine_resolutions_reason_check CHECK ((reason <> ''::text))
);
comment on table quarantine_resolutions is 'Person''s word on a line in quarantine (afklaret linje i karantæne)';
create policy loader_reads on quarantine_resolutions for select to {{loader}} using (true);
create policy scope on quarantine_resolutions using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table quarantine_resolutions enable row level security;
grant insert, select on quarantine_resolutions to {{loader}};
grant select on quarantine_resolutions to {{reader}};
grant insert, select on quarantine_resolutions to {{writer}};

create table recall_answers (
  municipality_code smallint not null,
  payment_id bigint not null,
  outcome text not null,
  work_no integer not null,
  reason text not null,
  constraint recall_answers_pkey PRIMARY KEY (municipality_code, payment_id, outcome),
  constraint recall_answers_municipality_code_payment_id_fkey FOREIGN KEY (municipality_code, payment_id) REFERENCES recalls(municipality_code, payment_id),
  constraint recall_answers_outcome_check CHECK ((outcome = ANY (ARRAY['cancelled'::text, 'refused'::text, 'pending'::text])))
);
comment on table recall_answers is 'Answer to a recall (svar på en tilbagekaldelse)';
create policy loader_reads on recall_answers for select to {{loader}} using (true);
create policy scope on recall_answers using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table recall_answers enable row level security;
grant insert, select on recall_answers to {{loader}};
grant select on recall_answers to {{reader}};
grant insert, select on recall_answers to {{writer}};

create table recalls (
  municipality_code smallint not null,
  payment_id bigint not null,
  work_no integer not null,
  code text not null,
  reason text not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint recalls_pkey PRIMARY KEY (municipality_code, payment_id),
  constraint recalls_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint recalls_code_check CHECK ((code = ANY (ARRAY['CUST'::text, 'DUPL'::text, 'AM09'::text, 'TECH'::text, 'FRAD'::text]))),
  constraint recalls_reason_check CHECK ((reason <> ''::text))
);
comment on table recalls is 'Payment that has left and is asked back (tilbagekaldt betaling)';
create policy loader_reads on recalls for select to {{loader}} using (true);
create policy scope on recalls using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table recalls enable row level security;
grant insert, select on recalls to {{loader}};
grant select on recalls to {{reader}};
grant insert, select on recalls to {{writer}};

create table received_files (
  municipality_code smallint not null,
  work_no integer not null,
  kind text not null,
  name text not null,
  sha256 bytea not null,
  header jsonb not null,
  problems jsonb not null,
  known_at timestamp with time zone not null,
  constraint received_files_pkey PRIMARY KEY (municipality_code, work_no),
  constraint received_files_municipality_code_kind_name_key UNIQUE (municipality_code, kind, name),
  constraint received_files_kind_check CHECK ((kind = ANY (ARRAY['answers'::text, 'statement'::text, 'notification'::text])))
);
comment on table received_files is 'File received from a rail or bank (modtaget fil)';
create policy loader_reads on received_files for select to {{loader}} using (true);
create policy scope on received_files using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table received_files enable row level security;
grant insert, select on received_files to {{loader}};
grant select on received_files to {{reader}};
grant insert, select on received_files to {{writer}};

create table reference_rows (
  kind text not null,
  row_key text not null,
  body jsonb not null,
  source text not null,
  assumed boolean not null,
  known_at timestamp with time zone not null,
  constraint reference_rows_pkey PRIMARY KEY (kind, row_key)
);
comment on table reference_rows is 'Dated reference row: rates, benefits, accounts, units (satser og konteringsregler)';
grant select on reference_rows to {{loader}};
grant select on reference_rows to {{reader}};
grant select on reference_rows to {{writer}};

create table refused_files (
  municipality_code smallint not null,
  run_no integer not null,
  attempt integer not null,
  work_no integer not null,
  answer_id text not null,
  class text not null,
  reason text not null,
  detail text not null,
  retry_at timestamp with time zone,
  known_at timestamp with time zone not null,
  constraint refused_files_pkey PRIMARY KEY (municipality_code, run_no, attempt),
  constraint refused_files_municipality_code_run_no_answer_id_key UNIQUE (municipality_code, run_no, answer_id),
  constraint refused_files_attempt_check CHECK (((attempt >= 1) AND (attempt <= 99))),
  constraint refused_files_class_check CHECK ((class = ANY (ARRAY['functional_refusal'::text, 'technical_fault'::text])))
);
comment on table refused_files is 'Payment file that the rail refused whole (afvist fil)';
create policy loader_reads on refused_files for select to {{loader}} using (true);
create policy scope on refused_files using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table refused_files enable row level security;
grant insert, select on refused_files to {{loader}};
grant select on refused_files to {{reader}};
grant insert, select on refused_files to {{writer}};

create table reopened_returns (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  work_no integer not null,
  posted_on date not null,
  constraint reopened_returns_pkey PRIMARY KEY (municipality_code, item_id, part)
);
comment on table reopened_returns is 'Closed return that is open again (genåbnet uafhentet betaling)';
CREATE INDEX reopened_returns_of_work ON reopened_returns USING btree (municipality_code, work_no);
create policy loader_reads on reopened_returns for select to {{loader}} using (true);
create policy scope on reopened_returns using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table reopened_returns enable row level security;
grant insert, select on reopened_returns to {{loader}};
grant select on reopened_returns to {{reader}};
grant insert, select on reopened_returns to {{writer}};

create table repayment_notices (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  hearing_date date,
  notice_date date,
  constraint repayment_notices_pkey PRIMARY KEY (municipality_code, order_id, line_no),
  constraint repayment_notices_check CHECK ((notice_date >= hearing_date)),
  constraint repayment_notices_check1 CHECK ((num_nonnulls(hearing_date, notice_date) > 0))
);
comment on table repayment_notices is 'Hearing and notice of a repayment decision (partshøring og meddelelse)';
create policy loader_reads on repayment_notices for select to {{loader}} using (true);
create policy scope on repayment_notices using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table repayment_notices enable row level security;
grant insert, select on repayment_notices to {{loader}};
grant select on repayment_notices to {{reader}};
grant insert, select on repayment_notices to {{writer}};

create table return_closing_approvals (
  municipality_code smallint not null,
  closing_no integer not null,
  work_no integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint return_closing_approvals_pkey PRIMARY KEY (municipality_code, closing_no)
);
comment on table return_closing_approvals is 'Approval of a closing of returned payments (godkendt lukning af uafhentede betalinger)';
create policy loader_reads on return_closing_approvals for select to {{loader}} using (true);
create policy scope on return_closing_approvals using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table return_closing_approvals enable row level security;
grant insert, select on return_closing_approvals to {{loader}};
grant select on return_closing_approvals to {{reader}};
grant insert, select on return_closing_approvals to {{writer}};

create table return_closings (
  municipality_code smallint not null,
  closing_no integer not null,
  as_of date not null,
  sha256 bytea not null,
  parts integer not null,
  amount_ore bigint not null,
  at timestamp with time zone not null,
  by_actor text not null,
  constraint return_closings_pkey PRIMARY KEY (municipality_code, closing_no),
  constraint return_closings_municipality_code_as_of_sha256_key UNIQUE (municipality_code, as_of, sha256),
  constraint return_closings_amount_ore_check CHECK ((amount_ore > 0)),
  constraint return_closings_parts_check CHECK ((parts > 0))
);
comment on table return_closings is 'Proposal to close returned payments that nobody claims (indstilling om uafhentede betalinger)';
create policy loader_reads on return_closings for select to {{loader}} using (true);
create policy scope on return_closings using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table return_closings enable row level security;
grant insert, select on return_closings to {{loader}};
grant select on return_closings to {{reader}};
grant insert, select on return_closings to {{writer}};

create table run_approvals (
  municipality_code smallint not null,
  run_no integer not null,
  nth smallint not null,
  at timestamp with time zone not null,
  by_actor text not null,
  amount_ore bigint not null,
  view_digest bytea not null,
  constraint run_approvals_pkey PRIMARY KEY (municipality_code, run_no, nth),
  constraint run_approvals_municipality_code_run_no_by_actor_key UNIQUE (municipality_code, run_no, by_actor),
  constraint run_approvals_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint run_approvals_nth_check CHECK ((nth = ANY (ARRAY[1, 2]))),
  constraint run_approvals_view_digest_check CHECK ((octet_length(view_digest) = 32))
);
comment on table run_approvals is 'A person approves a payment run as it was shown (godkendelse af udbetalingskørsel)';
create policy loader_reads on run_approvals for select to {{loader}} using (true);
create policy scope on run_approvals using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table run_approvals enable row level security;
grant insert, select on run_approvals to {{loader}};
grant select on run_approvals to {{reader}};
grant insert, select on run_approvals to {{writer}};

create table run_finding_lifts (
  municipality_code smallint not null,
  run_no integer not null,
  finding_no integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  reason text not null,
  constraint run_finding_lifts_pkey PRIMARY KEY (municipality_code, run_no, finding_no),
  constraint run_finding_lifts_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint run_finding_lifts_reason_check CHECK ((reason <> ''::text))
);
comment on table run_finding_lifts is 'A person lets a run go on in spite of a finding that stops it (ophævet kontrolfund)';
create policy loader_reads on run_finding_lifts for select to {{loader}} using (true);
create policy scope on run_finding_lifts using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table run_finding_lifts enable row level security;
grant insert, select on run_finding_lifts to {{loader}};
grant select on run_finding_lifts to {{reader}};
grant insert, select on run_finding_lifts to {{writer}};

create table run_findings (
  municipality_code smallint not null,
  run_no integer not null,
  finding_no integer not null,
  gate_check text not null,
  payment_id bigint not null,
  amount_ore bigint not null,
  effect text not null,
  detail jsonb not null,
  constraint run_findings_pkey PRIMARY KEY (municipality_code, run_no, finding_no),
  constraint run_findings_check CHECK (((payment_id = 0) OR ((payment_id >> 24) = run_no))),
  constraint run_findings_check1 CHECK (((effect <> 'block_line'::text) OR (payment_id > 0))),
  constraint run_findings_effect_check CHECK ((effect = ANY (ARRAY['nothing'::text, 'ask'::text, 'block_line'::text, 'block_run'::text]))),
  constraint run_findings_finding_no_check CHECK ((finding_no > 0))
);
comment on table run_findings is 'What was found of a payment run before its approval (kontrolfund)';
create policy loader_reads on run_findings for select to {{loader}} using (true);
create policy scope on run_findings using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table run_findings enable row level security;
grant insert, select on run_findings to {{loader}};
grant select on run_findings to {{reader}};
grant insert, select on run_findings to {{writer}};

create table run_policies (
  municipality_code smallint not null,
  run_no integer not null,
  approvers smallint not null,
  reasons text[] not null,
  makers text[] not null,
  constraint run_policies_pkey PRIMARY KEY (municipality_code, run_no),
  constraint run_policies_approvers_check CHECK (((approvers >= 0) AND (approvers <= 2)))
);
comment on table run_policies is 'How many persons approve a payment run, and why (frigivelsespolitik)';
create policy loader_reads on run_policies for select to {{loader}} using (true);
create policy scope on run_policies using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table run_policies enable row level security;
grant insert, select on run_policies to {{loader}};
grant select on run_policies to {{reader}};
grant insert, select on run_policies to {{writer}};

create table run_recalls (
  municipality_code smallint not null,
  run_no integer not null,
  unit integer not null,
  work_no integer not null,
  whole boolean not null,
  code text not null,
  at timestamp with time zone not null,
  constraint run_recalls_pkey PRIMARY KEY (municipality_code, run_no, unit),
  constraint run_recalls_municipality_code_work_no_key UNIQUE (municipality_code, work_no),
  constraint run_recalls_code_check CHECK ((code = ANY (ARRAY['CUST'::text, 'DUPL'::text, 'AM09'::text, 'TECH'::text, 'FRAD'::text])))
);
comment on table run_recalls is 'Run that has left and is asked back (tilbagekaldt kørsel)';
create policy loader_reads on run_recalls for select to {{loader}} using (true);
create policy scope on run_recalls using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table run_recalls enable row level security;
grant insert, select on run_recalls to {{loader}};
grant select on run_recalls to {{reader}};
grant insert, select on run_recalls to {{writer}};

create table seals (
  municipality_code smallint not null,
  seal_no integer not null,
  batch_no integer not null,
  head bytea not null,
  constraint seals_pkey PRIMARY KEY (municipality_code, seal_no),
  constraint seals_municipality_code_batch_no_key UNIQUE (municipality_code, batch_no),
  constraint seals_head_check CHECK ((length(head) = 32))
);
comment on table seals is 'Seal: the chain over ledger batches (segl)';
CREATE TRIGGER seals_appended BEFORE DELETE OR UPDATE ON seals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seals_kept BEFORE TRUNCATE ON seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
create policy loader_reads on seals for select to {{loader}} using (true);
create policy scope on seals using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table seals enable row level security;
grant insert, select on seals to {{loader}};
grant select on seals to {{reader}};
grant insert, select on seals to {{writer}};

create table settings (
  key text not null,
  value text not null,
  constraint settings_pkey PRIMARY KEY (key)
);
comment on table settings is 'Setting of this database (indstilling)';
grant select on settings to {{loader}};
grant select on settings to {{reader}};
grant select on settings to {{writer}};

create table source_systems (
  source_system smallint not null,
  key text not null,
  constraint source_systems_pkey PRIMARY KEY (source_system),
  constraint source_systems_key_key UNIQUE (key)
);
comment on table source_systems is 'Source system (fagsystem)';
grant select on source_systems to {{loader}};
grant select on source_systems to {{reader}};
grant select on source_systems to {{writer}};

create table standing_lines (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  gross_ore bigint not null,
  own_atp_ore bigint not null,
  employer_atp_ore bigint not null,
  pension_ore bigint not null,
  constraint standing_lines_pkey PRIMARY KEY (municipality_code, order_id, line_no),
  constraint standing_lines_employer_atp_ore_check CHECK ((employer_atp_ore >= 0)),
  constraint standing_lines_gross_ore_check CHECK ((gross_ore >= 0)),
  constraint standing_lines_own_atp_ore_check CHECK ((own_atp_ore >= 0)),
  constraint standing_lines_pension_ore_check CHECK ((pension_ore >= 0))
);
comment on table standing_lines is 'What stood of a line before its correction (betalt før regulering)';
create policy loader_reads on standing_lines for select to {{loader}} using (true);
create policy scope on standing_lines using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table standing_lines enable row level security;
grant insert, select on standing_lines to {{loader}};
grant select on standing_lines to {{reader}};
grant insert, select on standing_lines to {{writer}};

create table statement_entries (
  municipality_code smallint not null,
  work_no integer not null,
  entry_no integer not null,
  account text not null,
  bank_ref text not null,
  amount_ore bigint not null,
  booking_date date not null,
  value_date date not null,
  run_no integer not null,
  unit integer not null,
  payment_id bigint not null,
  payments integer not null,
  reason text not null,
  named text not null,
  match text not null,
  constraint statement_entries_pkey PRIMARY KEY (municipality_code, work_no, entry_no),
  constraint statement_entries_municipality_code_account_bank_ref_key UNIQUE (municipality_code, account, bank_ref),
  constraint statement_entries_match_check CHECK ((match = ANY (ARRAY['settled'::text, 'returned'::text, 'unmatched'::text, 'not_ours'::text, 'outside'::text])))
);
comment on table statement_entries is 'Movement on the bank account (kontobevægelse)';
CREATE INDEX statement_entries_of_payments ON statement_entries USING btree (municipality_code, payment_id) WHERE (payment_id > 0);
CREATE INDEX statement_entries_unmatched ON statement_entries USING btree (municipality_code, payment_id) WHERE (match = 'unmatched'::text);
create policy loader_reads on statement_entries for select to {{loader}} using (true);
create policy scope on statement_entries using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table statement_entries enable row level security;
grant insert, select on statement_entries to {{loader}};
grant select on statement_entries to {{reader}};
grant insert, select on statement_entries to {{writer}};

create table stopped_parts (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  payment_id bigint not null,
  unit integer not null,
  source_system smallint not null,
  benefit smallint not null,
  amount_ore bigint not null,
  empties boolean not null,
  cause text not null,
  work_no integer not null,
  constraint stopped_parts_pkey PRIMARY KEY (municipality_code, item_id, part),
  constraint stopped_parts_amount_ore_check CHECK ((amount_ore > 0)),
  constraint stopped_parts_cause_check CHECK ((cause = ANY (ARRAY['cut_off'::text, 'death'::text, 'missing'::text, 'bankruptcy'::text, 'closed'::text, 'tax_card'::text, 'held'::text, 'gate'::text, 'double'::text])))
);
comment on table stopped_parts is 'Item part stopped before it was sent (standset udbetaling)';
CREATE INDEX stopped_parts_of_payments ON stopped_parts USING btree (municipality_code, payment_id);
create policy loader_reads on stopped_parts for select to {{loader}} using (true);
create policy scope on stopped_parts using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table stopped_parts enable row level security;
grant insert, select on stopped_parts to {{loader}};
grant select on stopped_parts to {{reader}};
grant insert, select on stopped_parts to {{writer}};

create table tax_cards (
  municipality_code smallint not null,
  party_id bigint not null,
  se integer not null,
  card_no smallint not null,
  kind smallint not null,
  rate_millionths integer not null,
  allowance_month_ore bigint not null,
  allowance_week_ore bigint not null,
  allowance_day_ore bigint not null,
  frikort_left_ore bigint not null,
  valid_from date not null,
  valid_to date not null,
  intake_no integer not null,
  serial bigint not null default 0,
  constraint tax_cards_pkey PRIMARY KEY (municipality_code, party_id, se, card_no),
  constraint tax_cards_allowance_day_ore_check CHECK ((allowance_day_ore >= 0)),
  constraint tax_cards_allowance_month_ore_check CHECK ((allowance_month_ore >= 0)),
  constraint tax_cards_allowance_week_ore_check CHECK ((allowance_week_ore >= 0)),
  constraint tax_cards_check CHECK ((valid_to > valid_from)),
  constraint tax_cards_frikort_left_ore_check CHECK ((frikort_left_ore >= 0)),
  constraint tax_cards_kind_check CHECK (((kind >= 0) AND (kind <= 3))),
  constraint tax_cards_rate_millionths_check CHECK (((rate_millionths >= 0) AND (rate_millionths <= 1000000))),
  constraint tax_cards_serial_check CHECK ((serial >= 0))
);
comment on table tax_cards is 'Tax card of a withholding SE number and a person (skattekort)';
create policy loader_reads on tax_cards for select to {{loader}} using (true);
create policy scope on tax_cards using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table tax_cards enable row level security;
grant insert, select on tax_cards to {{loader}};
grant select on tax_cards to {{reader}};
grant insert, select on tax_cards to {{writer}};

create table told_checks (
  municipality_code smallint not null,
  month date not null,
  check_no integer not null,
  at timestamp with time zone not null,
  by_actor text not null,
  lines integer not null,
  lacking integer not null,
  lacking_ore bigint not null,
  detail jsonb not null,
  constraint told_checks_pkey PRIMARY KEY (municipality_code, month, check_no),
  constraint told_checks_by_actor_check CHECK ((by_actor <> ''::text)),
  constraint told_checks_check_no_check CHECK ((check_no > 0)),
  constraint told_checks_lacking_check CHECK ((lacking >= 0)),
  constraint told_checks_lines_check CHECK ((lines >= 0)),
  constraint told_checks_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);
comment on table told_checks is 'Check of what was told of a month against the calculations (kontrol af indberetning)';
create policy loader_reads on told_checks for select to {{loader}} using (true);
create policy scope on told_checks using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table told_checks enable row level security;
grant insert, select on told_checks to {{loader}};
grant select on told_checks to {{reader}};
grant insert, select on told_checks to {{writer}};

create table transfers (
  municipality_code smallint not null,
  entry_id bigint not null,
  transfer_no integer not null,
  source_system smallint not null,
  benefit smallint not null,
  debit_account integer not null,
  credit_account integer not null,
  amount_ore bigint not null,
  item_id bigint not null,
  constraint transfers_amount_ore_check CHECK ((amount_ore > 0)),
  constraint transfers_check CHECK ((credit_account <> debit_account)),
  constraint transfers_of_a_ledger_batch_of_this_transaction CHECK (((municipality_code)::text = COALESCE(current_setting('toek.ledger_open'::text, true), ''::text))) NOT VALID
);
comment on table transfers is 'Transfer: one debit, one credit, one amount (postering i balance)';
CREATE INDEX transfers_of_entries ON transfers USING brin (municipality_code, entry_id) WITH (pages_per_range='16', autosummarize='on');
CREATE TRIGGER transfers_appended BEFORE DELETE OR UPDATE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_kept BEFORE TRUNCATE ON transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
create policy loader_reads on transfers for select to {{loader}} using (true);
create policy scope on transfers using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table transfers enable row level security;
grant insert, select on transfers to {{loader}};
grant select on transfers to {{reader}};
grant insert, select on transfers to {{writer}};

create table untaken_deductions (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  amount_ore bigint not null,
  reason text not null,
  constraint untaken_deductions_pkey PRIMARY KEY (municipality_code, order_id, line_no),
  constraint untaken_deductions_amount_ore_check CHECK ((amount_ore > 0))
);
comment on table untaken_deductions is 'Deduction that could not be taken, and why (ikke gennemført modregning)';
create policy loader_reads on untaken_deductions for select to {{loader}} using (true);
create policy scope on untaken_deductions using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table untaken_deductions enable row level security;
grant insert, select on untaken_deductions to {{loader}};
grant select on untaken_deductions to {{reader}};
grant insert, select on untaken_deductions to {{writer}};

create table work_batches (
  municipality_code smallint not null,
  work_no integer not null,
  kind text not null,
  cause text not null,
  known_at timestamp with time zone not null,
  order_ids bigint[],
  constraint work_batches_pkey PRIMARY KEY (municipality_code, work_no),
  constraint work_batches_municipality_code_kind_cause_key UNIQUE (municipality_code, kind, cause),
  constraint work_batches_kind_check CHECK ((kind = ANY (ARRAY['facts'::text, 'calculate'::text, 'run'::text, 'answers'::text, 'statement'::text, 'outcome'::text]))),
  constraint work_batches_work_no_check CHECK (((work_no >= 1) AND (work_no <= 8388607)))
);
comment on table work_batches is 'Planned batch of work (arbejdsparti)';
create policy loader_reads on work_batches for select to {{loader}} using (true);
create policy scope on work_batches using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table work_batches enable row level security;
grant insert, select on work_batches to {{loader}};
grant select on work_batches to {{reader}};
grant insert, select on work_batches to {{writer}};

create table work_done (
  municipality_code smallint not null,
  work_no integer not null,
  totals jsonb not null,
  constraint work_done_pkey PRIMARY KEY (municipality_code, work_no)
);
comment on table work_done is 'Finished batch of work and its totals (færdigt arbejdsparti)';
create policy loader_reads on work_done for select to {{loader}} using (true);
create policy scope on work_done using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table work_done enable row level security;
grant insert, select on work_done to {{loader}};
grant select on work_done to {{reader}};
grant insert, select on work_done to {{writer}};

create table work_items (
  municipality_code smallint not null,
  kind text not null,
  subject text not null,
  opened_at timestamp with time zone not null,
  detail jsonb not null,
  closed_at timestamp with time zone,
  closed_by text,
  source_system smallint,
  amount_ore bigint,
  owner text not null,
  taken_by text,
  taken_at timestamp with time zone,
  closing_reason text,
  constraint work_items_pkey PRIMARY KEY (municipality_code, kind, subject)
);
comment on table work_items is 'Work item (opgave)';
CREATE INDEX work_items_open ON work_items USING btree (municipality_code, opened_at) WHERE (closed_at IS NULL);
create policy loader_reads on work_items for select to {{loader}} using (true);
create policy scope on work_items using ((municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[])));
alter table work_items enable row level security;
grant insert, select, update on work_items to {{loader}};
grant select on work_items to {{reader}};
grant insert, select, update on work_items to {{writer}};

create view ledger_lines_v1 with (security_invoker=true) as
 SELECT t.municipality_code AS municipality,
    t.entry_id,
    t.transfer_no * 2 + side.n AS line_no,
    b.posting_date,
    b.value_date,
    a.number AS account,
        CASE side.n
            WHEN 0 THEN t.amount_ore
            ELSE 0::bigint
        END AS debit_ore,
        CASE side.n
            WHEN 1 THEN t.amount_ore
            ELSE 0::bigint
        END AS credit_ore,
    s.key AS source_system,
    f.key AS benefit,
    NULLIF(t.item_id, 0) AS item_id
   FROM transfers t
     JOIN ledger_batches b ON b.municipality_code = t.municipality_code AND b.batch_no = (t.entry_id >> 24)::integer
     CROSS JOIN ( VALUES (0), (1)) side(n)
     JOIN accounts a ON a.account =
        CASE side.n
            WHEN 0 THEN t.debit_account
            ELSE t.credit_account
        END
     LEFT JOIN source_systems s ON s.source_system = t.source_system
     LEFT JOIN benefits f ON f.benefit = t.benefit;
comment on view ledger_lines_v1 is 'Ledger lines for auditors: two for each transfer (finansposteringer)';
grant select on ledger_lines_v1 to {{loader}};
grant select on ledger_lines_v1 to {{reader}};
grant select on ledger_lines_v1 to {{writer}};

create view payables with (security_invoker=true) as
 SELECT c.municipality_code,
    c.disposition_date,
    c.order_id * 64 + c.line_no AS item_id,
    0::smallint AS part,
    c.payee,
    c.unit,
    c.rail_kind,
    c.source_system,
    c.benefit,
    c.net_ore AS amount_ore,
    c.work_no
   FROM calculations c
  WHERE c.net_ore > 0 AND c.unit >= 0 AND NOT (EXISTS ( SELECT
           FROM item_movements m
          WHERE m.municipality_code = c.municipality_code AND m.item_id = (c.order_id * 64 + c.line_no) AND m.to_place = 1 AND m.to_ref = 0)) AND NOT (EXISTS ( SELECT
           FROM parts_again a
          WHERE a.municipality_code = c.municipality_code AND a.item_id = (c.order_id * 64 + c.line_no) AND a.part = 64))
UNION ALL
 SELECT d.municipality_code,
    c.disposition_date,
    d.item_id,
    d.line_no AS part,
    d.payee,
    c.unit,
    c.rail_kind,
    c.source_system,
    c.benefit,
    d.amount_ore,
    c.work_no
   FROM deductions d
     JOIN calculations c ON c.municipality_code = d.municipality_code AND c.order_id = (d.item_id >> 6) AND c.line_no = (d.item_id & 63::bigint)::smallint
  WHERE d.kind = 2 AND NOT (EXISTS ( SELECT
           FROM item_movements m
          WHERE m.municipality_code = d.municipality_code AND m.item_id = d.item_id AND m.to_place = 1 AND m.to_ref = 0)) AND NOT (EXISTS ( SELECT
           FROM parts_again a
          WHERE a.municipality_code = d.municipality_code AND a.item_id = d.item_id AND (a.part - 64) = d.line_no))
UNION ALL
 SELECT a.municipality_code,
    a.disposition_date,
    a.item_id,
    a.part,
    a.payee,
        CASE
            WHEN c.unit >= 0 THEN c.unit
            ELSE ( SELECT y.unit
               FROM payment_parts x
                 JOIN payments y ON y.municipality_code = x.municipality_code AND y.payment_id = x.payment_id
              WHERE x.municipality_code = a.municipality_code AND x.item_id = a.item_id AND x.part = (a.part::integer & 63)::smallint)
        END AS unit,
    c.rail_kind,
    c.source_system,
    c.benefit,
    COALESCE(d.amount_ore, c.net_ore) AS amount_ore,
    a.work_no
   FROM parts_again a
     JOIN calculations c ON c.municipality_code = a.municipality_code AND c.order_id = (a.item_id >> 6) AND c.line_no = (a.item_id & 63::bigint)::smallint
     LEFT JOIN deductions d ON d.municipality_code = a.municipality_code AND d.item_id = a.item_id AND d.line_no = (a.part::integer & 63)::smallint
  WHERE NOT (EXISTS ( SELECT
           FROM parts_again n
          WHERE n.municipality_code = a.municipality_code AND n.item_id = a.item_id AND (n.part - 64) = a.part)) AND NOT (EXISTS ( SELECT
           FROM outside_parts u
          WHERE u.municipality_code = a.municipality_code AND u.item_id = a.item_id AND u.part = a.part)) AND NOT (EXISTS ( SELECT
           FROM item_movements m
          WHERE m.municipality_code = a.municipality_code AND m.item_id = a.item_id AND m.to_place = 1 AND m.to_ref = 0));
comment on view payables is 'Due item part: part 0 is the payee''s net, otherwise the third-party line (forfalden ydelsespost)';
grant select on payables to {{loader}};
grant select on payables to {{reader}};
grant select on payables to {{writer}};
