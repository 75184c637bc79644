-- Where the gross of a calculated item is now. It stands from the start at its own line; every later version of the
-- decision, and every decision on what was overpaid, moves a part of it. Nothing of a calculation is ever changed.
create table item_movements (
  municipality_code smallint not null,
  work_no int not null,
  movement_no int not null,
  order_id bigint not null,
  posted_on date not null,
  item_id bigint not null,
  from_place smallint not null check (from_place between 0 and 5),
  from_ref bigint not null,
  to_place smallint not null check (to_place between 0 and 5),
  to_ref bigint not null,
  gross_ore bigint not null check (gross_ore > 0),
  own_atp_ore bigint not null,
  am_ore bigint not null,
  tax_ore bigint not null,
  employer_atp_ore bigint not null,
  pension_ore bigint not null,
  allowance_ore bigint not null,
  frikort_ore bigint not null,
  set_off_ore bigint not null check (set_off_ore >= 0),
  paid_ore bigint not null check (paid_ore >= 0),
  returned_ore bigint not null check (returned_ore >= 0),
  carried_own_atp_ore bigint not null,
  carried_am_ore bigint not null,
  carried_tax_ore bigint not null,
  carried_employer_atp_ore bigint not null,
  carried_pension_ore bigint not null,
  primary key (municipality_code, work_no, movement_no),
  check ((from_place, from_ref) <> (to_place, to_ref))
);
comment on table item_movements is 'Movement of an item''s gross: corrected, overpaid, claimed (regulering)';
create index item_movements_of_items on item_movements (municipality_code, item_id);
create index item_movements_to on item_movements (municipality_code, to_ref) where to_place in (0, 3, 4);
alter table item_movements enable row level security;
create policy scope on item_movements using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on item_movements for select to {{loader}} using (true);
grant select on item_movements to {{reader}}, {{writer}}, {{loader}};
grant insert on item_movements to {{writer}}, {{loader}};

-- What is proposed not to be claimed back, and the second person who approves it.
create table outcome_proposals (
  municipality_code smallint not null,
  proposal_no int not null,
  file_sha256 bytea not null,
  lots int not null check (lots > 0),
  amount_ore bigint not null check (amount_ore > 0),
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, proposal_no),
  unique (municipality_code, file_sha256)
);
comment on table outcome_proposals is 'Proposal not to claim back what was overpaid (indstilling om ikke at kræve tilbage)';
create table outcome_lots (
  municipality_code smallint not null,
  proposal_no int not null,
  item_id bigint not null,
  line_at bigint not null,
  gross_ore bigint not null check (gross_ore > 0),
  decision_key text not null,
  decision_date date not null,
  reason text not null check (reason <> ''),
  primary key (municipality_code, proposal_no, item_id, line_at)
);
comment on table outcome_lots is 'Overpaid item of a proposal, with its decision (indstillet post)';
create table outcome_approvals (
  municipality_code smallint not null,
  proposal_no int not null,
  work_no int not null,
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, proposal_no)
);
comment on table outcome_approvals is 'Approval of a proposal (godkendt indstilling)';
do $$
declare
  one text;
begin
  foreach one in array array['outcome_proposals', 'outcome_lots', 'outcome_approvals'] loop
    execute format('alter table %I enable row level security', one);
    execute format('create policy scope on %I using (municipality_code = any ((select municipality_scope())::smallint[]))', one);
    execute format('create policy loader_reads on %I for select to {{loader}} using (true)', one);
    execute format('grant select on %I to {{reader}}, {{writer}}, {{loader}}', one);
    execute format('grant insert on %I to {{writer}}, {{loader}}', one);
  end loop;
end $$;
alter table work_batches drop constraint work_batches_kind_check;
alter table work_batches add constraint work_batches_kind_check
  check (kind in ('facts', 'calculate', 'run', 'answers', 'statement', 'outcome'));

-- What stood already of a line when a correction of it was calculated: contributions are reckoned of the whole.
create table standing_lines (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  gross_ore bigint not null check (gross_ore >= 0),
  own_atp_ore bigint not null check (own_atp_ore >= 0),
  employer_atp_ore bigint not null check (employer_atp_ore >= 0),
  pension_ore bigint not null check (pension_ore >= 0),
  primary key (municipality_code, order_id, line_no)
);
comment on table standing_lines is 'What stood of a line before its correction (betalt før regulering)';
alter table standing_lines enable row level security;
create policy scope on standing_lines using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on standing_lines for select to {{loader}} using (true);
grant select on standing_lines to {{reader}}, {{writer}}, {{loader}};
grant insert on standing_lines to {{writer}}, {{loader}};

-- A set-off of an item that was withdrawn is given back to its claim.
alter table claim_movements drop constraint claim_movements_amount_ore_check;
alter table claim_movements add constraint claim_movements_amount_ore_check check (amount_ore <> 0);

alter table order_holds drop constraint order_holds_kind_check;
alter table order_holds add constraint order_holds_kind_check check (kind in ('possible_duplicate', 'excluding_benefit',
  'awaits_corrections', 'awaits_answer', 'came_back', 'unfounded_repayment', 'superseded', 'dead', 'manual'));

-- What was withdrawn before it was sent is not due.
create or replace view payables with (security_invoker = true) as
select c.municipality_code, c.disposition_date, c.order_id * 64 + c.line_no as item_id, 0::smallint as part, c.payee,
  c.unit, c.rail_kind, c.source_system, c.benefit, c.net_ore as amount_ore, c.work_no
from calculations c
where c.net_ore > 0 and not exists (select from item_movements m where m.municipality_code = c.municipality_code
  and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1)
union all
select d.municipality_code, c.disposition_date, d.item_id, d.line_no as part, d.payee, c.unit, c.rail_kind,
  c.source_system, c.benefit, d.amount_ore, c.work_no
from deductions d join calculations c on c.municipality_code = d.municipality_code and c.order_id = d.item_id >> 6
  and c.line_no = (d.item_id & 63)::smallint
where d.kind = 2 and not exists (select from item_movements m where m.municipality_code = d.municipality_code
  and m.item_id = d.item_id and m.to_place = 1);
