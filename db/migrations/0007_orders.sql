-- A file, or a single order at the door: what came in, whole, with its verdict.
create table intakes (
  municipality_code smallint not null,
  intake_no int not null check (intake_no between 1 and 4194303),
  source_system smallint not null,
  file_id text not null,
  sha256 bytea not null,
  state text not null check (state in ('loaded', 'refused')),
  month date,
  lines int not null,
  accepted int not null,
  held int not null,
  refused int not null,
  findings jsonb not null default '[]',
  known_at timestamptz not null,
  actor text not null,
  primary key (municipality_code, intake_no)
);
comment on table intakes is 'Intake: an order file, a fact file or a single order (modtagelse)';
create unique index intakes_file on intakes (municipality_code, source_system, file_id) where state = 'loaded';

create table intake_faults (
  municipality_code smallint not null,
  intake_no int not null,
  line_no int not null,
  order_key text not null,
  version int not null,
  faults jsonb not null,
  primary key (municipality_code, intake_no, line_no)
);
comment on table intake_faults is 'Refused order with every fault (afvist ordre)';

create table orders (
  municipality_code smallint not null,
  -- intake_no × 2^24 + record number.
  order_id bigint not null,
  source_system smallint not null,
  order_key text not null,
  version int not null check (version >= 1),
  content_hash bytea not null,
  state smallint not null check (state between 0 and 1), -- 0 active, 1 withdrawn
  settle smallint not null,
  beneficiary bigint not null,
  -- The type of the beneficiary: only persons are taxed.
  beneficiary_type smallint not null,
  payee bigint not null,
  disposition_date date not null,
  decision_date date not null,
  decision_key text not null,
  case_key text not null,
  reason text,
  warnings jsonb,
  primary key (municipality_code, order_id),
  unique (municipality_code, source_system, order_key, version)
);
comment on table orders is 'Order, the full desired state of one decision (effektueringsordre)';

create table order_lines (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  kind smallint not null check (kind between 0 and 3),
  line_key text not null,
  amount_ore bigint not null check (amount_ore > 0),
  -- Benefit and repayment lines; 0 otherwise.
  benefit smallint not null,
  -- Whose right it is (the employee on an employer refund); 0 when no benefit.
  right_holder bigint not null,
  period_from date,
  period_to date check (period_to > period_from),
  quantity_unit smallint,
  quantity_thousandths int,
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
  -- Third party: the payee.
  payee bigint,
  claim_key text,
  cause text,
  decision_key text,
  decision_date date,
  primary key (municipality_code, order_id, line_no)
);
comment on table order_lines is 'Order line (ordrelinje)';
-- Possible double payments are looked for by right holder, benefit and period; a person's cases are found by it too.
create index order_lines_right on order_lines (municipality_code, right_holder, benefit, period_from) where kind = 0;

create table order_holds (
  municipality_code smallint not null,
  order_id bigint not null,
  hold_no smallint not null,
  kind text not null check (kind in ('possible_duplicate', 'excluding_benefit', 'awaits_corrections', 'superseded',
    'dead', 'manual')),
  reason text not null,
  related_order bigint,
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, order_id, hold_no)
);
comment on table order_holds is 'Hold on an order (tilbageholdelse)';

create table order_hold_releases (
  municipality_code smallint not null,
  order_id bigint not null,
  hold_no smallint not null,
  reason text not null check (reason <> ''),
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, order_id, hold_no)
);
comment on table order_hold_releases is 'Release of a hold (frigivelse af tilbageholdelse)';

alter table intakes enable row level security;
create policy scope on intakes using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table intake_faults enable row level security;
create policy scope on intake_faults using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table orders enable row level security;
create policy scope on orders using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table order_lines enable row level security;
create policy scope on order_lines using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table order_holds enable row level security;
create policy scope on order_holds using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table order_hold_releases enable row level security;
create policy scope on order_hold_releases using (municipality_code = any ((select municipality_scope())::smallint[]));
grant select on intakes, intake_faults, orders, order_lines, order_holds, order_hold_releases
  to {{reader}}, {{writer}}, {{loader}};
grant insert on intakes, intake_faults, orders, order_lines, order_holds, order_hold_releases to {{writer}}, {{loader}};
