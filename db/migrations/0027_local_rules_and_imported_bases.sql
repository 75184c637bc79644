-- What a municipality decides for itself, from a date: when it took over from an old system, how far back it corrects,
-- what a set-off must leave, and which small differences are gathered or suppressed. Appended; the newest that applies
-- and is most specific counts.
create table local_rules (
  municipality_code smallint not null,
  intake_no int not null,
  rule_no int not null,
  kind text not null check (kind in ('takeover', 'look_back', 'set_off_minimum', 'small_amount')),
  -- 0: every system, every benefit.
  source_system smallint not null check (source_system between 0 and 3),
  benefit smallint not null check (benefit >= 0),
  -- Of a takeover: the first day that is ours.
  valid_from date not null,
  amount_ore bigint not null check (amount_ore >= 0),
  months int not null check (months >= 0),
  treatment text not null check (treatment in ('', 'gather', 'suppress')),
  primary key (municipality_code, intake_no, rule_no),
  check (kind <> 'takeover' or (source_system > 0 and benefit = 0)),
  check ((kind = 'small_amount') = (treatment <> ''))
);
comment on table local_rules is 'Rule that a municipality has chosen, from a date (lokal regel)';
alter table local_rules enable row level security;
create policy scope on local_rules using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on local_rules for select to {{loader}} using (true);
grant select on local_rules to {{reader}}, {{writer}}, {{loader}};
grant insert on local_rules to {{writer}}, {{loader}};

-- What the old system paid of a decision is its version 0: an order, lines and calculations like any other, of which
-- nothing is due (no office of ours pays it) and nothing is posted.
alter table orders drop constraint orders_version_check, drop constraint orders_state_check;
alter table orders add constraint orders_version_check check (version >= 0);
alter table orders add constraint orders_state_check check (state between 0 and 2 and (state = 2) = (version = 0));

-- A set-off may take from earmarked tax-free supplements when its source says so.
alter table order_lines add column from_earmarked boolean;

-- Kinds of hold are added to those that there are.
do $$
declare
  known text;
begin
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'order_holds'::regclass and conname = 'order_holds_kind_check';
  execute 'alter table order_holds drop constraint order_holds_kind_check';
  execute format('alter table order_holds add constraint order_holds_kind_check %s',
    replace(known, 'ARRAY[', 'ARRAY[''before_takeover''::text, ''before_look_back''::text, ''small_amount''::text, '));
end $$;

-- What was withdrawn before it was sent is not due; nor is what no office of ours pays. A third party's part that is let
-- go is due under its newest number alone.
create or replace view payables with (security_invoker = true) as
select c.municipality_code, c.disposition_date, c.order_id * 64 + c.line_no as item_id, 0::smallint as part, c.payee,
  c.unit, c.rail_kind, c.source_system, c.benefit, c.net_ore as amount_ore, c.work_no
from calculations c
where c.net_ore > 0 and c.unit >= 0 and not exists (select from item_movements m where m.municipality_code = c.municipality_code
  and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0)
union all
select d.municipality_code, c.disposition_date, d.item_id, d.line_no as part, d.payee, c.unit, c.rail_kind,
  c.source_system, c.benefit, d.amount_ore, c.work_no
from deductions d join calculations c on c.municipality_code = d.municipality_code and c.order_id = d.item_id >> 6
  and c.line_no = (d.item_id & 63)::smallint
where d.kind = 2 and not exists (select from item_movements m where m.municipality_code = d.municipality_code
    and m.item_id = d.item_id and m.to_place = 1 and m.to_ref = 0)
  and not exists (select from parts_again a where a.municipality_code = d.municipality_code and a.item_id = d.item_id
    and a.part - 64 = d.line_no)
union all
select a.municipality_code, a.disposition_date, a.item_id, a.part, a.payee, c.unit, c.rail_kind, c.source_system,
  c.benefit, d.amount_ore, a.work_no
from parts_again a
join calculations c on c.municipality_code = a.municipality_code and c.order_id = a.item_id >> 6
  and c.line_no = (a.item_id & 63)::smallint
join deductions d on d.municipality_code = a.municipality_code and d.item_id = a.item_id
  and d.line_no = (a.part & 63)::smallint
where not exists (select from parts_again n where n.municipality_code = a.municipality_code and n.item_id = a.item_id
  and n.part - 64 = a.part);

-- Overpaid below the municipality's limit is let go: a place of its own (7).
alter table item_movements drop constraint item_movements_from_place_check;
alter table item_movements add constraint item_movements_from_place_check check (from_place between 0 and 7);
alter table item_movements drop constraint item_movements_to_place_check;
alter table item_movements add constraint item_movements_to_place_check check (to_place between 0 and 7);
